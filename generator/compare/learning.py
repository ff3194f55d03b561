"""Scores that train a classifier: can synthetic rows be detected, and can one learn from them.

scikit-learn is imported where it is used: it takes two seconds, which a web server that only
plans and previews need not wait.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.rows import TableRows, drawn, together
from generator.frame import Coded
from generator.stop import asking, meanwhile
from generator.streams import Stream

MOST_ROWS = 10_000  # of each side
FOLDS = 5
FEW = 10  # values of a target that count as labels
MOST_LABELS = 250  # categories a tree may split on; the rarer ones are one
_TREES = {"max_iter": 50, "max_depth": 10, "min_samples_leaf": 5, "max_features": 0.5}
Floats = NDArray[np.float64]
Features = tuple[Floats, NDArray[np.bool_]]


def detection(
    first: TableRows, second: TableRows, *, seed: int = 0, most: int = MOST_ROWS
) -> float | None:
    """AUC of gradient-boosted trees that tell real rows from synthetic ones (C2ST with the
    classifier of mostlyai-qa); 0.5 is ideal.  Rows of one parent stay in one of five folds.
    At most ``most`` rows a side; None with fewer than 50."""
    names = [name for name in first.columns if name in second.columns]
    first, second = _thinned(first, "first", seed, most), _thinned(second, "second", seed, most)
    if min(first.rows, second.rows) < 50 or not names:
        return None
    table, categorical = _features(first, second, names)
    truth = np.repeat([0, 1], [first.rows, second.rows])
    if min(len(np.unique(side.group)) for side in (first, second)) < FOLDS:
        return None
    folds = np.concatenate([folds_of(first, "first", seed), folds_of(second, "second", seed)])

    def told_apart(train: NDArray[np.int64], test: NDArray[np.int64]) -> float:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.metrics import roc_auc_score

        told = _telling(table[train])
        if not told.any():
            return 0.5
        trees = HistGradientBoostingClassifier(
            **_TREES, categorical_features=categorical[told], random_state=seed
        )
        with _one_thread():
            trees.fit(table[train][:, told], truth[train])
            chance = trees.predict_proba(table[test][:, told])[:, 1]
        return float(roc_auc_score(truth[test], chance))

    cuts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(FOLDS)]
    return round(float(np.mean([meanwhile(partial(told_apart, *cut)) for cut in cuts])), 4)


def folds_of(side: TableRows, name: str, seed: int) -> NDArray[np.int64]:
    """The fold of each row, shape (rows,): the rows of one parent in one fold, parents dealt out
    by lot, those with most rows first and to and fro, so that folds are of about one size.  Two
    sides have two names: rows and their copies are to lie in different folds, else copying would
    not be seen."""
    parents, place, rows = np.unique(side.group, return_inverse=True, return_counts=True)
    lots = Stream(seed, side.table, f"(folds of the {name})").bits(0, len(parents))
    deal = np.arange(len(parents))
    turn, seat = np.divmod(deal, FOLDS)
    dealt = np.where(turn % 2 == 1, FOLDS - 1 - seat, seat)
    folds = np.empty(len(parents), dtype=np.int64)
    folds[np.lexsort((lots, -rows))] = dealt
    return folds[place]


def usefulness(
    real: TableRows,
    synthetic: TableRows,
    unseen: TableRows,
    target: str,
    *,
    seed: int = 0,
    most: int = MOST_ROWS,
) -> dict[str, Any] | None:
    """Train on synthetic and on real rows, test both on rows neither has seen.  AUC (the mean over
    the labels, each against all others) for a target of at most ``FEW`` values, R² for a number.
    At most ``most`` rows a side.  None where the target cannot be learnt."""
    names = [name for name in real.columns if name != target]
    if not names:
        return None
    sides = [
        _thinned(side, name, seed, most)
        for side, name in ((real, "taught"), (synthetic, "drawn"), (unseen, "asked"))
    ]
    truth = _targets(sides, target)
    there = [~_missing(values) for values in truth]
    table, categorical = _stacked(sides, names)
    test = (table[2][there[2]], truth[2][there[2]])
    scored: dict[str, Any] = {"target": target, "table": real.table}
    for at, name in enumerate(("real", "synthetic")):
        train = (table[at][there[at]], truth[at][there[at]])
        if not _teaches(train[1], test[1]):
            return None
        measure, scored[name] = meanwhile(partial(_learnt, train, test, categorical, seed=seed))
        if scored[name] is None:
            return None
        scored["measure"] = measure
    return scored


def _teaches(train: NDArray[Any], test: NDArray[Any]) -> bool:
    enough = len(train) >= 50 and len(test) >= 20
    return enough and len(np.unique(train)) > 1 and len(np.unique(test)) > 1


def _one_thread() -> AbstractContextManager[Any]:
    """Threads of trees this small spend their time waiting, a hundred times longer when the
    cores are busy."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="openmp")
    return limits


