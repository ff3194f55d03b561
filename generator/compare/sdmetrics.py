"""Scores made as SDMetrics 0.29 makes them (Column Shapes, Column Pair Trends, Cardinality).

Formulas restated from its documentation and checked against it.  Two of its habits are scored as
they are and beside them without: since 0.27 a pair counts only if real |Pearson| > 0.5 or real
Cramér's V > 0.3; and real and synthetic numbers are cut by their own ten equal widths, so that
one outlier moves every edge (``shared_edges`` cuts both by the real ones).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.distance import plain_v
from generator.compare.rows import TableRows, drawn, together
from generator.frame import Coded
from generator.stop import asking
from generator.summary.count import pearson

VERSION = "0.29"
LABEL = f"compatible with SDMetrics {VERSION}"
CORRELATED, ASSOCIATED = 0.5, 0.3  # real strengths from which a pair counts (since 0.27)
WIDTHS = 10
MOST_PAIRS = 8_000  # of columns of a table (127 columns have as many)
MOST_CELLS = 4_000_000  # of the table of two columns
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """One pair of columns; NaN where a score is not defined."""

    first: str
    second: str
    score: float
    shared: float
    counts: bool


def quality(real: Sequence[TableRows], synthetic: Sequence[TableRows]) -> dict[str, Any]:
    """Column Shapes and Column Pair Trends of tables, each the mean over tables of the mean over
    columns or pairs; None where nothing counts."""
    shapes, counting, capped, every, shared = [], [], [], [], []
    for one, other in zip(real, synthetic, strict=True):
        pairs = pair_trends(one, other)
        shapes.append(mean(column_shapes(one, other).values()))
        counting.append(mean(pair.score for pair in pairs if pair.counts))
        capped.append(mean(pair.shared for pair in pairs if pair.counts))
        every.append(mean(pair.score for pair in pairs))
        shared.append(mean(pair.shared for pair in pairs))
    return {
        "column_shapes": _said(mean(shapes)),
        "column_pair_trends": _said(mean(counting)),
        "column_pair_trends_capped": _said(mean(capped)),
        "column_pair_trends_all_pairs": _said(mean(every)),
        "column_pair_trends_shared_edges": _said(mean(shared)),
        "overall": _said(mean([mean(shapes), mean(counting)])),
    }


def both_ways(real: Sequence[TableRows], synthetic: Sequence[TableRows]) -> dict[str, Any]:
    """``quality``, and its trends with the sides exchanged: which pairs count is asked of the
    first side alone, so that one outlier there may add or drop the pairs it spoils."""
    exchanged = quality(synthetic, real)["column_pair_trends"]
    return quality(real, synthetic) | {"column_pair_trends_exchanged": exchanged}


def column_shapes(real: TableRows, synthetic: TableRows) -> dict[str, float]:
    """KSComplement of numbers and moments, TVComplement of categories, by column."""
    return {
        name: shape(values, synthetic.columns[name])
        for name, values in asking(real.columns.items(), every=1)
        if name in synthetic.columns
    }


def shape(real: Floats | Coded, synthetic: Floats | Coded) -> float:
    if isinstance(real, Coded) and isinstance(synthetic, Coded):
        return tv_complement(real, synthetic)
    assert isinstance(real, np.ndarray)  # both sides have one role
    assert isinstance(synthetic, np.ndarray)
    return ks_complement(real, synthetic)


def ks_complement(real: Floats, synthetic: Floats) -> float:
    """1 minus the two-sample Kolmogorov-Smirnov statistic of the values that are there."""
    first, second = (np.sort(np.round(v[~np.isnan(v)], 14)) for v in (real, synthetic))
    if not len(first) or not len(second):
        return math.nan
    every = np.concatenate([first, second])
    one = np.searchsorted(first, every, side="right") / len(first)
    other = np.searchsorted(second, every, side="right") / len(second)
    return float(1 - np.abs(one - other).max())


def tv_complement(real: Coded, synthetic: Coded) -> float:
    """1 minus half the sum of differences of shares over all labels; missing ones left out."""
    first, second = together(real, synthetic)
    counts = [np.bincount(v.codes[v.codes >= 0], minlength=len(v.labels)) for v in (first, second)]
    if not counts[0].sum() or not counts[1].sum():
        return math.nan
    return float(1 - np.abs(counts[0] / counts[0].sum() - counts[1] / counts[1].sum()).sum() / 2)


def pair_trends(real: TableRows, synthetic: TableRows) -> list[Pair]:
    """Every pair of columns: CorrelationSimilarity of two numbers, else ContingencySimilarity."""
    names = [name for name in real.columns if name in synthetic.columns]
    numeric = [name for name in names if isinstance(real.columns[name], np.ndarray)]
    strengths = _correlations(real, synthetic, numeric)
    own, ours = _codes(real, synthetic, names, shared=False)
    _, capped = _codes(real, synthetic, names, shared=True)
    pairs = []
    for first, second in asking(_chosen(names), every=1):
        if first in numeric and second in numeric:
            a, b = strengths[first, second]
            score = 1 - abs(a - b) / 2
            pairs.append(Pair(first, second, score, score, abs(a) > CORRELATED))
            continue
        mixed = first in numeric or second in numeric
        score, strength = contingency(own[first], own[second], ours[first], ours[second])
        shared = (
            contingency(own[first], own[second], capped[first], capped[second])[0]
            if mixed
            else score
        )
        pairs.append(Pair(first, second, score, shared, strength > ASSOCIATED))
    return pairs


def _chosen(names: Sequence[str]) -> list[tuple[str, str]]:
    """All pairs of columns; beyond ``MOST_PAIRS`` a fixed choice of them."""
    every = list(combinations(names, 2))
    if len(every) <= MOST_PAIRS:
        return every
    return [every[at] for at in drawn(len(every), MOST_PAIRS, name="(trends)")]


def contingency(
    real_first: NDArray[np.int64],
    real_second: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> tuple[float, float]:
    """ContingencySimilarity of two coded columns (codes from 0, missing values one of them) and
    the real Cramér's V.  NaN for a side without rows."""
    if not len(real_first) or not len(first):
        return math.nan, math.nan
    levels = [
        int(max(a.max(), b.max())) + 1 for a, b in ((real_first, first), (real_second, second))
    ]
    size = levels[0] * levels[1]
    if size > MOST_CELLS:
        return _sparse(real_first * levels[1] + real_second, first * levels[1] + second, levels[1])
    real = _joint(real_first, real_second, levels[1], size)
    other = _joint(first, second, levels[1], size)
    score = 1 - np.abs(real / len(real_first) - other / len(first)).sum() / 2
    return float(score), plain_v(real.reshape(levels))


