"""Leaves of rows that look back, mended until drawn rows follow one another as learnt ones do.

One step from rows as they are, a column is drawn nearly exactly.  But drawn rows follow drawn rows:
small errors add up, and whole histories drift to where no row was learnt.  So rows are drawn while
the table is learnt, and counted by what stands before them; where a value follows another too
often, every cell gives it less, by as much as the rows of the cell have that other before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree
from generator.fit.column import Learning
from generator.fitted import MARK, ColumnLeaves, TableLeaves, features_of
from generator.fitted.draw import Known
from generator.fitted.drawing import Kindred
from generator.fitted.family import Layout
from generator.fitted.rows import looks_back
from generator.leaves.choice import Choices
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.leaves.scale import Scale
from generator.schema import Schema
from generator.stop import asking

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 6
BETTER = 0.002  # share of pairs that a round must mend for the leaves not to stay as learnt
DRAWN_ROWS = 50_000  # in a round, about
MOST_DRAWS = 4  # of a short table, in a round
LEAST_ROWS = 1_000  # for pairs of rows to say something
ZONES = 10  # of a number
MOST_LABELS = 32  # of a column that are told apart; the others are one
SURE = 20.0  # rows of a pair that count half
MOST = 4.0  # that a share is raised by in a round, or lowered
SPOTS = np.array([1, 3, 5, 7]) / 8  # of a stretch between two knots, where its zones are asked


@dataclass(frozen=True)
class Sort:
    """What a column's values are counted as: labels by ``fold`` (labels + 1,), numbers by the
    ``edges`` of their zones; what is missing comes last, at ``size``."""

    size: int
    fold: Ints
    edges: Floats

    @classmethod
    def of(cls, column: Learning) -> Sort:
        none = np.zeros(0)
        if column.codec.form == "labels":
            rows = np.bincount(column.places, minlength=column.labels + 1)[:-1]
            size = min(len(rows), MOST_LABELS)
            fold = np.full(len(rows) + 1, size - 1, dtype=np.int64)
            fold[np.argsort(-rows, kind="stable")[:size]] = np.arange(size)
            fold[-1] = size
            return cls(size, fold, none)
        told = column.numbers[~column.missing]
        spots = np.linspace(0, 1, ZONES + 1)[1:-1]
        edges = np.unique(np.quantile(told, spots)) if len(told) else none
        return cls(len(edges) + 1, np.zeros(0, np.int64), edges)

    def at(self, known: Known) -> Ints:
        """The sort (n,) of each row."""
        if len(self.fold):
            return self.fold[known.places]
        return np.where(known.missing, self.size, np.searchsorted(self.edges, known.numbers))


@dataclass(frozen=True)
class Match:
    """A column whose rows are matched: its ``sort``, and the columns ``by`` whose rows before are
    looked at in turn; the ``cells`` that learnt rows fall in, and those of their absence."""

    sort: Sort
    by: tuple[str, ...]
    cells: NDArray[np.int32]
    absent: NDArray[np.int32] | None


@dataclass(frozen=True)
class Seen:
    """Rows (n,), learnt or drawn: the sort of each column's values, and whether a row is the
    ``first`` of its parent."""

    sorts: Mapping[str, Sort]
    known: Mapping[str, Known]
    first: NDArray[np.bool_]

    def now(self, name: str) -> Ints:
        return self.sorts[name].at(self.known[name])

    def before(self, name: str) -> Ints:
        """The sort in the row before; the first ones have one of their own."""
        return np.where(self.first, self.sorts[name].size + 1, np.append(0, self.now(name)[:-1]))

    def pairs(self, name: str, by: str) -> Floats:
        """Rows by what ``by`` has in the row before, and what they have (before, now)."""
        size, sorts = self.sorts[name].size + 1, self.sorts[by].size + 2
        pairs = np.bincount(self.before(by) * size + self.now(name), minlength=sorts * size)
        return pairs.reshape(sorts, size).astype(np.float64)


def matched(
    schema: Schema,
    tables: Mapping[str, TableLeaves],
    name: str,
    columns: Mapping[str, Learning],
    first: NDArray[np.bool_],
    seed: int,
) -> TableLeaves:
    """The leaves of the table ``name`` among those of all ``tables`` that are learnt.  ``columns``
    (n,) are its own and all they are learnt from, ``first`` (n,) tells the first row of each
    parent."""
    leaves = tables[name]
    ties = [tie for one in tables.values() for tie in one.ties]
    if any(tie.parent not in tables for tie in ties):
        return leaves  # a link that closes a circle leads to what is not learnt yet
    if leaves.born is None or len(first) < LEAST_ROWS or not looks_back(leaves):
        return leaves
    matches, learnt = _matches(leaves, columns, first)
    if not matches:
        return leaves
    draws = int(np.clip(DRAWN_ROWS // len(first), 1, MOST_DRAWS))
    best, least = leaves, np.inf
    for turn in asking(range(ROUNDS), every=1):
        by = {one: match.by[turn % len(match.by)] for one, match in matches.items()}
        looks = {(one, other) for one in matches for other in (one, by[one])}
        drawn = {look: np.zeros_like(learnt.pairs(*look)) for look in looks}
        for draw in range(draws):
            some = {**tables, name: leaves}
            for seen in _drawn(schema, some, name, learnt.sorts, seed + turn * draws + draw + 1):
                for look in looks:
                    drawn[look] += seen.pairs(*look)
        off = float(np.mean([_apart(learnt.pairs(one, one), drawn[one, one]) for one in matches]))
        if off < least - (BETTER if best is tables[name] else 0.0):
            best, least = leaves, off
        mended = {
            one: _mended(leaves.columns[one], match, learnt, one, by[one], drawn[one, by[one]])
            for one, match in matches.items()
        }
        leaves = replace(leaves, columns={**leaves.columns, **mended})
    return best


def _apart(real: Floats, drawn: Floats) -> float:
    """The share of pairs that would have to be others."""
    parts = real / max(real.sum(), 1.0) - drawn / max(drawn.sum(), 1.0)
    return float(np.abs(parts).sum() / 2)


def _matches(
    leaves: TableLeaves, columns: Mapping[str, Learning], first: NDArray[np.bool_]
) -> tuple[dict[str, Match], Seen]:
    asked = {one for tie in leaves.ties for one in (tie.chosen, tie.count) if one}
    told = {
        name: column
        for name, column in columns.items()
        if name in leaves.columns
        and column.tells
        and name not in asked
        and not name.startswith(f"{MARK}rows")
    }
    sorts = {name: sort for name, c in told.items() if (sort := Sort.of(c)).size > 1}
    levels = {
        one: name
        for name, column in leaves.columns.items()
        if column.made is not None and column.made.way == "moved" and name in sorts
        for one in (column.made.of, column.made.by)
    }
    found: dict[str, Match] = {}
    for name, sort in sorts.items():
        column = leaves.columns[name]
        free = column.tree is not None and column.made is None and column.map_to is None
        if not free or told[name].actual is not None or name in leaves.kept.worked:
            continue
        if told[name].codec.form == "number" and _follows_numbers(column, told):
            continue
        features = features_of(column.predictors, columns, len(first))
        absent = None if column.absent_tree is None else column.absent_tree.apply(features)
        cells = _tree(column).apply(features)
        by = (name, levels[name]) if name in levels else (name,)
        found[name] = Match(sort, by, cells, absent)
    return found, Seen(sorts, told, first)


def _follows_numbers(column: ColumnLeaves, told: Mapping[str, Learning]) -> bool:
    """Whether a number is told by other numbers of its own row: where those are mended it follows
    them, and to mend it as well would part them."""
    by = {predictor.column for predictor in column.predictors}
    return any(told[one].codec.form == "number" for one in by & set(told))


def _tree(column: ColumnLeaves) -> Tree:
    assert column.tree is not None
    return column.tree


def _drawn(
    schema: Schema,
    tables: Mapping[str, TableLeaves],
    name: str,
    sorts: Mapping[str, Sort],
    seed: int,
) -> Iterator[Seen]:
    """Rows as they are drawn now, of about ``DRAWN_ROWS``."""
    rows = {one: leaves.rows for one, leaves in tables.items()}
    members = Layout(tables, rows).family(name).members
    part = min(1.0, DRAWN_ROWS / rows[name])
    rows |= {one: int(np.ceil(part * rows[one])) for one in members}
    layout = Layout(tables, rows)
    kindred, born = Kindred(schema, layout, seed), tables[name].born
    assert born is not None
    for shard in range(layout.family(name).shards):
        lot = kindred.lot(name, shard)
        parents = lot.links[born.path]
        first = np.append(True, parents[1:] != parents[:-1])[: lot.rows]
        yield Seen(sorts, lot.known, first)


def _mended(
    column: ColumnLeaves, match: Match, learnt: Seen, name: str, by: str, drawn: Floats
) -> ColumnLeaves:
    real, size = learnt.pairs(name, by), match.sort.size
    now, before = learnt.now(name), learnt.before(by)
    there = now < size
    ratio = _ratio(real[:, :size], drawn[:, :size])
    ratios = _by_cell(match.cells[there], before[there], ratio, _tree(column).cells)
    if isinstance(column.leaves, Choices):
        mended = replace(column, leaves=_shared(column.leaves, ratios, match.sort.fold))
    else:
        assert isinstance(column.leaves, Curves)
        assert column.codec.scale is not None
        curves = _stretched(column.leaves, ratios, match.sort.edges, column.codec.scale)
        mended = replace(column, leaves=curves)
    if column.absent is None or column.absent_tree is None or match.absent is None:
        return mended
    gone = _ratio(*(np.stack([p[:, :size].sum(1), p[:, size]], axis=1) for p in (real, drawn)))
    ratios = _by_cell(match.absent, before, gone, column.absent_tree.cells)
    fold = np.minimum(np.arange(2 + len(column.codec.words)), 1)
    return replace(mended, absent=_shared(column.absent, ratios, fold))


def _ratio(real: Floats, drawn: Floats) -> Floats:
    """How much more often a value (before, now) ought to come."""
    drawn = drawn * (real.sum(axis=1) / np.maximum(drawn.sum(axis=1), 1.0))[:, None]
    ratio: Floats = (real + SURE) / (drawn + SURE)
    return np.clip(ratio, 1 / MOST, MOST)


def _by_cell(cells: NDArray[np.int32], before: Ints, ratio: Floats, number: int) -> Floats:
    """The ratios (cells, now) of each cell, on average over its learnt rows."""
    sorts = len(ratio)
    rows = np.bincount(cells.astype(np.int64) * sorts + before, minlength=number * sorts)
    rows = rows.reshape(number, sorts)
    of: Floats = np.einsum("cb,bn->cn", rows, ratio) / np.maximum(rows.sum(axis=1), 1)[:, None]
    return np.where(rows.sum(axis=1, keepdims=True) > 0, of, 1.0)


def _shared(leaves: Choices, by: Floats, fold: Ints) -> Choices:
    """Shares with other weights, cell by cell."""
    cell = np.repeat(np.arange(len(leaves.first) - 1), np.diff(leaves.first))
    return leaves.weighted(leaves.shares * by[cell, fold[leaves.code]])


def _stretched(curves: Curves, by: Floats, edges: Floats, scale: Scale) -> Curves:
    """Knots that stand closer or wider; what they say stays."""
    number = np.diff(curves.first)
    cell = np.repeat(np.arange(len(number)), number)
    low = np.append(0.0, curves.value[:-1])
    width = np.diff(curves.at, prepend=0).astype(np.float64)
    factor = np.zeros(len(cell))
    for spot in SPOTS:
        rank = np.clip(low + spot * (curves.value - low), 0, UNIT - 1)
        factor += by[cell, np.searchsorted(edges, scale.values(rank))] / len(SPOTS)
    return curves.weighted(width * factor)
