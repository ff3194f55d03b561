"""Shipments: how ordered parts come to the dealer, and go on to body shops and garages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import MINUTE
from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, ranks, round_half_up
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.carriers import carrier_rows
from generator.domains.logistics_fulfillment.distances import Spots, home_of, miles_between
from generator.domains.logistics_fulfillment.shipment_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "shipment",
    domain="logistics_fulfillment",
    meaning="Tracked movement of parts or a vehicle",
    key="shipment_key",
    columns=(
        text("shipment_key", 50, unique=True),
        text("shipment_number", 30, unique=True),
        text("part_order_key", 50, nullable=True),
        text(
            "vehicle_transfer_order_key",
            50,
            "exactly one of part_order_key / vehicle_transfer_order_key",
            nullable=True,
        ),
        text("carrier_org_profile_key", 50),
        enum("shipment_state_type", "ShipmentStateTypes"),
        enum("service_level_type", "ServiceLevelTypes"),
        enum("shipping_method_type", "ShippingMethodTypes"),
        text("primary_tracking_number", 40, unique=True),
        moment("ship_date_time", "to come while the shipment is open", planned=True),
        moment("estimated_delivery_date_time", planned=True),
        moment("actual_delivery_date_time", nullable=True),
        decimal("shipment_weight_lb", 10, 2),
        integer("package_count"),
        decimal("freight_charge", 10, 2),
        decimal("fuel_surcharge", 10, 2),
        decimal("shipment_cost", 10, 2, "= freight_charge + fuel_surcharge + accessorials"),
    ),
    links=(
        Link("part_order_key", "part_order", "part_order_key", "parent"),
        Link("carrier_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)


MOST = 2  # of an order
LEVELS = ("GROUND", "FREIGHT", "OVERNIGHT", "TWO_DAY_AIR", "LOCAL_DELIVERY", "PICKUP")
GROUND, FREIGHT, OVERNIGHT, TWO_DAY, LOCAL, PICKUP = range(len(LEVELS))
HOUR = np.timedelta64(3_600_000, "ms")


@link("part_order_key", "vehicle_transfer_order_key", "_order", "_dealer", "_turn")
def _about(draw: Draw) -> Made:
    """Exactly the dealer's number: orders from suppliers first, then what body shops are brought,
    then second parcels; somebody who takes parts along at the counter last."""
    orders = draw.frames["part_order"]
    local = orders["_dealer"] - draw.frames["dealer"].start
    first, last = orders.start, orders.start + orders.rows
    kind = np.where(orders["_stock"], 0, np.where(orders["_trade"], 1, 3))
    turns = [kind, np.where(kind == 3, 4, 2)]
    wait = [
        turn + draw.stream(f"turn_{nth}").uniform(first, last) for nth, turn in enumerate(turns)
    ]
    rank = ranks(np.tile(local, MOST), np.concatenate(wait)).reshape(MOST, -1)
    taken = rank < draw.counts[TABLE.name][local][None, :]
    order = np.nonzero(taken.T)[0]
    nobody = np.ones(draw.n, dtype=bool)
    return {
        "part_order_key": (draw.key("part_order", order + orders.start), ~nobody),
        "vehicle_transfer_order_key": (np.full(draw.n, b"", dtype="S1"), nobody),
        "_order": order,
        "_dealer": orders["_dealer"][order],
        "_turn": place_in_group(order),
    }


@derived("ship_date_time", "actual_delivery_date_time", "_made")
def _moments(draw: Draw) -> Made:
    """Out when the supplier ships, in when the order is received; handed over where it is sold."""
    orders, at = draw.frames["part_order"], draw["_order"]
    created, got = orders["create_date_time"][at], orders["received_date_time"][at]
    ships = np.where(orders["_stock"][at], orders["_shipped"][at], created)
    ships = np.minimum(ships, got)
    return {
        "ship_date_time": ships,
        "actual_delivery_date_time": (got, np.zeros(draw.n, dtype=bool)),
        "_made": np.minimum(created, ships),
    }


@derived(
    "shipment_weight_lb", "package_count", "service_level_type", "shipping_method_type", "_level"
)
def _load(draw: Draw) -> Made:
    """A second parcel takes a part of the weight; heavy loads are freight, rushed ones fly."""
    orders, items = draw.frames["part_order"], draw.frames["part_order_item"]
    parts = draw.frames["part_master"]
    pounds = np.bincount(
        items["_order"],
        weights=items["total_quantity"] * parts["weight_lb"][items["_part"]],
        minlength=orders.rows,
    )
    at, figures = draw["_order"], draw.figures
    parcels = np.bincount(at, minlength=orders.rows)[at]
    second = float(figures["second_parcel_share"])
    share = np.where(parcels == 1, 1.0, np.where(draw["_turn"] == 0, 1 - second, second))
    weight = np.maximum(round_half_up(pounds[at] * share), 1)
    heavy = weight > float(figures["freight_from_pounds"]) * 100
    days = np.busday_count(
        draw["ship_date_time"].astype("datetime64[D]"),
        draw["actual_delivery_date_time"].astype("datetime64[D]"),
    )
    rush = orders["order_type"].text()[at] == "RUSH"
    fast = np.where(days <= 1, OVERNIGHT, np.where(days <= 2, TWO_DAY, GROUND))
    level = np.where(rush & ~heavy, fast, np.where(heavy, FREIGHT, GROUND))
    level = np.where(orders["_stock"][at], level, np.where(orders["_trade"][at], LOCAL, PICKUP))
    box = float(figures["pounds_per_package"]) * 100
    return {
        "shipment_weight_lb": weight,
        "package_count": np.ceil(weight / box).astype(np.int64),
        "service_level_type": Coded(level.astype(np.int32), LEVELS),
        "shipping_method_type": Coded(level.astype(np.int32), LEVELS),
        "_level": level,
    }


@drawn("estimated_delivery_date_time")
def _estimate(draw: Draw) -> Made:
    """What was promised: most come in time, some late."""
    low, high = draw.figures["promise_hours"]
    hours = low + (high - low) * draw.u("promise")
    moved = (hours * 60).astype(np.int64) * MINUTE
    earliest = draw["ship_date_time"] + HOUR
    return {
        "estimated_delivery_date_time": np.maximum(
            draw["actual_delivery_date_time"] + moved, earliest
        )
    }


@derived("freight_charge", "fuel_surcharge", "shipment_cost", "_miles")
def _cost(draw: Draw) -> Made:
    """By service level, weight and distance; no accessorials."""
    figures, level = draw.figures, draw["_level"]
    miles, rates = _miles(draw), figures["freight_rates"]
    base, pound = (
        np.array([float(rates[name][part]) for name in LEVELS])[level] for part in ("base", "pound")
    )
    far = 1 + miles / float(figures["freight_doubles_at_miles"])
    freight = round_half_up((base + pound * draw["shipment_weight_lb"] / 100 * far) * 100)
    fuel = round_half_up(freight * float(figures["fuel_surcharge_share"]))
    return {
        "freight_charge": freight,
        "fuel_surcharge": fuel,
        "shipment_cost": freight + fuel,
        "_miles": miles,
    }


def _miles(draw: Draw) -> NDArray[np.float64]:
    """From the supplier to the dealer, or from there to who bought; none at the counter."""
    orders, at = draw.frames["part_order"], draw["_order"]
    stock, trade = orders["_stock"][at], orders["_trade"][at]
    dealers, customers = draw.frames["dealer"], draw.frames["customer"]
    companies = draw.frames["org_profile"]
    home = dealers["_party_key"][draw["_dealer"] - dealers.start]
    buyer = np.maximum(orders["_customer"][at] - customers.start, 0)
    here = home_of(draw, home)
    sold_to = home_of(draw, np.where(trade, customers["_party_key"][buyer], home))
    supplier = np.maximum(orders["_supplier"][at], 0)
    maker = Spots(companies["_latitude"][supplier], companies["_longitude"][supplier])
    detour = float(draw.figures["road_detour"])
    return miles_between(maker.where(stock, sold_to), here, detour)


@link("carrier_org_profile_key")
def _carrier(draw: Draw) -> Made:
    rows = carrier_rows(draw, draw["_level"] == FREIGHT, draw.u("carrier"))
    return {"carrier_org_profile_key": draw.key("org_profile", rows)}


@derived("shipment_number", "primary_tracking_number", "shipment_state_type")
def _numbers(draw: Draw) -> Made:
    return {
        "shipment_number": numbered("SH", draw.rows + 1, 9),
        "primary_tracking_number": numbered("1T", draw.rows * 7 + 40_000_003, 16),
        "shipment_state_type": Coded(np.zeros(draw.n, dtype=np.int32), ("DELIVERED",)),
    }


def _steps(draw: Draw) -> Steps:
    """Labelled, handed to the carrier, seen on the way, delivered."""
    out, there = draw["ship_date_time"], draw["actual_delivery_date_time"]
    return Steps.of(
        Stage("OPEN", draw["_made"]),
        Stage("ACTIVE", out),
        Stage("TRACKED", np.minimum(out + HOUR, there)),
        Stage("DELIVERED", there),
    )


def _usual(given: Given) -> float:
    return given["part_order"] * float(given.figures["shipments_per_part_order"])


COUNT = each(
    "part_order",
    Noun("shipment", "shipments"),
    most=MOST,
    rule=f"An order of parts comes in at most {MOST} shipments",
    typical=_usual,
    why=lambda given: f"{given.figures['shipments_per_part_order']:g} an order of parts",
    back=limits(3.0),
)


SHIPMENT = Declaration(
    TABLE,
    prefix="SH",
    count=COUNT,
    makers=(keyed(TABLE), _about, _moments, _load, _estimate, _cost, _carrier, _numbers),
    rules=RULES,
    born="_made",
    reveals={"actual_delivery_date_time": "actual_delivery_date_time"},
    state="shipment_state_type",
    steps=_steps,
)
