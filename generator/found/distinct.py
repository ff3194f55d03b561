"""No two rows say the same in two columns together, or in three: a dealer has one row a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from generator.found.found import Found
from generator.found.side import Unit
from generator.stop import asking

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
LEAST_REPEATS = 20  # that there would be, had the columns nothing to do with each other
FEW_ROWS = (20_000, 150_000)  # rows that columns are tried on before all are looked at
MOST_PAIRED = 60  # columns of which each pair is looked at
MOST_TRIPLED = 20  # and each three
GLANCE = 2_000  # rows that three columns are looked at first


@dataclass(frozen=True)
class Distinct(Found):
    """``gives`` and ``other``, and ``further`` if there is one, never come twice together; all but
    ``gives`` have few labels."""

    gives: str
    other: str
    further: str = ""

    kind = "distinct"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.other, self.further) if self.further else (self.other,)

    @property
    def text(self) -> str:
        return f"{', '.join(self.needs)} and {self.gives} never come twice together"

    def ok(self, units: Mapping[str, Unit]) -> bool:
        del units  # of any kind
        return len(set(self.columns)) == 1 + len(self.needs)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """As ever; a rule about two columns may say nothing of a third."""
        return super().read({"further": "", **document})


@dataclass(frozen=True)
class _Values:
    """A column's values (n,), numbered when a pair is looked at."""

    values: NDArray[Any]

    @cached_property
    def rows(self) -> Ints:
        """How many rows have each distinct value."""
        ordered = np.sort(self.values)
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        return np.diff(np.append(starts, len(ordered)))

    @cached_property
    def pairs(self) -> float:
        """Pairs of rows of one value."""
        rows = self.rows.astype(np.float64)
        return float((rows * (rows - 1)).sum()) / 2

    @cached_property
    def codes(self) -> Codes:
        return np.unique(self.values, return_inverse=True)[1].astype(np.int32)

    @cached_property
    def few(self) -> Codes:
        """Codes of some rows."""
        step = max(1, len(self.values) // FEW_ROWS[0])
        return np.unique(self.values[::step], return_inverse=True)[1].astype(np.int32)


def distinct(values: Mapping[str, NDArray[Any]], k: int) -> Iterator[Distinct]:
    """Pairs of columns that never repeat, though neither is unique alone: ``values`` (n,) of
    columns without missing ones, as numbers."""
    some = {n: _Values(one) for n, one in list(values.items())[:MOST_PAIRED] if len(one) >= k}
    found = set()
    for first, second in asking(combinations(some, 2), every=20):
        one, two = some[first], some[second]
        n = len(one.values)
        if _repeats(one.few, two.few):
            continue
        if one.pairs * two.pairs * 2 < LEAST_REPEATS * n * (n - 1):
            continue
        step = max(1, n // FEW_ROWS[1])
        if not any(_repeats(one.codes[::each], two.codes[::each]) for each in {step, 1}):
            low, high = sorted((first, second), key=lambda name: len(some[name].rows))
            found.add(frozenset((first, second)))
            yield Distinct(high, low)
    few = dict(list(some.items())[:MOST_TRIPLED])
    for names in asking(combinations(few, 3), every=20):
        if any(pair <= set(names) for pair in found):
            continue
        if _never_three([few[name] for name in names]):
            low, middle, high = sorted(names, key=lambda name: len(few[name].rows))
            yield Distinct(high, low, middle)


def _never_three(columns: Sequence[_Values]) -> bool:
    """Whether three columns never come twice together, though by chance they would."""
    n = len(columns[0].values)
    pairs = n * (n - 1) / 2
    expected = pairs * np.prod([one.pairs / pairs for one in columns])
    if expected < LEAST_REPEATS:
        return False
    for rows in (GLANCE, *FEW_ROWS, n):
        first, second, third = (one.codes[:: max(1, n // rows)] for one in columns)
        if _repeats(_both(first, second), third):
            return False
    return True


def _repeats(first: Ints | Codes, second: Codes) -> bool:
    """Whether two rows have both codes alike."""
    both = _both(first, second)
    both.sort()
    return bool((both[1:] == both[:-1]).any())


def _both(first: Ints | Codes, second: Codes) -> Ints:
    """Codes (n,) of two columns together."""
    both = first.astype(np.int64)
    both *= int(second.max()) + 1
    both += second
    return both