def _learnt(
    train: tuple[Floats, NDArray[Any]],
    test: tuple[Floats, NDArray[Any]],
    categorical: NDArray[np.bool_],
    *,
    seed: int,
) -> tuple[str, float | None]:
    told = _telling(train[0])
    if not told.any():
        return "", None
    held = ((train[0][:, told], train[1]), (test[0][:, told], test[1]))
    with _one_thread():  # it holds for the thread that says so
        if train[1].dtype.kind == "f":
            return "R²", _explained(*held, categorical[told], seed=seed)
        return "AUC", _ranked_right(*held, categorical[told], seed=seed)


def _explained(
    train: tuple[Floats, NDArray[Any]],
    test: tuple[Floats, NDArray[Any]],
    categorical: NDArray[np.bool_],
    *,
    seed: int,
) -> float:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.metrics import r2_score

    model = HistGradientBoostingRegressor(
        **_TREES, categorical_features=categorical, random_state=seed
    )
    model.fit(*train)
    return round(float(r2_score(test[1], model.predict(test[0]))), 4)


def _ranked_right(
    train: tuple[Floats, NDArray[Any]],
    test: tuple[Floats, NDArray[Any]],
    categorical: NDArray[np.bool_],
    *,
    seed: int,
) -> float | None:
    """The mean AUC of the labels that both sides hold, each against all others."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    classes = len(np.unique(train[1]))
    turns = {"max_iter": _TREES["max_iter"] if classes < 3 else max(10, 60 // classes)}
    trees = HistGradientBoostingClassifier(
        **{**_TREES, **turns}, categorical_features=categorical, random_state=seed
    )
    trees.fit(*train)
    chance = trees.predict_proba(test[0])
    held = [at for at, label in enumerate(trees.classes_) if (test[1] == label).any()]
    aucs = [
        roc_auc_score(test[1] == trees.classes_[at], chance[:, at])
        for at in held
        if (test[1] != trees.classes_[at]).any()
    ]
    return round(float(np.mean(aucs)), 4) if aucs else None


def _telling(table: Floats) -> NDArray[np.bool_]:
    """The features that hold a value at all: trees cannot be cut on the others."""
    return np.asarray(~np.isnan(table).all(axis=0))


def _targets(sides: Sequence[TableRows], target: str) -> list[NDArray[Any]]:
    """The target of each side: float64, or label codes (-1 missing) over one list of labels;
    numbers of at most ``FEW`` values are labels."""
    values = [side.columns[target] for side in sides]
    if not isinstance(values[0], Coded):
        numbers = [np.asarray(value, dtype=np.float64) for value in values]
        few = np.unique(numbers[0][~np.isnan(numbers[0])])
        return numbers if len(few) > FEW else [_places(number, few) for number in numbers]
    return [column.codes for column in _over_one_list(values)]


def _places(numbers: Floats, values: Floats) -> NDArray[np.int64]:
    """Which of the sorted values each number is; -1 for none of them."""
    place = np.minimum(np.searchsorted(values, numbers), max(len(values) - 1, 0))
    known = np.zeros(len(numbers), dtype=bool) if not len(values) else values[place] == numbers
    return np.where(known, place, -1)


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.isnan(values) if values.dtype.kind == "f" else np.asarray(values < 0)


def _thinned(side: TableRows, name: str, seed: int, most: int) -> TableRows:
    return side.take(drawn(side.rows, most, name=f"{side.table} {name}", seed=seed))


def _features(first: TableRows, second: TableRows, names: Sequence[str]) -> Features:
    stacked, categorical = _stacked([first, second], names)
    return np.concatenate(stacked), categorical


def _stacked(
    sides: Sequence[TableRows], names: Sequence[str]
) -> tuple[list[Floats], NDArray[np.bool_]]:
    """Feature tables of sides, shape (rows, columns) each: numbers as they are, labels as codes
    by falling frequency; NaN where missing."""
    columns: list[list[Floats]] = [[] for _ in sides]
    categorical = []
    for name in asking(names, every=1):
        values = [side.columns[name] for side in sides]
        categorical.append(isinstance(values[0], Coded))
        if categorical[-1]:
            coded = _over_one_list(values)
            ranks = _ranks([column.codes for column in coded], len(coded[0].labels))
            features = [_ranked(column.codes, ranks) for column in coded]
        else:
            features = [np.asarray(value, dtype=np.float64) for value in values]
        for at, column in enumerate(features):
            columns[at].append(column)
    return [np.column_stack(parts) for parts in columns], np.array(categorical)


def _over_one_list(values: Sequence[Any]) -> list[Coded]:
    """Label columns over the list of all their labels."""
    every = values[0]
    for value in values[1:]:
        every, _ = together(every, value)
    return [together(value, every)[0] for value in values]


def _ranks(codes: Sequence[NDArray[np.int32]], labels: int) -> NDArray[np.float64]:
    whole = np.concatenate(codes)
    rows = np.bincount(whole[whole >= 0], minlength=labels)
    ranks = np.empty(labels + 1)
    ranks[np.argsort(-rows, kind="stable")] = np.arange(labels)
    ranks[-1] = math.nan
    return np.minimum(ranks, MOST_LABELS)


def _ranked(codes: NDArray[np.int32], ranks: NDArray[np.float64]) -> Floats:
    return ranks[codes]
