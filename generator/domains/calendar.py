"""Days and hours on which business happens, by published shares of months and weekdays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.places import places
from generator.domains.table import Draw

DAY = np.timedelta64(1, "D")
MINUTE = np.timedelta64(60_000, "ms")
OPENS = 9 * 60  # local minutes of the day
CLOSES = 20 * 60
Days = NDArray[np.datetime64]


def span(draw: Draw) -> tuple[np.datetime64, np.datetime64]:
    """First and last day on which anything of the plan happens."""
    recipe = draw.plan.recipe
    if recipe.start is None or recipe.stop is None or recipe.as_of is None:
        raise ValueError("the recipe of a plan has its span")
    return np.datetime64(recipe.start, "D"), np.datetime64(min(recipe.stop, recipe.as_of), "D")


def as_of(draw: Draw) -> np.datetime64:
    """The last moment that is known."""
    return end_of(np.datetime64(draw.plan.recipe.as_of, "D"))


def day_shares(draw: Draw) -> tuple[Days, NDArray[np.float64]]:
    """Every day of the span and the share of the span's business up to and with it."""
    first, last = span(draw)
    days = np.arange(first, last + DAY, dtype="datetime64[D]")
    months = np.array(list(draw.figures["monthly_share_new_sales"].values()))
    weekdays = np.array(list(draw.figures["weekday_share_sales"].values()))
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    length = _month_lengths(days)
    weekday = (days.astype(np.int64) + 3) % 7
    weight = months[month] / length * weekdays[weekday] * 7
    shares: NDArray[np.float64] = np.cumsum(weight) / weight.sum()
    return days, shares


def _month_lengths(days: Days) -> NDArray[np.float64]:
    month = days.astype("datetime64[M]")
    first = month.astype("datetime64[D]")
    following = (month + np.timedelta64(1, "M")).astype("datetime64[D]")
    lengths: NDArray[np.float64] = (following - first).astype(np.int64).astype(np.float64)
    return lengths


def business_days(draw: Draw, u: NDArray[np.float64]) -> Days:
    """Days of the span by uniforms (n,)."""
    days, shares = day_shares(draw)
    return days[np.minimum(np.searchsorted(shares, u, side="right"), len(days) - 1)]


def business_time(
    days: Days, u: NDArray[np.float64], offset: NDArray[np.int64], *, after: Any = None
) -> NDArray[np.datetime64]:
    """A moment of the business day, as UTC on the same UTC day: the local evening of a western
    place is left out where it would fall on the next one.  ``after`` moments are not preceded.
    """
    opens = np.maximum(OPENS - offset * 60, 0)
    closes = np.minimum(CLOSES - offset * 60, 24 * 60 - 5)
    start = days.astype("datetime64[ms]") + opens * MINUTE
    stop = days.astype("datetime64[ms]") + closes * MINUTE
    if after is not None:
        start = np.minimum(np.maximum(start, after), stop)
        stop = np.maximum(stop, start)
    seconds = ((stop - start).astype(np.int64) * u / 1000).astype(np.int64)
    moment: NDArray[np.datetime64] = np.asarray(start + seconds * np.timedelta64(1000, "ms"))
    return moment


def offsets(draw: Draw, dealer: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC offset in hours of each row's dealer (global dealer rows)."""
    frame = draw.frames["dealer"]
    hours: NDArray[np.int64] = places().utc_offset[frame["_place"][dealer - frame.start]]
    return hours


def end_of(day: np.datetime64) -> np.datetime64:
    """The last minute of a day."""
    moment: np.datetime64 = day.astype("datetime64[ms]") + DAY - MINUTE
    return moment
