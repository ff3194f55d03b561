"""Trees, shares and curves as the arrays of a profile's file, and back, without loss.

What follows from the rest is left out: the children of a tree grown left side first, where the
entries of a cell begin.  Knots are kept as steps from the knot before.  That is a third of the
file; arrays kept whole are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree, tree_ok
from generator.leaves.choice import Choices
from generator.leaves.coarse import STEP
from generator.leaves.guide import UNIT
from generator.leaves.packed import whole
from generator.leaves.quantiles import Curves

Arrays = Mapping[str, NDArray[Any]]
Fields = Iterator[tuple[str, NDArray[Any]]]
GROWN = {"splits": 9, "rises": 2, "ranks": 2, "entries": 2}  # so many times as many bytes unpacked
_LAST = np.uint32(UNIT - 1)  # stands for 2**32


def room_of(sizes: Mapping[str, int]) -> int:
    """Bytes in memory of arrays that take so many bytes by name."""
    return sum(size * GROWN.get(name.rpartition(".")[2], 1) for name, size in sizes.items())


def kept(part: Tree | Choices | Curves) -> Fields:
    """The arrays that a part is kept as, by the last word of their names."""
    if isinstance(part, Tree):
        yield from _tree_kept(part)
        return
    yield from _entries_kept(part.first)
    if isinstance(part, Choices):
        yield from (("upto", part.upto), ("code", part.code))
        return
    yield from _places_kept(part)
    yield from _ranks_kept(part.value)


def scale_kept(curves: Curves) -> Fields:
    """As ``kept``, of the one cell of a scale: its places as what each is more than the last."""
    yield from (("first", curves.first), ("gains", np.diff(curves.at, prepend=0)))
    yield "value", curves.value


def tree_of(stem: str, arrays: Arrays, width: int) -> Tree | None:
    """The tree over ``width`` features; None where there is none, ValueError for a wrong one."""
    if f"{stem}.splits" in arrays:
        tree = _grown(arrays[f"{stem}.splits"], arrays[f"{stem}.edges"])
    elif f"{stem}.feature" in arrays:
        tree = Tree(**{name: arrays[f"{stem}.{name}"] for name in Tree.__dataclass_fields__})
    else:
        return None
    if not tree_ok(tree, width):
        raise ValueError(stem)
    return tree


def choices_of(stem: str, arrays: Arrays) -> Choices | None:
    if f"{stem}.code" not in arrays:
        return None
    return Choices(_first(stem, arrays), arrays[f"{stem}.upto"], arrays[f"{stem}.code"])


def curves_of(stem: str, arrays: Arrays) -> Curves | None:
    if not any(f"{stem}.{name}" in arrays for name in ("at", "rises", "gains")):
        return None
    first = _first(stem, arrays)
    return Curves(first, _places(stem, arrays, first), _values(stem, arrays))


def _tree_kept(tree: Tree) -> Fields:
    """The feature of each node, and where those that split are cut."""
    inner = tree.feature >= 0
    edges = tree.threshold[inner]
    if len(edges):
        again = _grown(tree.feature, edges)
        if all(np.array_equal(getattr(again, n), getattr(tree, n)) for n in _FOLLOWS):
            yield from (("splits", tree.feature), ("edges", edges))
            return
    for name in Tree.__dataclass_fields__:
        yield name, getattr(tree, name)


_FOLLOWS = ("left", "right", "cell")


def _grown(feature: NDArray[Any], edges: NDArray[Any]) -> Tree:
    """A tree whose nodes stand left side first: behind each that splits all of its left side, then
    all of its right one.  Raises ValueError where features make no such tree."""
    if feature.dtype != np.int16 or feature.ndim != 1 or edges.ndim != 1:
        raise ValueError("nodes of a tree")
    splits = feature >= 0
    nodes = np.arange(len(feature))
    open_ = np.cumsum(np.where(splits, 1, -1))  # sides still to come, less one
    if np.count_nonzero(splits) != len(edges) or open_[-1] != -1 or (open_[:-1] < 0).any():
        raise ValueError("nodes of a tree")
    inner = np.flatnonzero(splits)
    by_open = np.argsort(open_, kind="stable")
    ends = open_[by_open] * len(feature) + by_open  # rising
    behind = np.searchsorted(ends, (open_[inner] - 1) * len(feature) + inner)
    left, right = np.full((2, len(feature)), -1, dtype=np.int32)
    left[inner], right[inner] = inner + 1, by_open[behind] + 1
    threshold = np.zeros(len(feature), dtype=edges.dtype)
    threshold[inner] = edges
    cell = np.where(splits, -1, nodes - np.cumsum(splits)).astype(np.int32)
    return Tree(feature, threshold, left, right, cell)


def _entries_kept(first: NDArray[np.int64]) -> Fields:
    yield "entries", np.diff(first).astype(np.int32)


def _first(stem: str, arrays: Arrays) -> NDArray[np.int64]:
    """Where the entries of each cell begin."""
    if f"{stem}.entries" not in arrays:
        return arrays[f"{stem}.first"]
    entries = arrays[f"{stem}.entries"]
    if not whole(entries) or (entries < 1).any():
        raise ValueError(stem)
    return np.append(0, np.cumsum(entries, dtype=np.int64))


def _places_kept(curves: Curves) -> Fields:
    """Places as steps from the one before in the same cell, where they all are whole steps."""
    steps, rest = np.divmod(curves.at, STEP)
    if rest.any():
        yield "at", curves.at
        return
    rises = np.diff(steps, prepend=0)
    rises[curves.first[:-1]] = 0
    yield "rises", rises.astype(np.int32)


def _places(stem: str, arrays: Arrays, first: NDArray[np.int64]) -> NDArray[np.int64]:
    if f"{stem}.gains" in arrays:
        gains = arrays[f"{stem}.gains"]
        if not whole(gains) or (gains < 0).any() or (gains > UNIT).any():
            raise ValueError(stem)
        return np.cumsum(gains, dtype=np.int64)
    if f"{stem}.rises" not in arrays:
        return arrays[f"{stem}.at"]
    rises = arrays[f"{stem}.rises"]
    if not whole(rises) or not whole(first) or not len(first) or first[-1] != len(rises):
        raise ValueError(stem)
    steps = np.cumsum(rises, dtype=np.int64)
    below = steps[first[:-1]]
    places: NDArray[np.int64] = (steps - np.repeat(below, np.diff(first))) * STEP
    return places


def _ranks_kept(value: NDArray[np.float64]) -> Fields:
    """Values as 32 bits each, where all are whole ranks of a scale."""
    within = (value >= 0) & (value <= UNIT) & (value != _LAST) & (value == np.rint(value))
    if within.all():
        yield "ranks", np.minimum(value, float(_LAST)).astype(np.uint32)
    else:
        yield "value", value


def _values(stem: str, arrays: Arrays) -> NDArray[np.float64]:
    if f"{stem}.ranks" not in arrays:
        return arrays[f"{stem}.value"]
    ranks = arrays[f"{stem}.ranks"]
    if ranks.dtype != np.uint32:
        raise ValueError(stem)
    value: NDArray[np.float64] = np.where(ranks == _LAST, float(UNIT), ranks)
    return value
