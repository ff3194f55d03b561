"""Columns whose label another column's label tells without exception."""

from __future__ import annotations

import numpy as np

from generator.fit.column import Columns, Learning, filled
from generator.stop import asking

FEW_PAIRS = 4000  # rows a dependency is tried on before all are looked at


def exact_maps(columns: Columns) -> dict[str, str]:
    """Columns whose label is determined by another column's: dependent -> determinant.

    The determinant has as many labels or more, and comes later in one order of all columns, so
    that the relation has no circle; of several the one with the fewest labels is taken.
    """
    names = [n for n, c in columns.items() if c.codec.form == "labels" and c.labels > 1]
    names.sort(key=lambda n: (columns[n].labels, n))
    maps: dict[str, str] = {}
    for at, name in enumerate(names):
        for other in asking(names[at + 1 :], every=1):
            if _determines(columns[other], columns[name]):
                maps[name] = other
                break
    return maps


def _determines(first: Learning, second: Learning) -> bool:
    a, b = filled(first), filled(second)
    for rows in (slice(0, FEW_PAIRS), slice(None)):
        pairs = np.unique(a[rows] * (second.labels + 2) + b[rows])
        if len(pairs) > len(np.unique(a[rows])):
            return False
    return True
