"""What each dealer posts itself: the balances its books open with, and interest month by month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw
from generator.domains.groups import round_half_up
from generator.domains.parts.part_master import priced
from generator.domains.vehicle_asset_mgt.floorplan import lender_parties

Ints = NDArray[np.int64]
Moment = np.datetime64
CLOSES = np.timedelta64(20, "h")  # of the last UTC day of a month, when its interest is drawn


def journals(draw: Draw) -> Sequence[Journal]:
    return (_opening(draw), *_interest(draw))


def _opening(draw: Draw) -> Journal:
    """On the first day of the span: the cars and parts that are there, what is owed on the cars,
    and what they are worth beyond that."""
    first = span(draw)[0].astype("datetime64[ms]")
    stays = draw.frames["inventory_vehicle"]
    there = ~stays["_away"] & (stays["_stocked"] < first)
    new, cost, work = (stays[name] for name in ("_new", "cost_amount", "reconditioning_cost"))
    dealer = stays["_dealer"] - draw.frames["dealer"].start

    def total(amount: Ints) -> Ints:
        return _sums(dealer[there], amount[there], draw.n)

    fresh, used = total(np.where(new, cost, 0)), total(np.where(new, 0, cost + work))
    owed, parts = total(cost), _parts(draw, first)
    lender = lender_parties(draw.frames)
    return Journal(
        "OPENING_BALANCE",
        np.arange(draw.n),
        np.full(draw.n, first),
        (
            Line("1300", fresh, "INVENTORY", department="SALES"),
            Line("1310", used, "INVENTORY", department="SALES"),
            Line("1350", parts, "INVENTORY", department="PARTS"),
            Line("2050", -owed, "LENDER", lender, "SALES"),
            Line("3000", owed - fresh - used - parts, "DEALER_VALUE"),
        ),
    )


def _parts(draw: Draw, first: Moment) -> Ints:
    """What the parts on the shelves cost on the first day."""
    shelves = draw.frames["part_inventory"]
    if not shelves.rows:
        return np.zeros(draw.n, dtype=np.int64)
    cost = priced(draw.frames["part_master"], shelves["_part"], np.full(shelves.rows, first))[1]
    dealer = shelves["_dealer"] - draw.frames["dealer"].start
    return _sums(dealer, shelves["_opening"] * cost, draw.n)


def _interest(draw: Draw) -> list[Journal]:
    """On the last day of each month of the span, by the days that each car stood there in it."""
    first, last = span(draw)
    stays = draw.frames["inventory_vehicle"]
    here = np.flatnonzero(~stays["_away"])
    dealer = stays["_dealer"][here] - draw.frames["dealer"].start
    came = stays["_stocked"][here].astype("datetime64[D]")
    out = (stays["_sold"] | stays["_gone"])[here]
    left = np.where(out, stays["_left"][here].astype("datetime64[D]"), last + DAY)
    rate = float(draw.figures["floorplan_rate"]) / 365
    found = []
    for month in np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1):
        begin = np.maximum(month.astype("datetime64[D]"), first)
        end = np.minimum((month + 1).astype("datetime64[D]"), last + DAY)
        days = (np.minimum(left, end) - np.maximum(came, begin)).astype(np.int64)
        owed = stays["cost_amount"][here] * np.maximum(days, 0)
        interest = round_half_up(np.bincount(dealer, weights=owed, minlength=draw.n) * rate)
        found.append(
            Journal(
                "FLOORPLAN_INTEREST",
                np.arange(draw.n),
                np.full(draw.n, (end - DAY).astype("datetime64[ms]") + CLOSES),
                (
                    Line("6400", interest, "EXPENSE", department="SALES"),
                    Line("1001", -interest, "PAYMENT"),
                ),
            )
        )
    return found


def _sums(group: Ints, amount: Ints, groups: int) -> Ints:
    return np.rint(np.bincount(group, weights=amount, minlength=groups)).astype(np.int64)
