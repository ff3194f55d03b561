"""What must hold for shipments (R087, R099)."""

from __future__ import annotations

from typing import Any

import numpy as np

from generator.domains.headings import LOGISTICS
from generator.rules import Rule, Truth
from generator.tables import Tables

WORKING_DAYS = {  # at most, on the way
    "SAME_DAY": 1,
    "OVERNIGHT": 1,
    "TWO_DAY_AIR": 2,
    "PICKUP": 1,
    "LOCAL_DELIVERY": 3,
    "GROUND": 15,
    "FREIGHT": 20,
}


def _values(tables: Tables, *paths: str) -> list[Any]:
    return [tables.values("shipment", path) for path in paths]


def _of_one(tables: Tables) -> Truth:
    parts = ~tables.missing("shipment", "part_order_key")
    return np.asarray(parts != ~tables.missing("shipment", "vehicle_transfer_order_key"))


def _delivered(tables: Tables) -> Truth:
    there = ~tables.missing("shipment", "actual_delivery_date_time")
    return np.asarray(there == tables.is_one_of("shipment", "shipment_state_type", "DELIVERED"))


def _cost(tables: Tables) -> Truth:
    cost, freight, fuel = _values(tables, "shipment_cost", "freight_charge", "fuel_surcharge")
    return np.asarray((cost == freight + fuel) & (freight >= 0) & (fuel >= 0))


def _transit(tables: Tables) -> Truth:
    """No longer on the way than the service level says."""
    out, there = (
        values.astype("datetime64[D]")
        for values in _values(tables, "ship_date_time", "actual_delivery_date_time")
    )
    level = tables.codes("shipment", "service_level_type")
    most = np.array([*(WORKING_DAYS.get(name, 0) for name in level.labels), 0])[level.codes]
    open_ = tables.missing("shipment", "actual_delivery_date_time")
    days = np.busday_count(out, np.where(open_, out, there))
    return np.asarray(open_ | (days <= most))


def _order(tables: Tables) -> Truth:
    """Ordered <= shipped <= delivered <= received."""
    made, received, out, promised, there = _values(
        tables,
        "part_order_key.create_date_time",
        "part_order_key.received_date_time",
        "ship_date_time",
        "estimated_delivery_date_time",
        "actual_delivery_date_time",
    )
    open_ = tables.missing("shipment", "actual_delivery_date_time")
    waits = tables.missing("shipment", "part_order_key.received_date_time")
    other = tables.missing("shipment", "part_order_key")
    return np.asarray(
        ((made <= out) | other)
        & (out <= promised)
        & (open_ | ((out <= there) & (waits | (there <= received))))
    )


def _load(tables: Tables) -> Truth:
    weight, packages = _values(tables, "shipment_weight_lb", "package_count")
    return np.asarray((weight > 0) & (packages >= 1))


RULES = (
    Rule(
        "R099.one",
        "shipment",
        "A shipment is of an order of parts or of a transfer, not of both",
        _of_one,
        group=LOGISTICS,
    ),
    Rule(
        "R099.delivered",
        "shipment",
        "DELIVERED exactly when there is a moment of it",
        _delivered,
        group=LOGISTICS,
    ),
    Rule(
        "R099.cost",
        "shipment",
        "cost = freight + fuel + accessorials",
        _cost,
        group=LOGISTICS,
    ),
    Rule(
        "R099.transit",
        "shipment",
        "On the way no longer than the service level says",
        _transit,
        group=LOGISTICS,
    ),
    Rule(
        "R099.load",
        "shipment",
        "A shipment weighs something and has a package",
        _load,
        group=LOGISTICS,
    ),
    Rule(
        "R087.ship",
        "shipment",
        "Ordered <= shipped <= delivered <= received",
        _order,
        needs=("part_order",),
        group=LOGISTICS,
    ),
)
