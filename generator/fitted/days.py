"""Days as they are spoken of: the fifth of a month, or its last but one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FURTHEST = 2_900_000  # days from 1970; calendars end with the year 9999
LAST = 31  # the code of the last day of a month; the two before it have 30 and 29
_BY_END = 2  # days before the last that are counted from the end


def dates_of(days: Floats) -> NDArray[np.datetime64]:
    """Days (n,) from 1970 on as dates, those beyond all calendars at their ends."""
    whole = np.clip(np.floor(days), -FURTHEST // 4, FURTHEST).astype(np.int64)
    return whole.view("datetime64[D]")


def months_of(days: Floats) -> Ints:
    """Months from January 1970 on of days (n,) from 1970 on."""
    return dates_of(days).astype("datetime64[M]").astype(np.int64)


def code_of(days: Floats) -> Floats:
    """What a day is called in its month: 1 to 28 by its number, 29 to 31 the last three."""
    dates = dates_of(days)
    month = dates.astype("datetime64[M]")
    number = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
    left = ((month + 1).astype("datetime64[D]") - dates).astype(np.int64) - 1
    code: Floats = np.where(left <= _BY_END, LAST - left, np.minimum(number, 28)).astype(np.float64)
    return code


def day_of(months: Ints, codes: Floats) -> Floats:
    """The day, from 1970 on, that a code names in a month; the inverse of both above."""
    most = FURTHEST // 31
    month = np.clip(months, -most // 4, most).view("datetime64[M]")
    first = month.astype("datetime64[D]").astype(np.int64)
    after = (month + 1).astype("datetime64[D]").astype(np.int64)
    code = np.clip(np.rint(codes), 1, LAST).astype(np.int64)
    day: Floats = np.where(code > 28, after - 1 - (LAST - code), first + code - 1).astype(
        np.float64
    )
    return day
