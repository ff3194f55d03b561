"""Small statements about many rows that add up: part by part, in the order of the rows.

Every sketch has ``+``.  The sum of the sketches of two parts is the sketch of both, whatever the
parts; so one made shard by shard says what one made of the whole table says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EXAMPLES = 5  # row numbers kept of whatever is counted
_AT_A_TIME = 31  # bits of numbers that are summed as integers
_OF_MANTISSA = 11  # bits of a number that ``Quantiles`` tells apart: one part in 2048


class Verdict(NamedTuple):
    """How many rows break a statement, and the first of them (numbers from 0)."""

    broken: int
    examples: tuple[int, ...] = ()


class Cell(NamedTuple):
    """How many rows, the first of them, and the sum of an integer amount over all."""

    rows: int
    first: tuple[int, ...]
    amount: int = 0


@dataclass(frozen=True)
class Cells:
    """Rows counted by a label; ``rows`` is how many were looked at, counted or not."""

    rows: int
    cells: Mapping[Any, Cell] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        codes: NDArray[Any],
        labels: Callable[[int], Any] = bool,
        *,
        amount: Integers | None = None,
    ) -> Cells:
        """Rows by the label of their code (truth values by themselves); a negative code is not
        counted.  ``amount`` (n,) is summed by label."""
        order = np.argsort(codes, kind="stable")
        held, starts = np.unique(codes[order], return_index=True)
        edges = np.append(starts, len(codes)).tolist()
        cells = {}
        for at, code in enumerate(held.tolist()):
            if code >= 0:
                rows = order[edges[at] : edges[at + 1]]
                total = 0 if amount is None else sum(_halves(amount[rows]))
                cells[labels(code)] = Cell(len(rows), tuple(rows[:EXAMPLES].tolist()), total)
        return cls(len(codes), cells)

    def __add__(self, other: Cells) -> Cells:
        cells = dict(self.cells)
        for label, cell in other.cells.items():
            first = tuple(self.rows + row for row in cell.first)
            held = cells.get(label, Cell(0, ()))
            cells[label] = Cell(
                held.rows + cell.rows,
                (held.first + first)[:EXAMPLES],
                held.amount + cell.amount,
            )
        return Cells(self.rows + other.rows, cells)

    def count(self, label: Any) -> int:
        return self.cells[label].rows if label in self.cells else 0

    @property
    def counted(self) -> int:
        return sum(cell.rows for cell in self.cells.values())

    def verdict(self, broken: Callable[[Any], bool]) -> Verdict:
        """The rows of all cells whose label is ``broken``."""
        cells = [cell for label, cell in self.cells.items() if broken(label)]
        rows = sorted(row for cell in cells for row in cell.first)
        return Verdict(sum(cell.rows for cell in cells), tuple(rows[:EXAMPLES]))


def _halves(amount: Integers) -> tuple[int, int]:
    """Two whole numbers that sum to the sum, which need not fit into 64 bits."""
    return int((amount >> 32).sum()) << 32, int((amount & 0xFFFFFFFF).sum())


@dataclass(frozen=True)
class Moments:
    """Number, sum and sum of squares, exactly: sums of parts do not depend on the parts."""

    rows: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """Of finite numbers, shape (n,)."""
        squares = values * values
        rounded = _rounded_off(values, squares)
        return cls(len(values), exact_sum(values), exact_sum(squares) + exact_sum(rounded))

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.rows + other.rows, self.total + other.total, self.squares + other.squares
        )

    @property
    def mean(self) -> float:
        return float(self.total / self.rows)

    @property
    def deviation(self) -> float:
        """Of the rows themselves, not of a population they were drawn from."""
        return math.sqrt(self.variance)

    @property
    def variance(self) -> Fraction:
        return max(Fraction(0), (self.squares - self.total**2 / self.rows) / self.rows)


def _rounded_off(values: Floats, squares: Floats) -> Floats:
    """What each square lost when it was rounded (after Dekker: halves of 26 bits multiply
    without rounding)."""
    wide = values * 134217729.0
    high = wide - (wide - values)
    low = values - high
    return ((high * high - squares) + 2 * high * low) + low * low


def exact_sum(values: Floats) -> Fraction:
    """The sum of finite numbers without any rounding."""
    if not len(values):
        return Fraction(0)
    power = int(np.frexp(np.abs(values).max())[1]) - _AT_A_TIME
    rest = np.ldexp(values, -power)
    total = 0
    while rest.any():  # the next bits of all numbers; what is left of each stays exact
        whole = np.trunc(rest)
        total = (total << _AT_A_TIME) + int(whole.astype(np.int64).sum())
        rest = np.ldexp(rest - whole, _AT_A_TIME)
        power -= _AT_A_TIME
    return total * Fraction(2) ** (power + _AT_A_TIME)


@dataclass(frozen=True)
class Quantiles:
    """How many numbers lie in each of many narrow ranges, with the smallest and the largest in
    each.  A range is what shares sign, exponent and the first 11 bits after the point, so a
    quantile is off by at most one part in 2048, and exact where a range holds one value only (all
    whole numbers up to 4095, say)."""

    keys: Integers
    counts: Integers
    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats) -> Quantiles:
        """Of finite numbers, shape (n,)."""
        ordered = np.sort(values + 0.0)  # no negative zero
        return cls._merged(_range_of(ordered), np.ones(len(ordered), np.int64), ordered, ordered)

    def __add__(self, other: Quantiles) -> Quantiles:
        keys = np.concatenate([self.keys, other.keys])
        order = np.argsort(keys, kind="stable")
        return self._merged(
            keys[order],
            np.concatenate([self.counts, other.counts])[order],
            np.concatenate([self.low, other.low])[order],
            np.concatenate([self.high, other.high])[order],
        )

    @classmethod
    def _merged(cls, keys: Integers, counts: Integers, low: Floats, high: Floats) -> Quantiles:
        """Neighbours of one range made one; ``keys`` are in order."""
        starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1)) if len(keys) else keys
        if not len(starts):
            return cls(keys, counts, low, high)
        return cls(
            keys[starts],
            np.add.reduceat(counts, starts),
            np.minimum.reduceat(low, starts),
            np.maximum.reduceat(high, starts),
        )

    @property
    def rows(self) -> int:
        return int(self.counts.sum())

    def quantile(self, share: float) -> float:
        """Between the two numbers next to the place ``share`` of the way along, as
        numpy.quantile's."""
        place = share * (self.rows - 1)
        first = int(np.floor(place))
        low, high = self._ranked(first), self._ranked(min(first + 1, self.rows - 1))
        return low + (high - low) * (place - first)

    def _ranked(self, rank: int) -> float:
        """About the number that ``rank`` numbers are below."""
        upto = np.cumsum(self.counts)
        at = int(np.searchsorted(upto, rank, side="right"))
        low, high, count = float(self.low[at]), float(self.high[at]), int(self.counts[at])
        inside = rank - int(upto[at]) + count
        return low if count == 1 else low + (high - low) * inside / (count - 1)


