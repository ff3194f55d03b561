"""Which rows lie nearest, of rows as points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.stop import ask

Points = NDArray[np.float32]
Floats = NDArray[np.float64]
_BLOCK = 1_000
_NOTHING = 1e-5  # what is left of equal rows after rounding


def nearest(rows: Points, others: Points) -> Floats:
    """Euclidean distance of each row to the nearest of ``others``, shape (rows,)."""
    return neighbours(rows, others, 1)[0][:, 0]


def neighbours(rows: Points, others: Points, k: int) -> tuple[Floats, NDArray[np.int64]]:
    """Distances of the ``k`` nearest of ``others`` to each row, rising, and which they are; shape
    (rows, k) each, k at most the number of others."""
    k = min(k, len(others))
    theirs = others.astype(np.float64)
    squares = (theirs**2).sum(axis=1)
    distances = np.empty((len(rows), k))
    which = np.empty((len(rows), k), dtype=np.int64)
    for first in range(0, len(rows), _BLOCK):
        ask()
        block = rows[first : first + _BLOCK].astype(np.float64)
        apart = (block**2).sum(axis=1)[:, None] + squares - 2 * (block @ theirs.T)
        if k == 1:
            near = apart.argmin(axis=1)[:, None]
        else:
            near = np.argpartition(apart, k - 1, axis=1)[:, :k]
        held = np.take_along_axis(apart, near, axis=1)
        order = np.argsort(held, axis=1, kind="stable")
        which[first : first + _BLOCK] = np.take_along_axis(near, order, axis=1)
        distances[first : first + _BLOCK] = np.take_along_axis(held, order, axis=1)
    distances = np.sqrt(np.maximum(distances, 0.0))
    distances[distances < _NOTHING] = 0.0
    return distances, which
