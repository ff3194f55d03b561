"""The scale of a numeric column: which value stands at which rank.

Cells of a numeric column are learnt in ranks and read back through this one scale, so that a
column is written as its extract writes it: 9995 and 12000 come as often as they do there, though
no cell is large enough to say so.  Ranks run from 0 to 2**32 over the present values.

Every value the scale holds is shared by at least ``k`` rows (an atom) or is the mean of at least
``k`` rows of its own; fewer than ``k`` rows beyond the outermost of these are folded into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.holders import EACH_ROW, Holders
from generator.leaves.choice import Choices, choices_of
from generator.leaves.guide import UNIT
from generator.leaves.knots import knots_of
from generator.leaves.quantiles import Curves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_STRETCHES = 2000  # pieces between knots, of the values that are no atoms
MOST_ATOMS = 20_000
_FINEST, _COARSEST = 1e-9, 1e12  # steps between values
ENDING_ROWS = 20  # rows an ending must have on average for endings to be learnt
DAYS, HOURS = 7, 24
_FINE = 8  # parts of a row that hours of the week are counted in
ENDING_GAIN = 0.03  # how far shares of endings must be from equal, beyond chance


@dataclass(frozen=True)
class Endings:
    """How values that are no atoms end: within each block of ``modulus`` units, positions are
    stretched so that the last digits (the weekday, the hour of a week) come with their shares.
    ``unit`` is a step in the column's own numbers; ``leaf`` one cell of codes 0 to modulus - 1."""

    unit: float
    modulus: int
    leaf: Choices

    @cached_property
    def _edges(self) -> Floats:
        """Where in a block each code begins, in 0 to 1, and the end."""
        shares = np.zeros(self.modulus)
        np.add.at(shares, self.leaf.code, np.diff(self.leaf.upto, prepend=0))
        return np.concatenate([[0.0], np.cumsum(shares)]) / UNIT

    def flat(self, values: Floats) -> Floats:
        """Values (n,) where they would stand if all endings came alike; rising with them."""
        steps = values / self.unit
        block = np.floor(steps / self.modulus)
        place = np.clip(steps - block * self.modulus, 0, self.modulus - 1e-9)
        code = place.astype(np.int64)
        start = self._edges[code]
        within = start + (place - code) * (self._edges[code + 1] - start)
        flat: Floats = (block + within) * (self.modulus * self.unit)
        return flat


@dataclass(frozen=True)
class Scale:
    """``knots`` is one cell of knots over the ranks; two knots with one value are an atom.
    All values are ``offset`` plus multiples of ``grid``, unless that is 0."""

    knots: Curves
    grid: float = 0.0
    endings: Endings | None = None
    offset: float = 0.0

    def ok(self) -> bool:
        """True when every rank has a value."""
        ends = self.endings
        if not 0 <= self.offset <= self.grid:
            return False
        if not self.knots.ok(1) or not (self.grid == 0 or _FINEST <= self.grid <= _COARSEST):
            return False
        if ends is None:
            return True
        fits = 0 < ends.modulus <= 1000 and _FINEST <= ends.unit <= _COARSEST
        return fits and ends.leaf.ok(1, ends.modulus)

    def values(self, ranks: Floats) -> Floats:
        """The values (n,) that stand at ranks (n,) in 0 to 2**32."""
        at, value = self.knots.at, self.knots.value
        below = np.minimum(ranks.astype(np.int64), UNIT - 1)  # knots stand at whole ranks
        left = self.knots.guide.above(None, below) - 1
        start, low = at.take(left), value.take(left)
        rise = value.take(left + 1) - low
        share = np.clip((ranks - start) / np.maximum(at.take(left + 1) - start, 1), 0, 1)
        values: Floats = low + share * rise
        if self.endings is not None:
            even = self._flat.value.take(left)
            even += share * (self._flat.value.take(left + 1) - even)
            ended = np.floor(_ended(even, self.endings) / (self.grid or 1.0)) * self.grid
            values = np.where(rise == 0, values, ended)
        if not self.grid:
            return values
        return np.rint((values - self.offset) / self.grid) * self.grid + self.offset

    def places_of(self, values: Floats, *, after: bool) -> Floats:
        """The ranks (n,) at which values (n,) stand, the last of them or the first."""
        if self.endings is None:
            return self.knots.places_of(None, values, after=after)
        return self._flat.places_of(None, self.endings.flat(values), after=after)

    @cached_property
    def _flat(self) -> Curves:
        """The knots where they would stand if all endings came alike."""
        if self.endings is None:
            return self.knots
        return replace(self.knots, value=self.endings.flat(self.knots.value))


@dataclass(frozen=True)
class Ranked:
    """Present values (n,) on their scale: ``ranks`` uint32 (rows of one value lie anywhere in its
    stretch), ``atom`` int32 the number of the row's atom or -1, ``low``/``high`` float64 the
    stretch of each atom."""

    ranks: NDArray[np.uint32]
    atom: NDArray[np.int32]
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))


