"""Arithmetic over rows that belong together: places in a group, even shares, parts of a sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.frame import Coded
from generator.streams import stirred

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


def in_turn(parents: Integers, children: Integers) -> Integers:
    """A parent for each child of the same group: each once, then each again.

    Both (groups,) say how many rows each group has; rows lie group by group.
    """
    group = np.repeat(np.arange(len(children)), children)
    first = np.cumsum(parents) - parents
    turn: Integers = first[group] + place_in_group(group) % parents[group]
    return turn


def ranks(group: NDArray[Any], by: NDArray[Any]) -> Integers:
    """0, 1, 2 … for the rows of each group in the order of ``by``, shape (n,)."""
    order = np.lexsort((by, group))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = place_in_group(np.asarray(group)[order])
    return rank


def renamed(coded: Coded, names: Mapping[str, str]) -> Coded:
    """Each label replaced by its name; labels with one name become one label."""
    labels = tuple(dict.fromkeys(names[label] for label in coded.labels))
    codes = np.array([labels.index(names[label]) for label in coded.labels], dtype=np.int32)
    return Coded(np.where(coded.codes < 0, np.int32(-1), codes[coded.codes]), labels)


def evened(
    u: NDArray[np.float64],
    cell: NDArray[Any],
    *keys: NDArray[Any],
    weight: Integers | None = None,
) -> NDArray[np.float64]:
    """Uniforms spread evenly over each cell: (rank + phase) / rows, ranked by ``keys`` then ``u``.

    A leaf drawn with them meets its shares in every cell to one row, however few rows there are;
    as each cell has a phase of its own, many small cells together meet rare shares too, which a
    phase of 1/2 rounds away in each of them.  ``weight`` (at least 1) counts a row as several, so
    that its shares are those of the several.
    """
    code = np.unique(np.asarray(cell), return_inverse=True)[1]
    weights = np.ones(len(u), dtype=np.int64) if weight is None else weight
    order = np.lexsort((u, *keys[::-1], code))
    size = np.bincount(code, weights=weights, minlength=1)
    upto = np.cumsum(weights[order]) - (np.cumsum(size) - size)[code[order]]
    left = 1 - _phases(np.asarray(u, dtype=np.float64)[order], code[order])
    even = np.empty(len(u))
    even[order] = (upto - weights[order] * left) / size[code[order]]
    return even


def _phases(u: NDArray[np.float64], code: NDArray[Any]) -> NDArray[np.float64]:
    """For each row of cells that lie together a number of its cell in (0, 1), as good as chance,
    that follows from the ``u`` of the cell: from the sum of their bits."""
    if not len(u):
        return u
    begin = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
    words = stirred(np.add.reduceat(u.view(np.uint64), begin))
    phase = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return np.asarray(np.repeat(phase, np.diff(np.append(begin, len(u)))))


def leaning(
    u: NDArray[np.float64], cell: NDArray[Any], by: NDArray[Any], lean: Any
) -> NDArray[np.float64]:
    """As ``evened``, but rows with a larger ``by`` tend to larger numbers: ``lean`` is 0 where
    they do not, 1 where they count for as much as ``u``.  The numbers of a cell are as even."""
    return evened(u + lean * evened(u, cell, by), cell)


def dealt(place: NDArray[Any], cell: NDArray[Any], by: NDArray[Any]) -> Integers:
    """Rows whose drawn values go to each row, so that within each cell a row with a larger ``by``
    gets a value with a larger ``place``: ``values[dealt(place_of_values, cell, by)]``.  Each cell
    keeps its values, however few they are."""
    code = np.unique(np.asarray(cell), return_inverse=True)[1]
    source = np.lexsort((place, code))
    goes_to = np.lexsort((by, code))
    rows = np.empty(len(code), dtype=np.int64)
    rows[goes_to] = source
    return rows


def spread(
    u: NDArray[np.float64], cell: NDArray[Any], phase: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Uniforms spread evenly over each cell from a random beginning: (rank + phase) / rows, the
    phase that of the cell's first row.  Many small cells together still meet rare shares, which
    ``evened`` would round away in each of them."""
    first, code, size = np.unique(
        np.asarray(cell), return_index=True, return_inverse=True, return_counts=True
    )[1:]
    even: NDArray[np.float64] = (ranks(code, u) + phase[first][code]) / size[code]
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
