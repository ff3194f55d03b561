"""Lists: small tables that others only look up, as districts, airports or schools.

Twenty rows of a list are most of it, and whatever is kept of its own rows alone says nearly
nothing.  But a row of a list is shared by all who point at it.  So its rows are learnt in groups
of three at least that as many rows point at together as the floor asks for, each by the mean and
the spread of its numbers; the rows that point choose among the groups.  A table with a personal
column is no list but one of people, and so is one whose holders somebody names: there each row
counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.cells import Tree, single_cell
from generator.fit.column import Learning, Lesson
from generator.fit.floor import Floor
from generator.fit.linked.bonds import Bond, Bonds
from generator.fit.linked.context import Learnt, labelled
from generator.fit.one import learn_column
from generator.fit.order import order_of
from generator.fit.rules import ruled
from generator.fit.table import encoded
from generator.fit.way import Way
from generator.fitted import GROUP, ColumnLeaves, Kin, Predictor, TableLeaves, count_name
from generator.leaves.choice import choices_of
from generator.leaves.codec import Codec
from generator.leaves.encode import day_steps
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.leaves.scale import between
from generator.schema import Column, Kind, Schema, Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FEWEST = 3  # rows of a group
MOST_ROWS = 5_000  # of a list
MOST_GROUPS = 256
OFTEN = 5.0  # rows that point at each that is pointed at, on average
FEW_LABELS = 16  # of a column by which rows are alike
HEAVY = 2.0  # how much more than a column it matters how often a row is pointed at
COARSE = 16  # steps of a column's deviation in which the mean of a group is told
NARROWEST = 1 / 8  # of a column's deviation: the least that is told of a group
EVEN = 3**0.5  # deviations from the middle of an even spread to its end


def pointing_at(
    schema: Schema, bonds: Bonds, name: str, floors: Mapping[str, Floor]
) -> tuple[Bond, ...]:
    """The links by which a list is looked up; none where the table is no list."""
    to = [b for all_ in bonds.of.values() for b in all_ if b.parent == name]
    rows = len(bonds.kept[name])
    alone = not bonds.of[name] and all(b.way == "lookup" and not b.unique for b in to)
    people = any(column.personal is not None for column in schema[name].columns)
    named = any(floor.holders.of is not None for floor in floors.values())
    if not to or not alone or people or named or not FEWEST < rows <= MOST_ROWS:
        return ()
    pointed = [bond.rows[bond.rows >= 0] for bond in to]
    often = max(len(one) / max(len(np.unique(one)), 1) for one in pointed)
    return tuple(to) if often >= OFTEN else ()


def learn_list(
    table: Table,
    rows: pa.Table,
    pointing: Sequence[Bond],
    *,
    way: Way,
    seed: int,
    without: Collection[str],
    floor: Floor,
) -> Learnt:
    """The leaves of a list: first the group, all else by it."""
    n = rows.num_rows
    found = ruled(
        table,
        encoded(table, rows, seed=seed, floor=floor),
        seed=seed,
        without=without,
        alone=False,
        floor=floor,
    )
    own, kept = dict(found.columns), found.kept
    counts = {
        count_name(bond.table, bond.path): np.bincount(
            bond.rows[bond.rows >= 0], minlength=n
        ).astype(np.float64)
        for bond in pointing
    }
    groups = grouped(_alike(own, counts), np.max(list(counts.values()), axis=0), floor.k)
    size = int(groups.max()) + 1
    own[GROUP] = labelled(groups, tuple(f"c{at}" for at in range(size)))
    by = Kin((by_group(size),), tree_of(size))
    shares = choices_of(np.zeros(n, np.int32), groups, 1)
    leaves = {GROUP: ColumnLeaves(own[GROUP].codec, (), single_cell(), shares)}
    lesson = Lesson(found.columns, way, seed, floor)
    for name in order_of(lesson, found.columns, found.maps, kept):
        if name in found.maps and own[name].codec.form == "labels":
            leaves[name] = learn_column(lesson, name, [], found.maps, kept)
        else:
            leaves[name] = _by_group(own[name], groups, by, worked=name in kept.worked)
        own[name] = replace(own[name], codec=leaves[name].codec)
    hidden = {GROUP: Column(GROUP, Kind.TEXT)}
    for name, had in counts.items():
        hidden[name] = Column(name, Kind.FLOAT)
        own[name] = _number(had)
        leaves[name] = _by_group(own[name], groups, by, worked=False)
        own[name] = replace(own[name], codec=leaves[name].codec)
    steps = {c.name: day_steps(c, own[c.name].codec) for c in table.columns}
    days = {name: step for name, step in steps.items() if step}
    made = TableLeaves(n, leaves, hidden, (), kept.rules)
    return Learnt(made, own, {}, np.arange(n), days)


def _number(values: Floats) -> Learning:
    from generator.fit.linked.context import numbers

    plain = numbers(values)
    return replace(plain, codec=Codec("number", scale=between(0.0, 1.0, 0.0)))


def kin_by_group(parent: Learnt, same: tuple[str, str] | None) -> Kin | None:
    """The classes of a list's rows are its groups; None of a table that is no list."""
    if GROUP not in parent.columns:
        return None
    size = parent.columns[GROUP].labels
    return Kin((by_group(size),), tree_of(size), same)


def by_group(size: int) -> Predictor:
    """The number of a row's group."""
    return Predictor(GROUP, np.arange(size + 1, dtype=np.float32)[:, None])


