"""The leaves of all cells of one column, as one table that a uniform number is looked up in.

Probabilities are integers in units of 2**-32, so that every platform draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT, Guide, guide_of

LARGEST = 1e100  # larger numbers have no variance in 64 bits
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class CodeLeaves:
    """Shares of codes, cell by cell.  Entry e of cell c reaches up to ``upto[e]`` (in 2**-32,
    ascending within the cell, the last one 2**32) and gives ``code[e]``; the entries of cell c are
    ``first[c]`` to ``first[c + 1]``."""

    first: NDArray[np.int64]
    upto: NDArray[np.int64]
    code: NDArray[np.int32]

    def draw(self, cells: NDArray[np.int32], bits: Words) -> NDArray[np.int32]:
        """A code for each row (n,): ``cells`` int32, ``bits`` 64-bit words of a stream."""
        return self.code.take(self.guide.above(cells, _uniform(bits)))

    def ok(self, cells: int, codes: int) -> bool:
        """True when the arrays are leaves of ``cells`` cells with codes below ``codes``."""
        if not _cells_ok(self.first, len(self.upto), cells, least=1) or not _ints(self.code):
            return False
        rising = np.diff(self.upto) >= 0
        rising[self.first[1:-1] - 1] = True
        return bool(
            len(self.code) == len(self.upto)
            and _ints(self.upto)
            and rising.all()
            and (self.upto >= 0).all()
            and (self.upto[self.first[1:] - 1] == UNIT).all()
            and ((self.code >= 0) & (self.code < codes)).all()
        )

    @cached_property
    def guide(self) -> Guide:
        return guide_of(self.first, self.upto)


@dataclass(frozen=True)
class KnotLeaves:
    """Inverse distribution functions, cell by cell: straight lines between knots.

    Knot e of a cell stands at ``at[e]`` (in 2**-32, from 0 to 2**32) with ``value[e]``; two knots
    with one value are an atom.
    """

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def ok(self, cells: int) -> bool:
        """True when the arrays are finite, rising knots of ``cells`` cells."""
        if not _cells_ok(self.first, len(self.at), cells, least=2) or not _ints(self.at):
            return False
        if self.value.dtype != np.float64 or self.value.shape != self.at.shape:
            return False
        within = np.ones(len(self.at) - 1, dtype=bool)
        within[self.first[1:-1] - 1] = False
        return bool(
            (np.abs(self.value) <= LARGEST).all()  # no NaN either
            and (np.diff(self.at)[within] >= 0).all()
            and (np.diff(self.value)[within] >= 0).all()
            and (self.at[self.first[:-1]] == 0).all()
            and (self.at[self.first[1:] - 1] == UNIT).all()
        )

    def of_ranks(self, cells: int) -> bool:
        """True when they are ok, and their values are ranks of a scale."""
        return self.ok(cells) and bool(((self.value >= 0) & (self.value <= UNIT)).all())

    def draw(self, cells: NDArray[np.int32], bits: Words) -> NDArray[np.float64]:
        """A value for each row (n,)."""
        u = _uniform(bits)
        left = self.guide.above(cells, u) - 1
        start, value = self.at.take(left), self.value.take(left)
        width = np.maximum(self.at.take(left + 1) - start, 1)
        drawn: NDArray[np.float64] = value + (u - start) / width * (
            self.value.take(left + 1) - value
        )
        return drawn

    @cached_property
    def guide(self) -> Guide:
        return guide_of(self.first, self.at)


def _uniform(bits: Words) -> NDArray[np.int64]:
    """The upper half of each word: 0 to 2**32 - 1."""
    return (bits >> np.uint64(32)).astype(np.int64)


def _ints(values: NDArray[np.int64] | NDArray[np.int32]) -> bool:
    return values.ndim == 1 and values.dtype in (np.int64, np.int32)


def _cells_ok(first: NDArray[np.int64], entries: int, cells: int, *, least: int) -> bool:
    return bool(
        _ints(first)
        and len(first) == cells + 1 > 1
        and first[0] == 0
        and first[-1] == entries
        and (np.diff(first) >= least).all()
    )


def code_leaves(cells: NDArray[np.int32], codes: NDArray[np.int64], number: int) -> CodeLeaves:
    """Count ``codes`` (n,) by cell; codes below 0 are left out.  A cell without any code gets the
    shares of all rows."""
    kept = codes >= 0
    pairs, counts = np.unique(
        cells[kept].astype(np.int64) * (1 << 31) + codes[kept], return_counts=True
    )
    cell, code = pairs >> 31, pairs & ((1 << 31) - 1)
    overall = np.bincount(codes[kept]) if kept.any() else np.array([1])
    empty = np.setdiff1d(np.arange(number), cell)
    if len(empty):
        present = np.flatnonzero(overall)
        cell = np.concatenate([cell, np.repeat(empty, len(present))])
        code = np.concatenate([code, np.tile(present, len(empty))])
        counts = np.concatenate([counts, np.tile(overall[present], len(empty))])
        order = np.lexsort((code, cell))
        cell, code, counts = cell[order], code[order], counts[order]
    first = np.searchsorted(cell, np.arange(number + 1))
    total = np.add.reduceat(counts, first[:-1])
    running = np.cumsum(counts)
    base = np.concatenate([[0], running])[first[:-1]]
    share = (running - np.repeat(base, np.diff(first))) / np.repeat(total, np.diff(first))
    upto = np.rint(share * UNIT).astype(np.int64)
    upto[first[1:] - 1] = UNIT
    return CodeLeaves(first.astype(np.int64), upto, code.astype(np.int32))


def knot_leaves(
    cells: NDArray[np.int32],
    ranks: NDArray[np.float64],
    atom: NDArray[np.int64],
    stretches: NDArray[np.float64],
    number: int,
    *,
    segment: int,
    least: float,
    atom_rows: int,
) -> KnotLeaves:
    """Knots over the ``ranks`` (n,) of a column, cell by cell, about ``segment`` rows between two.

    ``atom`` (n,) numbers the atom of a row (-1: none), ``stretches`` (atoms, 2) are the ranks an
    atom takes up: an atom that ``atom_rows`` of a cell have stands there with its exact share.
    A stretch between two knots is at least ``least`` ranks wide, so that no row's own rank is
    told.  An empty cell gets every rank alike.
    """
    order = np.lexsort((ranks, cells))
    ranks, cells, atom = ranks[order], cells[order], atom[order]
    edges = np.searchsorted(cells, np.arange(number + 1))
    knots = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        cell = slice(first, last)
        knots.append(_knots(ranks[cell], atom[cell], stretches, segment, least, atom_rows))
    starts = np.concatenate([[0], np.cumsum([len(at) for at, _ in knots])])
    return KnotLeaves(
        starts.astype(np.int64),
        np.concatenate([at for at, _ in knots]),
        np.rint(np.concatenate([value for _, value in knots])),
    )


def _knots(
    ranks: NDArray[np.float64],
    atom: NDArray[np.int64],
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
    reach = max(1, min(segment // 3, m // 2))
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
