"""Cells: regions of earlier columns, as the leaves of a decision tree in flat arrays.

The tree is grown with scikit-learn when a profile is fitted; what is kept and applied is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]
MOST_LEVELS = 2000  # a row goes down; trees of real tables have some dozens
_LEVELS = 4  # levels rows go down before those that arrived are put aside


@dataclass(frozen=True)
class Tree:
    """Nodes in the order of growth; node 0 is the root.

    ``feature`` (nodes,) int16, -1 at a leaf; ``threshold`` (nodes,) float32; ``left`` and
    ``right`` (nodes,) int32; ``cell`` (nodes,) int32, the number of the leaf, -1 elsewhere.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    cell: NDArray[np.int32]

    @property
    def cells(self) -> int:
        return int(self.cell.max()) + 1

    @cached_property
    def _child(self) -> NDArray[np.intp]:
        """Children side by side, a leaf being its own child: one look-up a level."""
        own, leaf = np.arange(len(self.feature)), self.feature < 0
        child = np.stack([np.where(leaf, own, side) for side in (self.left, self.right)], axis=1)
        return child.astype(np.intp).ravel()

    @cached_property
    def _split(self) -> NDArray[np.intp]:
        """The feature of each node, of a leaf any."""
        return np.maximum(self.feature, 0).astype(np.intp)

    def apply(self, features: Features) -> NDArray[np.int32]:
        """The cell of each row of ``features`` (n, k), shape (n,).  A row goes left where its
        feature is at most the threshold."""
        rows = len(features)
        node = np.zeros(rows, dtype=np.intp)
        if self.feature[0] < 0:
            return self.cell[node]
        flat = features.ravel(order="F")
        child, split = self._child, self._split
        cells = np.empty(rows, dtype=np.int32)
        active = np.arange(rows)
        while len(active):
            for _ in range(_LEVELS):
                right = flat.take(active + rows * split.take(node)) > self.threshold.take(node)
                node = child.take(2 * node + right)
            cell = self.cell.take(node)
            cells[active] = cell
            open_ = np.flatnonzero(cell < 0)
            active, node = active[open_], node[open_]
        return cells


def single_cell() -> Tree:
    """The tree of a column without predictors: one cell for all rows."""
    return Tree(
        np.array([-1], np.int16),
        np.array([0], np.float32),
        np.array([-1], np.int32),
        np.array([-1], np.int32),
        np.array([0], np.int32),
    )


def tree_from(grown: Any, *, least: float = 0.0) -> Tree:
    """Our arrays of a fitted scikit-learn tree (its ``tree_`` attribute), cut back from the root
    on wherever a split takes less than ``least`` (in rows times impurity) off what is left open:
    as if the tree had been grown under that condition."""
    left, right = grown.children_left.astype(np.int64), grown.children_right.astype(np.int64)
    inner = np.flatnonzero(left >= 0)
    open_ = grown.impurity * grown.weighted_n_node_samples
    splits = np.zeros(len(left), dtype=bool)
    splits[inner] = open_[inner] - open_[left[inner]] - open_[right[inner]] >= least
    return _cut(grown.feature, grown.threshold, left, right, splits)


def _cut(
    feature: NDArray[Any],
    threshold: NDArray[Any],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    splits: NDArray[np.bool_],
) -> Tree:
    """The tree of the nodes that are reached from the root where only ``splits`` split."""
    kept = _reached(left, right, splits)
    leaf = ~splits[kept]
    number = np.zeros(len(left), dtype=np.int64)
    number[kept] = np.arange(len(kept))
    cell = np.where(leaf, np.cumsum(leaf) - 1, -1)
    return Tree(
        np.where(leaf, -1, feature[kept]).astype(np.int16),
        np.where(leaf, 0, threshold[kept]).astype(np.float32),
        np.where(leaf, -1, number[left[kept]]).astype(np.int32),
        np.where(leaf, -1, number[right[kept]]).astype(np.int32),
        cell.astype(np.int32),
    )


Fine = Callable[[NDArray[np.int64], int], NDArray[np.bool_]]


def joined(tree: Tree, cells: NDArray[np.int32], fine: Fine) -> Tree:
    """The tree with cells joined with those beside them until all are fine, or one is left.

    ``cells`` (n,) are those of some rows; ``fine(places, size)`` says which of ``size`` places may
    stay, given the place of each of these rows."""
    nodes = len(tree.feature)
    parent = np.zeros(nodes, dtype=np.int64)
    inner = np.flatnonzero(tree.feature >= 0)
    parent[tree.left[inner]] = parent[tree.right[inner]] = inner
    home = np.zeros(tree.cells, dtype=np.int64)
    leaves = np.flatnonzero(tree.cell >= 0)
    home[tree.cell[leaves]] = leaves
    splits = tree.feature >= 0
    place = home[cells]
    while splits[0]:
        stays = fine(place, nodes)
        stays[splits] = True
        poor = np.unique(place[~stays[place]])
        if not len(poor):
            break
        splits[parent[poor]] = False
        place = _highest(place, parent, splits)
    left, right = tree.left.astype(np.int64), tree.right.astype(np.int64)
    return _cut(tree.feature, tree.threshold, left, right, splits)


def _highest(
    nodes: NDArray[np.int64], parent: NDArray[np.int64], splits: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Where rows stay that would come to each of the nodes: the highest that no longer splits."""
    distinct, back = np.unique(nodes, return_inverse=True)
    highest, above = distinct.copy(), distinct
    while above.any():
        above = parent[above]
        highest = np.where(splits[above], highest, above)
    found: NDArray[np.int64] = highest[back]
    return found


def _reached(
    left: NDArray[np.int64], right: NDArray[np.int64], splits: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The nodes, in their order, that a row can come to from the root."""
    levels = [np.zeros(1, dtype=np.int64)]
    while len(levels[-1]):
        level = levels[-1][splits[levels[-1]]]
        levels.append(np.concatenate([left[level], right[level]]))
    return np.sort(np.concatenate(levels))


def tree_ok(tree: Tree, features: int) -> bool:
    """True when the arrays make a tree that ends soon: children come after their parent, and none
    lies deeper than trees grow."""
    nodes = len(tree.feature)
    kinds = {"feature": "i2", "threshold": "f4", "left": "i4", "right": "i4", "cell": "i4"}
    if any(getattr(tree, name).dtype != np.dtype(kind) for name, kind in kinds.items()):
        return False
    inner = np.flatnonzero(tree.feature >= 0)
    same = all(a.shape == (nodes,) for a in (tree.threshold, tree.left, tree.right, tree.cell))
    if not same or not nodes:
        return False
    after = all(
        ((child[inner] > inner) & (child[inner] < nodes)).all() for child in (tree.left, tree.right)
    )
    leaves = tree.cell[tree.feature < 0]
    return bool(
        after
        and (tree.feature < features).all()
        and (tree.cell[inner] == -1).all()
        and np.array_equal(np.sort(leaves), np.arange(len(leaves)))
        and _depth(tree) <= MOST_LEVELS
    )


def _depth(tree: Tree) -> int:
    """Levels from the root down, or one more than are allowed."""
    level, depth = np.zeros(1, dtype=np.int64), 0
    while depth <= MOST_LEVELS:
        level = level[tree.feature[level] >= 0]
        if not len(level):
            return depth
        level = np.unique(np.concatenate([tree.left[level], tree.right[level]]))
        depth += 1
    return depth
