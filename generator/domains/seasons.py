"""Which days sell how much: by month, weekday, the end of the month and the days of sale events."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.domains.closing import SUNDAY, holidays, is_open, weekday
from generator.domains.places import places
from generator.leaves.figures import Figures

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
YEAR = 12
TURNS = 30  # of fitting shares of months and of weekdays in turn


def shares_of(figures: Figures, first: np.datetime64, last: np.datetime64, *, shut: bool) -> Floats:
    """For every day from ``first`` to ``last`` the share of the business up to and with it, of
    dealers that the law shuts on Sundays, or that it does not."""
    months = tuple(figures["monthly_share_new_sales"].values())
    weekdays = tuple(figures["weekday_share_sales"].values())
    pushes = (*figures["month_end_push"], *figures["quarter_end_push"].values())
    events = tuple(
        (name, by["from"], by["to"], by["times"]) for name, by in figures["sale_weekends"].items()
    )
    years = first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1
    weights = _years(*(int(year.astype(np.int64)) for year in years), months, weekdays, pushes,
                     events, shut)  # fmt: skip
    at = int((first - years[0].astype("datetime64[D]")).astype(np.int64))
    own = weights[at : at + int((last - first).astype(np.int64)) + 1]
    if not own.sum():  # a span of nothing but closed days
        own = np.ones(len(own))
    return np.asarray(np.cumsum(own) / own.sum())


@cache
def _years(
    begin: int,
    end: int,
    months: tuple[float, ...],
    weekdays: tuple[float, ...],
    pushes: tuple[float, ...],
    events: tuple[tuple[str, int, int, float], ...],
    shut: bool,
) -> Floats:
    """Weights of the days of whole years: what a day has for itself, fitted to the shares of the
    months of every year and of the weekdays of all."""
    first, last = (np.datetime64(year, "Y").astype("datetime64[D]") for year in (begin, end))
    days = np.arange(first, last)
    clocks = np.full(len(days), int(shut))
    weights = is_open(days, "showroom", clocks) * _month_ends(days, clocks, pushes)
    for name, low, high, times in events:
        for day in holidays(days, [name]):
            weights[(days >= day + low) & (days <= day + high)] *= times
    month = (days.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.int64)
    of_months = np.tile(np.array(months), end - begin)
    of_weekdays = _weekdays(np.array(weekdays), shut) * (end - begin)
    for _ in range(TURNS):
        for group, share in ((weekday(days), of_weekdays), (month, of_months)):
            weights *= (share / np.maximum(np.bincount(group, weights), 1e-12))[group]
    return np.asarray(weights)


def _weekdays(shares: Floats, shut: bool) -> Floats:
    """Of those who are closed on Sundays and of the others, so that all together meet ``shares``:
    the others sell on Sundays for all."""
    pool = places()
    open_ = float(pool.weight[pool.clock % 2 == 0].sum() / pool.weight.sum())
    sunday = 0.0 if shut else shares[SUNDAY] / open_
    found = shares * (1 - sunday) / (1 - shares[SUNDAY])
    found[SUNDAY] = sunday
    return np.asarray(found)


def _month_ends(days: Days, clocks: NDArray[np.int64], pushes: tuple[float, ...]) -> Floats:
    """How many times the sales of a usual day each day has, for being one of the last open ones
    of its month."""
    *last_days, quarter, year = pushes
    month = days.astype("datetime64[M]")
    number = np.cumsum(is_open(days, "showroom", clocks))
    end = np.searchsorted(month, month, side="right") - 1
    left: NDArray[np.int64] = number[end] - number  # open days of the month after it
    push = np.append(last_days, 1.0)[np.minimum(left, len(last_days))]
    of_year = month.astype(np.int64) % YEAR + 1
    more = np.where(of_year == YEAR, year, np.where(of_year % 3 == 0, quarter, 1.0))
    return np.asarray(np.where(push > 1, push * more, push))


def season(days: Days, peak: float) -> Floats:
    """From 1 in the middle of the month ``peak`` (1 to 12) to -1 half a year from it."""
    day = (days.astype("datetime64[D]") - days.astype("datetime64[Y]")).astype(np.int64)
    return np.asarray(np.cos(2 * np.pi * (day / 365.25 - (peak - 0.5) / YEAR)))
