"""Local time: what the clock on the wall shows at a moment, summer time included.

A *clock* is a whole number that says how the dealer of a row keeps time: hours from UTC in winter,
whether there is summer time, and whether the law shuts the showroom on Sundays.  Summer time is
that of the law of the United States since 1967, worked out rather than looked up, so that it costs
next to nothing and no table of zones need be installed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Clocks = NDArray[np.int64]
Moments = NDArray[np.datetime64]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FIRST_YEAR, LAST_YEAR = 1967, 2100
SUMMER, SHUT = 2, 1  # bits below the hours


def clock(
    utc_offset: NDArray[np.int64], summer: NDArray[np.bool_], shut_on_sundays: NDArray[np.bool_]
) -> Clocks:
    """Clocks of places: hours from UTC in winter, and what the two flags say."""
    found: Clocks = utc_offset * 4 + SUMMER * summer + SHUT * shut_on_sundays
    return found


def shut_on_sundays(clocks: Clocks) -> NDArray[np.bool_]:
    return np.asarray(clocks & SHUT > 0)


def winter_offset(clocks: Clocks) -> NDArray[np.int64]:
    """Milliseconds from UTC by the sun, the whole year."""
    hours: NDArray[np.int64] = (clocks >> 2) * HOUR_MS
    return hours


def local_ms(moments: NDArray[np.int64], clocks: Clocks) -> NDArray[np.int64]:
    """What the clocks show at the moments, both in milliseconds since 1970."""
    winter = moments + winter_offset(clocks)
    found: NDArray[np.int64] = winter + _summer(winter, clocks, _changes(HOUR_MS))
    return found


def utc_ms(shown: NDArray[np.int64], clocks: Clocks) -> NDArray[np.int64]:
    """The moments at which the clocks show so, both in milliseconds since 1970.  An hour that is
    shown twice is taken as summer's, one that is left out as the hour before."""
    return np.asarray(shown - winter_offset(clocks) - _summer(shown, clocks, _changes(2 * HOUR_MS)))


def local(moments: NDArray[Any], clocks: Clocks) -> Moments:
    """What the clocks show at the moments."""
    stamps = moments.astype("datetime64[ms]")
    shift = local_ms(stamps.astype(np.int64), clocks) - stamps.astype(np.int64)
    return np.asarray(stamps + shift.astype("timedelta64[ms]"))


def utc(shown: NDArray[Any], clocks: Clocks) -> Moments:
    """The moments at which the clocks show so."""
    stamps = shown.astype("datetime64[ms]")
    shift = utc_ms(stamps.astype(np.int64), clocks) - stamps.astype(np.int64)
    return np.asarray(stamps + shift.astype("timedelta64[ms]"))


def local_day(moments: NDArray[Any], clocks: Clocks) -> Moments:
    return np.asarray(local(moments, clocks).astype("datetime64[D]"))


def _summer(
    stamps: NDArray[np.int64], clocks: Clocks, changes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """An hour where clocks that are put forward are so."""
    forward = np.searchsorted(changes, stamps, side="right") & 1
    return np.asarray(forward * (clocks & SUMMER) * (HOUR_MS // SUMMER))


@cache
def _changes(back_at: int) -> NDArray[np.int64]:
    """When clocks are put forward, at two in the morning, and back, in turn."""
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        begin, end = _sundays(year)
        found += [begin + 2 * HOUR_MS, end + back_at]
    return np.array(found, dtype=np.int64)


def _sundays(year: int) -> tuple[int, int]:
    """Midnight of the Sundays on which summer time begins and ends."""
    if year >= 2007:
        return _sunday(year, 3, 2), _sunday(year, 11, 1)
    first = _sunday(year, 4, 1) if year >= 1987 else _sunday(year, 5, 0)
    return first, _sunday(year, 11, 0)


def _sunday(year: int, month: int, nth: int) -> int:
    """Midnight of the n-th Sunday of a month; the 0th is the last one of the month before."""
    first = np.datetime64(f"{year}-{month:02}-01", "D").astype(np.int64)
    return int(first + (3 - first) % 7 + 7 * (nth - 1)) * DAY_MS  # day 3 was a Sunday
