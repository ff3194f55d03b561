"""Counting curves: the inverse distribution of a number's ranks, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
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
    rows = np.bincount(cells, minlength=number)
    parts = _parts(cells[order], atom[order], rows, atom_rows)
    pieces = np.where(parts.loose, np.maximum(1, parts.rows // segment), 1)
    knot = _Knots.of(pieces)
    value = _smoothed(ranks[order], parts, pieces, knot, segment)
    low, high = _room(parts, stretches)
    value = _widened(value, least, low, high, knot)
    whole = ~parts.loose[knot.part]
    value[whole] = np.where(knot.last, high[knot.part], low[knot.part])[whole]
    place = (parts.start - np.append(0, np.cumsum(rows))[parts.cell])[knot.part]
    place = place + _spread(0.0, parts.rows[knot.part], pieces, knot)
    at = np.rint(place / np.maximum(rows[parts.cell[knot.part]], 1) * UNIT).astype(np.int64)
    at[knot.last & (parts.rows[knot.part] == 0)] = UNIT
    starts = np.append(0, np.cumsum(np.bincount(parts.cell, pieces + 1, minlength=number)))
    return Curves(starts.astype(np.int64), at, np.rint(value))


@dataclass(frozen=True)
class _Parts:
    """Sorted rows cell by cell, parted into atoms that stand by themselves and the ``loose`` runs
    between them: the ``cell`` of each part, its first row, how many it has, and its ``atom`` (-1:
    loose, or a cell without rows)."""

    cell: Ints
    start: Ints
    rows: Ints
    atom: Ints

    @property
    def loose(self) -> NDArray[np.bool_]:
        return (self.atom < 0) & (self.rows > 0)


def _parts(cells: NDArray[np.int32], atom: NDArray[np.int32], rows: Ints, atom_rows: int) -> _Parts:
    n = len(cells)
    new = np.append(True, (cells[1:] != cells[:-1]) | (atom[1:] != atom[:-1]))
    starts = np.flatnonzero(new)
    held = np.diff(np.append(starts, n))
    own = (atom[starts] >= 0) & (held >= atom_rows)
    first = np.append(True, cells[starts][1:] != cells[starts][:-1])
    begins = own | first | np.append(False, own[:-1])  # a loose run goes on over further atoms
    start = starts[begins]
    found = np.where(own, atom[starts], -1)[begins].astype(np.int64)
    empty = np.flatnonzero(rows == 0)
    cell = np.concatenate([cells[start].astype(np.int64), empty])
    order = np.argsort(cell, kind="stable")
    size = np.concatenate([np.diff(np.append(start, n)), np.zeros(len(empty), np.int64)])
    none = np.full(len(empty), -1)
    start, found = np.concatenate([start, none * 0]), np.concatenate([found, none])
    return _Parts(cell[order], start[order], size[order], found[order])


@dataclass(frozen=True)
class _Knots:
    """All knots: the ``part`` of each, its place ``at`` there, whether it is the ``last`` one."""

    part: Ints
    at: Ints
    last: NDArray[np.bool_]
    ends: Ints  # the last knot of each part

    @classmethod
    def of(cls, pieces: Ints) -> _Knots:
        """One more than each part has pieces."""
        part = np.repeat(np.arange(len(pieces)), pieces + 1)
        upto = np.cumsum(pieces + 1)
        at = np.arange(len(part)) - (upto - pieces - 1)[part]
        return cls(part, at, at == pieces[part], upto - 1)


def _spread(start: Floats | float, stop: Floats | Ints, pieces: Ints, knot: _Knots) -> Floats:
    """Evenly from the ``start`` to the ``stop`` of each knot's part."""
    step = (stop - start) / pieces[knot.part]
    spread: Floats = np.where(knot.last, stop, knot.at * step + start)
    return spread


def _room(parts: _Parts, stretches: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Between which ranks each part lies: those of its atom, or from the atom before it in its cell
    to the one behind it."""
    low, high = np.zeros(len(parts.cell)), np.full(len(parts.cell), float(UNIT))
    own = np.flatnonzero(parts.atom >= 0)
    low[own], high[own] = stretches[parts.atom[own]].T
    behind = own[own + 1 < len(low)] + 1
    behind = behind[(parts.atom[behind] < 0) & (parts.cell[behind] == parts.cell[behind - 1])]
    low[behind] = high[behind - 1]
    before = own[own > 0] - 1
    before = before[(parts.atom[before] < 0) & (parts.cell[before] == parts.cell[before + 1])]
    high[before] = low[before + 1]
    return low, high


def _smoothed(
    ranks: NDArray[np.uint32], parts: _Parts, pieces: Ints, knot: _Knots, segment: int
) -> Floats:
    """Quantile knots of each run of sorted ranks, smoothed over their neighbours."""
    total = np.append(0, np.cumsum(ranks, dtype=np.int64))
    m = parts.rows[knot.part]
    reach = np.maximum(1, np.minimum(max(segment // 3, REACH), m // 2))
    middle = np.rint(_spread(0.0, m, pieces, knot)).astype(np.int64)
    low = np.clip(middle - reach, 0, np.maximum(m - 2 * reach, 0))
    high = np.minimum(low + 2 * reach, m)
    low, high = np.where(knot.at == 0, 0, low), np.where(knot.at == 0, reach, high)
    low, high = np.where(knot.last, m - reach, low), np.where(knot.last, m, high)
    start, rows = parts.start[knot.part], np.maximum(high - low, 1)
    none = ~parts.loose[knot.part]
    start, low, high = (np.where(none, 0, one) for one in (start, low, high))
    value: Floats = (total[start + high] - total[start + low] + rows * 0.5) / rows
    # means of the outer ranks pull the ends in; half a step outwards puts the range back
    several = np.flatnonzero(pieces > 1)
    last = knot.ends[several]
    first = last - pieces[several]
    step = reach[first] / 2 * pieces[several] / m[first]
    below, above = (value[first + 1] - value[first]) * step, (value[last] - value[last - 1]) * step
    value[first] -= below
    value[last] += above
    return value


def _widened(value: Floats, least: float, low: Floats, high: Floats, knot: _Knots) -> Floats:
    """The knots of each part at least ``least`` apart from first to last, as far as it has room
    from ``low`` to ``high``.  What is widened is moved into its room as a whole; of any other part
    only what lies outside is brought in, or all of its ranks would shift with an end."""
    pieces = np.diff(knot.ends, prepend=-1) - 1
    first, last = value[knot.ends - pieces], value[knot.ends]
    short = least - (last - first)
    wide = short > 0
    first = np.where(wide, first - short / 2, first)
    last = np.where(wide, last + short / 2, last)
    spread = _spread(first[knot.part], last[knot.part], pieces, knot)
    value = np.where(wide[knot.part], spread, value)
    over = np.where(wide, np.minimum(first - low, 0.0) + np.maximum(last - high, 0.0), 0.0)
    kept: Floats = np.clip(value - over[knot.part], low[knot.part], high[knot.part])
    return kept
