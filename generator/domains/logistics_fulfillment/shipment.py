"""Shipments: how ordered parts come to the dealer, and go on to body shops and garages; how cars
come from another dealer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import MINUTE
from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import Bound, Count, Given, Noun, Relation, limits
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
        Link(
            "vehicle_transfer_order_key",
            "vehicle_transfer_order",
            "vehicle_transfer_order_key",
            "lookup",
            unique=True,
        ),
        Link("carrier_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)


NONE = -1
MOST = 2  # of an order
LEVELS = ("GROUND", "FREIGHT", "OVERNIGHT", "TWO_DAY_AIR", "LOCAL_DELIVERY", "PICKUP")
GROUND, FREIGHT, OVERNIGHT, TWO_DAY, LOCAL, PICKUP = range(len(LEVELS))
HOUR = np.timedelta64(3_600_000, "ms")


@link(
    "part_order_key",
    "vehicle_transfer_order_key",
    "_order",
    "_transfer",
    "_dealer",
    "_turn",
    "_car",
)
def _about(draw: Draw) -> Made:
    """One for each car that comes from another dealer, the others for parts, dealer by dealer."""
    orders, transfers = draw.frames["part_order"], draw.frames["vehicle_transfer_order"]
    parts, cars = _parcels(draw), np.flatnonzero(~transfers["_undone"])
    dealer = np.concatenate([orders["_dealer"][parts], transfers["_dealer"][cars]])
    none, nobody = np.full(len(parts), NONE), np.full(len(cars), NONE)
    order, transfer = np.concatenate([parts, nobody]), np.concatenate([none, cars])
    row = np.argsort(dealer, kind="stable")
    order, transfer = order[row], transfer[row]
    turn = np.zeros(draw.n, dtype=np.int64)
    turn[order >= 0] = place_in_group(order[order >= 0])
    return {
        "part_order_key": (draw.key("part_order", order + orders.start), order < 0),
        "vehicle_transfer_order_key": (
            draw.key("vehicle_transfer_order", transfer + transfers.start),
            transfer < 0,
        ),
        "_order": order,
        "_transfer": transfer,
        "_dealer": dealer[row],
        "_turn": turn,
        "_car": transfer >= 0,
    }


def _parcels(draw: Draw) -> NDArray[np.int64]:
    """The orders (local rows) of the other shipments, exactly the dealer's number: orders from
    suppliers first, then what body shops are brought, then second parcels; somebody who takes
    parts along at the counter last."""
    orders = draw.frames["part_order"]
    local = orders["_dealer"] - draw.frames["dealer"].start
    first, last = orders.start, orders.start + orders.rows
    kind = np.where(orders["_stock"], 0, np.where(orders["_trade"], 1, 3))
    turns = [kind, np.where(kind == 3, 4, 2)]
    wait = [
        turn + draw.stream(f"turn_{nth}").uniform(first, last) for nth, turn in enumerate(turns)
    ]
    rank = ranks(np.tile(local, MOST), np.concatenate(wait)).reshape(MOST, -1)
    many = draw.counts[TABLE.name] - draw.counts["moved"]
    taken = rank < many[local][None, :]
    return np.asarray(np.nonzero(taken.T)[0])


def _either(draw: Draw, of_order: NDArray[Any], of_transfer: NDArray[Any]) -> NDArray[Any]:
    """What the order of each shipment says, or the transfer that it is of."""
    if not len(of_transfer):
        return np.asarray(of_order[draw["_order"]])
    said = of_transfer[np.maximum(draw["_transfer"], 0)]
    if not len(of_order):
        return np.asarray(said)
    return np.asarray(np.where(draw["_car"], said, of_order[np.maximum(draw["_order"], 0)]))


@derived("ship_date_time", "actual_delivery_date_time", "_made")
def _moments(draw: Draw) -> Made:
    """Out when the supplier ships, in when the order is received; handed over where it is sold.  A
    car is picked up, and comes."""
    orders, transfers = draw.frames["part_order"], draw.frames["vehicle_transfer_order"]
    ships = np.where(orders["_stock"], orders["_shipped"], orders["create_date_time"])
    created = _either(draw, orders["create_date_time"], transfers["_planned"])
    got = _either(draw, orders["received_date_time"], transfers["_came"])
    ships = np.minimum(_either(draw, ships, transfers["_picked"]), got)
    return {
        "ship_date_time": ships,
        "actual_delivery_date_time": (got, np.zeros(draw.n, dtype=bool)),
        "_made": np.minimum(created, ships),
    }


@derived(
    "shipment_weight_lb", "package_count", "service_level_type", "shipping_method_type", "_level"
)
def _load(draw: Draw) -> Made:
    """A second parcel takes a part of the weight; heavy loads are freight, rushed ones fly; cars
    are freight."""
    orders, items = draw.frames["part_order"], draw.frames["part_order_item"]
    parts = draw.frames["part_master"]
    pounds = np.bincount(
        items["_order"],
        weights=items["total_quantity"] * parts["weight_lb"][items["_part"]],
        minlength=orders.rows,
    )
    figures, car = draw.figures, draw["_car"]
    mine = draw["_order"][~car]
    each = np.bincount(mine, minlength=orders.rows)
    parcels = _either(draw, each, np.ones(draw.frames["vehicle_transfer_order"].rows))
    second = float(figures["second_parcel_share"])
    share = np.where(parcels == 1, 1.0, np.where(draw["_turn"] == 0, 1 - second, second))
    weight = np.maximum(round_half_up(_either(draw, pounds, _car_pounds(draw)) * share), 1)
    heavy = weight > float(figures["freight_from_pounds"]) * 100
    days = np.busday_count(
        draw["ship_date_time"].astype("datetime64[D]"),
        draw["actual_delivery_date_time"].astype("datetime64[D]"),
    )
    no = np.zeros(draw.frames["vehicle_transfer_order"].rows, dtype=bool)
    rush = _either(draw, orders["order_type"].text().astype(str) == "RUSH", no)
    fast = np.where(days <= 1, OVERNIGHT, np.where(days <= 2, TWO_DAY, GROUND))
    level = np.where(rush & ~heavy, fast, np.where(heavy, FREIGHT, GROUND))
    stock, trade = _either(draw, orders["_stock"], ~no), _either(draw, orders["_trade"], no)
    level = np.where(stock, level, np.where(trade, LOCAL, PICKUP))
    box = float(figures["pounds_per_package"]) * 100
    return {
        "shipment_weight_lb": weight,
        "package_count": np.where(car, 1, np.ceil(weight / box)).astype(np.int64),
        "service_level_type": Coded(level.astype(np.int32), LEVELS),
        "shipping_method_type": Coded(level.astype(np.int32), LEVELS),
        "_level": level,
    }


def _car_pounds(draw: Draw) -> NDArray[np.float64]:
    """What the car of each transfer weighs, in hundredths of a pound."""
    transfers, catalogue = (
        draw.frames["vehicle_transfer_order"],
        draw.frames["vehicle_specification"],
    )
    which = draw.frames["inventory_vehicle"]["_specification"][transfers["_from"]]
    names = catalogue.text("vehicle_category_type")[which].astype(str)
    usual: dict[str, float] = draw.figures["curb_pounds"]
    pounds = np.array([float(usual.get(name, usual["OTHER"])) for name in names], dtype=np.float64)
    low, high = draw.figures["curb_pounds_spread"]
    luck = draw.stream("pounds").uniform(transfers.start, transfers.start + transfers.rows)
    return np.asarray(np.rint(pounds * (low + (high - low) * luck) / 10) * 10 * 100)


@drawn("estimated_delivery_date_time")
def _estimate(draw: Draw) -> Made:
    """What was promised: most come in time, some late; of a car what its transfer says."""
    low, high = draw.figures["promise_hours"]
    hours = low + (high - low) * draw.u("promise")
    moved = (hours * 60).astype(np.int64) * MINUTE
    said = np.maximum(draw["actual_delivery_date_time"] + moved, draw["ship_date_time"] + HOUR)
    transfers, car = draw.frames["vehicle_transfer_order"], draw["_car"]
    said[car] = transfers["estimated_arrival_date_time"][draw["_transfer"][car]]
    return {"estimated_delivery_date_time": said}


@derived("freight_charge", "fuel_surcharge", "shipment_cost", "_miles")
def _cost(draw: Draw) -> Made:
    """By service level, weight and distance; no accessorials.  A car costs what its transfer
    says."""
    figures, level = draw.figures, draw["_level"]
    miles, rates = _miles(draw), figures["freight_rates"]
    base, pound = (
        np.array([float(rates[name][part]) for name in LEVELS])[level] for part in ("base", "pound")
    )
    far = 1 + miles / float(figures["freight_doubles_at_miles"])
    freight = round_half_up((base + pound * draw["shipment_weight_lb"] / 100 * far) * 100)
    share, car = float(figures["fuel_surcharge_share"]), draw["_car"]
    paid = draw.frames["vehicle_transfer_order"]["actual_transportation_cost"]
    freight[car] = round_half_up(paid[draw["_transfer"][car]] / (1 + share))
    fuel = round_half_up(freight * share)
    fuel[car] = paid[draw["_transfer"][car]] - freight[car]
    return {
        "freight_charge": freight,
        "fuel_surcharge": fuel,
        "shipment_cost": freight + fuel,
        "_miles": miles,
    }


def _miles(draw: Draw) -> NDArray[np.float64]:
    """From the supplier to the dealer, or from there to who bought; none at the counter.  A car's
    are those of its transfer."""
    orders, car = draw.frames["part_order"], draw["_car"]
    miles = np.zeros(draw.n)
    miles[car] = draw.frames["vehicle_transfer_order"]["_miles"][draw["_transfer"][car]]
    at, dealer = draw["_order"][~car], draw["_dealer"][~car]
    stock, trade = orders["_stock"][at], orders["_trade"][at]
    dealers, customers = draw.frames["dealer"], draw.frames["customer"]
    companies = draw.frames["org_profile"]
    home = dealers["_party_key"][dealer - dealers.start]
    buyer = np.maximum(orders["_customer"][at] - customers.start, 0)
    here = home_of(draw, home)
    sold_to = home_of(draw, np.where(trade, customers["_party_key"][buyer], home))
    supplier = np.maximum(orders["_supplier"][at], 0)
    maker = Spots(companies["_latitude"][supplier], companies["_longitude"][supplier])
    detour = float(draw.figures["road_detour"])
    miles[~car] = miles_between(maker.where(stock, sold_to), here, detour)
    return miles


@link("carrier_org_profile_key")
def _carrier(draw: Draw) -> Made:
    rows = carrier_rows(draw, draw["_level"] == FREIGHT, draw.u("carrier"))
    car = draw["_car"]
    rows[car] = draw.frames["vehicle_transfer_order"]["_carrier"][draw["_transfer"][car]]
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
    return given["part_order"] * float(given.figures["shipments_per_part_order"]) + given["moved"]


def _relations(name: str) -> tuple[Relation, ...]:
    return (
        Bound(
            ((name, 1), ("part_order", -MOST), ("moved", -1)),
            0,
            f"An order of parts comes in at most {MOST} shipments, a car that is moved in one",
        ),
        Bound((("moved", 1), (name, -1)), 0, "A car that is moved comes in a shipment"),
    )


COUNT = Count(
    Noun("shipment", "shipments"),
    _usual,
    lambda given: f"{given.figures['shipments_per_part_order']:g} an order of parts",
    _relations,
    lambda lay: lay["part_order"] + 1e-2,
    limits(3.0),
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
