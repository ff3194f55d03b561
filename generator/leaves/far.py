"""Days far from all others that stand for “open”, “never” or “unknown”: 9999-12-31, 1900-01-01."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from generator.holders import EACH_ROW, Holders

_EPOCH = date(1970, 1, 1).toordinal()
_KNOWN = frozenset(
    date.fromisoformat(day).toordinal() - _EPOCH
    for day in (
        *("0001-01-01", "1000-01-01", "1582-10-15", "1601-01-01", "1753-01-01", "1800-01-01"),
        *("1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1969-12-31", "1970-01-01"),
        *("2038-01-19", "2049-12-31", "2050-12-31", "2078-12-31", "2079-06-06", "2099-01-01"),
        *("2099-12-31", "2100-01-01", "2199-12-31", "2200-01-01", "2222-12-31", "2500-12-31"),
        *("2900-12-31", "2999-01-01", "2999-12-31", "3000-01-01", "3000-12-31", "4000-12-31"),
        *("4712-12-31", "8888-12-31", "9000-12-31", "9998-12-31", "9999-01-01", "9999-12-30"),
        *("9999-12-31",),
    )
)
_LEAST_YEARS = 10  # between a far day and the next


def far_days(
    numbers: NDArray[np.float64], of_day: float, k: int, holders: Holders = EACH_ROW
) -> tuple[list[float], float, float]:
    """Of numbers (n,), ``of_day`` of them a day: those that lie further from all others than these
    lie apart, and that ``k`` persons have or everybody knows; and the first and last that do not
    lie so far, of which two remain at least."""
    distinct, place = np.unique(numbers, return_inverse=True)
    rows = holders.number(place, len(distinct))
    low, high = 0, len(distinct) - 1
    far: list[float] = []
    while high - low > 1:
        below, above = distinct[low + 1] - distinct[low], distinct[high] - distinct[high - 1]
        at, gap = (high, above) if above >= below else (low, below)
        rest = (low + 1, high) if at == low else (low, high - 1)
        if gap <= max(distinct[rest[1]] - distinct[rest[0]], 365 * _LEAST_YEARS * of_day):
            break
        if rows[at] >= k or int(distinct[at] // of_day) in _KNOWN:
            far.append(float(distinct[at]))
        low, high = rest
    return sorted(far), float(distinct[low]), float(distinct[high])
