"""No two rows say the same in two columns together: a dealer has one row a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.found.found import Found
from generator.found.side import Unit

Ints = NDArray[np.int64]
LEAST_REPEATS = 20  # that there would be, had the columns nothing to do with each other
FEW_ROWS = 20_000  # rows that a pair is tried on before all are looked at
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


def distinct(codes: Mapping[str, Ints], k: int) -> Iterator[Distinct]:
    """Pairs of columns that never repeat, though neither is unique alone.  ``codes`` (n,) number
    the values of columns without missing ones from 0 on."""
    some = {name: one for name, one in list(codes.items())[:MOST_PAIRED] if len(one) >= k}
    rows = {name: np.bincount(one).astype(np.float64) for name, one in some.items()}
    pairs = {name: float((one * (one - 1)).sum()) / 2 for name, one in rows.items()}
    for first, second in combinations(some, 2):
        n = len(some[first])
        if pairs[first] * pairs[second] * 2 < LEAST_REPEATS * n * (n - 1):
            continue
        both = some[first] * len(rows[second]) + some[second]
        few = both[:: max(1, n // FEW_ROWS)]
        if len(np.unique(few)) == len(few) and len(np.unique(both)) == n:
            low, high = sorted((first, second), key=lambda name: len(rows[name]))
            yield Distinct(high, low)
