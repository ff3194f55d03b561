"""Days and hours on which business happens, by published shares of months and weekdays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.places import places

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
    days: Days,
    u: NDArray[np.float64],
    offset: NDArray[np.int64],
    *,
    last: np.datetime64,
    after: Any = None,
) -> NDArray[np.datetime64]:
    """A moment of the local business day, as UTC; the evening of a western place lies on the next
    UTC day, but never after the day ``last``.  ``after`` moments are not preceded.
    """
    start = days.astype("datetime64[ms]") + (OPENS - offset * 60) * MINUTE
    stop = np.minimum(
        days.astype("datetime64[ms]") + (CLOSES - offset * 60) * MINUTE, end_of(last) - 4 * MINUTE
    )
    if after is not None:
        start = np.minimum(np.maximum(start, after), stop)
        stop = np.maximum(stop, start)
    seconds = ((stop - start).astype(np.int64) * u / 1000).astype(np.int64)
    moment: NDArray[np.datetime64] = np.asarray(start + seconds * np.timedelta64(1000, "ms"))
    return moment


def opening(moment: NDArray[np.datetime64], offset: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """When the local day of each moment opened, as UTC."""
    day = (moment + offset * 60 * MINUTE).astype("datetime64[D]").astype("datetime64[ms]")
    return np.asarray(day + (OPENS - offset * 60) * MINUTE)


def when_open(
    moment: NDArray[np.datetime64],
    offset: NDArray[np.int64],
    u: NDArray[np.float64],
    *,
    weekdays: int,
) -> NDArray[np.datetime64]:
    """``moment`` if it lies in local business hours, else a moment soon after the next opening;
    open on the first ``weekdays`` days of the week, Monday being the first."""
    shift = offset * 60 * MINUTE
    local = (moment + shift).astype("datetime64[ms]")
    day = local.astype("datetime64[D]")
    minute = (local - day.astype("datetime64[ms]")) // MINUTE
    late = minute >= CLOSES
    opens_on = day + late * DAY
    weekday = (opens_on.astype(np.int64) + 3) % 7
    opens_on = opens_on + np.where(weekday >= weekdays, 7 - weekday, 0) * DAY
    soon = (OPENS + np.floor(u * FIRST_HOURS)).astype(np.int64) * MINUTE
    moved = opens_on.astype("datetime64[ms]") + soon + (local - local.astype("datetime64[m]"))
    shut = late | (minute < OPENS) | (opens_on != day)
    return np.asarray(np.where(shut, moved - shift, moment))


def offsets(draw: Draw, dealer: NDArray[np.int64]) -> NDArray[np.int64]:
    """UTC offset in hours of each row's dealer (global dealer rows)."""
    frame = draw.frames["dealer"]
    hours: NDArray[np.int64] = places().utc_offset[frame["_place"][dealer - frame.start]]
    return hours


def end_of(day: np.datetime64) -> np.datetime64:
    """The last minute of a day."""
    moment: np.datetime64 = day.astype("datetime64[ms]") + DAY - MINUTE
    return moment
