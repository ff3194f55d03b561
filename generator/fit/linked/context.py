"""What a row knows besides its own columns: its parents' rows, the rows before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Learning
from generator.fit.floor import EACH_ROW, Floor
from generator.fitted import (
    MARK,
    ColumnLeaves,
    Predictor,
    TableLeaves,
    again,
    along,
    before,
    mean_name,
)
from generator.leaves.codec import Codec, Encoded
from generator.leaves.scale import between

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
REACH = 2  # rows before a row that it is learnt from
MOST_LIKE, MOST_LIKE_BY = 64, 3  # labels that rows may be alike by, and columns of them


@dataclass(frozen=True)
class Learnt:
    """A table that was learnt.  ``columns`` are those that tell something, of its context too;
    ``groups`` by path of links the table and the rows it ends at; ``at`` (rows of the extract,)
    the place of each row among those learnt, -1 where it was left out; ``days`` are the columns of
    moments with their steps of a day; ``floor`` says whose the rows learnt are."""

    leaves: TableLeaves
    columns: Mapping[str, Learning]
    groups: Mapping[str, tuple[str, Ints]]
    at: Ints
    days: Mapping[str, float]
    floor: Floor = EACH_ROW

    @property
    def rows(self) -> int:
        return int((self.at >= 0).sum())


def taken(column: Learning, rows: Ints) -> Learning:
    """A column at ``rows``, -1 being missing."""
    gone = rows < 0
    at = np.maximum(rows, 0)
    coded = column.coded
    return Learning(
        column.codec,
        Encoded(
            np.where(gone, -1, coded.codes[at]),
            column.numbers[at],
            np.where(gone, 1, coded.absent[at]),
        ),
    )


def numbers(values: Floats, missing: NDArray[np.bool_] | None = None) -> Learning:
    """A column of plain numbers, as state is known."""
    absent = np.zeros(len(values), np.int64) if missing is None else missing.astype(np.int64)
    return Learning(Codec("number"), Encoded(np.full(len(values), -1), values, absent))


def moved_to(column: Learning, numbers: Floats) -> Learning:
    """A column of numbers with other ones, to be known by only."""
    return Learning(column.codec, replace(column.coded, numbers=numbers))


def as_number(column: Learning) -> Learning | None:
    """A column of numbers that is learnt value by value as one on a scale, others as they are; None
    where it is no number."""
    labels = column.codec.labels
    if column.codec.form == "number":
        return column if not column.codec.words else None
    if column.codec.form != "labels" or isinstance(labels[0], str) or column.coded.codes.min() < 0:
        return None
    values = np.array(labels, dtype=np.float64)
    grid = 1.0 if (values == np.rint(values)).all() else 0.0
    codec = Codec("number", scale=between(float(values[0]), float(values[-1]), grid))
    return Learning(
        codec, Encoded(column.coded.codes, values[column.coded.codes], column.coded.absent)
    )


def labelled(codes: Ints, labels: tuple[str, ...]) -> Learning:
    """A column of labels; codes below 0 are missing."""
    absent = (codes < 0).astype(np.int64)
    return Learning(Codec("labels", labels=labels), Encoded(codes, np.zeros(len(codes)), absent))


def of_parent(path: str, parent: Learnt, rows: Ints) -> dict[str, Learning]:
    """The parent's columns at ``rows`` (n,) of those learnt, and of its own context what its trees
    split on."""
    own = parent.leaves.columns
    split = {p.column for leaves in own.values() for p in _split_on(leaves)}
    return {
        along(path, name): taken(column, rows)
        for name, column in parent.columns.items()
        if name in own or (name in split and not name.startswith("\x1e"))
    }


def _split_on(leaves: ColumnLeaves) -> list[Predictor]:
    """The predictors that the column's tree has a node for."""
    if leaves.tree is None:
        return []
    used = set(leaves.tree.feature[leaves.tree.feature >= 0].tolist())
    found, at = [], 0
    for predictor in leaves.predictors:
        if used & set(range(at, at + predictor.width)):
            found.append(predictor)
        at += predictor.width
    return found


def of_rows_before(columns: Mapping[str, Learning], place: Ints) -> dict[str, Learning]:
    """Columns of the rows before, and means so far, of rows that stand parent by parent; ``place``
    (n,) counts from 0 under each parent."""
    found: dict[str, Learning] = {}
    rows = np.arange(len(place))
    for name, column in columns.items():
        if not column.tells:
            continue
        for back in range(1, REACH + 1):
            found[before(name, back)] = taken(column, np.where(place >= back, rows - back, -1))
        if column.codec.form == "number":
            found[mean_name(name)] = _mean_so_far(column, place)
    return found


def of_like_rows(columns: Mapping[str, Learning], place: Ints) -> dict[str, dict[str, Learning]]:
    """By column of few labels, the columns of the latest row before, of the same parent, that has
    the label of the row itself: what a standing order came to, the last time."""
    labels = {
        name: column
        for name, column in columns.items()
        if not name.startswith(MARK)
        and column.codec.form == "labels"
        and isinstance(column.codec.labels[0], str)
        and 2 <= column.labels <= MOST_LIKE
    }
    fewest = sorted(labels, key=lambda name: -labels[name].labels)[:MOST_LIKE_BY]
    parents = np.cumsum(place == 0)
    found: dict[str, dict[str, Learning]] = {}
    for label in fewest:
        rows = _latest(parents * (labels[label].labels + 1) + labels[label].places)
        found[label] = {
            again(label, name): taken(column, rows)
            for name, column in columns.items()
            if column.tells and name != label and not name.startswith(MARK)
        }
    return found


def _latest(groups: Ints) -> Ints:
    """The row before each row (n,) that is of the same group, -1 where there is none."""
    order = np.argsort(groups, kind="stable")
    same = np.append(False, groups[order][1:] == groups[order][:-1])
    rows = np.full(len(groups), -1, dtype=np.int64)
    rows[order[same]] = order[np.flatnonzero(same) - 1]
    return rows


def _mean_so_far(column: Learning, place: Ints) -> Learning:
    """The mean over the rows before, of one parent."""
    value = np.where(column.missing, 0.0, column.numbers)
    seen = (~column.missing).astype(np.float64)
    start = np.arange(len(place)) - place
    sums = np.concatenate([[0.0], np.cumsum(value)])
    counts = np.concatenate([[0.0], np.cumsum(seen)])
    at = np.arange(len(place))
    number = counts[at] - counts[start]
    mean = (sums[at] - sums[start]) / np.maximum(number, 1)
    return numbers(mean, number == 0)
