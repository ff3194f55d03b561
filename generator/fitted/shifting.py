"""Rows of drawn tables whose moments move by days, and what is worked out of them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa

from generator.fitted.draw import Floats, Ints
from generator.fitted.leaves import TableLeaves
from generator.fitted.said import Said
from generator.fitted.span import Moving
from generator.found import Side, unit_of
from generator.schema import Schema, Table
from generator.streams import Stream


class Movers:
    """Moves rows that were drawn."""

    def __init__(
        self, schema: Schema, tables: Mapping[str, TableLeaves], moving: Moving, seed: int
    ) -> None:
        self._schema, self._tables, self._moving, self._seed = schema, tables, moving, seed

    def moved(self, name: str, rows: pa.Table, first: int, roots: Callable[[], Ints]) -> pa.Table:
        """Rows of a table from number ``first`` on where they belong in the span; ``roots`` tells
        under which row of the family's root each of them hangs."""
        if self._moving.about(name) is None or not rows.num_rows:
            return rows
        return self.by(name, rows, self.lots(name, first, rows.num_rows, roots))

    def lots(self, name: str, first: int, rows: int, roots: Callable[[], Ints]) -> Floats:
        """Numbers in [0, 1) that pick how far each of the rows moves."""
        move = self._moving.about(name)
        if move is None or move.chosen:
            return Stream(self._seed, name, "\x1fmoved").uniform(first, first + rows)
        root = next(root for root, one in self._moving.of.items() if one is move)
        return Stream(self._seed, root, "\x1fmoved").at(roots().astype(np.uint64))

    def by(self, name: str, rows: pa.Table, lots: Floats) -> pa.Table:
        """Rows of a table, or those of their columns that ``reading`` names, moved as ``lots``
        (n,) pick."""
        move = self._moving.about(name)
        assert move is not None
        days = move.days_of(rows, lots) if move.chosen else move.any_of(lots)
        within = (move.first, move.last)
        return shifted(
            self._schema[name],
            self._tables[name],
            move.said[name],
            move.columns[name],
            rows,
            days,
            within,
        )

    def moves(self, name: str, read: Collection[str]) -> bool:
        """Whether any of the columns that are ``read`` moves, or follows from one that does."""
        move = self._moving.about(name)
        if move is None:
            return False
        goes = (*move.columns[name], *following(self._tables[name], move.columns[name]))
        return bool(set(goes) & set(read))

    def reading(self, name: str, read: Collection[str]) -> tuple[str, ...]:
        """The columns by which is known where rows are, and what they say of those ``read``."""
        move, leaves, names = self._moving.about(name), self._tables[name], set(read)
        if move is not None and move.chosen == name:
            names |= set(move.columns[name])
        late = () if move is None else following(leaves, move.columns[name])
        for one in reversed(late):  # in the order of drawing: what it needs comes before
            if one in names:
                names |= set(leaves.kept.worked[one].needs)
        return tuple(one for one in leaves.columns if one in names)


def following(leaves: TableLeaves, moved: Sequence[str]) -> tuple[str, ...]:
    """Columns that are worked out of moved ones, in the order in which they are drawn."""
    known = set(moved)
    for name in leaves.columns:
        rule = leaves.kept.worked.get(name)
        if rule is not None and known & set(rule.needs):
            known.add(name)
    return tuple(name for name in leaves.columns if name in known and name not in moved)


def shifted(
    table: Table,
    leaves: TableLeaves,
    said: Mapping[str, Said],
    moved: Sequence[str],
    rows: pa.Table,
    days: Ints,
    within: tuple[int, int],
) -> pa.Table:
    """The rows, or some of their columns, with the ``moved`` columns ``days`` (n,) later, cut at
    the ends of the days ``within``, and with what follows from them."""
    arrays = {name: rows.column(name) for name in rows.column_names}
    for name in arrays.keys() & set(moved):
        one = said[name]
        numbers, absent = one.read(arrays[name])
        numbers = _cut(one, numbers + one.steps_of(days), within)
        arrays[name] = one.write(numbers, absent, arrays[name])
    for name in following(leaves, moved):
        if name in arrays and arrays.keys() >= set(leaves.kept.worked[name].needs):
            arrays[name] = _worked(table, leaves, name, arrays)
    return pa.table(arrays)


def _cut(said: Said, numbers: Floats, within: tuple[int, int]) -> Floats:
    if said.day < 1:
        return numbers  # months and years
    grid = said.codec.scale.grid if said.codec.scale is not None else 0.0
    last = (within[1] + 1) * said.day - max(grid, 1.0)
    cut: Floats = np.clip(numbers, within[0] * said.day, last)
    return cut


def _worked(
    table: Table, leaves: TableLeaves, name: str, arrays: Mapping[str, pa.ChunkedArray]
) -> pa.Array:
    rule, sides = leaves.kept.worked[name], {}
    for need in rule.needs:
        column, codec = table.column(need), leaves.columns[need].codec
        said, unit = Said.of(column, codec), unit_of(column, codec)
        assert said is not None
        assert unit is not None
        numbers, absent = said.read(arrays[need])
        sides[need] = Side(unit, numbers, absent == 0)
    column, codec = table.column(name), leaves.columns[name].codec
    mine, unit = Said.of(column, codec), unit_of(column, codec)
    assert mine is not None
    assert unit is not None
    _, absent = mine.read(arrays[name])
    return mine.write(rule.worked(sides, unit), absent, arrays[name])
