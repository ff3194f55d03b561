"""On which days who is closed: showrooms, workshops and offices, banks."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import Clocks, shut_on_sundays
from generator.leaves.figures import figures

Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]
Who = Literal["showroom", "workshop", "bank"]
SATURDAY, SUNDAY = 5, 6
WEEK = 7
FIRST, LAST = np.datetime64("1960-01-01", "D"), np.datetime64("2110-12-31", "D")
WEEKENDS: dict[str, tuple[int, ...]] = {
    "showroom": (),
    "workshop": (SUNDAY,),
    "bank": (SATURDAY, SUNDAY),
}
"""Weekdays on which everybody of the kind is closed; the law shuts some showrooms on Sundays too.
Workshops, parts counters and offices keep the same days."""


def weekday(days: NDArray[Any]) -> NDArray[np.int64]:
    """0 to 6, Monday being the first."""
    found: NDArray[np.int64] = (days.astype("datetime64[D]").astype(np.int64) + 3) % WEEK
    return found


def is_open(days: Days, who: Who, clocks: Clocks | None = None) -> Flags:
    """Whether they are open on the days; only showrooms need the clocks of their dealers."""
    return np.asarray(_table(who)[_row(clocks), _number(days)])


def next_open(days: Days, who: Who, clocks: Clocks | None = None) -> Days:
    """The days, or the first ones after them on which they are open."""
    return np.asarray(FIRST + _moved(who, 1)[_row(clocks), _number(days)])


def last_open(days: Days, who: Who, clocks: Clocks | None = None) -> Days:
    """The days, or the last ones before them on which they are open."""
    return np.asarray(FIRST + _moved(who, -1)[_row(clocks), _number(days)])


def _row(clocks: Clocks | None) -> Any:
    return 0 if clocks is None else shut_on_sundays(clocks).astype(np.int64)


def _number(days: Days) -> NDArray[np.int64]:
    number = (days.astype("datetime64[D]") - FIRST).astype(np.int64)
    return np.asarray(np.clip(number, 0, int((LAST - FIRST).astype(np.int64))))


@cache
def _table(who: Who) -> Flags:
    """Whether they are open on each day from ``FIRST`` to ``LAST``: where the law leaves them
    their Sundays, and where it does not."""
    days = np.arange(FIRST, LAST + 1, dtype="datetime64[D]")
    shut = np.isin(days, holidays(days, figures()["closed_holidays"][who]))
    shut |= np.isin(weekday(days), WEEKENDS[who])
    by_law = shut | (weekday(days) == SUNDAY)
    return ~np.stack([shut, by_law if who == "showroom" else shut])


@cache
def _moved(who: Who, step: int) -> NDArray[np.int64]:
    """For each day the number of the next (1) or last (-1) one on which they are open."""
    table = _table(who)
    number = np.arange(table.shape[1])
    if step < 0:
        return np.asarray(np.maximum.accumulate(np.where(table, number, 0), axis=1))
    later = np.where(table, number, len(number) - 1)[:, ::-1]
    return np.asarray(np.minimum.accumulate(later, axis=1)[:, ::-1])


def holidays(days: Days, names: list[str]) -> Days:
    """The holidays of these names in the years of the days: fixed dates ("12-25"), the n-th
    weekday of a month ("11-thu-4", the last one "05-mon--1"), or "easter"."""
    if not len(days):
        return days
    first, last = np.asarray([np.min(days), np.max(days)]).astype("datetime64[Y]")
    years = np.arange(first, last + 1)
    found = [_of_year(int(year.astype(np.int64)), name) for year in years for name in names]
    return np.concatenate(found) if found else np.zeros(0, dtype="datetime64[D]")


@cache
def _of_year(year: int, name: str) -> Days:
    if name == "easter":
        return np.array([_easter(1970 + year)])
    month, _, rest = name.partition("-")
    first = (np.datetime64("1970", "Y") + year).astype("datetime64[M]") + (int(month) - 1)
    begin = first.astype("datetime64[D]")
    if rest.isdigit():
        return np.array([begin + (int(rest) - 1)])
    called, _, nth = rest.partition("-")
    wanted = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(called)
    until = (first + 1).astype("datetime64[D]")
    month_days = np.arange(begin, until)
    same = month_days[weekday(month_days) == wanted]
    at = int(nth)
    return np.asarray(same[at - 1 : at] if at > 0 else same[at:])


def _easter(year: int) -> np.datetime64:
    """Easter Sunday by the Gregorian reckoning (Meeus, Jones, Butcher)."""
    golden, century = year % 19, year // 100
    leaps = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + leaps + 15) % 30
    epact -= (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    day = (year + year // 4 + epact + 2 - century + century // 4) % 7
    after = epact - day  # days from 28 March
    return np.datetime64(f"{year}-03-28", "D") + after
