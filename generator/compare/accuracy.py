"""Accuracies of one-, two- and three-way tables with their noise floor (as mostlyai-qa's)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.distance import accuracy, ceiling
from generator.compare.rows import TableRows, drawn, together
from generator.frame import Coded
from generator.stop import ask, asking
from generator.summary.bins import Bins, category_bins, quantile_bins

LABEL = "compatible with mostlyai-qa 1.10"
MOST_TRIPLES = 10_000
MOST_PAIRS = 20_000
ROW_VISITS = 200_000_000  # rows × triples looked at, so that many columns stay quick
Codes = Mapping[str, NDArray[np.int16]]
WAYS = {1: "univariate", 2: "bivariate", 3: "trivariate"}


def accuracies(
    real: Sequence[TableRows],
    synthetic: Sequence[TableRows],
    *,
    edges: Sequence[TableRows] | None = None,
    control: Sequence[TableRows] | None = None,
) -> dict[str, dict[str, float] | None]:
    """Mean accuracy and ceiling of all columns, pairs and (at most 10,000) triples of columns
    within a table, over all tables together.  ``edges`` are further real rows the bins are made
    on.  The ceiling is what ``control``, other real rows, reach by the same code; without them
    what two samples of these sizes differ by through chance, which stands there as ``expected``,
    too."""
    sides = [_Binned.of(*rows) for rows in _along(real, synthetic, edges, control)]
    by_ways: dict[str, dict[str, float] | None] = {}
    for ways, name in WAYS.items():
        scores = [score for side in sides for score in side.scores(ways)]
        by_ways[name] = _mean(scores, measured=control is not None)
    return by_ways


def _along(
    real: Sequence[TableRows], *others: Sequence[TableRows | None] | None
) -> list[list[Any]]:
    """The sides of each table; None for a side that is not given."""
    given = (real, *([None] * len(real) if other is None else other for other in others))
    return [list(rows) for rows in zip(*given, strict=True)]


@dataclass(frozen=True)
class _Binned:
    """Codes of a table's columns on real, synthetic and perhaps further real rows."""

    bins: Mapping[str, Bins]
    codes: Sequence[Codes]
    rows: Sequence[int]

    @classmethod
    def of(
        cls,
        real: TableRows,
        synthetic: TableRows,
        edges: TableRows | None,
        control: TableRows | None,
    ) -> _Binned:
        first, second, bins = binned(real, synthetic, edges)
        codes, sides = [first, second], [real, synthetic]
        if control is not None:
            codes.append({name: cut.code(control.columns[name]) for name, cut in bins.items()})
            sides.append(control)
        return cls(bins, codes, [side.rows for side in sides])

    def scores(self, ways: int) -> Iterator[tuple[float, ...]]:
        """Accuracy, what chance leaves, and accuracy of the control, of each group of columns."""
        names = list(self.bins)
        if len(names) < ways or not all(self.rows):
            return
        for chosen in _groups(names, ways, sum(self.rows)):
            sizes = [self.bins[name].levels for name in chosen]
            counts, made, *control = (
                _counts([side[name] for name in chosen], sizes) for side in self.codes
            )
            noise = ceiling(counts, self.rows[0], self.rows[1])
            yield (accuracy(counts, made), noise, *(accuracy(counts, one) for one in control))


def binned(
    real: TableRows, synthetic: TableRows, more: TableRows | None
) -> tuple[Codes, Codes, Mapping[str, Bins]]:
    """Codes of both sides into bins of the real one (and of ``more`` real rows)."""
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


def _groups(names: Sequence[str], ways: int, rows: int) -> Iterator[tuple[str, ...]]:
    """All groups of columns; of pairs and triples a fixed choice of as many as may be looked
    at."""
    total = comb(len(names), ways)
    most = min(MOST_TRIPLES if ways > 2 else MOST_PAIRS, max(1, ROW_VISITS // max(rows, 1)))
    most = total if ways == 1 else most
    wanted = (
        set(drawn(total, most, name="(triples)" if ways > 2 else "(pairs)").tolist())
        if most < total
        else None
    )
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


def _mean(scores: Sequence[tuple[float, ...]], *, measured: bool) -> dict[str, float] | None:
    if not scores:
        return None
    reached, expected, *held = (round(float(mean), 5) for mean in np.array(scores).mean(axis=0))
    held_to = held[0] if measured else expected
    return {"accuracy": reached, "ceiling": held_to, "expected": expected}
