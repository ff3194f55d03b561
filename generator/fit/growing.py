"""Growing trees: into which cells the earlier columns cut the rows of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree, single_cell, tree_from
from generator.fit.column import Learning, Lesson, Target, evenly, learnable, values_of
from generator.fit.features import predictor_of, target_of
from generator.fit.predictors import chosen_for
from generator.fit.steps import Steps
from generator.fit.trees import planted
from generator.fitted import Predictor, features_of
from generator.stop import asking

MOST_CELLS = 3000  # of a column
TREE_ROWS = 60_000  # of a longer table trees are grown on an even sample; leaves count all rows
BLOCK_ROWS = 65_536  # rows whose features are in memory together

Cells = NDArray[np.int32]


def grown_cells(
    lesson: Lesson, column: Learning, earlier: list[str]
) -> tuple[tuple[Predictor, ...], Tree, Cells]:
    """The predictors of a column's values, the tree over them, and the cell of each row (n,)."""
    rows = np.flatnonzero(learnable(column))
    few = len(rows) < 2 * lesson.way.leaf
    if few or not earlier or (column.codec.form == "labels" and column.labels < 2):
        return (), single_cell(), np.zeros(len(column.missing), dtype=np.int32)
    rows = evenly(rows, TREE_ROWS)
    target = target_of(column.at(rows))
    chosen = chosen_for(lesson, rows, target, earlier, lesson.way.predictors)
    part = lesson.at(rows)
    predictors = tuple(
        predictor_of(part.columns, other, target) for other in asking(chosen, every=1)
    )
    tree = grown_tree(part, predictors, target, rare=lesson.floor.rare(values_of(column))[rows])
    return predictors, tree, cells_of(lesson, predictors, tree, len(column.missing))


def grown_tree(
    part: Lesson,
    predictors: tuple[Predictor, ...],
    target: Target,
    *,
    rare: NDArray[np.bool_] | None = None,
) -> Tree:
    """A tree for the target (n,) or (n, outputs) of all rows of ``part``, without the splits that
    explain too little of what the tree leaves open, that leave a cell to too few persons, or to
    nothing but one value that is ``rare`` (n,)."""
    n = len(target)
    leaf = max(part.way.leaf, part.floor.k, n // part.share(MOST_CELLS))
    features = features_of(predictors, part.columns, n)
    steps = Steps.of(features)
    taken = steps.taken(features)
    grown = planted(
        taken,
        target,
        classes=target.dtype.kind == "i",
        seed=part.seed,
        leaf=leaf,
    ).tree_
    # rounding leaves less than nothing open where values hardly differ for their size
    least = max(0.0, part.way.gain * _unexplained(grown))
    tree = tree_from(grown, least=least)
    return steps.on_features(part.floor.kept(tree, tree.apply(taken), rare))


def cells_of(lesson: Lesson, predictors: tuple[Predictor, ...], tree: Tree, n: int) -> Cells:
    """The cell (n,) of each of the table's ``n`` rows."""
    cells = np.zeros(n, dtype=np.int32)
    if tree.cells < 2:
        return cells
    for first in asking(range(0, n, BLOCK_ROWS), every=1):
        block = slice(first, min(first + BLOCK_ROWS, n))
        known = lesson.at(block).columns
        cells[block] = tree.apply(features_of(predictors, known, block.stop - first))
    return cells


def _unexplained(tree: Any) -> float:
    """Mean impurity that a full-grown tree leaves in its leaves."""
    leaf = tree.children_left < 0
    weight = tree.n_node_samples[leaf]
    return float((tree.impurity[leaf] * weight).sum() / weight.sum())
