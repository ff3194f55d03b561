"""Which rows of a lookup's parent are pointed at alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.cells import single_cell
from generator.fit.column import Learning, Lesson
from generator.fit.features import predictor_of
from generator.fit.growing import grown_tree
from generator.fit.linked.bonds import SURE
from generator.fit.linked.context import Learnt, labelled
from generator.fit.way import Way
from generator.fitted import Kin, along, features_of

Ints = NDArray[np.int64]
MOST_CLASSES = 48
MOST_TARGETS = 24  # columns of what a row knows that classes are cut by
OFTEN, BEYOND_CHANCE = 0.3, 2.0  # of rows that share a row of a third table, to be dealt by it


def kin_of(
    known: Mapping[str, Learning],
    parent: Learnt,
    rows: Ints,
    same: tuple[str, str] | None,
    way: Way,
    seed: int,
) -> Kin:
    """Classes of the parent's rows by what the rows (n,) that point at them know: the cells of a
    tree over the parent's columns.  ``rows`` are -1 where there is no link."""
    none = Kin((), single_cell(), same)
    set_ = rows >= 0
    pointed, where = np.unique(rows[set_], return_inverse=True)
    own = parent.leaves.columns
    names = [name for name, column in parent.columns.items() if name in own and column.tells]
    if len(pointed) < 2 * way.leaf or not names or not known:
        return none
    target = _target(known, set_, where, len(pointed))
    if target is None:
        return none
    leaf = max(way.leaf, len(pointed) // MOST_CLASSES)
    told = {name: parent.columns[name] for name in names}
    part = Lesson(told, replace(way, leaf=leaf), seed, parent.floor).at(pointed)
    predictors = tuple(predictor_of(part.columns, name, target) for name in names)
    tree = grown_tree(part, predictors, target)
    return Kin(predictors, tree, same) if tree.cells > 1 else none


def _target(
    known: Mapping[str, Learning], set_: NDArray[np.bool_], where: Ints, parents: int
) -> NDArray[np.float64] | None:
    """What is known of the rows that point at each parent, on average: scaled numbers, and shares
    of the commonest labels."""
    outputs = []
    rows = np.bincount(where, minlength=parents)
    for column in list(known.values())[:MOST_TARGETS]:
        for values in _values(column):
            value = values[set_]
            spread = float(value.std())
            if spread > 0:
                mean = np.bincount(where, (value - value.mean()) / spread, minlength=parents)
                outputs.append(mean / rows)
    return np.stack(outputs, axis=1) if outputs else None


def _values(column: Learning) -> Sequence[NDArray[np.float64]]:
    if column.codec.form == "number":
        order = np.argsort(np.argsort(column.numbers, kind="stable"), kind="stable")
        return [order / max(len(order), 1)]
    labels = column.codec.labels
    if not labels:
        return []
    if not isinstance(labels[0], str):
        return [np.array([*labels, min(labels)], dtype=np.float64)[column.places]]
    counts = np.bincount(column.places, minlength=len(labels) + 1)
    return [(column.places == at).astype(np.float64) for at in np.argsort(-counts)[:4].tolist()]


def same_group(
    mine: Mapping[str, tuple[str, Ints]], parent: Learnt, rows: Ints
) -> tuple[str, str] | None:
    """Two paths to rows of one table that agree far more often than by chance: of the rows (n,)
    themselves, and of the parent's ``rows``."""
    best, share = None, OFTEN
    set_ = rows >= 0
    if set_.sum() < SURE:
        return None
    for path, (table, own) in mine.items():
        for other, (there, theirs) in parent.groups.items():
            if there != table:
                continue
            first, second = own[set_], theirs[rows[set_]]
            agree = (first == second) & (first >= 0)
            chance = float((np.roll(first, len(first) // 2) == second).mean())
            if agree.mean() > share and agree.mean() > BEYOND_CHANCE * chance:
                best, share = (path, other), float(agree.mean())
    return best


def chosen_classes(
    kin: Kin, mine: Mapping[str, tuple[str, Ints]], parent: Learnt, rows: Ints
) -> Learning:
    """The class each row (n,) asks for, as labels “c0”, “c1” …, missing where there is no link; of
    kin that share a row of a third table the odd ones ask for the same one."""
    features = features_of(kin.predictors, parent.columns, len(parent_rows(parent)))
    cells = kin.tree.apply(features).astype(np.int64)
    asked = np.where(rows < 0, -1, cells[np.maximum(rows, 0)])
    classes = kin.tree.cells
    if kin.same is not None:
        own, theirs = mine[kin.same[0]][1], parent.groups[kin.same[1]][1]
        agree = (own == theirs[np.maximum(rows, 0)]) & (own >= 0)
        asked = np.where(asked < 0, -1, 2 * asked + agree)
        classes *= 2
    return labelled(asked, tuple(f"c{at}" for at in range(classes)))


def parent_rows(parent: Learnt) -> Ints:
    """The rows of the extract that were learnt of a table."""
    return np.flatnonzero(parent.at >= 0)


def groups_of(path: str, parent: str, learnt: Learnt, rows: Ints) -> dict[str, tuple[str, Ints]]:
    """What a link adds to the groups of a table: the row itself, and where its own links end."""
    found = {path: (parent, rows)}
    for further, (table, theirs) in learnt.groups.items():
        if further.count("\x1e") < 2 and len(theirs):
            ends = np.where(rows < 0, -1, theirs[np.maximum(rows, 0)])
            found[along(path, further)] = (table, ends)
    return found
