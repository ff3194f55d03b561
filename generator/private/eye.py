"""The private eye: all that a private fit ever sees of an extract.

Whoever learns holds an ``Eye``: levels that were declared, noisy counts, noisy choices, and what is
left of the budget.  The rows stay in the closure of ``open_eye``, where no attribute leads to them.
Every look is written into the ledger before it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.private.ledger import Ledger, Look
from generator.private.levels import Levels
from generator.private.noise import Noise

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


MOST_LABELS = 1000  # of a column that nobody declared


@dataclass(frozen=True)
class Query:
    """Counts of rows by some columns together: ``maps`` give, column by column, the class of each
    level (that of what is missing last); ``sizes`` are how many classes there are."""

    columns: tuple[str, ...]
    maps: tuple[Ints, ...]
    sizes: tuple[int, ...]

    @property
    def cells(self) -> int:
        return int(np.prod(self.sizes, dtype=np.int64))

    @property
    def said(self) -> str:
        return f"{' x '.join(self.columns)} ({' x '.join(map(str, self.sizes))})"


@dataclass(frozen=True)
class Eye:
    """What may be asked.  Each answer costs; beyond the budget there is none (OverflowError)."""

    levels: Mapping[str, Levels]
    counts: Callable[[Query, float], Ints]
    """Rows by cell (cells,), with noise of a standard deviation."""
    farthest: Callable[[Sequence[Query], Sequence[Floats], Floats, float], int]
    """Of some queries the number of the one whose rows lie about farthest (L1) from what is
    expected of each, less a handicap (n,); by noise of a scale."""
    cost_of_counts: Callable[[float], float]
    cost_of_choice: Callable[[float], float]
    left: Callable[[], float]
    sensitivity: float


Labels = Callable[[float, float], tuple[str, ...]]
"""For rho and delta the labels that enough rows have, as noise has it, in their order."""


def open_labels(
    counts: Callable[[], Mapping[str, int]], *, noise: Noise, ledger: Ledger, sensitivity: int
) -> Labels:
    """An eye on texts that nobody declared: only such labels come out whose noisy counts pass a
    threshold that a label of one unit's rows passes with ``delta`` at most."""

    def labels(rho: float, delta: float) -> tuple[str, ...]:
        sigma = sensitivity * float(np.sqrt(0.5 / rho)) * (1 + 1e-9)
        threshold = sensitivity + sigma
        while noise.cost_of_labels(sensitivity, sigma, threshold)[1] > delta:
            threshold += sigma / 2
        cost, fails = noise.cost_of_labels(sensitivity, sigma, threshold)
        about = f"labels that about {threshold:.0f} rows have"
        ledger.write(Look("labels", about, 1, float(sensitivity), sigma, cost, fails))
        told = noise.labels(counts(), sigma, threshold)
        most = sorted(told, key=lambda label: (-told[label], label))[:MOST_LABELS]
        return tuple(sorted(most))

    return labels


def open_eye(
    levels: Mapping[str, Levels],
    codes: Mapping[str, Ints],
    *,
    noise: Noise,
    ledger: Ledger,
    sensitivity: float = 1.0,
) -> Eye:
    """An eye on coded rows: ``codes`` (n,) by column.  One unit has at most ``sensitivity`` of the
    rows."""

    known: dict[tuple[tuple[str, ...], bytes], Ints] = {}

    def true(query: Query) -> Ints:
        key = query.columns, b"|".join(classes.tobytes() for classes in query.maps)
        if key not in known:
            known[key] = counted(query)
        return known[key]

    def counted(query: Query) -> Ints:
        place = np.zeros(len(codes[query.columns[0]]), dtype=np.int64)
        for column, classes, size in zip(query.columns, query.maps, query.sizes, strict=True):
            place = place * size + classes[codes[column]]
        return np.bincount(place, minlength=query.cells).astype(np.int64)

    def counts(query: Query, sigma: float) -> Ints:
        cost = noise.cost_of_counts(sensitivity, sigma)
        ledger.write(Look("counts", query.said, query.cells, sensitivity, sigma, cost))
        return noise.counts(true(query), sigma)

    def farthest(
        queries: Sequence[Query], expected: Sequence[Floats], handicap: Floats, scale: float
    ) -> int:
        cost = noise.cost_of_highest(sensitivity, scale)
        about = f"which of {len(queries)} tables is worst"
        ledger.write(Look("highest", about, len(queries), sensitivity, scale, cost))
        apart = [np.abs(true(q) - e).sum() for q, e in zip(queries, expected, strict=True)]
        return noise.highest(np.array(apart) - handicap, scale)

    return Eye(
        levels,
        counts,
        farthest,
        cost_of_counts=lambda sigma: noise.cost_of_counts(sensitivity, sigma),
        cost_of_choice=lambda scale: noise.cost_of_highest(sensitivity, scale),
        left=lambda: ledger.left,
        sensitivity=sensitivity,
    )