def _range_of(values: Floats) -> Integers:
    """Numbers of ranges, in the order of the values."""
    bits = values.view(np.int64)
    ranges = (bits & np.int64(0x7FFFFFFFFFFFFFFF)) >> np.int64(52 - _OF_MANTISSA)
    return np.where(bits < 0, -ranges - 1, ranges)


@dataclass(frozen=True)
class Sample:
    """The rows with the smallest lots, at most ``most``: the same rows however they came in
    parts.  ``columns`` has shape (columns, rows), in the order of the lots."""

    most: int
    lots: NDArray[np.uint64]
    columns: Floats

    @classmethod
    def of(cls, lots: NDArray[np.uint64], columns: Iterable[Floats], *, most: int) -> Sample:
        return cls(most, lots, np.stack(list(columns)))._cut()

    def __add__(self, other: Sample) -> Sample:
        lots = np.concatenate([self.lots, other.lots])
        return Sample(self.most, lots, np.concatenate([self.columns, other.columns], axis=1))._cut()

    def _cut(self) -> Sample:
        order = np.lexsort((*self.columns[::-1], self.lots))[: self.most]
        return Sample(self.most, self.lots[order], self.columns[:, order])


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Spearman's: Pearson's of mid-ranks.  None where one does not vary."""
    ranks = [_ranks(values) for values in (first, second)]
    if min(float(rank.std()) for rank in ranks) == 0:
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], dtype=np.float64)
