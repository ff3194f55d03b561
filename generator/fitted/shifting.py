"""Rows of drawn tables whose moments move by days, and what is worked out of them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
        move = self._moving.about(name)
        if move is None or not rows.num_rows:
            return rows
        if move.chosen:
            stream = Stream(self._seed, name, "\x1fmoved")
            days = move.days_of(rows, stream.uniform(first, first + rows.num_rows))
        else:
            root = next(root for root, one in self._moving.of.items() if one is move)
            stream = Stream(self._seed, root, "\x1fmoved")
            days = move.any_of(stream.at(roots().astype(np.uint64)))
        table, columns = self._schema[name], move.columns[name]
        within = (move.first, move.last)
        return shifted(table, self._tables[name], move.said[name], columns, rows, days, within)


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
    """The rows with the ``moved`` columns ``days`` (n,) later, cut at the ends of the days
    ``within``, and with what follows from them."""
    arrays = {name: rows.column(name) for name in table.column_names}
    for name in moved:
        one = said[name]
        numbers, absent = one.read(arrays[name])
        numbers = _cut(one, numbers + one.steps_of(days), within)
        arrays[name] = one.write(numbers, absent, arrays[name])
    for name in following(leaves, moved):
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
