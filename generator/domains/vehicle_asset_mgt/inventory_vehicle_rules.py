"""What must hold for stays in stock (R009, R035–R039)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import CARS
from generator.rules import Rule, Truth, Whole
from generator.sketch import EXAMPLES, Verdict
from generator.tables import Tables

STOCK = "inventory_vehicle"
FOREVER = int(np.iinfo(np.int64).max)


def _stay_order(tables: Tables) -> Truth:
    stocked = tables.values(STOCK, "stock_date_time")
    delivered = tables.values(STOCK, "delivered_date_time")
    produced = tables.values(STOCK, "vehicle_key.production_date").astype("datetime64[ms]")
    away = tables.missing(STOCK, "stock_date_time")
    kept = tables.missing(STOCK, "delivered_date_time")
    return np.asarray((away | (produced <= stocked)) & (kept | (stocked <= delivered)))


def _times(tables: Tables) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """When stays begin and end; what has not begun, and what is of no car, does at no time."""
    begin = tables.values(STOCK, "stock_date_time").astype("i8")
    end = tables.values(STOCK, "delivered_date_time").astype("i8")
    end = np.where(tables.missing(STOCK, "delivered_date_time"), FOREVER, end)
    away = tables.missing(STOCK, "stock_date_time") | tables.missing(STOCK, "vehicle_key")
    return np.where(away, FOREVER, begin), np.where(away, FOREVER, end)


def _no_overlap(tables: Tables) -> Truth:
    """Stays of one car, ordered by their beginning, end before the next one begins."""
    car = tables.row_of(STOCK, "vehicle_key")
    begin, end = _times(tables)
    order = np.lexsort((begin, car))
    obeys = np.ones(len(car), dtype=bool)
    same = (car[order][1:] == car[order][:-1]) & (car[order][1:] >= 0)
    obeys[order[1:]] = ~same | (end[order][:-1] <= begin[order][1:])
    return obeys


class Spans(NamedTuple):
    """When cars stood in stock: what stands for the car, the beginning and the end of each stay."""

    car: NDArray[np.uint64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]


def _spans(tables: Tables) -> Spans:
    """24 bytes a stay."""
    begin, end = _times(tables)
    own, car = tables.own(STOCK), tables.fingerprints(STOCK, "vehicle_key").mixed()
    return Spans(car[own], begin[own], end[own])


def _all_spans(total: list[Spans] | None, part: Spans) -> list[Spans]:
    return [*(total or []), part]


def _anywhere(total: list[Spans]) -> Verdict:
    """Each stay of a car ends before the next one begins, whatever the dealers."""
    car, begin, end = (np.concatenate(parts) for parts in zip(*total, strict=True))
    order = np.lexsort((end, begin, car))
    same = car[order][1:] == car[order][:-1]
    late = same & (end[order][:-1] > begin[order][1:])
    broken = np.sort(order[1:][late])
    return Verdict(len(broken), tuple(broken[:EXAMPLES].tolist()))


def _moved(tables: Tables) -> Truth:
    """Stays that end when a transfer picks the car up at their dealer."""
    of = "vehicle_transfer_order"
    picked = np.where(
        tables.missing(of, "pickup_date_time"),
        FOREVER,
        tables.values(of, "pickup_date_time").astype("i8"),
    )
    asked = [tables.row_of(of, link) for link in ("vehicle_key", "source_dealer_key")]
    here = [tables.row_of(STOCK, link) for link in ("vehicle_key", "dealer_key")]
    gone = tables.values(STOCK, "delivered_date_time").astype("i8")
    gone = np.where(tables.missing(STOCK, "delivered_date_time"), FOREVER - 1, gone)
    moves = np.stack([*asked, picked], axis=1)
    whole = np.concatenate([moves, np.stack([*here, gone], axis=1)])
    _, which = np.unique(whole, axis=0, return_inverse=True)
    which = which.ravel()
    return np.asarray(np.isin(which[len(moves) :], which[: len(moves)]))


def _fresh(tables: Tables) -> Truth:
    certified = tables.is_one_of(STOCK, "product_state_type", "CERTIFIED")
    preowned = tables.is_one_of(STOCK, "condition_type", "CERTIFIED_PREOWNED")
    alike = tables.same(STOCK, "condition_type", "product_state_type")
    agrees = np.where(certified, preowned, alike)
    new = tables.is_one_of(STOCK, "product_state_type", "NEW")
    miles = tables.values(STOCK, "odometer_at_stock")
    stocked = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    produced = tables.values(STOCK, "vehicle_key.production_date")
    half_year = (stocked - produced).astype(np.int64) >= 182
    return np.asarray(
        agrees & np.where(new, miles < 300, half_year | tables.missing(STOCK, "stock_date_time"))
    )


def _source(tables: Tables) -> Truth:
    new = tables.is_one_of(STOCK, "product_state_type", "NEW")
    factory = tables.is_one_of(STOCK, "acquisition_source", "FACTORY")
    dealer = tables.is_one_of(STOCK, "acquisition_source", "DEALER_TRADE")
    ordered = ~tables.missing(STOCK, "on_order_date")
    return np.asarray((new | ~factory) & (~new | factory | dealer) & (factory == ordered))


def _on_the_way(tables: Tables) -> Truth:
    away = tables.is_one_of(STOCK, "inventory_status_type", "ON_ORDER", "IN_TRANSIT")
    return np.asarray(away == tables.missing(STOCK, "stock_date_time"))


def _days(tables: Tables) -> Truth:
    came = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    left = tables.values(STOCK, "delivered_date_time").astype("datetime64[D]")
    right = tables.values(STOCK, "inventory_days") == (left - came).astype(np.int64)
    return np.asarray(right | tables.missing(STOCK, "delivered_date_time"))


def _ordered(tables: Tables) -> Truth:
    ordered = tables.values(STOCK, "on_order_date")
    came = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    open_ = tables.missing(STOCK, "on_order_date") | tables.missing(STOCK, "stock_date_time")
    return np.asarray((ordered <= came) | open_)


def _sold(tables: Tables) -> Truth:
    sold = tables.is_one_of(STOCK, "inventory_status_type", "SOLD", "WHOLESALE")
    return np.asarray(sold == ~tables.missing(STOCK, "delivered_date_time"))


def _its_sale(tables: Tables) -> Truth:
    """A sold car has one live deal, one on hold an open deal, others neither."""
    stay = tables.row_of("deal", "inventory_vehicle_key")
    rows = tables.rows(STOCK)

    def of(*statuses: str) -> Truth:
        mine = tables.is_one_of("deal", "deal_status", *statuses) & (stay >= 0)
        return np.asarray(np.bincount(stay[mine], minlength=rows))

    live, open_ = of("ACCEPTED", "POSTED", "FUNDED"), of("IN_PROGRESS")
    sold = tables.is_one_of(STOCK, "inventory_status_type", "SOLD")
    held = tables.is_one_of(STOCK, "inventory_status_type", "RESERVED", "PRE_SOLD")
    right = np.where(sold, (live == 1) & (open_ == 0), held == (live + open_ > 0))
    return np.asarray(right)


def _wholesaled(tables: Tables) -> Truth:
    """Only used cars, new ones whose deal came to nothing, and those another dealer takes, are
    wholesaled."""
    gone = tables.is_one_of(STOCK, "inventory_status_type", "WHOLESALE")
    new = tables.is_one_of(STOCK, "product_state_type", "NEW")
    stay = tables.row_of("deal", "inventory_vehicle_key")
    undone = tables.is_one_of("deal", "deal_status", "ABANDONED", "REVERSED") & (stay >= 0)
    tried = np.bincount(stay[undone], minlength=tables.rows(STOCK)) > 0
    return np.asarray(~gone | ~new | tried | _moved(tables))


def _odometer(tables: Tables) -> Truth:
    latest = tables.values(STOCK, "vehicle_key.odometer")
    return np.asarray(tables.values(STOCK, "odometer_at_stock") <= latest)


def _stock_numbers(tables: Tables) -> Truth:
    dealer = tables.group_of(STOCK, "dealer_key").astype(np.uint64)
    pair = np.stack([dealer, tables.fingerprints(STOCK, "stock_number").mixed()], axis=1)
    _, which, times = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(times[which.ravel()] == 1)


RULES = (
    Rule(
        "R035.1",
        STOCK,
        "A car is produced, comes into stock and is delivered in this order.",
        _stay_order,
        needs=("vehicle",),
        group=CARS,
    ),
    Rule(
        "R036.1",
        STOCK,
        "Stays of one car at the dealers of a shard do not overlap.",
        _no_overlap,
        needs=("vehicle",),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R036.2",
        STOCK,
        "Stays of one car do not overlap, even across dealers.",
        Whole(_spans, _anywhere, _all_spans),
        group=CARS,
        scope="whole",
    ),
    Rule(
        "R037.1",
        STOCK,
        "New cars have few miles, used ones are half a year old; the condition says the same.",
        _fresh,
        needs=("vehicle",),
        group=CARS,
    ),
    Rule(
        "R037.2",
        STOCK,
        "New cars are ordered from the factory or come from a dealer, used ones from elsewhere.",
        _source,
        group=CARS,
    ),
    Rule("R035.3", STOCK, "A car is ordered before it comes into stock.", _ordered, group=CARS),
    Rule("R035.4", STOCK, "Days in stock run from stock to delivery.", _days, group=CARS),
    Rule(
        "R038.3",
        STOCK,
        "A car on the way is not in stock yet, every other one is.",
        _on_the_way,
        group=CARS,
    ),
    Rule(
        "R038.1",
        STOCK,
        "A car left the stock exactly when it is sold or wholesaled.",
        _sold,
        group=CARS,
    ),
    Rule(
        "R038.4",
        STOCK,
        "A sold car has one live deal; a car with a deal that is not handed over is held.",
        _its_sale,
        needs=("deal",),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R038.5",
        STOCK,
        "No new car is wholesaled but one whose deal came to nothing, or for another dealer.",
        _wholesaled,
        needs=("deal", "vehicle_transfer_order"),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R039.4",
        STOCK,
        "An odometer does not run back after stock.",
        _odometer,
        needs=("vehicle",),
        group=CARS,
    ),
    Rule(
        "R009.1",
        STOCK,
        "Stock numbers are unique at a dealer.",
        _stock_numbers,
        needs=("dealer",),
        group=CARS,
        scope="shard",
    ),
)
