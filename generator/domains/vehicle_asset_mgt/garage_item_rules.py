"""What must hold for who owns which car when (R012, R039, R040)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CARS, PEOPLE
from generator.rules import Rule, Truth
from generator.tables import Tables

ITEM = "garage_item"
LIVE = ("ACCEPTED", "POSTED", "FUNDED")
LATEST = np.iinfo(np.int64).max
ADULT = 18


def _ends(tables: Tables) -> np.ndarray:
    open_ = tables.missing(ITEM, "complete_date_time")
    end = tables.values(ITEM, "complete_date_time").astype("datetime64[ms]").astype(np.int64)
    return np.where(open_, LATEST, end)


def _no_overlap(tables: Tables) -> Truth:
    """Owners of one car, in the order in which they came by it, have it one after another."""
    car = tables.row_of(ITEM, "vehicle_key")
    begin = tables.values(ITEM, "start_date_time").astype("datetime64[ms]").astype(np.int64)
    end = _ends(tables)
    order = np.lexsort((begin, car))
    obeys = begin < end
    same = (car[order][1:] == car[order][:-1]) & (car[order][1:] >= 0)
    obeys[order[1:]] &= ~same | (end[order][:-1] <= begin[order][1:])
    return np.asarray(obeys)


def _produced(tables: Tables) -> Truth:
    made = tables.values(ITEM, "vehicle_key.production_date").astype("datetime64[ms]")
    return np.asarray(made <= tables.values(ITEM, "start_date_time"))


def _delivered(tables: Tables) -> Truth:
    """A car bought here is its buyer's from the delivery on."""
    of_deal = ~tables.missing(ITEM, "source_deal_key")
    begin = tables.values(ITEM, "start_date_time")
    when = begin == tables.values(ITEM, "source_deal_key.delivery_date_time")
    same = tables.same(ITEM, "customer_key", "source_deal_key.customer_key")
    car = tables.row_of(ITEM, "source_deal_key.inventory_vehicle_key.vehicle_key")
    return np.asarray(~of_deal | (when & same & (car == tables.row_of(ITEM, "vehicle_key"))))


def _closed_by_trade(tables: Tables) -> Truth:
    """A car taken in is its owner's until the delivery of the deal."""
    live = tables.is_one_of("trade_in_vehicle", "deal_key.deal_status", *LIVE)
    live &= ~tables.missing("trade_in_vehicle", "deal_key.delivery_date_time")
    handed = tables.values("trade_in_vehicle", "deal_key.delivery_date_time").astype(
        "datetime64[ms]"
    )
    width = np.int64(tables.rows("customer") + 1)
    item = tables.row_of(ITEM, "vehicle_key") * width + tables.row_of(ITEM, "customer_key")
    trade = tables.row_of("trade_in_vehicle", "vehicle_key") * width + tables.row_of(
        "trade_in_vehicle", "deal_key.customer_key"
    )
    end = _ends(tables)
    pairs = np.stack([item, end], axis=1)
    wanted = np.stack([trade, handed.astype("datetime64[ms]").astype(np.int64)], axis=1)
    both = np.concatenate([pairs, wanted])
    code = np.unique(both, axis=0, return_inverse=True)[1].ravel()
    return np.asarray(~live | np.isin(code[len(pairs) :], code[: len(pairs)]))


def _every_sale(tables: Tables) -> Truth:
    """Every delivered deal is in a garage, others are not."""
    deal = tables.row_of(ITEM, "source_deal_key")
    count = np.bincount(deal[deal >= 0], minlength=tables.rows("deal"))
    sold = tables.is_one_of("deal", "deal_status", *LIVE)
    sold &= ~tables.missing("deal", "delivery_date_time")
    return np.asarray(count == sold)


def _status(tables: Tables) -> Truth:
    over = ~tables.missing(ITEM, "complete_date_time")
    ended = tables.is_one_of(
        ITEM,
        "garage_item_status_type",
        *("TRADED_IN", "PREVIOUS_OWNER", "PREVIOUS_LESSEE", "SOLD", "TOTAL_LOSS"),
    )
    primary = tables.values(ITEM, "primary_vehicle_indicator")
    return np.asarray((over == ended) & ~(over & primary))


def _one_primary(tables: Tables) -> Truth:
    """Whoever has cars has one primary one."""
    owner = tables.row_of(ITEM, "customer_key")
    primary = tables.values(ITEM, "primary_vehicle_indicator") & (owner >= 0)
    open_ = tables.missing(ITEM, "complete_date_time") & (owner >= 0)
    size = tables.rows("customer")
    has = np.bincount(owner[open_], minlength=size) > 0
    return np.asarray(np.bincount(owner[primary], minlength=size) == has)[owner] | (owner < 0)


def _grown_up(tables: Tables) -> Truth:
    born = tables.values(ITEM, "customer_key.party_key.birth_date").astype("datetime64[D]")
    begin = tables.values(ITEM, "start_date_time").astype("datetime64[D]")
    years = (begin - born).astype(np.int64) / 365.25
    return np.asarray((years >= ADULT - 0.01) | ~tables.missing(ITEM, "source_deal_key"))


def _miles(tables: Tables) -> Truth:
    latest = tables.values(ITEM, "vehicle_key.odometer")
    return np.asarray(tables.values(ITEM, "odometer_at_start") <= latest)


RULES = (
    Rule(
        "R040.overlap",
        ITEM,
        "Owners of one car have it one after another.",
        _no_overlap,
        needs=("vehicle",),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R040.produced",
        ITEM,
        "Nobody owns a car that is not made yet.",
        _produced,
        needs=("vehicle",),
        group=CARS,
    ),
    Rule(
        "R040.delivered",
        ITEM,
        "A car bought here is its buyer's from the delivery on.",
        _delivered,
        needs=("deal", "vehicle", "inventory_vehicle", "customer"),
        group=CARS,
    ),
    Rule(
        "R040.trade",
        "trade_in_vehicle",
        "A car taken in is its owner's until the delivery of the deal.",
        _closed_by_trade,
        needs=(ITEM, "deal", "vehicle", "customer"),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R040.sales",
        "deal",
        "Every car delivered is in its buyer's garage, no other.",
        _every_sale,
        needs=(ITEM,),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R040.status",
        ITEM,
        "What is over is a previous car and no primary one.",
        _status,
        group=CARS,
    ),
    Rule(
        "R040.primary",
        ITEM,
        "Whoever has cars has one primary one.",
        _one_primary,
        needs=("customer",),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R012.owner",
        ITEM,
        "Adults own cars.",
        _grown_up,
        needs=("customer", "party"),
        group=PEOPLE,
    ),
    Rule(
        "R039.garage",
        ITEM,
        "An odometer does not run back after a car was bought.",
        _miles,
        needs=("vehicle",),
        group=CARS,
    ),
)