def tree_of(size: int) -> Tree:
    """The tree whose cells are the groups."""
    if size < 2:
        return single_cell()
    nodes: list[tuple[int, float, int, int, int]] = []

    def grow(first: int, last: int) -> int:
        at = len(nodes)
        if last - first == 1:
            nodes.append((-1, 0.0, -1, -1, first))
            return at
        middle = (first + last) // 2
        nodes.append((0, middle - 0.5, 0, 0, -1))
        left, right = grow(first, middle), grow(middle, last)
        nodes[at] = (0, middle - 0.5, left, right, -1)
        return at

    grow(0, size)
    feature, threshold, left, right, cell = zip(*nodes, strict=True)
    return Tree(
        np.array(feature, np.int16),
        np.array(threshold, np.float32),
        np.array(left, np.int32),
        np.array(right, np.int32),
        np.array(cell, np.int32),
    )


def _alike(own: Mapping[str, Learning], counts: Mapping[str, Floats]) -> Floats:
    """Where rows (n, features) lie for like ones to lie together."""
    features = []
    for column in own.values():
        if column.codec.form == "number":
            features.append(_scores(column.numbers))
        elif column.codec.form == "labels" and column.labels <= FEW_LABELS:
            features += [
                (column.places == at).astype(np.float64) for at in range(column.labels + 1)
            ]
    weight = HEAVY / len(counts) ** 0.5
    features += [weight * _scores(had) for had in counts.values()]
    return np.stack(features, axis=1)


def _scores(values: Floats) -> Floats:
    """Normal scores of the ranks of values (n,)."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(values) - 0.5) / len(values)), dtype=np.float64)


def grouped(features: Floats, pointed: Floats, k: int) -> Ints:
    """The group (n,) of each row: like rows together, three at least that ``k`` rows point at;
    what nobody points at counts once.  Groups begin with the outermost row that is left, as in
    MDAV (J. Domingo-Ferrer and J. M. Mateo-Sanz, IEEE Transactions on Knowledge and Data
    Engineering 14, 2002)."""
    weight = np.maximum(pointed, 1.0)
    least = max(float(k), float(weight.sum()) / MOST_GROUPS)
    left, groups, number = np.arange(len(weight)), np.zeros(len(weight), np.int64), 0
    while len(left):
        apart = ((features[left] - features[left].mean(axis=0)) ** 2).sum(axis=1)
        outer = features[left[apart.argmax()]]
        near = left[np.argsort(((features[left] - outer) ** 2).sum(axis=1), kind="stable")]
        held = np.cumsum(weight[near])
        enough = max(int(np.searchsorted(held, least)) + 1, FEWEST)
        rest = held[-1] - held[min(enough, len(near)) - 1]
        if len(near) - enough < FEWEST or rest < least:
            enough = len(near)
        groups[near[:enough]] = number
        left, number = np.setdiff1d(left, near[:enough]), number + 1
    return groups


def _by_group(column: Learning, groups: Ints, by: Kin, *, worked: bool) -> ColumnLeaves:
    """How a column is drawn by group alone."""
    size, codec = by.tree.cells, column.codec
    present = ~column.missing
    cells = groups.astype(np.int32)
    made = ColumnLeaves(codec)
    if codec.form == "missing":
        return made
    if codec.form == "labels" and not worked:
        leaf: Any = choices_of(cells[present], column.coded.codes[present], size)
        made = ColumnLeaves(codec, by.predictors, by.tree, leaf)
    elif codec.form == "number" and not worked:
        codec, leaf = _spread(codec, column.coded.numbers[present], groups[present], size)
        made = ColumnLeaves(codec, by.predictors, by.tree, leaf)
    absent = column.coded.absent
    if not absent.any():
        return made
    gone = choices_of(cells, absent, size)
    return replace(made, predictors=by.predictors, absent_tree=by.tree, absent=gone)


def _spread(codec: Codec, values: Floats, groups: Ints, size: int) -> tuple[Codec, Curves]:
    """A straight line for each group, of the mean and the deviation of its ``values`` (n,).  Both
    are rounded by the deviation of all rows, so that no group of few rows with one value tells it.
    """
    rows = np.bincount(groups, minlength=size)
    mean = np.bincount(groups, values, minlength=size) / np.maximum(rows, 1)
    square = np.bincount(groups, (values - mean[groups]) ** 2, minlength=size)
    spread = np.sqrt(square / np.maximum(rows, 1))
    mean = np.where(rows >= FEWEST, mean, values.mean())
    spread = np.where(rows >= FEWEST, spread, values.std())
    if step := float(values.std()) / COARSE:
        mean = np.rint(mean / step) * step
        spread = np.maximum(np.rint(spread / step) * step, step * COARSE * NARROWEST)
    low, high = mean - EVEN * spread, mean + EVEN * spread
    if values.min() >= 0:
        low = np.maximum(low, 0.0)
    if values.max() <= 0:
        high = np.minimum(high, 0.0)
    assert codec.scale is not None
    first, last = float(low.min()), float(high.max())
    line = between(first, last, codec.scale.grid)
    ends = np.stack([low, high], axis=1).ravel()
    places = np.rint((ends - first) / max(last - first, 1e-300) * UNIT)
    knots = Curves(
        2 * np.arange(size + 1),
        np.tile(np.array([0, UNIT]), size),
        np.clip(places, 0, UNIT).astype(np.float64),
    )
    return replace(codec, scale=replace(line, offset=codec.scale.offset)), knots
