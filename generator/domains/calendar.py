"""Days and hours on which business happens, by published shares of months and weekdays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import Clocks, local, shut_on_sundays, utc
from generator.domains.closing import Who, next_open
from generator.domains.graph import Draw
from generator.domains.places import places
from generator.domains.seasons import shares_of

DAY = np.timedelta64(1, "D")
MINUTE = np.timedelta64(60_000, "ms")
OPENS = 9 * 60  # local minutes of the day
CLOSES = 20 * 60
FIRST_HOURS = 180  # minutes after opening within which what came up overnight is done
Days = NDArray[np.datetime64]


def span(draw: Draw) -> tuple[np.datetime64, np.datetime64]:
    """First and last day on which anything of the plan happens."""
    recipe = draw.plan.recipe
    if recipe.start is None or recipe.stop is None:
        raise ValueError("the recipe of a plan has its span")
    return np.datetime64(recipe.start, "D"), np.datetime64(recipe.stop, "D")


def horizon(draw: Draw) -> np.datetime64:
    """The last moment that is drawn: of the span, or of a later as-of day.  A cut inside the span
    is a view of the same world (``courses``), so nothing that is drawn depends on it."""
    recipe = draw.plan.recipe
    if recipe.stop is None or recipe.as_of is None:
        raise ValueError("the recipe of a plan has its span")
    return end_of(np.datetime64(max(recipe.stop, recipe.as_of), "D"))


def business_days(draw: Draw, u: NDArray[np.float64], clocks: Clocks) -> Days:
    """Days of the span on which the dealers of the clocks sell cars, by uniforms (n,)."""
    first, last = span(draw)
    shut = shut_on_sundays(clocks)
    found = np.empty(len(u), dtype="datetime64[D]")
    for closed in (False, True):
        rows = np.flatnonzero(shut == closed)
        shares = shares_of(draw.figures, first, last, shut=closed)
        at = np.searchsorted(shares, u[rows], side="right")
        found[rows] = first + np.minimum(at, len(shares) - 1)
    return found


def business_time(
    days: Days,
    u: NDArray[np.float64],
    clocks: Clocks,
    *,
    last: np.datetime64,
    after: Any = None,
) -> NDArray[np.datetime64]:
    """A moment of the local business day, as UTC; the evening of a western place lies on the next
    UTC day, but never after the day ``last``.  ``after`` moments are not preceded.
    """
    start = utc(days.astype("datetime64[ms]") + OPENS * MINUTE, clocks)
    stop = np.minimum(start + (CLOSES - OPENS) * MINUTE, end_of(last) - 4 * MINUTE)
    if after is not None:
        start = np.minimum(np.maximum(start, after), stop)
        stop = np.maximum(stop, start)
    seconds = ((stop - start).astype(np.int64) * u / 1000).astype(np.int64)
    moment: NDArray[np.datetime64] = np.asarray(start + seconds * np.timedelta64(1000, "ms"))
    return moment


def opening(moment: NDArray[np.datetime64], clocks: Clocks) -> NDArray[np.datetime64]:
    """When the local day of each moment opened, as UTC."""
    day = local(moment, clocks).astype("datetime64[D]").astype("datetime64[ms]")
    return utc(day + OPENS * MINUTE, clocks)


def when_open(
    moment: NDArray[np.datetime64], clocks: Clocks, u: NDArray[np.float64], *, who: Who
) -> NDArray[np.datetime64]:
    """``moment`` if it lies in local business hours of a day on which they are open, else a moment
    soon after the next opening."""
    here = local(moment, clocks)
    day = here.astype("datetime64[D]")
    minute = (here - day.astype("datetime64[ms]")) // MINUTE
    late = minute >= CLOSES
    opens_on = next_open(day + late * DAY, who, clocks)
    soon = (OPENS + np.floor(u * FIRST_HOURS)).astype(np.int64) * MINUTE
    moved = opens_on.astype("datetime64[ms]") + soon + (here - here.astype("datetime64[m]"))
    shut = late | (minute < OPENS) | (opens_on != day)
    return np.asarray(np.where(shut, utc(moved, clocks), moment))


def clocks_of(draw: Draw, dealer: NDArray[np.int64]) -> Clocks:
    """The clock of each row's dealer (global dealer rows)."""
    frame = draw.frames["dealer"]
    found: Clocks = places().clock[frame["_place"][dealer - frame.start]]
    return found


def end_of(day: np.datetime64) -> np.datetime64:
    """The last minute of a day."""
    moment: np.datetime64 = day.astype("datetime64[ms]") + DAY - MINUTE
    return moment
