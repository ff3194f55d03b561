"""Columns of a table that never come twice together, dealt out for all of its rows at once.

The first column has its labels, or the values of its grid, in their shares, to the row; of three
columns, all but the last of labels, the second has its own within each of the first's.  The last
takes within each of these as many different values, evenly over the leaf of the labels' cell, the
nearest free one where two would be the same.  Which of them a row has follows from its number by a
walk through all numbers that meets each once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import PlanError
from generator.fitted.draw import Drawn, Floats, Ints, features_of
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.found import Distinct
from generator.leaves.choice import Choices
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.streams import apportion_within

GRID_PLACES = 1 << 20  # of a column of numbers by which the shares of its values are counted
CHOICE = 4  # times as many as rows, to choose from where something is asked of them
MOST_CHOICE = 1 << 20  # or so many, if that is more
MOST_ROWS = 20_000_000  # of a table with such columns: all of its pairs are in memory


@dataclass(frozen=True)
class Pairs:
    """By column codes of labels or values of numbers, of every row, and of ``spare`` ones that no
    row has."""

    rule: Distinct
    values: Mapping[str, NDArray[Any]]
    spare: int = 0

    @property
    def rows(self) -> int:
        return len(self.values[self.rule.gives]) - self.spare

    def at(self, name: str, rows: Ints) -> NDArray[Any]:
        """One of the columns at rows (n,) of the table; spare ones have the numbers after them."""
        walk = rows * _step(self.rows) % max(self.rows, 1)
        found: NDArray[Any] = self.values[name][np.where(rows < self.rows, walk, rows)]
        return found

    def spares(self, first: int, last: int) -> Spares:
        """Those that stand as far among the spare ones as rows do in the table."""
        low, high = (self.rows + self.spare * one // self.rows for one in (first, last))
        return Spares(np.arange(low, high))


class Spares:
    """Numbers that no row has, for rows that are drawn again."""

    def __init__(self, numbers: Ints) -> None:
        self._free = numbers

    def of(self, own: Ints) -> Ints:
        """Numbers for rows that have their ``own`` (n,), which they keep where none is left."""
        few = min(len(own), len(self._free))
        numbers = np.concatenate([self._free[:few], own[few:]])
        self._free = np.roll(self._free, -few)
        return numbers

    def change(self, own: Ints, numbers: Ints) -> None:
        """Rows have other numbers from now on."""
        changed = own != numbers
        left = self._free[~np.isin(self._free, numbers[changed])]
        self._free = np.concatenate([left, own[changed]])


def _step(rows: int) -> int:
    """About 0.618 of the rows, at most 2**20, and no divisor in common with their number."""
    step = max(1, min(int(rows * 0.618), 1_048_573))
    while gcd(step, max(rows, 1)) > 1:
        step -= 1
    return step


def check_room(table: str, leaves: TableLeaves, rule: Distinct, rows: int) -> None:
    """Raises PlanError where so many rows cannot all be different."""
    groups = len(_groups(leaves, rule).shares)
    room = min(groups * _room(leaves.columns[rule.gives]), MOST_ROWS)
    if rows > room:
        raise PlanError(
            f"{rows:,} rows of {table} cannot all differ in {', '.join(rule.needs)} and "
            f"{rule.gives}, as those of the extract do; ask for at most {room:,}.",
            field=f"rows.{table}",
        )


@dataclass(frozen=True)
class _Groups:
    """What comes together: a code of each column (groups,), of numbers steps above the lowest
    value, and the shares."""

    codes: Mapping[str, Ints]
    shares: Floats


def _groups(leaves: TableLeaves, rule: Distinct) -> _Groups:
    first = leaves.columns[rule.other]
    if not isinstance(first.leaves, Choices):
        return _Groups(*_on_grid(rule.other, first))
    codes = first.leaves.code.astype(np.int64)
    shares = np.diff(first.leaves.upto, prepend=0).astype(np.float64)
    if not rule.further:
        return _Groups({rule.other: codes}, shares)
    second = leaves.columns[rule.further]
    assert isinstance(second.leaves, Choices)
    assert second.tree is not None
    known = {rule.other: _drawn(codes, first)}
    cells = second.tree.apply(features_of(second.predictors, known, len(codes)))
    begin, size = second.leaves.first[cells], np.diff(second.leaves.first)[cells]
    at = np.repeat(begin, size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    upto = second.leaves.upto[at].astype(np.float64)
    starts = np.cumsum(size) - size
    part = np.diff(upto, prepend=0.0)
    part[starts] = upto[starts]
    both = {
        rule.other: np.repeat(codes, size),
        rule.further: second.leaves.code[at].astype(np.int64),
    }
    return _Groups(both, np.repeat(shares, size) * part / UNIT)


def _on_grid(name: str, column: ColumnLeaves) -> tuple[dict[str, Ints], Floats]:
    """Which steps a column of numbers takes that depends on no other, and their shares."""
    places = (np.arange(GRID_PLACES) * (UNIT / GRID_PLACES)).astype(np.int64)
    steps = _steps(column, np.zeros(GRID_PLACES, dtype=np.int32), places)
    found, rows = np.unique(steps, return_counts=True)
    return {name: found}, rows / GRID_PLACES


def _drawn(codes: Ints, column: ColumnLeaves) -> Drawn:
    missing = np.zeros(len(codes), dtype=bool)
    if column.codec.form == "number":
        return Drawn(missing, _values(column, codes), np.zeros(0, dtype=np.int64))
    return Drawn(missing, np.zeros(0), codes, len(column.codec.labels))


def _edges(column: ColumnLeaves) -> tuple[float, float]:
    """The lowest and highest value of a number on its grid."""
    scale = column.codec.scale
    assert scale is not None
    ends = np.array([scale.knots.value.min(), scale.knots.value.max()])
    low, high = (np.rint((ends - scale.offset) / scale.grid) * scale.grid + scale.offset).tolist()
    return float(low), float(high)


def _room(column: ColumnLeaves) -> int:
    """How many different values a column can have."""
    if column.codec.form == "labels":
        return len(column.codec.labels)
    low, high = _edges(column)
    assert column.codec.scale is not None
    return int(round((high - low) / column.codec.scale.grid)) + 1


def pairs_of(leaves: TableLeaves, rule: Distinct, rows: int) -> Pairs:
    """All combinations of a table of ``rows``."""
    return Pairs(
        rule, {n: _values(leaves.columns[n], one) for n, one in _codes(leaves, rule, rows).items()}
    )


def pairs_to_choose(leaves: TableLeaves, rule: Distinct, rows: int) -> Pairs:
    """As ``pairs_of``, with spare ones, as far as there is room."""
    codes = _codes(leaves, rule, rows)
    room = len(_groups(leaves, rule).shares) * _room(leaves.columns[rule.gives])
    more = _codes(leaves, rule, min(room, MOST_ROWS, max(CHOICE * rows, MOST_CHOICE)))
    one, other = _together(codes, more)
    spare = np.flatnonzero(~np.isin(other, one))
    spare = spare[np.arange(len(spare)) * _step(len(spare)) % max(len(spare), 1)]
    values = {
        name: _values(leaves.columns[name], np.concatenate([codes[name], more[name][spare]]))
        for name in codes
    }
    return Pairs(rule, values, len(spare))


def _together(first: Mapping[str, Ints], second: Mapping[str, Ints]) -> tuple[Ints, Ints]:
    """Each combination as one number, of both."""
    one, other = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for name in first:
        wide = int(max(first[name].max(initial=0), second[name].max(initial=0))) + 1
        one, other = one * wide + first[name], other * wide + second[name]
    return one, other


def _codes(leaves: TableLeaves, rule: Distinct, rows: int) -> dict[str, Ints]:
    second, groups = leaves.columns[rule.gives], _groups(leaves, rule)
    room = _room(second)
    none = np.zeros(len(groups.shares), dtype=np.int64)
    counts = apportion_within(groups.shares, rows, none, none + room)
    values = {name: np.repeat(codes, counts) for name, codes in groups.codes.items()}
    group = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts)
    size = np.repeat(counts, counts)
    known = {name: _drawn(codes, leaves.columns[name]) for name, codes in values.items()}
    assert second.tree is not None
    cells = second.tree.apply(features_of(second.predictors, known, rows))
    steps = _steps(second, cells, ((place + 0.5) / np.maximum(size, 1) * UNIT).astype(np.int64))
    steps = _apart(np.clip(steps, 0, room - 1), group, place, size, room)
    return values | {rule.gives: steps}


def _values(column: ColumnLeaves, codes: Ints) -> NDArray[Any]:
    """Codes of labels as they are, steps of a grid as numbers."""
    if column.codec.form == "labels":
        return codes
    assert column.codec.scale is not None
    return np.asarray(_edges(column)[0] + codes * column.codec.scale.grid)


def _steps(column: ColumnLeaves, cells: NDArray[np.int32], places: Ints) -> Ints:
    """Codes, or steps above the lowest value, that stand at places of cells."""
    if isinstance(column.leaves, Choices):
        return column.leaves.at(cells, places).astype(np.int64)
    assert isinstance(column.leaves, Curves)
    assert column.codec.scale is not None
    values: Floats = column.codec.scale.values(column.leaves.at_places(cells, places))
    return np.rint((values - _edges(column)[0]) / column.codec.scale.grid).astype(np.int64)


def _apart(steps: Ints, group: Ints, place: Ints, size: Ints, room: int) -> Ints:
    """Steps that rise within each group, moved as little as need be, and stay below ``room``."""
    order = np.lexsort((steps, group))
    behind = steps[order] - place + group * (room + 1)
    rising = np.maximum.accumulate(behind) - group * (room + 1) + place
    apart: Ints = np.minimum(rising, room - size + place)
    return apart
