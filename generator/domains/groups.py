"""Arithmetic over rows that belong together: places in a group, even shares, parts of a sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def place_in_group(group: NDArray[Any]) -> Integers:
    """0, 1, 2 … for the rows of each group in row order, shape (n,)."""
    n = len(group)
    order = np.argsort(group, kind="stable")
    ordered = np.asarray(group)[order]
    first = np.ones(n, dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    places = np.empty(n, dtype=np.int64)
    places[order] = np.arange(n) - np.repeat(starts, np.diff(np.append(starts, n)))
    return places


def evened(
    u: NDArray[np.float64],
    cell: NDArray[Any],
    *keys: NDArray[Any],
    weight: Integers | None = None,
) -> NDArray[np.float64]:
    """Uniforms spread evenly over each cell: (rank + 1/2) / rows, ranked by ``keys`` then ``u``.

    A leaf drawn with them meets its shares in every cell to one row, however few rows there are.
    ``weight`` (at least 1) counts a row as several, so that its shares are those of the several.
    """
    code = np.unique(np.asarray(cell), return_inverse=True)[1]
    weights = np.ones(len(u), dtype=np.int64) if weight is None else weight
    order = np.lexsort((u, *keys[::-1], code))
    size = np.bincount(code, weights=weights, minlength=1)
    upto = np.cumsum(weights[order]) - (np.cumsum(size) - size)[code[order]]
    even = np.empty(len(u))
    even[order] = (upto - weights[order] / 2) / size[code[order]]
    return even


def parted(total: Integers, weights: NDArray[np.float64], grain: Integers) -> Integers:
    """Parts of each row's ``total`` (n,) in proportion to ``weights`` (n, k); parts are whole
    multiples of ``grain`` but the last one with a weight, which takes the rest; every row sums to
    its total.  A weight of 0 gives no part."""
    share = np.cumsum(weights, axis=1) / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    edges = np.floor(share * (total // grain)[:, None] + 1e-9).astype(np.int64) * grain[:, None]
    last = np.where(weights > 0, np.arange(weights.shape[1]), -1).max(axis=1)
    reached = np.arange(weights.shape[1])[None, :] >= last[:, None]
    edges = np.where(reached, total[:, None], edges)
    parts: Integers = np.diff(edges, axis=1, prepend=0)
    return parts


def round_half_up(values: NDArray[Any]) -> Integers:
    """Nearest whole numbers, halves upwards."""
    return np.floor(values + 0.5).astype(np.int64)
