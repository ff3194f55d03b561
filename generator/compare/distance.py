"""How far two tables of counts lie apart, how far chance alone would put them, how columns hang
together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def proportions(counts: Any) -> Floats:
    """Counts as shares of their sum (zeros if nothing was counted), shape kept."""
    table = np.asarray(counts, dtype=np.float64)
    return table / max(float(table.sum()), 1e-300) if table.sum() > 0 else table


def accuracy(real: Any, synthetic: Any) -> float:
    """1 minus the total variation distance of two tables of counts (mostlyai-qa's accuracy)."""
    return float(1 - np.abs(proportions(real) - proportions(synthetic)).sum() / 2)


def ceiling(real: Any, rows: float, other: float) -> float:
    """The accuracy to expect of two samples of ``rows`` and ``other`` rows from the shares of
    ``real``: the mean absolute difference of two binomial shares is the standard deviation of
    their difference times sqrt(2/pi)  (the noise floor of mostlyai-qa)."""
    if not rows or not other:
        return 0.0
    p = proportions(real)
    spread = np.sqrt(p * (1 - p) * (1 / rows + 1 / other) * 2 / math.pi)
    return float(max(0.0, 1 - spread.sum() / 2))


def cramers_v(counts: Any) -> float | None:
    """Bias-corrected Cramér's V of a two-way table of counts (Bergsma 2013); None where a
    column does not vary."""
    table, n = _occupied(counts)
    r, c = table.shape
    if r < 2 or c < 2 or n < 2:
        return None
    phi2 = max(0.0, _phi2(table, n) - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    least = min(rows, columns) - 1
    return min(1.0, math.sqrt(phi2 / least)) if least > 0 else None


def plain_v(counts: Any) -> float:
    """Cramér's V without correction (as SDMetrics' threshold uses it); NaN where a column does
    not vary."""
    table, n = _occupied(counts)
    least = min(table.shape) - 1
    return math.sqrt(max(0.0, _phi2(table, n)) / least) if least > 0 else math.nan


def _occupied(counts: Any) -> tuple[Floats, float]:
    """The table without empty rows and columns, and its total."""
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return table, float(table.sum())


def _phi2(table: Floats, n: float) -> float:
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    return float(((table - expected) ** 2 / expected).sum() / n)
