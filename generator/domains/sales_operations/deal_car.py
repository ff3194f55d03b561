"""Which car a deal is about.

A deal is first thought of with a car of its own.  Cars that come back to the lot, from deals that
came to nothing and as trade-ins, wait for a buyer who wanted one like it: the first live deal after
some days is about that car instead of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.graph import Draw, Made, derived, drawn, link
from generator.domains.groups import place_in_group
from generator.domains.vehicle_asset_mgt.worth import cost_of, listed

Rows = NDArray[np.int64]
Moments = NDArray[np.datetime64]
YEAR = 365.25
NOBODY = -1
_REACH = np.int64(1) << 44  # milliseconds between two cells, more than the longest span


@derived("_expected_price")
def expected_price(draw: Draw) -> Made:
    """What the car that is wanted is expected to cost, in cents."""
    catalogue, wanted = draw.frames["vehicle_specification"], draw["_wanted"]
    day = draw["_signed"].astype("datetime64[D]")
    made = (catalogue["model_year"][wanted] - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    years = np.maximum((day - made).astype(np.int64) / YEAR, 1.0)
    used = listed(draw.figures, catalogue, wanted, years)
    return {"_expected_price": np.where(draw["_new"], catalogue["base_msrp"][wanted], used)}


@derived("_returned", "_returned_worth")
def returned(draw: Draw) -> Made:
    """The earlier deal (local row) about the car that a buyer brings back, and what it is worth:
    the last one the buyer made here, if that is long enough ago and not worth too much."""
    before = _deal_before(draw)
    taken = draw["_taken"] & (before >= 0)
    at = np.maximum(before, 0)
    kept = draw["_signed"] - draw["delivery_date_time"][at]
    years = kept.astype("timedelta64[D]").astype(np.int64) / YEAR
    catalogue, car = draw.frames["vehicle_specification"], draw["_wanted"][at]
    day = draw["_signed"].astype("datetime64[D]")
    made = (catalogue["model_year"][car] - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    age = np.where(draw["_new"][at], years, (day - made).astype(np.int64) / YEAR)
    price = listed(draw.figures, catalogue, car, np.maximum(age, 0.0))
    worth = cost_of(draw.figures, price, np.zeros(draw.n))
    cap: dict[str, float] = draw.figures["trade_in_cap"]
    most = draw["_expected_price"] * np.where(draw["_new"], cap["NEW"], cap["USED"])
    back = taken & (years * YEAR >= draw.figures["least_days_owned"]) & (worth <= most)
    return {"_returned": np.where(back, before, NOBODY), "_returned_worth": worth}


def _deal_before(draw: Draw) -> Rows:
    """The live deal that each live deal's buyer made before (local row), -1 for none."""
    live = np.flatnonzero(draw["_sold"])
    buyer, day = draw["_customer_key"][live], draw["delivery_date_time"][live]
    order = live[np.lexsort((day, buyer))]
    before = np.full(draw.n, NOBODY)
    who = draw["_customer_key"][order]
    same = who[1:] == who[:-1]
    before[order[1:][same]] = order[:-1][same]
    return before


class Waiting(NamedTuple):
    """Cars that wait for a buyer: the local stay in stock of each, from when a buyer may come,
    until when one must, its cell (dealer, state and kind of body)."""

    stay: Rows
    ready: Moments
    until: Moments
    cell: Rows


@drawn("_slot", "_takes")
def slot(draw: Draw) -> Made:
    """The local stay in stock that each deal is about, and whether it is one that waited."""
    own = _own_slot(draw)
    if not draw.n:
        return {"_slot": own, "_takes": np.zeros(0, dtype=bool)}
    buyer = _may_take(draw)
    waiting = _waiting(draw, own)
    cell = _cell(draw, draw["_dealer"], _state(draw), draw["_wanted_truck"])
    deals = np.flatnonzero(buyer)
    found = matched(waiting, cell[deals], draw["_signed"][deals])
    mine = own.copy()
    has = found >= 0
    mine[deals[found[has]]] = waiting.stay[has]
    return {"_slot": mine, "_takes": mine != own}


def _own_slot(draw: Draw) -> Rows:
    """A dealer's first stays in stock are those of the cars its deals were thought of with."""
    local = draw["_dealer"] - draw.frames["dealer"].start
    stock = draw.counts["inventory_vehicle"]
    return np.asarray((np.cumsum(stock) - stock)[local] + place_in_group(local))


def _may_take(draw: Draw) -> NDArray[np.bool_]:
    """Live deals without a trade-in, as that was weighed against the car that was wanted; not
    those whose car comes back."""
    comes_back = np.zeros(draw.n, dtype=bool)
    comes_back[draw["_returned"][draw["_returned"] >= 0]] = True
    return np.asarray(draw["_sold"] & ~draw["_trades"] & ~comes_back)


