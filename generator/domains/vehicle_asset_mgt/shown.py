"""Which offers stand in the catalogue of a span, the most needed first."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.domains.vehicle_asset_mgt.lineup import FIRST, LAST, lines
from generator.domains.vehicle_asset_mgt.offers import offers
from generator.leaves.figures import figures

NOW = 2022  # from here on lines sell what they sell now, before what they sold then


def years_of(start: int, stop: int) -> tuple[int, int, int]:
    """Oldest model year, oldest year that is sold new, newest year, for years of sales."""
    new = start - 1
    return min(max(start - int(figures()["oldest_used"]), FIRST), new), new, stop + 1


@cache
def entries(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int]:
    """Rows of the catalogue for a span of calendar years, most needed first: which offer, its
    model year; then the fewest rows, and the usual ones.

    New cars of every line come first, then more of each line, as often as it is sold.  Years
    without facts are as the nearest year with them.
    """
    oldest, new, newest = years_of(start, stop)
    all_, figure = offers(), figures()["catalogue_size"]
    years = np.arange(oldest, newest + 1)
    known = np.clip(years, FIRST, LAST)
    begin = np.searchsorted(all_.year, np.arange(FIRST, LAST + 2))
    row = np.concatenate([np.arange(begin[y - FIRST], begin[y - FIRST + 1]) for y in known])
    year = np.repeat(years, begin[known - FIRST + 1] - begin[known - FIRST])
    line, rank = all_.line[row], all_.rank[row]
    units = np.where(year >= new, sold(year, line, new=True), sold(year, line, new=False))
    some = np.sqrt(np.minimum(units / float(figure["full_at"]), 1.0))
    wide = np.where(year >= new, 1 + figure["new"] * some, figure["used"] * some)
    turn = np.where(year >= new, rank, rank + 0.5) / np.maximum(wide, 1e-6)
    order = np.lexsort((-units, year < new, turn))
    fewest = int(np.sum((rank == 0) & (year >= new)))
    return row[order], year[order], fewest, max(fewest, int(np.sum(turn < 1)))


def sold(year: NDArray[np.int64], line: NDArray[np.int64], *, new: bool) -> NDArray[np.float64]:
    """Thousands of a line in a year; what is sold new is sold used later."""
    now = np.array([one.units for one in lines()])[line]
    then = np.array([one.was for one in lines()])[line]
    return np.where((year >= NOW) & (now > 0) if new else False, now, then)


def bounds(start: int, stop: int) -> tuple[int, int]:
    """Fewest and most rows."""
    rows, _, fewest, _ = entries(start, stop)
    return fewest, len(rows)
