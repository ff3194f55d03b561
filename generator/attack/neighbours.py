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
    (rows, k) each, k at most the number of others.  Which lie nearest is told by single floats,
    how far those lie by double ones."""
    k = min(k, len(others))
    theirs = np.ascontiguousarray(others, dtype=np.float32)
    squares = np.einsum("ij,ij->i", theirs, theirs)
    distances = np.empty((len(rows), k))
    which = np.empty((len(rows), k), dtype=np.int64)
    for first in range(0, len(rows), _BLOCK):
        ask()
        block = rows[first : first + _BLOCK].astype(np.float32)
        apart = block @ theirs.T  # of one row the squares but for its own length, in place
        apart *= -2
        apart += squares
        if k == 1:
            near = apart.argmin(axis=1)[:, None]
        else:
            near = np.argpartition(apart, k - 1, axis=1)[:, :k]
        held = _apart(block, theirs, near)
        order = np.argsort(held, axis=1, kind="stable")
        which[first : first + _BLOCK] = np.take_along_axis(near, order, axis=1)
        distances[first : first + _BLOCK] = np.take_along_axis(held, order, axis=1)
    distances[distances < _NOTHING] = 0.0
    return distances, which


def _apart(rows: Points, others: Points, near: NDArray[np.int64]) -> Floats:
    """Distances (rows, k) of each row to the others that are near it."""
    found = np.empty(near.shape)
    for at, some in enumerate(near.T):
        between = rows.astype(np.float64) - others[some]
        found[:, at] = np.sqrt(np.einsum("ij,ij->i", between, between))
    return found
