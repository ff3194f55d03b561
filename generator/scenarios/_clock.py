"""Moments some days later by a dealer's own clock, so that business hours stay business hours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNMOVED = ("AZ", "HI")  # states whose clocks are never set
BEGINS, ENDS = np.timedelta64(7, "h"), np.timedelta64(6, "h")  # of UTC, in the east
HOUR = np.timedelta64(3_600_000, "ms")

Moments = NDArray[np.datetime64]
Times = NDArray[np.timedelta64]


def later(moments: Moments, by: Times, state: NDArray[np.object_]) -> Moments:
    """The same time of day, that many whole days later."""
    moved = moments + by
    set_ = ~np.isin(state.astype(str), UNMOVED)
    hours = _summer(moments).astype(np.int64) - _summer(moved).astype(np.int64)
    at: Moments = moved + np.where(set_, hours, 0) * HOUR
    return at


def whole_days(moments: Moments, after: Moments) -> Times:
    """By how many days moments are to be later to come within a day after others."""
    days = (after - moments) // np.timedelta64(1, "D") + 1
    moved: Times = days.astype("timedelta64[D]").astype("timedelta64[ms]")
    return moved


def _summer(moments: Moments) -> NDArray[np.bool_]:
    """Whether clocks show an hour more: from March's second Sunday to November's first."""
    year = moments.astype("datetime64[Y]").astype("datetime64[M]")
    begins = _sunday((year + 2).astype("datetime64[D]") + 7) + BEGINS
    ends = _sunday((year + 10).astype("datetime64[D]")) + ENDS
    return (moments >= begins) & (moments < ends)


def _sunday(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The first Sunday from a day on; 1 January 1970 was a Thursday."""
    return days + (3 - days.astype(np.int64)) % 7
