"""Counting curves: the inverse distribution of a number's ranks, cell by cell."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.stop import asking

REACH = 2  # rows to either side that a knot is the mean of, where a run has as many


def curves_of(
    cells: NDArray[np.int32],
    ranks: NDArray[np.uint32],
    atom: NDArray[np.int32],
    stretches: NDArray[np.float64],
    number: int,
    *,
    segment: int,
    least: float,
    atom_rows: int,
) -> Curves:
    """Knots over the ``ranks`` (n,) of a column, cell by cell, about ``segment`` rows between two.

    ``atom`` (n,) numbers the atom of a row (-1: none), ``stretches`` (atoms, 2) are the ranks an
    atom takes up: an atom that ``atom_rows`` of a cell have stands there with its exact share.
    A run of knots spans at least ``least`` ranks, as far as the atoms beside it allow, and each is
    the mean of several rows where the run has four: a shorter one is told by its width alone.  An
    empty cell gets every rank alike.
    """
    order = np.argsort(cells * np.int64(UNIT) + ranks)
    edges = np.cumsum(np.append(0, np.bincount(cells, minlength=number)))
    knots = []
    for first, last in asking(pairwise(edges.tolist()), every=50):
        rows = order[first:last]
        knots.append(
            _knots(
                ranks[rows].astype(np.float64) + 0.5,
                atom[rows],
                stretches,
                segment,
                least,
                atom_rows,
            )
        )
    starts = np.concatenate([[0], np.cumsum([len(at) for at, _ in knots])])
    return Curves(
        starts.astype(np.int64),
        np.concatenate([at for at, _ in knots]),
        np.rint(np.concatenate([value for _, value in knots])),
    )


def _knots(
    ranks: NDArray[np.float64],
    atom: NDArray[np.int32],
    stretches: NDArray[np.float64],
    segment: int,
    least: float,
    atom_rows: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Knots of one cell from its sorted ranks: atoms of several rows as they are, the others
    between them in pieces."""
    n = len(ranks)
    if not n:
        return np.array([0, UNIT], np.int64), np.array([0.0, UNIT])
    starts = np.flatnonzero(np.append(True, atom[1:] != atom[:-1]))
    rows = np.diff(np.append(starts, n))
    own = (atom[starts] >= 0) & (rows >= atom_rows)
    places: list[float] = []
    heights: list[float] = []
    at, floor = 0, 0.0
    for start, count in zip(starts[own].tolist(), rows[own].tolist(), strict=True):
        low, high = stretches[atom[start]].tolist()
        if start > at:
            p, v = _piece(ranks[at:start], segment)
            places += (at + p).tolist()
            heights += _widened(v, least, floor, low).tolist()
        places += [start, start + count]
        heights += [low, high]
        at, floor = start + count, high
    if n > at:
        p, v = _piece(ranks[at:], segment)
        places += (at + p).tolist()
        heights += _widened(v, least, floor, float(UNIT)).tolist()
    spots = np.rint(np.array(places) / n * UNIT).astype(np.int64)
    return spots, np.array(heights)


def _widened(
    knots: NDArray[np.float64], least: float, floor: float, ceiling: float
) -> NDArray[np.float64]:
    """Knots at least ``least`` apart from first to last, as far as floor and ceiling allow."""
    short = least - (knots[-1] - knots[0])
    if short > 0:
        knots = np.linspace(knots[0] - short / 2, knots[-1] + short / 2, len(knots))
    moved = knots - min(knots[0] - floor, 0.0) - max(knots[-1] - ceiling, 0.0)
    kept: NDArray[np.float64] = np.clip(moved, floor, ceiling)
    return kept


def _piece(
    ranks: NDArray[np.float64], segment: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantile knots of a run of sorted ranks, smoothed over their neighbours."""
    m = len(ranks)
    pieces = max(1, m // segment)
    p = np.linspace(0, m, pieces + 1)
    reach = max(1, min(max(segment // 3, REACH), m // 2))
    total = np.concatenate([[0.0], np.cumsum(ranks)])
    low = np.clip(np.rint(p).astype(np.int64) - reach, 0, max(m - 2 * reach, 0))
    high = np.minimum(low + 2 * reach, m)
    low[0], high[0] = 0, reach
    low[-1], high[-1] = m - reach, m
    v = (total[high] - total[low]) / (high - low)
    if pieces > 1:
        # means of the outer ranks pull the ends in; half a step outwards puts the range back
        step = reach / 2 * pieces / m
        first, last = (v[1] - v[0]) * step, (v[-1] - v[-2]) * step
        v[0], v[-1] = v[0] - first, v[-1] + last
    return p, np.maximum.accumulate(v)
