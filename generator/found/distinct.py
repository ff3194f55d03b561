"""No two rows say the same in two columns together: a dealer has one row a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.found.found import Found
from generator.found.side import Unit

Ints = NDArray[np.int64]
LEAST_REPEATS = 20  # that there would be, had the columns nothing to do with each other
FEW_ROWS = (20_000, 150_000)  # rows that a pair is tried on before all are looked at
MOST_PAIRED = 60  # columns of which each pair is looked at


@dataclass(frozen=True)
class Distinct(Found):
    """``gives`` and ``other`` never come twice together; ``other`` has few labels."""

    gives: str
    other: str

    kind = "distinct"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.other,)

    @property
    def text(self) -> str:
        return f"{self.other} and {self.gives} never come twice together"

    def ok(self, units: Mapping[str, Unit]) -> bool:
        del units  # of any kind
        return self.gives != self.other


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
    def codes(self) -> Ints:
        return np.unique(self.values, return_inverse=True)[1]

    @cached_property
    def few(self) -> Ints:
        """Codes of some rows."""
        step = max(1, len(self.values) // FEW_ROWS[0])
        return np.unique(self.values[::step], return_inverse=True)[1]


def distinct(values: Mapping[str, NDArray[Any]], k: int) -> Iterator[Distinct]:
    """Pairs of columns that never repeat, though neither is unique alone: ``values`` (n,) of
    columns without missing ones, as numbers."""
    some = {n: _Values(one) for n, one in list(values.items())[:MOST_PAIRED] if len(one) >= k}
    for first, second in combinations(some, 2):
        one, two = some[first], some[second]
        n = len(one.values)
        if _repeats(one.few, two.few):
            continue
        if one.pairs * two.pairs * 2 < LEAST_REPEATS * n * (n - 1):
            continue
        step = max(1, n // FEW_ROWS[1])
        if not any(_repeats(one.codes[::each], two.codes[::each]) for each in {step, 1}):
            low, high = sorted((first, second), key=lambda name: len(some[name].rows))
            yield Distinct(high, low)


def _repeats(first: Ints, second: Ints) -> bool:
    """Whether two rows have both codes alike."""
    both = np.sort(first * (int(second.max()) + 1) + second)
    return bool((both[1:] == both[:-1]).any())