def _sparse(real: NDArray[np.int64], other: NDArray[np.int64], width: int) -> tuple[float, float]:
    """``contingency`` of joint codes whose whole table would not fit into memory: of two columns
    with a label a row only the cells that rows are in are counted."""
    cells, place = np.unique(np.concatenate([real, other]), return_inverse=True)
    mine = np.bincount(place[: len(real)], minlength=len(cells))
    ours = np.bincount(place[len(real) :], minlength=len(cells))
    score = 1 - np.abs(mine / len(real) - ours / len(other)).sum() / 2
    held = mine > 0
    rows, columns = (
        np.unique(part, return_inverse=True)[1] for part in np.divmod(cells[held], width)
    )
    counts = mine[held].astype(np.float64)
    sums = [np.bincount(part, counts) for part in (rows, columns)]
    least = min(len(total) for total in sums) - 1
    if least < 1:
        return float(score), math.nan
    phi2 = (counts**2 / sums[0][rows] / sums[1][columns]).sum() - 1
    return float(score), math.sqrt(max(0.0, phi2) / least)


def _joint(
    first: NDArray[np.int64], second: NDArray[np.int64], width: int, size: int
) -> NDArray[np.int64]:
    return np.bincount(first * width + second, minlength=size)


def _correlations(
    real: TableRows, synthetic: TableRows, names: Sequence[str]
) -> dict[tuple[str, str], tuple[float, float]]:
    if len(names) < 2:
        return {}
    matrices = [
        pearson(np.column_stack([np.asarray(side.columns[name]) for name in names]))
        for side in (real, synthetic)
    ]
    return {
        (names[i], names[j]): (float(matrices[0][i, j]), float(matrices[1][i, j]))
        for i, j in combinations(range(len(names)), 2)
    }


def _codes(
    real: TableRows, synthetic: TableRows, names: Sequence[str], *, shared: bool
) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.int64]]]:
    """Codes of both sides; numbers cut by their own edges, or by the real ones and capped."""
    own: dict[str, NDArray[np.int64]] = {}
    ours: dict[str, NDArray[np.int64]] = {}
    for name in asking(names, every=1):
        one, other = real.columns[name], synthetic.columns[name]
        if isinstance(one, Coded) and isinstance(other, Coded):
            first, second = together(one, other)
            own[name] = np.where(first.codes < 0, len(first.labels), first.codes).astype(np.int64)
            ours[name] = np.where(second.codes < 0, len(first.labels), second.codes).astype(
                np.int64
            )
        elif isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
            edges = _edges(one)
            own[name] = np.digitize(one, edges)
            capped = np.clip(other, edges[0], edges[-1]) if shared else other
            ours[name] = np.digitize(capped, edges if shared else _edges(other))
    return own, ours


def _edges(values: Floats) -> Floats:
    there = values[~np.isnan(values)]
    if not len(there):
        return np.arange(2.0)
    # as np.histogram_bin_edges, which refuses values too near to each other for their size
    low, high = float(there.min()), float(there.max())
    reach = 0.5 if low == high else 0.0
    return np.linspace(low - reach, high + reach, WIDTHS + 1)


def cardinality(real: Sequence[Floats], synthetic: Sequence[Floats]) -> float | None:
    """CardinalityShapeSimilarity: KSComplement of children per parent, mean over the links."""
    pairs = zip(real, synthetic, strict=True)
    return _said(mean(ks_complement(one, other) for one, other in pairs))


def mean(values: Any) -> float:
    """The mean of what is a number; NaN if nothing is."""
    there = [value for value in values if not math.isnan(value)]
    return sum(there) / len(there) if there else math.nan


def _said(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 5)
