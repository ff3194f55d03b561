"""What moments say by themselves: weekday, day of the month, month, hour, public holiday."""

from __future__ import annotations

import numpy as np

from generator.fitted.days import Floats, Ints, code_of, dates_of, months_of
from generator.fitted.leaves import MARK, Made

WEEKDAY, MONTH_DAY, SEASON, HOUR, HOLIDAY = "", "month", "season", "hour", "holiday"
PARTS = (WEEKDAY, MONTH_DAY, SEASON, HOUR, HOLIDAY)
_MONDAY, _THURSDAY = 0, 3
# month, weekday and number in the month (5: the last) of holidays that move, month and day of those
# that do not: the federal holidays of the United States (5 U.S.C. 6103), from January on
_MOVING = {2: (1, _MONDAY, 3), 3: (2, _MONDAY, 3), 4: (5, _MONDAY, 5), 7: (9, _MONDAY, 1)}
_MOVING |= {8: (10, _MONDAY, 2), 10: (11, _THURSDAY, 4)}
_FIXED = {1: (1, 1), 5: (6, 19), 6: (7, 4), 9: (11, 11), 11: (12, 25)}
_LAST_OF_MAY = 24  # days of May before the last Monday, at least


def part_name(by: str, name: str) -> str:
    """The hidden column of a part of the moments in ``name``."""
    return f"{MARK}{by or 'weekday'}{MARK}{name}"


def part_of(made: Made, numbers: Floats) -> Floats:
    """A part of moments (n,), of which ``made.day`` steps are a day: the weekday from Thursday on,
    the code of the day in its month, the month from 1 on, the hour, or the number of the holiday,
    0 on all other days."""
    days = np.floor(numbers / made.day)
    if made.by == MONTH_DAY:
        return code_of(days)
    if made.by == SEASON:
        return (np.mod(months_of(days), 12) + 1).astype(np.float64)
    if made.by == HOUR:
        hour: Floats = np.floor((numbers / made.day - days) * 24 + 1e-9)
        return hour
    if made.by == HOLIDAY:
        return holiday_of(days).astype(np.float64)
    weekday: Floats = np.mod(days, 7)
    return weekday


def holiday_of(days: Floats) -> Ints:
    """The number of the public holiday on each day (n,) from 1970 on, 0 for none."""
    dates = dates_of(days)
    month = dates.astype("datetime64[M]")
    number = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
    of_year = np.mod(month.astype(np.int64), 12) + 1
    weekday = np.mod(dates.astype(np.int64) + 3, 7)
    found = np.zeros(len(dates), dtype=np.int64)
    for holiday, (at, day) in _FIXED.items():
        found[(of_year == at) & (number == day)] = holiday
    for holiday, (at, day, nth) in _MOVING.items():
        right = (number > _LAST_OF_MAY) if nth == 5 else ((number - 1) // 7 + 1 == nth)
        found[(of_year == at) & (weekday == day) & right] = holiday
    return found
