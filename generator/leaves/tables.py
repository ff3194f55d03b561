"""The leaves of all cells of one column, as one table that a uniform number is looked up in.

Probabilities are integers in units of 2**-32, so that every platform draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNIT = 1 << 32
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
        place = cells.astype(np.int64) * UNIT + (bits >> np.uint64(32)).astype(np.int64)
        return self.code[np.searchsorted(self._ladder(), place, side="right")]

    def _ladder(self) -> NDArray[np.int64]:
        owner = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        ladder: NDArray[np.int64] = owner * UNIT + self.upto
        return ladder


@dataclass(frozen=True)
class KnotLeaves:
    """Inverse distribution functions, cell by cell: straight lines between knots.

    Knot e of a cell stands at ``at[e]`` (in 2**-32, from 0 to 2**32) with ``value[e]``; two knots
    with one value are an atom.
    """

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def draw(self, cells: NDArray[np.int32], bits: Words) -> NDArray[np.float64]:
        """A value for each row (n,)."""
        owner = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        # cells are kept two units apart: a cell's last knot must not meet the next one's first
        ladder = owner * (2 * UNIT) + self.at
        u = (bits >> np.uint64(32)).astype(np.int64)
        right = np.searchsorted(ladder, cells.astype(np.int64) * (2 * UNIT) + u, side="right")
        left = right - 1
        width = np.maximum(self.at[right] - self.at[left], 1)
        share = (u - self.at[left]) / width
        drawn: NDArray[np.float64] = self.value[left] + share * (
            self.value[right] - self.value[left]
        )
        return drawn


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
    values: NDArray[np.float64],
    atoms: NDArray[np.float64],
    number: int,
    *,
    segment: int,
) -> KnotLeaves:
    """Quantile knots of ``values`` (n,) by cell, at least ``segment`` rows between two of them.

    ``atoms`` (sorted) are values that may be stored as they are; any other knot is a mean of
    several neighbouring values, the outermost of the outer ones, so that no single row's value
    is kept.  An empty cell gets the knots of all rows.
    """
    order = np.lexsort((values, cells))
    values, cells = values[order], cells[order]
    edges = np.searchsorted(cells, np.arange(number + 1))
    whole = _knots(np.sort(values), atoms, segment)
    found = [
        _knots(values[edges[c] : edges[c + 1]], atoms, segment)
        if edges[c + 1] > edges[c]
        else whole
        for c in range(number)
    ]
    first = np.concatenate([[0], np.cumsum([len(at) for at, _ in found])])
    return KnotLeaves(
        first.astype(np.int64),
        np.concatenate([at for at, _ in found]),
        np.concatenate([value for _, value in found]),
    )


def _knots(
    values: NDArray[np.float64], atoms: NDArray[np.float64], segment: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Knots of one cell from its sorted values: runs of an atom are flat, between them pieces of
    other values, each cut at quantiles."""
    n = len(values)
    if not n:
        return np.array([0, UNIT], np.int64), np.zeros(2)
    at = np.searchsorted(atoms, values)
    is_atom = atoms[np.minimum(at, len(atoms) - 1)] == values if len(atoms) else np.zeros(n, bool)
    changes = np.flatnonzero(np.append(True, (is_atom[1:] != is_atom[:-1]) | (is_atom[1:] & (values[1:] != values[:-1]))))  # fmt: skip
    stops = np.append(changes[1:], n)
    places: list[float] = []
    heights: list[float] = []
    for start, stop in zip(changes.tolist(), stops.tolist(), strict=True):
        if is_atom[start]:
            places += [start, stop]
            heights += [values[start], values[start]]
        else:
            p, v = _piece(values[start:stop], segment)
            places += (start + p).tolist()
            heights += v.tolist()
    spots = np.rint(np.array(places) / n * UNIT).astype(np.int64)
    spots[0], spots[-1] = 0, UNIT
    return spots, np.array(heights)


def _piece(
    values: NDArray[np.float64], segment: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantile knots of a run of sorted values, smoothed over their neighbours."""
    m = len(values)
    pieces = max(1, m // segment)
    p = np.linspace(0, m, pieces + 1)
    reach = max(1, min(segment // 3, m // 2))
    total = np.concatenate([[0.0], np.cumsum(values)])
    low = np.clip(np.rint(p).astype(np.int64) - reach, 0, max(m - 2 * reach, 0))
    high = np.minimum(low + 2 * reach, m)
    low[0], high[0] = 0, min(reach, m)
    low[-1], high[-1] = max(m - reach, 0), m
    v = (total[high] - total[low]) / (high - low)
    if m >= 2 * segment:
        # means of the outer values pull the edges in; half a step puts the range back
        v[0] -= min(v[1] - v[0], values[reach - 1] - values[0]) / 2 if reach > 1 else 0
        v[-1] += min(v[-1] - v[-2], values[-1] - values[m - reach]) / 2 if reach > 1 else 0
    return p, np.maximum.accumulate(v)
