"""Transfers of cars: what one dealer has in stock and another takes into its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import (
    Bound,
    Count,
    Given,
    Noun,
    Part,
    Relation,
    asks,
    rest_of,
    share_of,
)
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.keys import numbered
from generator.domains.logistics_fulfillment.carriers import carrier_rows
from generator.domains.logistics_fulfillment.moved_cars import HOUR, MOVED_CARS
from generator.domains.logistics_fulfillment.vehicle_transfer_order_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "vehicle_transfer_order",
    domain="logistics_fulfillment",
    meaning="Dealer-to-dealer vehicle move",
    key="vehicle_transfer_order_key",
    columns=(
        text("vehicle_transfer_order_key", 50, unique=True),
        text("transfer_order_number", 30, unique=True),
        text("vehicle_key", 50),
        text("source_dealer_key", 50),
        text("destination_dealer_key", 50),
        text("deal_key", 50, nullable=True),
        text("carrier_org_profile_key", 50),
        enum("transfer_status_type", "VehicleTransferOrderStatusTypes"),
        enum("transfer_reason_type", "VehicleTransferReasonTypes"),
        moment("requested_date_time"),
        moment("pickup_date_time", nullable=True),
        moment("estimated_arrival_date_time", nullable=True, planned=True),
        moment("actual_arrival_date_time", nullable=True),
        integer("distance_miles"),
        decimal("estimated_transportation_cost", 10, 2),
        decimal("actual_transportation_cost", 10, 2, nullable=True),
    ),
    links=(
        Link("destination_dealer_key", "dealer", "dealer_key", "parent"),
        Link("source_dealer_key", "dealer", "dealer_key", "lookup"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("deal_key", "deal", "deal_key", "lookup", unique=True),
        Link("carrier_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)

SALE, WHOLESALE, TRADE, BALANCE = range(4)
REASONS = ("CUSTOMER_SALE", "WHOLESALE", "DEALER_TRADE", "INVENTORY_REBALANCE")
CENTS = 100
MANY = 1_000_000  # more transfers than any dealer has


@link("vehicle_key", "source_dealer_key", "destination_dealer_key", "deal_key")
def _links(draw: Draw) -> Made:
    stays, deals = draw.frames["inventory_vehicle"], draw.frames["deal"]
    buyer = draw["_buyer"]
    return {
        "vehicle_key": draw.key("vehicle", stays["_vehicle_key"][draw["_from"]]),
        "source_dealer_key": draw.key("dealer", draw["_source"]),
        "destination_dealer_key": draw.key("dealer", draw["_dealer"]),
        "deal_key": (draw.key("deal", np.maximum(buyer, 0) + deals.start), buyer < 0),
    }


@derived("_opened")
def _deal_opened(draw: Draw) -> Made:
    """When the deal a car was moved for is written."""
    deals, buyer = draw.frames["deal"], draw["_buyer"]
    opened = draw["_asked"].copy()
    has = buyer >= 0
    opened[has] = deals["occurrence_date_time"][buyer[has]]
    return {"_opened": opened}


@derived("transfer_reason_type")
def _reason(draw: Draw) -> Made:
    new = draw.frames["inventory_vehicle"]["_new"][draw["_from"]]
    code = np.where(new, TRADE, BALANCE)
    code = np.where(draw["_trade"] >= 0, WHOLESALE, np.where(draw["_buyer"] >= 0, SALE, code))
    return {"transfer_reason_type": Coded(code.astype(np.int32), REASONS)}


@drawn(
    "requested_date_time",
    "pickup_date_time",
    "estimated_arrival_date_time",
    "actual_arrival_date_time",
    "_planned",
    "_closed",
)
def _moments(draw: Draw) -> Made:
    """What is planned when it is approved, and what became of it."""
    low, high = draw.figures["transfer_late_hours"]
    late = low + (high - low) * draw.u("late")
    promised = draw["_came"] - (late * 60).astype(np.int64) * np.timedelta64(60_000, "ms")
    undone, asked = draw["_undone"], draw["_asked"]
    answered = np.floor(draw.leaf("hours_to_approve") * 3600).astype(np.int64) * 1000
    planned = asked + answered.astype("timedelta64[ms]")
    planned = np.where(undone, planned, np.minimum(planned, draw["_picked"] - HOUR))
    planned = np.maximum(planned, asked)
    papers = np.floor(draw.leaf("hours_to_close") * 3600).astype(np.int64) * 1000
    return {
        "requested_date_time": asked,
        "pickup_date_time": (draw["_picked"], undone),
        "estimated_arrival_date_time": (np.maximum(promised, draw["_picked"] + HOUR), undone),
        "actual_arrival_date_time": (draw["_came"], undone),
        "_planned": planned,
        "_closed": draw["_came"] + papers.astype("timedelta64[ms]"),
    }


@drawn("distance_miles", "estimated_transportation_cost", "actual_transportation_cost")
def _cost(draw: Draw) -> Made:
    """A sum for the trip and less a mile the longer it is; a few trips cost more than was said."""
    figures, miles = draw.figures, np.maximum(np.rint(draw["_miles"]), 1)
    rate = np.interp(
        miles,
        [float(far) for far in figures["carrier_rate"]],
        [float(dollars) for dollars in figures["carrier_rate"].values()],
    )
    dollars = float(figures["carrier_dollars"]) + miles * rate
    low, high = figures["carrier_quotes"]
    said = np.rint(dollars * (low + (high - low) * draw.u("quote")) / 5) * 5 * CENTS
    over = draw.leaf("transfer_cost_over", stream="over")
    return {
        "distance_miles": miles.astype(np.int64),
        "estimated_transportation_cost": said.astype(np.int64),
        "actual_transportation_cost": (np.rint(said * over).astype(np.int64), draw["_undone"]),
    }


@link("carrier_org_profile_key", "_carrier")
def _carrier(draw: Draw) -> Made:
    rows = carrier_rows(draw, np.ones(draw.n, dtype=bool), draw.u("carrier"))
    return {"carrier_org_profile_key": draw.key("org_profile", rows), "_carrier": rows}


@derived("transfer_order_number", "transfer_status_type", "_refused")
def _numbers(draw: Draw) -> Made:
    refused = draw["_undone"] & (draw.u("refused") < draw.figures["transfers_refused_share"])
    code = np.where(refused, 1, np.where(draw["_undone"], 2, 0)).astype(np.int32)
    return {
        "transfer_order_number": numbered("VT", draw.rows + 1, 8),
        "transfer_status_type": Coded(code, ("CLOSED", "REJECTED", "CANCELLED")),
        "_refused": refused,
    }


def _steps(draw: Draw) -> Steps:
    """Asked for and approved or not; planned, given to a carrier, picked up, come, closed."""
    asked, planned, undone = draw["_asked"], draw["_planned"], draw["_undone"]
    refused = draw["_refused"]
    between = planned + (draw["_picked"] - planned) // 2
    return Steps.of(
        Stage("DRAFT", asked),
        Stage("REQUESTED", asked),
        Stage("REJECTED", planned, refused),
        Stage("CANCELLED", planned, undone & ~refused),
        Stage("APPROVED", planned, ~undone),
        Stage("SCHEDULED", planned, ~undone),
        Stage("ASSIGNED", between, ~undone),
        Stage("IN_PROGRESS", draw["_picked"], ~undone),
        Stage("COMPLETED", draw["_came"], ~undone),
        Stage("CLOSED", draw["_closed"], ~undone),
    )


def _typical(given: Given) -> float:
    """Few dealers are drawn one by one, so that all processors have something to do."""
    figures = given.figures
    if given["dealer"] < figures["transfers_from_dealers"]:
        return 0.0
    return given["deal"] * float(figures["transfers_per_deal"])


def _relations(name: str) -> tuple[Relation, ...]:
    rule = "A transfer takes a car from one dealer to another"
    return (Bound(((name, 1), ("dealer", -MANY)), -MANY, rule),)


def _as_many(whole: str) -> Callable[[str], tuple[Relation, ...]]:
    def relations(name: str) -> tuple[Relation, ...]:
        one, rule = ((name, 1), (whole, -1)), "A car that one dealer gets another sends"
        return (Bound(one, 0, rule), Bound(tuple((n, -f) for n, f in one), 0, rule))

    return relations


def _of_partner(name: str, whole: str) -> Part:
    """As many as the partner of each dealer has of ``whole``."""
    noun = Noun("car sent", "cars sent")
    count = Count(noun, lambda given: given[whole], "", _as_many(whole), twin=whole)
    return Part(name, count)


UNDONE = share_of(
    "vehicle_transfer_order",
    "undone_transfers",
    Noun("transfer that came to nothing", "transfers that came to nothing"),
    share=lambda figures: float(figures["transfers_undone_share"]),
    rule="Some transfers are refused or called off",
)
MOVED = rest_of(
    "vehicle_transfer_order",
    "moved",
    Noun("car moved", "cars moved"),
    minus=("undone_transfers",),
    rule="A transfer moves a car unless it comes to nothing",
)
COUNT = Count(
    Noun("transfer of a car", "transfers of cars"),
    _typical,
    lambda given: f"{given.figures['transfers_per_deal']:g} a deal where there are several dealers",
    _relations,
    lambda lay: lay["deal"] + 1e-2,
    asks(4.0),
    parts=(
        _of_partner("sent", "vehicle_transfer_order"),
        UNDONE,
        MOVED,
        _of_partner("moved_away", "moved"),
    ),
    paired=True,
)


VEHICLE_TRANSFER_ORDER = Declaration(
    TABLE,
    prefix="VT",
    count=COUNT,
    makers=(
        keyed(TABLE),
        *MOVED_CARS,
        _links,
        _deal_opened,
        _reason,
        _moments,
        _cost,
        _carrier,
        _numbers,
    ),
    rules=RULES,
    born="requested_date_time",
    reveals={
        "deal_key": "_opened",
        "pickup_date_time": "_picked",
        "estimated_arrival_date_time": "_planned",
        "actual_arrival_date_time": "_came",
        "actual_transportation_cost": "_came",
    },
    state="transfer_status_type",
    steps=_steps,
)
