"""Which cars go from one dealer of a pair to the other, and when.

A transfer has a stay in stock at each end, of one car.  Some bring a car that a customer of the
destination is about to buy, so that the stay there is that of the deal; some sell a car taken in
by one dealer to the other, so that the stay at the source is that of the trade-in; the others move
what nobody asked for.  Each dealer keeps a stay for each car it sends and for each it gets, behind
those of its deals and trade-ins; those that a deal or a trade-in stands for are like any other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    business_days,
    business_time,
    clocks_of,
    horizon,
    span,
    when_open,
)
from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import ranks
from generator.domains.logistics_fulfillment.distances import Spots, miles_between
from generator.domains.pairs import partner_of
from generator.domains.places import places

Rows = NDArray[np.int64]
Truth = NDArray[np.bool_]
NONE = -1
HOUR = np.timedelta64(3_600_000, "ms")
LAST_HOURS = (9, 5, 1)  # before the end: asked for, picked up, come


@derived("_source", "_turn", "_undone", "_from_spare", "_to_spare")
def pair(draw: Draw) -> Made:
    """The dealer a car comes from, its turn among those that one dealer gets, the stays (local
    rows) kept for it; the first ones by turn come to nothing, whose stays are the last."""
    dealers, counts = draw.frames["dealer"], draw.counts
    to = draw["_dealer"] - dealers.start
    away = partner_of(draw["_dealer"]) - dealers.start
    stock = counts["inventory_vehicle"]
    spare = np.cumsum(stock) - stock + counts["deal"] + counts["taken"]
    turn, undone = ranks(to, draw.u("turn")), counts["undone_transfers"][to]
    place = np.where(turn < undone, counts["moved"][to] + turn, turn - undone)
    return {
        "_source": away + dealers.start,
        "_turn": turn,
        "_undone": turn < undone,
        "_from_spare": spare[away] + place,
        "_to_spare": spare[to] + counts["sent"][to] + place,
    }


@drawn("_trade", "_resold_asked", "_resold_picked", "_resold_came")
def resold(draw: Draw) -> Made:
    """Cars taken in (local rows, -1 for none) that were not kept for the lot, and that the other
    dealer buys in the days after they came; the younger ones before those it would not show."""
    trades, dealers = draw.frames["trade_in_vehicle"], draw.frames["dealer"]
    some = trades["_taken"] & ~trades["_kept"] & (trades["_returned"] < 0)
    some &= trades["_came"] + _days(draw, "days_to_move") < horizon(draw)
    u = draw.stream("resold").uniform(trades.start, trades.start + trades.rows)
    u += trades["_years"] > float(draw.figures["years_to_resell"])
    trade = _dealt(
        draw,
        np.flatnonzero(some),
        (trades["_dealer"] - dealers.start)[some],
        u[some],
        giver=draw["_source"] - dealers.start,
        share=float(draw.figures["transfers_of_trades"]),
        after=np.zeros(draw.n, dtype=np.int64),
    )
    came = _of(trades["_came"], trade, horizon(draw))
    soon = np.floor(draw.leaf("hours_to_offer") * 60).astype(np.int64) * MINUTE
    asked = when_open(
        came + soon, clocks_of(draw, draw["_source"]), draw.u("offer_time"), who="workshop"
    )
    picked, there = _on_the_road(draw, asked, "resold")
    return {
        "_trade": trade,
        "_resold_asked": asked,
        "_resold_picked": picked,
        "_resold_came": there,
    }


@drawn("_buyer")
def bought(draw: Draw) -> Made:
    """Deals (local rows, -1 for none) about a car that comes from the other dealer: used ones, and
    new ones where both sell the make."""
    deals, dealers = draw.frames["deal"], draw.frames["dealer"]
    some = (deals["_sold"] | deals["_open"]) & ~deals["_takes"]
    some &= deals["occurrence_date_time"] - _days(draw, "days_to_move") > span(draw)[0]
    make = dealers.text("primary_make").astype(str)
    alike = np.zeros(dealers.rows, dtype=bool)
    to = np.unique(draw["_dealer"]) - dealers.start
    alike[to] = make[to] == make[partner_of(to + dealers.start) - dealers.start]
    local = deals["_dealer"] - dealers.start
    some &= ~deals["_new"] | alike[local]
    u = draw.stream("bought").uniform(deals.start, deals.start + deals.rows)
    mine = draw["_dealer"] - dealers.start
    traded = np.bincount(mine[draw["_trade"] >= 0], minlength=dealers.rows)
    return {
        "_buyer": _dealt(
            draw,
            np.flatnonzero(some),
            local[some],
            u[some] - deals["_new"][some],  # new ones first
            giver=mine,
            share=float(draw.figures["transfers_for_deals"]),
            after=traded[mine],
        )
    }


def _dealt(
    draw: Draw,
    rows: Rows,
    dealer: Rows,
    u: NDArray[np.float64],
    *,
    giver: Rows,
    share: float,
    after: Rows,
) -> Rows:
    """A row for a ``share`` of the transfers of each dealer, by turn, while there are some: of
    the dealer ``giver`` (n,), not one twice; -1 for the others, ``after`` are taken already."""
    to = draw["_dealer"] - draw.frames["dealer"].start
    counts = draw.counts
    moved = counts["moved"][to]
    size = np.bincount(dealer, minlength=len(counts["deal"]))
    order = rows[np.lexsort((u, dealer))]
    nth = draw["_turn"] - counts["undone_transfers"][to] - after
    some = np.minimum(np.floor(moved * share + 0.5).astype(np.int64), size[giver])
    has = (nth >= 0) & (nth < some)
    found = np.full(draw.n, NONE)
    found[has] = order[((np.cumsum(size) - size)[giver] + nth)[has]]
    return found


@derived("_miles")
def distance(draw: Draw) -> Made:
    """By road between the cities of the two dealers."""
    dealers, cities = draw.frames["dealer"], places()
    here, there = (
        Spots(cities.latitude[city], cities.longitude[city])
        for city in (
            dealers["_place"][draw["_source"] - dealers.start],
            dealers["_place"][draw["_dealer"] - dealers.start],
        )
    )
    return {"_miles": miles_between(here, there, float(draw.figures["road_detour"]))}


@drawn("_asked", "_picked", "_came")
def moments(draw: Draw) -> Made:
    """Asked for, picked up, come: for a deal before it is opened, else some day of the span; all
    of it within the span."""
    deals, end = draw.frames["deal"], horizon(draw)
    first, last = span(draw)
    quiet = last - int(draw.figures["days_to_move"]) * DAY
    day = business_days(draw, draw.u("day"), clocks_of(draw, draw["_source"]))
    day = np.minimum(day, max(first, quiet))
    asked = business_time(day, draw.u("time"), clocks_of(draw, draw["_source"]), last=last)
    opened = _of(deals["occurrence_date_time"], draw["_buyer"], end)
    before = np.floor(draw.leaf("hours_to_deal") * 60).astype(np.int64) * MINUTE
    asked = np.where(draw["_buyer"] >= 0, opened - before, asked)
    asked = when_open(asked, clocks_of(draw, draw["_source"]), draw.u("asked_time"), who="workshop")
    picked, came = _on_the_road(draw, asked, "moved")
    trade = draw["_trade"] >= 0
    asked = np.where(trade, draw["_resold_asked"], asked)
    picked = np.where(trade, draw["_resold_picked"], picked)
    came = np.where(trade, draw["_resold_came"], came)
    late = np.where(draw["_buyer"] >= 0, opened, end)
    asked, picked, came = (
        np.minimum(moment, late - hours * HOUR)
        for moment, hours in zip((asked, picked, came), LAST_HOURS, strict=True)
    )
    asked = np.maximum(asked, first.astype("datetime64[ms]"))
    return {"_asked": asked, "_picked": picked, "_came": came}


def _on_the_road(
    draw: Draw, asked: NDArray[np.datetime64], name: str
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """When a car that was asked for is picked up, and when it comes."""
    figures = draw.figures
    wait = np.floor(draw.leaf("hours_to_pickup", stream=f"{name}_wait") * 60).astype(np.int64)
    picked = when_open(
        asked + wait * MINUTE,
        clocks_of(draw, draw["_source"]),
        draw.u(f"{name}_out"),
        who="workshop",
    )
    days = np.floor(draw["_miles"] / float(figures["carrier_miles_a_day"]))
    hours = float(figures["hours_to_load"]) + draw["_miles"] / float(figures["carrier_mph"])
    road = (np.floor(hours * 60) + days * float(figures["carrier_rest_hours"]) * 60).astype(
        np.int64
    ) * MINUTE
    came = when_open(
        picked + road, clocks_of(draw, draw["_dealer"]), draw.u(f"{name}_in"), who="workshop"
    )
    return picked, np.maximum(came, picked + HOUR)


@derived("_from", "_to", "_fresh")
def stays(draw: Draw) -> Made:
    """The stays (local rows) at both ends, -1 at the destination of what came to nothing; whether
    a car that nobody asked for is new, which takes two dealers of a make."""
    trades, deals, dealers = (draw.frames[n] for n in ("trade_in_vehicle", "deal", "dealer"))
    make = dealers.text("primary_make").astype(str)
    alike = make[draw["_source"] - dealers.start] == make[draw["_dealer"] - dealers.start]
    own = draw["_trade"] < 0
    from_ = np.where(own, draw["_from_spare"], _of(trades["_slot"], draw["_trade"], NONE))
    to = np.where(draw["_buyer"] < 0, draw["_to_spare"], _of(deals["_slot"], draw["_buyer"], NONE))
    return {
        "_from": from_,
        "_to": np.where(draw["_undone"], NONE, to),
        "_fresh": alike & own & (draw.u("fresh") < draw.figures["new_transfer_share"]),
    }


def _of(values: NDArray[Any], rows: Rows, otherwise: Any) -> NDArray[Any]:
    if not len(values):
        return np.full(len(rows), otherwise)
    return np.asarray(np.where(rows >= 0, values[np.maximum(rows, 0)], otherwise))


def _days(draw: Draw, figure: str) -> np.timedelta64:
    return np.timedelta64(int(draw.figures[figure]), "D")


MOVED_CARS = (pair, resold, bought, distance, moments, stays)
