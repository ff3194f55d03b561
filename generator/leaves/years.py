"""In which years the days of persons lie, as coarsely as that tells of none of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.holders import Holders

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CENTURY = (-20, 30)  # 1950 to 2000, where no decade is common


def years_of(days: Floats, k: int, holders: Holders) -> tuple[Floats, Floats]:
    """First days of stretches of whole years, and of the year after the last (stretches + 1,), and
    the shares of the days (n,) in each.  ``k`` persons and as many different days lie in every
    stretch: one person that comes again makes none.  The first begins with the first decade that
    ``k`` persons lie in; what lies beyond the last of these decades or of the stretches is left
    out.  Where there is no such stretch all decades are one."""
    whole = np.floor(days).astype(np.int64)
    years = whole.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    first, last = _decades(years, k, holders)
    order = np.lexsort((whole, years))
    order = order[(years[order] >= first) & (years[order] < last)]
    edges, rows = [first], [0]
    if len(order):
        new = np.append(True, np.diff(whole[order]) > 0)
        ends = np.flatnonzero(np.append(np.diff(years[order]) > 0, True)) + 1
        mine, distinct = holders.at(order), np.cumsum(new)
        for end in ends.tolist():
            begin = rows[-1]
            different = distinct[end - 1] - (distinct[begin - 1] if begin else 0)
            if different >= k and mine.count(slice(begin, end)) >= k:
                edges.append(int(years[order[end - 1]]) + 1)
                rows.append(end)
    if len(edges) == 1:
        edges, rows = [first, last], [0, 1]
    starts = np.array(edges).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return starts.astype(np.float64), np.diff(rows) / rows[-1]


def _decades(years: Ints, k: int, holders: Holders) -> tuple[int, int]:
    """The first year, from 1970 on, of the first decade that ``k`` persons lie in, and of the
    decade after the last."""
    decades, place = np.unique((years + 1970) // 10, return_inverse=True)
    common = decades[holders.number(place, len(decades)) >= k]
    if not len(common):
        return _CENTURY
    return int(common[0]) * 10 - 1970, int(common[-1] + 1) * 10 - 1970
