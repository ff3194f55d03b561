"""Are values missing as often, and together as often?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.rows import TableRows
from generator.frame import Coded

Truth = NDArray[np.bool_]


def missingness(real: Sequence[TableRows], synthetic: Sequence[TableRows]) -> dict[str, Any]:
    """Mean over columns of 1 minus the difference of the missing shares, and mean over pairs of
    columns (both with missing values) of 1 minus the distance of their four joint shares; None
    where nothing is missing."""
    singles: list[float] = []
    pairs: list[float] = []
    for one, other in zip(real, synthetic, strict=True):
        first, second = _masks(one), _masks(other)
        names = [name for name in first if name in second]
        held = [name for name in names if first[name].any() or second[name].any()]
        singles += [1 - abs(first[name].mean() - second[name].mean()) for name in held]
        pairs += [
            1 - float(np.abs(_joint(first, pair) - _joint(second, pair)).sum()) / 2
            for pair in combinations(held, 2)
        ]
    return {
        "columns": round(float(np.mean(singles)), 5) if singles else None,
        "pairs": round(float(np.mean(pairs)), 5) if pairs else None,
    }


def _masks(side: TableRows) -> dict[str, Truth]:
    if not side.rows:
        return {}
    return {
        name: np.asarray(values.codes < 0 if isinstance(values, Coded) else np.isnan(values))
        for name, values in side.columns.items()
    }


def _joint(masks: Mapping[str, Truth], pair: tuple[str, str]) -> NDArray[np.float64]:
    codes = masks[pair[0]] * 2 + masks[pair[1]]
    return np.bincount(codes, minlength=4) / len(codes)
