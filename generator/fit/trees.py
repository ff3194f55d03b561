"""Growing trees: which earlier columns tell a column, and into which cells they cut its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree, single_cell, tree_from
from generator.fit.column import Learning, Lesson, Target, learnable
from generator.fit.features import predictor_of, target_of
from generator.fitted import Predictor, features_of
from generator.stop import asking, meanwhile

MOST_CELLS = 3000  # of a column
TREE_ROWS = 200_000  # of a longer table trees are grown on an even sample; leaves count all rows


def chosen_for(lesson: Lesson, column: Learning, earlier: list[str]) -> list[str]:
    """The predictors of a column: those a first tree over all of them splits on most."""
    most = lesson.way.predictors
    if len(earlier) <= most:
        return earlier
    predictors, grown, _ = _grown(lesson, column, earlier, leaf=4 * lesson.way.leaf)
    gain = grown.feature_importances_
    owner = np.repeat(np.arange(len(predictors)), [p.width for p in predictors])
    weight = np.bincount(owner, gain, minlength=len(predictors))
    best = np.argsort(-weight, kind="stable")[:most]
    return [earlier[at] for at in sorted(best.tolist())]


def grown_cells(
    lesson: Lesson, column: Learning, chosen: list[str]
) -> tuple[tuple[Predictor, ...], Tree, NDArray[np.int32]]:
    """The predictors a tree is grown on, the tree, and the cell of each row (n,)."""
    n = len(column.missing)
    rows = np.flatnonzero(learnable(column))
    few = len(rows) < 2 * lesson.way.leaf
    if few or not chosen or (column.codec.form == "labels" and column.labels < 2):
        return (), single_cell(), np.zeros(n, dtype=np.int32)
    predictors, grown, features = _grown(lesson, column, chosen, leaf=lesson.way.leaf)
    tree = tree_from(grown.tree_)
    return predictors, tree, tree.apply(features)


def _grown(  # type: ignore[no-untyped-def]  # scikit-learn has no types
    lesson: Lesson, column: Learning, chosen: list[str], *, leaf: int
):
    rows = np.flatnonzero(learnable(column))
    rows = rows[:: max(1, -(-len(rows) // TREE_ROWS))]
    leaf = max(leaf, len(rows) // MOST_CELLS)
    target = target_of(column)
    predictors = tuple(
        predictor_of(lesson.columns, other, target, rows) for other in asking(chosen, every=1)
    )
    features = features_of(predictors, lesson.columns, len(column.missing))
    seen, learnt, classes = features[rows], target[rows], target.dtype.kind == "i"
    free = planted(seen, learnt, classes=classes, seed=lesson.seed, leaf=leaf)
    # rounding leaves less than nothing open where values hardly differ for their size
    gain = max(0.0, lesson.way.gain * _unexplained(free.tree_) / len(rows))
    grown = planted(seen, learnt, classes=classes, seed=lesson.seed, leaf=leaf, gain=gain)
    return predictors, grown, features


def planted(  # type: ignore[no-untyped-def]  # scikit-learn has no types
    features: NDArray[np.float32],
    target: Target,
    *,
    classes: bool,
    seed: int,
    leaf: int,
    gain: float = 0.0,
):
    """A tree of scikit-learn's, grown while somebody may ask to stop: of 200,000 rows it takes
    half a minute."""

    def grow():  # type: ignore[no-untyped-def]
        kind = _tree(classes=classes)
        tree = kind(min_samples_leaf=leaf, min_impurity_decrease=gain, random_state=seed)
        return tree.fit(features, target)

    return meanwhile(grow)


def _tree(*, classes: bool):  # type: ignore[no-untyped-def]  # scikit-learn has no types
    """scikit-learn's tree of labels or of numbers, imported when one is grown: that takes two
    seconds, which a web server that only plans and previews need not wait."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    return DecisionTreeClassifier if classes else DecisionTreeRegressor


def _unexplained(tree: Any) -> float:
    """Mean impurity that a full-grown tree leaves in its leaves."""
    leaf = tree.children_left < 0
    weight = tree.n_node_samples[leaf]
    return float((tree.impurity[leaf] * weight).sum() / weight.sum())
