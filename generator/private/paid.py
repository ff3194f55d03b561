"""What is bought with a part of the budget: bounds that nobody declared, values many rows share.

For bounds values are counted, with noise, by their power of two (of days and moments by their
year); the bounds are those of the outermost that noise leaves told.  Values that many rows share
(a usual price, the most that a form takes) are those whose own noisy counts stand out of what noise
makes of as many empty ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.private.eye import Eye, Query
from generator.private.groups import TOLD
from generator.private.levels import Levels
from generator.private.rounds import solved
from generator.schema import Column, Kind

Floats = NDArray[np.float64]

MOST_SHARED = 64  # values that stand alone, though many rows may share more
_POWERS = range(-10, 50)
_YEARS = range(1900, 2101)
_DAY_MS = 86_400_000.0


def magnitudes(column: Column, step: float | None) -> Levels:
    """Levels that any column of its kind has: powers of two on both sides of zero, or years."""
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        starts = np.array([f"{year}-01-01" for year in (*_YEARS, _YEARS[-1] + 1)], "datetime64[D]")
        days = starts.astype(np.int64).astype(np.float64)
        unit = 1.0 if column.kind is Kind.DATE else _DAY_MS
        return Levels(column, low=days[:-1] * unit, high=days[1:] * unit - 1, step=1.0)
    whole = column.kind is Kind.INTEGER
    powers = 2.0 ** np.array([at for at in _POWERS if at >= 0 or not whole])
    least = 1.0 if whole else float(powers[0])
    low = np.concatenate([-powers[::-1] * 2 + least, [0.0], powers])
    high = np.concatenate([-powers[::-1], [0.0], powers * 2 - least])
    return Levels(column, low=low, high=high, step=step or least)


def bounds_of(eye: Eye, rho: float) -> tuple[float, float]:
    """The bounds of the eye's only column, for ``rho``."""
    ((name, levels),) = eye.levels.items()
    size = levels.size + 1
    sigma = solved(eye.cost_of_counts, rho)
    counts = eye.counts(Query((name,), (np.arange(size),), (size,)), sigma)[:-1]
    told = np.flatnonzero(counts > TOLD * sigma)
    if not len(told):
        told = np.array([int(counts.argmax())])
    assert levels.low is not None
    low, high = float(levels.low[told[0]]), float(levels.ends[told[-1]])
    return (low, high) if low < high else (low, low + levels.step)


def shared_of(eye: Eye, rho: float) -> tuple[float, ...]:
    """Values that many rows have, of the eye's only column, whose levels are values; for ``rho``.
    Noise alone hardly passes the threshold anywhere (Donoho, Johnstone, *Ideal spatial adaptation
    by wavelet shrinkage*, 1994)."""
    ((name, levels),) = eye.levels.items()
    assert levels.low is not None
    size = levels.size + 1
    sigma = solved(eye.cost_of_counts, rho)
    counts = eye.counts(Query((name,), (np.arange(size),), (size,)), sigma)[:-1]
    most = np.argsort(-counts, kind="stable")[:MOST_SHARED]
    told = most[counts[most] > sigma * np.sqrt(2 * np.log(size))]
    return tuple(levels.low[np.sort(told)].tolist())