def _state(draw: Draw) -> Rows:
    return np.asarray(draw["product_state_type"].codes.astype(np.int64))


def _cell(draw: Draw, dealer: Rows, state: Rows, truck: NDArray[np.bool_]) -> Rows:
    return np.asarray(((dealer - draw.frames["dealer"].start) * 4 + state) * 2 + truck)


def _waiting(draw: Draw, own: Rows) -> Waiting:
    """Cars of deals that came to nothing, trade-ins that are kept for the lot, and those that
    another dealer took in."""
    back = np.flatnonzero(~draw["_sold"] & ~draw["_open"])
    trades = draw.frames["trade_in_vehicle"]
    kept = np.flatnonzero(trades["_taken"] & trades["_kept"])
    used = draw["product_state_type"].labels.index("USED")
    given_up = np.where(draw["_undone"], draw["_undone_on"], draw["_signed"])[back]
    again = given_up + _days(draw.leaf("days_to_resale")[back])
    undone = given_up + _days(np.full(len(back), draw.figures["most_days_again"]))
    came, wait = trades["_came"][kept], trades["_wait"][kept]
    most = np.full(len(kept), draw.figures["most_days_used"])
    transfers = draw.frames["vehicle_transfer_order"]
    sent = np.flatnonzero(transfers["_trade"] >= 0)
    of_trade, arrived = transfers["_trade"][sent], transfers["_resold_came"][sent]
    ready = arrived + _days(trades["_wait"][of_trade])
    until = arrived + _days(np.full(len(sent), draw.figures["most_days_used"]))
    return Waiting(
        np.concatenate([own[back], trades["_slot"][kept], transfers["_to_spare"][sent]]),
        np.concatenate([again, came + _days(wait), ready]),
        np.concatenate([undone, came + _days(most), until]),
        np.concatenate(
            [
                _cell(draw, draw["_dealer"][back], _state(draw)[back], draw["_wanted_truck"][back]),
                _cell(
                    draw, trades["_dealer"][kept], np.full(len(kept), used), trades["_truck"][kept]
                ),
                _cell(
                    draw,
                    transfers["_dealer"][sent],
                    np.full(len(sent), used),
                    trades["_truck"][of_trade],
                ),
            ]
        ),
    )


def _days(days: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    return np.asarray((days * (DAY / np.timedelta64(1, "ms"))).astype("timedelta64[ms]"))


def matched(waiting: Waiting, cell: Rows, moment: Moments) -> Rows:
    """For each waiting car the buyer who takes it (-1: nobody), no buyer twice.

    In each cell the cars are served in the order in which they are ready, each by the first buyer
    then or later who is still free: ``first[k] - k`` can only grow along that order (``apart``
    keeps the cells from each other).
    """
    if not len(waiting.stay) or not len(cell):
        return np.full(len(waiting.stay), NOBODY)
    buyers = np.lexsort((moment, cell))
    cars = np.lexsort((waiting.ready, waiting.cell))
    low = min(moment.min(), waiting.ready.min())
    keys = cell[buyers] * _REACH + (moment[buyers] - low).astype(np.int64)
    wanted = waiting.cell[cars] * _REACH + (waiting.ready[cars] - low).astype(np.int64)
    first, place = np.searchsorted(keys, wanted), place_in_group(waiting.cell[cars])
    apart = np.unique(waiting.cell[cars], return_inverse=True)[1] * (len(cars) + len(buyers))
    served = np.maximum.accumulate(first - place + apart) + place - apart
    at = np.minimum(served, len(buyers) - 1)
    fits = (served < len(buyers)) & (cell[buyers][at] == waiting.cell[cars])
    fits &= moment[buyers][at] <= waiting.until[cars]
    found = np.full(len(cars), NOBODY)
    found[cars] = np.where(fits, buyers[at], NOBODY)
    return found


@link("inventory_vehicle_key", "_inventory_vehicle_key", "_vehicle_key")
def car(draw: Draw) -> Made:
    stays = draw.frames["inventory_vehicle"]
    return {
        "inventory_vehicle_key": draw.key("inventory_vehicle", draw["_slot"] + stays.start),
        "_inventory_vehicle_key": draw["_slot"] + stays.start,
        "_vehicle_key": stays["_vehicle_key"][draw["_slot"]],
    }


@derived("_specification")
def specification(draw: Draw) -> Made:
    return {"_specification": draw.frames["inventory_vehicle"]["_specification"][draw["_slot"]]}


DEAL_CAR = (expected_price, returned, slot, car, specification)
