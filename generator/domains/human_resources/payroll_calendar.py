"""Pay periods: two weeks that begin on a Sunday, or halves of a month; paid on banking days."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.closing import WEEK, weekday
from generator.domains.human_resources.shifts import week

Days = NDArray[Any]
Rows = NDArray[np.int64]
FREQUENCIES = ("BI_WEEKLY", "SEMI_MONTHLY")
PERIODS_A_YEAR = {"BI_WEEKLY": 26, "SEMI_MONTHLY": 24}
MIDDLE = 15  # days of a month before its second half


def periods(
    frequency: str, parity: int, first: np.datetime64, last: np.datetime64
) -> tuple[Days, Days]:
    """Starts and ends (exclusive) of the periods that begin on or after ``first`` and have ended
    by ``last``; ``parity`` tells in which of two weeks a two-weekly period begins."""
    days: Days = np.arange(first, last + DAY, dtype="datetime64[D]")
    if frequency == "BI_WEEKLY":
        begins = (weekday(days) == WEEK - 1) & (week(days) % 2 == parity)
        starts = days[begins]
        ends = starts + 2 * WEEK * DAY
    else:
        month = days.astype("datetime64[M]").astype("datetime64[D]")
        of_month = (days - month).astype(np.int64)
        starts = days[(of_month == 0) | (of_month == MIDDLE)]
        following = (starts.astype("datetime64[M]") + 1).astype("datetime64[D]")
        second = starts != starts.astype("datetime64[M]").astype("datetime64[D]")
        ends = np.where(second, following, starts + MIDDLE * DAY)
    over = ends <= last
    return starts[over], ends[over]
