"""Accuracies of one-, two- and three-way tables with their noise floor (as mostlyai-qa's)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from generator.compare.distance import accuracy, ceiling
from generator.compare.rows import TableRows, drawn, together
from generator.frame import Coded
from generator.stop import ask, asking
from generator.summary.bins import Bins, category_bins, quantile_bins

LABEL = "compatible with mostlyai-qa 1.10"
MOST_TRIPLES = 10_000
ROW_VISITS = 200_000_000  # rows × triples looked at, so that many columns stay quick
Codes = Mapping[str, NDArray[np.int16]]
WAYS = {1: "univariate", 2: "bivariate", 3: "trivariate"}


def accuracies(
    real: Sequence[TableRows],
    synthetic: Sequence[TableRows],
    *,
    edges: Sequence[TableRows] | None = None,
) -> dict[str, dict[str, float] | None]:
    """Mean accuracy and ceiling of all columns, pairs and (at most 10,000) triples of columns
    within a table, over all tables together.  ``edges`` are further real rows the bins are
    by_ways on."""
    by_ways: dict[str, dict[str, float] | None] = {}
    binned = [
        _binned(one, other, edges[at] if edges else None)
        for at, (one, other) in enumerate(zip(real, synthetic, strict=True))
    ]
    for ways, name in WAYS.items():
        scores = [
            score
            for first, second, bins in binned
            for score in _scores(first, second, bins, ways=ways)
        ]
        by_ways[name] = _mean(scores)
    return by_ways


def _binned(
    real: TableRows, synthetic: TableRows, more: TableRows | None
) -> tuple[Codes, Codes, Mapping[str, Bins]]:
    bins = {
        name: _bins(values, more.columns.get(name) if more else None)
        for name, values in asking(real.columns.items(), every=1)
        if name in synthetic.columns
    }
    first = {name: cut.code(real.columns[name]) for name, cut in bins.items()}
    second = {name: cut.code(synthetic.columns[name]) for name, cut in bins.items()}
    return first, second, bins


def _bins(values: NDArray[np.float64] | Coded, more: NDArray[np.float64] | Coded | None) -> Bins:
    if isinstance(values, Coded):
        if isinstance(more, Coded):
            first, second = together(values, more)
            values = Coded(np.concatenate([first.codes, second.codes]), first.labels)
        return category_bins(values, most=10, k=5)
    if isinstance(more, np.ndarray):
        values = np.concatenate([values, more])
    return quantile_bins(values, most=10, k=1)


def _scores(
    real: Codes, synthetic: Codes, bins: Mapping[str, Bins], *, ways: int
) -> Iterator[tuple[float, float]]:
    names = list(bins)
    if len(names) < ways:
        return
    rows, other = len(real[names[0]]), len(synthetic[names[0]])
    if not rows or not other:
        return
    for chosen in _groups(names, ways, rows + other):
        sizes = [bins[name].levels for name in chosen]
        counts = _counts([real[name] for name in chosen], sizes)
        yield (
            accuracy(counts, _counts([synthetic[name] for name in chosen], sizes)),
            ceiling(counts, rows, other),
        )


def _groups(names: Sequence[str], ways: int, rows: int) -> Iterator[tuple[str, ...]]:
    """All groups of columns; of triples, a fixed choice of as many as may be looked at."""
    total = comb(len(names), ways)
    most = total if ways < 3 else min(MOST_TRIPLES, max(1, ROW_VISITS // max(rows, 1)))
    wanted = set(drawn(total, most, name="(triples)").tolist()) if most < total else None
    for at, group in enumerate(combinations(names, ways)):
        if at % 100 == 0:
            ask()
        if wanted is None or at in wanted:
            yield group


def _counts(codes: Sequence[NDArray[np.int16]], sizes: Sequence[int]) -> NDArray[np.int64]:
    joint = codes[0].astype(np.int32)
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        joint = joint * size + code
    return np.bincount(joint, minlength=int(np.prod(sizes))).astype(np.int64)


def _mean(scores: Sequence[tuple[float, float]]) -> dict[str, float] | None:
    if not scores:
        return None
    means = np.array(scores).mean(axis=0)
    return {"accuracy": round(float(means[0]), 5), "ceiling": round(float(means[1]), 5)}
