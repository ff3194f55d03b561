"""Lists: small tables that others only look up, as districts, airports or schools.

Twenty rows of a list are most of it, and whatever is kept of its own rows alone says nearly
nothing.  But a row of a list is shared by all who point at it.  So its rows are learnt in groups
of three at least that as many rows point at together as the floor asks for, each by where its
numbers stand among all, on average, and how far apart; the rows that point choose among the groups.
Labels, and the values at which numbers stand, rest on three rows and as many that point, too.  A
table with a personal column is no list but one of people, and so is one whose holders somebody
names: there each row counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.cells import Tree, single_cell
from generator.fit.column import Learning, Lesson
from generator.fit.floor import Floor
from generator.fit.linked.bonds import Bond, Bonds
from generator.fit.linked.context import Learnt, labelled, numbers, taken
from generator.fit.one import learn_column
from generator.fit.order import order_of
from generator.fit.rules import ruled
from generator.fit.table import encoded
from generator.fit.way import Way
from generator.fitted import GROUP, ColumnLeaves, Kin, Predictor, TableLeaves, count_name
from generator.leaves.choice import choices_of
from generator.leaves.codec import TEXT, Codec
from generator.leaves.encode import day_steps
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.leaves.scale import Scale, between
from generator.schema import Column, Kind, Schema, Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
FEWEST = 3  # rows of a group
MOST_ROWS = 5_000  # of a list
MOST_GROUPS = 256
OFTEN = 5.0  # rows that point at each that is pointed at, on average
FEW_LABELS = 16  # of a column by which rows are alike
HEAVY = 2.0  # how much more than a column it matters how often a row is pointed at
COARSE = 16  # steps of a column's deviation in which a mean is told
FINE = 256  # steps in which it is told where a group's rows stand among all
NORMAL = 1.349  # deviations between the quartiles of a normal column
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
    counts = {
        count_name(bond.table, bond.path): np.bincount(
            bond.rows[bond.rows >= 0], minlength=n
        ).astype(np.float64)
        for bond in pointing
    }
    pointed = np.max(list(counts.values()), axis=0)
    found = ruled(
        table,
        _encoded(table, rows, pointed, seed=seed, floor=floor),
        seed=seed,
        without=without,
        alone=False,
        floor=floor,
    )
    own, kept = dict(found.columns), found.kept
    groups = grouped(_alike(own, counts), pointed, floor.k)
    size = int(groups.max()) + 1
    own[GROUP] = labelled(groups, tuple(f"c{at}" for at in range(size)))
    by, told = Kin((by_group(size),), tree_of(size)), Told(pointed, floor.k)
    shares = choices_of(np.zeros(n, np.int32), groups, 1)
    leaves = {GROUP: ColumnLeaves(own[GROUP].codec, (), single_cell(), shares)}
    lesson = Lesson(found.columns, way, seed, floor)
    for name in order_of(lesson, found.columns, found.maps, kept):
        if name in found.maps and own[name].codec.form == "labels":
            leaves[name] = learn_column(lesson, name, [], found.maps, kept)
        else:
            leaves[name] = _by_group(own[name], groups, by, told, worked=name in kept.worked)
        own[name] = replace(own[name], codec=leaves[name].codec)
    hidden = {GROUP: Column(GROUP, Kind.TEXT)}
    for name, had in counts.items():
        hidden[name] = Column(name, Kind.FLOAT)
        codec, lines = _popular(had, groups, size)
        leaves[name] = ColumnLeaves(codec, by.predictors, by.tree, lines)
        own[name] = replace(numbers(had), codec=codec)
    steps = {c.name: day_steps(c, own[c.name].codec) for c in table.columns}
    days = {name: step for name, step in steps.items() if step}
    made = TableLeaves(n, leaves, hidden, (), kept.rules)
    return Learnt(made, own, {}, np.arange(n), days)


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


def _by_group(column: Learning, groups: Ints, by: Kin, told: Told, *, worked: bool) -> ColumnLeaves:
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
        assert codec.scale is not None
        values, some = column.coded.numbers[present], told.at(present)
        scale = Scale(some.knots(values), codec.scale.grid, offset=codec.scale.offset)
        leaf = some.places(values, groups[present], size, np.maximum(some.pointed, 1.0))
        made = ColumnLeaves(replace(codec, scale=scale), by.predictors, by.tree, leaf)
    absent = column.coded.absent
    if not absent.any():
        return made
    gone = choices_of(cells, absent, size)
    return replace(made, predictors=by.predictors, absent_tree=by.tree, absent=gone)


def _popular(had: Floats, groups: Ints, size: int) -> tuple[Codec, Curves]:
    """How often the rows of each group are pointed at: a straight line of their mean and deviation;
    where that would begin below nothing, nothing for some and a line from there on for the others.
    Both are rounded by the deviation of all rows."""
    rows = np.bincount(groups, minlength=size)
    mean = np.bincount(groups, had, minlength=size) / rows
    spread = np.sqrt(np.bincount(groups, (had - mean[groups]) ** 2, minlength=size) / rows)
    if step := float(had.std()) / COARSE:
        mean, spread = (np.rint(one / step) * step for one in (mean, spread))
    square = np.maximum(spread**2 + mean**2, 1e-300)
    some = np.minimum(4 * mean**2 / (3 * square), 1.0)
    low = np.where(some < 1, 0.0, mean - EVEN * spread)
    high = np.where(some < 1, 1.5 * square / np.maximum(mean, 1e-300), mean + EVEN * spread)
    high = np.where(mean > 0, high, 0.0)
    most = max(float(high.max()), 1.0)
    ends = np.rint(np.stack([low, low, high], axis=1).ravel() / most * UNIT)
    at = np.stack([0 * some, np.rint((1 - some) * UNIT), 0 * some + UNIT], axis=1).ravel()
    lines = Curves(3 * np.arange(size + 1), at.astype(np.int64), np.clip(ends, 0, UNIT))
    return Codec("number", scale=between(0.0, most, 0.0)), lines


@dataclass(frozen=True)
class Told:
    """What may be told of the values of a list's rows (n,), so many rows having ``pointed`` at
    each: means of three rows at least that ``k`` rows point at."""

    pointed: Floats
    k: int

    def at(self, rows: NDArray[np.bool_]) -> Told:
        return Told(self.pointed[rows], self.k)

    def places(self, values: Floats, groups: Ints, size: int, weight: Floats) -> Curves:
        """A straight line for each group, of the mean and the deviation of where its ``values``
        (n,) stand among all, by the ``weight`` (n,) of each."""
        from scipy.stats import rankdata

        n = len(values)
        places = (rankdata(values) - 0.5) / n
        rows, held = (np.bincount(groups, w, minlength=size) for w in (None, weight))
        mean = np.bincount(groups, weight * places, minlength=size) / np.maximum(held, 1e-300)
        square = np.bincount(groups, weight * (places - mean[groups]) ** 2, minlength=size)
        spread = EVEN * np.sqrt(square / np.maximum(held, 1e-300))
        mean = np.rint(np.where(rows >= FEWEST, mean, 0.5) * FINE) / FINE
        spread = np.where(rows >= FEWEST, np.maximum(spread, rows / n / 2), 0.5)
        ends = np.clip(np.stack([mean - spread, mean + spread], axis=1).ravel(), 0, 1)
        at = np.tile(np.array([0, UNIT]), size)
        return Curves(2 * np.arange(size + 1), at, np.rint(ends * UNIT))

    def knots(self, values: Floats) -> Curves:
        """The values that stand at the places from the least to the largest: means of neighbours,
        rounded the more the further they lie from the middle, and lines of the mean and the
        deviation of the first and the last of these."""
        order = np.argsort(values, kind="stable")
        ends = _neighbours(np.maximum(self.pointed[order], 1.0), self.k)
        parts = np.split(values[order], ends[1:-1])
        first, last = (
            one.mean() + EVEN * float(one.std()) * np.array([-1, 1])
            for one in (parts[0], parts[-1])
        )
        spots, levels = ends.astype(np.float64), first
        if len(parts) > 1:
            middles = (ends[1:] + ends[:-1])[1:-1] / 2
            spots = np.concatenate([ends[:2], middles, ends[-2:]])
            levels = np.concatenate([first, [one.mean() for one in parts[1:-1]], last])
        levels = _rounded(levels, values)
        if values.min() >= 0:
            levels = np.maximum(levels, 0.0)
        if values.max() <= 0:
            levels = np.minimum(levels, 0.0)
        at = np.rint(spots / len(values) * UNIT).astype(np.int64)
        return Curves(np.array([0, len(at)]), at, np.maximum.accumulate(levels))


def _neighbours(pointed: Floats, k: int) -> Ints:
    """Where groups of ordered rows end, three at least that ``k`` rows point at each; from 0."""
    ends, held = [0], 0.0
    for at, rows in enumerate(pointed.tolist(), 1):
        held += rows
        if held >= k and at - ends[-1] >= FEWEST:
            ends.append(at)
            held = 0.0
    ends = [*ends[: max(len(ends) - 1, 1)], len(pointed)]  # what is left goes to the last group
    return np.array(ends, dtype=np.int64)


def _rounded(levels: Floats, values: Floats) -> Floats:
    """Levels in steps of a sixteenth of how far they, or most ``values``, lie from the middle."""
    first, middle, third = np.quantile(values, [0.25, 0.5, 0.75])
    usual = float(third - first) / NORMAL or float(values.std())
    if not usual:
        return levels
    doubled = np.ceil(np.log2(np.maximum(np.abs(levels - middle) / usual, 1.0)))
    step = usual / COARSE * 2.0**doubled
    rounded: Floats = np.rint(levels / step) * step
    return rounded


def _encoded(
    table: Table, rows: pa.Table, pointed: Floats, *, seed: int, floor: Floor
) -> dict[str, Learning]:
    """Every column with its codec.  A label counts as often as its rows are pointed at, a row no
    more than a third of what the floor asks for: so it is one of three rows at least."""
    found = encoded(table, rows, seed=seed, floor=floor)
    most = -(-floor.k // FEWEST)
    times = np.clip(pointed, 1, most).astype(np.int64)
    first = np.append(0, np.cumsum(times)[:-1])
    texts = tuple(
        column
        for column in table.columns
        if column.kind in TEXT
        and not column.unique
        and found[column.name].codec.form in ("labels", "pattern")
    )
    longer = rows.take(pa.array(np.repeat(np.arange(len(times)), times)))
    again = encoded(replace(table, columns=texts), longer, seed=seed, floor=floor)
    for name, column in again.items():
        if column.codec.form == "labels":
            found[name] = taken(column, first)
    return found
