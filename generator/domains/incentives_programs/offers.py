"""Every programme there can be in a span: a kind of offer, of a make, in one of its windows.

Kinds stand in ``figures.incentive_kinds``.  Makers announce by the quarter and run a little into
the next one, each by days of its own; month-end money lasts a week, sales events their season.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.leaves.figures import figures

Rows = NDArray[np.int64]
Days = NDArray[np.datetime64]
YEAR_CODE = 100  # a period is its year and, in it, its quarter or month
ALL_MAKES = -1


class Kind(NamedTuple):
    """A kind of programme: who may have it, who pays, what it is worth, when it runs."""

    code: str
    name: str
    scope: str  # all, make, model or state
    window: str  # always, year, quarter, month_end or event
    who: str  # OEM, VENDOR (the maker's bank) or DEALER
    product: str
    stackable: bool
    weight: float
    dollars: tuple[int, int] = (0, 0)
    percent: float = 0.0
    affiliate: str = ""
    pay: str = ""  # LOAN or LEASE, else any way of paying
    event: tuple[int, int, int, int] = (0, 0, 0, 0)


@cache
def kinds() -> tuple[Kind, ...]:
    found = []
    for one in figures()["incentive_kinds"]:
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in one.items()}
        found.append(Kind(**fields))
    return tuple(found)


@cache
def makes() -> tuple[str, ...]:
    return tuple(figures()["make_share"])


def slots(kind: Kind) -> int:
    """Programmes of a kind that a make has at once: one for each of its main models, or states."""
    if kind.scope == "model":
        return int(figures()["incentive_models"])
    return len(figures()["incentive_states"]) if kind.scope == "state" else 1


class Offers(NamedTuple):
    """One entry a programme: kind, make (a place in ``makes``), slot, period, window."""

    kind: Rows
    make: Rows
    slot: Rows
    period: Rows
    start: Days
    end: Days

    def first(self, rows: int) -> Offers:
        cut = slice(rows)
        return Offers(
            self.kind[cut],
            self.make[cut],
            self.slot[cut],
            self.period[cut],
            self.start[cut],
            self.end[cut],
        )


@cache
def offers(first: date, last: date, order: tuple[int, ...] = ()) -> Offers:
    """All programmes that run on a day of the span, those for every make first, then make by
    make: those in ``order``, then the others."""
    ranks = [*order, *(place for place in range(len(makes())) if place not in order)]
    found = []
    for number, kind in enumerate(kinds()):
        period, start, end = _windows(kind, first, last)
        of = [ALL_MAKES] if kind.scope == "all" else ranks
        make = np.repeat(np.array(of, dtype=np.int64), len(period) * slots(kind))
        slot = np.tile(np.repeat(np.arange(slots(kind)), len(period)), len(of))
        at = np.tile(np.arange(len(period)), len(of) * slots(kind))
        shift = shift_of(kind, make)
        found.append(
            (np.full(len(at), number), make, slot, period[at], start[at] + shift, end[at] + shift)
        )
    kind_, make, slot, period, start, end = (
        np.concatenate(parts) for parts in zip(*found, strict=True)
    )
    runs = (start <= np.datetime64(last)) & (end >= np.datetime64(first))
    rank = np.zeros(len(makes()) + 1, dtype=np.int64)
    rank[ranks] = np.arange(len(ranks)) + 1
    turn = np.flatnonzero(runs)[np.lexsort((kind_[runs], rank[make[runs]]))]
    return Offers(kind_[turn], make[turn], slot[turn], period[turn], start[turn], end[turn])


def shift_of(kind: Kind, make: Rows) -> NDArray[np.timedelta64]:
    """Days by which a make's windows lie behind the calendar's."""
    days = np.array(figures()["incentive_shift_days"], dtype=np.int64)
    calendar = kind.window not in ("year", "quarter")
    return np.where(calendar, 0, days[make % len(days)]).astype("timedelta64[D]")


def period_of(kind: Kind, day: Days) -> Rows:
    """The period that a day lies in, or would if the kind's window were open."""
    month = day.astype("datetime64[M]").astype(np.int64)
    year, month = month // 12 + 1970, month % 12
    match kind.window:
        case "quarter":
            return np.asarray(year * YEAR_CODE + month // 3)
        case "month_end":
            return np.asarray(year * YEAR_CODE + month)
        case "event":
            begins = kind.event[0] - 1
            return np.asarray((year - (month < begins)) * YEAR_CODE)
        case "year":
            return np.asarray(year * YEAR_CODE)
    return np.zeros(len(day), dtype=np.int64)


def _windows(kind: Kind, first: date, last: date) -> tuple[Rows, Days, Days]:
    """Periods of a kind around a span, with their first and last days by the calendar."""
    years = np.arange(first.year - 1, last.year + 1)
    months = ((years - 1970) * 12)[:, None] + np.arange(12)[None, :]
    day = np.timedelta64(1, "D")
    match kind.window:
        case "year":
            start, end = _first(months[:, 0]), _first(months[:, 0] + 12) - day
            return years * YEAR_CODE, start, end
        case "quarter":
            quarter = np.arange(4)
            begin = months[:, ::3].reshape(-1)
            code = (years[:, None] * YEAR_CODE + quarter[None, :]).reshape(-1)
            return code, _first(begin), _first(begin + 3) - day
        case "month_end":
            end = _first(months.reshape(-1) + 1) - day
            code = (years[:, None] * YEAR_CODE + np.arange(12)[None, :]).reshape(-1)
            return code, end - (int(figures()["month_end_days"]) - 1) * day, end
        case "event":
            from_month, from_day, to_month, to_day = kind.event
            over = 12 if to_month < from_month else 0
            start = _first(months[:, from_month - 1]) + (from_day - 1) * day
            end = _first(months[:, to_month - 1] + over) + (to_day - 1) * day
            return years * YEAR_CODE, start, end
    return np.zeros(1, dtype=np.int64), _first(months[:1, 0]), _first(months[-1:, 0] + 24) - day


def _first(month: Any) -> Days:
    """First days of months, numbers since 1970."""
    return np.asarray(month).astype("datetime64[M]").astype("datetime64[D]")


def in_order(sold: Sequence[str]) -> tuple[int, ...]:
    """Places of the makes that a bundle's dealers sell, each once."""
    place = {make: at for at, make in enumerate(makes())}
    return tuple(dict.fromkeys(place[make] for make in sold))