def scale_of(
    values: Floats,
    *,
    k: int,
    grid: float,
    jitter: Floats,
    offset: float = 0.0,
    endings: Sequence[tuple[float, int]] = (),
    holders: Holders = EACH_ROW,
) -> tuple[Scale, Ranked]:
    """The scale of values (n,), n > 0, and where the values stand on it.

    ``jitter`` (n,) in [0, 1) orders the rows of one value.  ``endings`` are (unit, modulus) to try,
    the first that fits is taken; they need a grid.  ``holders`` of the values say whose they are.
    """
    n = len(values)
    # only whose they are tells rows of one value apart; to order them takes five times as long
    order = np.argsort(values, kind=None if holders.of is None else "stable")
    ordered = values[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(starts, n))
    shared = counts
    if holders.of is not None:
        shared = holders.at(order).number(np.repeat(np.arange(len(starts)), counts), len(starts))
    common = np.flatnonzero((shared >= k) & (counts >= n // MOST_ATOMS))
    number = np.full(len(starts), -1, dtype=np.int32)
    number[common] = np.arange(len(common))
    atom = np.empty(n, dtype=np.int32)
    atom[order] = np.repeat(number, counts)
    first, rows = np.empty((2, n), dtype=np.int32)
    first[order], rows[order] = np.repeat(starts, counts), np.repeat(counts, counts)
    ranks = ((first + np.floor(jitter * rows) + 0.5) / n * UNIT).astype(np.uint32)
    starts, counts = starts[common], counts[common]
    rare = atom < 0
    ends = _endings(values[rare], endings, k, holders.at(rare)) if grid else None
    atoms = ordered[starts]
    flat = atoms if ends is None else ends.flat(atoms + grid / 2)
    if ends is not None and (np.diff(flat) > 0).all():
        ordered = ends.flat(ordered + grid / 2)  # the middles of steps, which values are cut to
    else:
        flat = atoms
    places, levels = knots_of(
        ordered, flat, starts, counts, k, most=MOST_STRETCHES, before=holders.before(order)
    )
    if ends is not None and flat is not atoms:
        levels = _back(levels, ends, flat, atoms)
    knots = _one_cell(np.rint(places / n * UNIT).astype(np.int64), levels)
    ranked = Ranked(ranks, atom, starts / n * UNIT, (starts + counts) / n * UNIT)
    return Scale(knots, grid, ends, offset), ranked


def _back(levels: Floats, ends: Endings, flat: Floats, atoms: Floats) -> Floats:
    """Flat levels (n,) as values again; those of atoms exactly."""
    at = np.minimum(np.searchsorted(flat, levels), max(len(flat) - 1, 0))
    values = _ended(levels, ends)
    if len(flat):
        values = np.where(flat[at] == levels, atoms[at], values)
    back: Floats = np.maximum.accumulate(values)
    return back


def _one_cell(at: Ints, value: Floats) -> Curves:
    return Curves(np.array([0, len(at)], dtype=np.int64), at.astype(np.int64), value)


def between(low: float, high: float, grid: float) -> Scale:
    """A straight line from ``low`` to ``high``, in steps of ``grid`` (0: none)."""
    return Scale(_one_cell(np.array([0, UNIT]), np.array([low, high])), grid)


def stretches(edges: Floats, shares: Floats, grid: float) -> Scale:
    """Straight lines between the edges (n + 1,), each for its share (n,) of the ranks; the last
    edge lies a step beyond."""
    at = np.rint(np.concatenate([[0.0], np.cumsum(shares)]) * UNIT).astype(np.int64)
    values = edges.astype(np.float64)
    values[-1] -= grid
    return Scale(_one_cell(at, values), grid)


def _endings(
    values: Floats, tried: Sequence[tuple[float, int]], k: int, holders: Holders
) -> Endings | None:
    """The first of ``tried`` that has rows enough, room enough and shares that are not equal."""
    for unit, modulus in tried:
        if len(values) < ENDING_ROWS * (DAYS + HOURS if modulus == DAYS * HOURS else modulus):
            continue
        low, high = np.quantile(values, [0.1, 0.9])
        if high - low < 10 * unit * modulus:
            continue
        codes = np.mod(np.floor(values / unit), modulus).astype(np.int64)
        rows = np.bincount(codes, minlength=modulus)
        apart = np.abs(rows / len(values) - 1 / modulus).sum() / 2
        if apart < ENDING_GAIN + np.sqrt(modulus / (2 * np.pi * len(values))):
            continue
        few = holders.number(codes, modulus) < k
        if modulus == DAYS * HOURS and rows[few].any():
            codes = _by_day_and_hour(codes, few, k, holders)
        else:
            codes[few[codes]] = -1
        return Endings(unit, modulus, choices_of(np.zeros(len(codes), np.int32), codes, 1))
    return None


def _by_day_and_hour(codes: Ints, few: NDArray[np.bool_], k: int, holders: Holders) -> Ints:
    """Hours of the week: those with rows enough as they come; the rows of the others together are
    shared out by how many there are on their days and at their hours, where these are shared."""
    rows = np.bincount(codes, minlength=DAYS * HOURS).astype(np.float64)
    left = float(rows[few].sum())
    days, hours = codes // HOURS, codes % HOURS
    by_day = np.bincount(days, minlength=DAYS) * (holders.number(days, DAYS) >= k)
    by_hour = np.bincount(hours, minlength=HOURS) * (holders.number(hours, HOURS) >= k)
    like = np.where(few, np.outer(by_day, by_hour).ravel(), 0.0)
    rows = np.where(few, like * (left / max(like.sum(), 1.0)), rows)
    if holders.number(few[codes].astype(np.int64), 2)[1] < k:
        rows[few] = 0.0
    shared: Ints = np.repeat(np.arange(len(rows)), np.rint(rows * _FINE).astype(np.int64))
    return shared if len(shared) else codes


def _ended(values: Floats, endings: Endings) -> Floats:
    """Each block's positions through the inverse distribution of its endings."""
    width = endings.unit * endings.modulus
    block = np.floor(values / width)
    place = np.clip((values / width - block) * UNIT, 0, UNIT - 1)
    upto, code = endings.leaf.upto, endings.leaf.code
    at = endings.leaf.guide.above(None, place.astype(np.int64))
    start = np.where(at > 0, upto[at - 1], 0)
    within = (place - start) / np.maximum(upto[at] - start, 1)
    ended: Floats = (block * endings.modulus + code[at] + within) * endings.unit
    return ended
