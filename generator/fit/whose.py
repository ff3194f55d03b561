"""Whose the rows of an extract are: the unit that the floor counts, followed along links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import RequestError, shown
from generator.holders import EACH_ROW, Holders
from generator.schema import Schema
from generator.summary import tables_of
from generator.tables import Tables

Ints = NDArray[np.int64]


def unit_of(schema: Schema, unit: str) -> tuple[str, str]:
    """The table and column of a unit named TABLE.COLUMN, or COLUMN where one table has it; of a
    link the parent's row it leads to.  Raises RequestError where there is no such column."""
    table, _, column = unit.partition(".")
    named = table in schema and column in schema[table].column_names
    owners = [one.name for one in schema if unit in one.column_names]
    if not named and len(owners) != 1:
        raise RequestError(
            f"There is no column “{shown(unit)}” to tell whose a row is; name one as TABLE.COLUMN "
            f"(tables: {shown(', '.join(schema.names), most=200)}).",
            field="unit",
        )
    if not named:
        table, column = owners[0], unit
    link = next((one for one in schema[table].links if one.columns == (column,)), None)
    if link is not None and link.parent in schema:
        return link.parent, link.parent_column
    return table, column


def holders_of(schema: Schema, tables: Mapping[str, pa.Table], unit: str) -> dict[str, Holders]:
    """Who holds the rows of each table: rows with one value of the ``unit`` are one person's, and
    so are rows that lead to them by a link, or that theirs alone lead to.  Of a table that no link
    joins to the unit each row counts alone, as a row without one does.  Raises RequestError; see
    ``unit_of``."""
    found = dict.fromkeys(schema.names, EACH_ROW)
    if not unit:
        return found
    table, column = unit_of(schema, unit)
    looked = tables_of(schema, tables)
    found[table] = _numbered(looked.codes(table, column).codes.astype(np.int64))
    reached = [table]
    while len(reached) < len(schema.tables):
        further = _below(looked, found, reached) or _above(looked, found, reached)
        if not further:
            break
        found |= further
        reached += further
    return found


def _below(tables: Tables, found: Mapping[str, Holders], reached: list[str]) -> dict[str, Holders]:
    """Of tables not reached yet those that a link leads from: their rows are their parents'."""
    further: dict[str, Holders] = {}
    for parent in reached:
        for name, path in _links_to(tables.schema, parent):
            if name not in reached and name not in further:
                rows, of = tables.row_of(name, path), found[parent].of
                assert of is not None  # it was reached
                further[name] = _numbered(np.where(rows < 0, -1, of[np.maximum(rows, 0)]))
    return further


def _above(tables: Tables, found: Mapping[str, Holders], reached: list[str]) -> dict[str, Holders]:
    """Of tables not reached yet the first whose rows are each pointed at by one person alone."""
    for name in reached:
        of = found[name].of
        assert of is not None  # it was reached
        for link in tables.schema[name].links:
            if link.parent in reached or link.parent not in tables.schema:
                continue
            rows = tables.row_of(name, link.path)
            told = rows >= 0
            owner = np.full(tables.rows(link.parent), -1, dtype=np.int64)
            owner[rows[told]] = of[told]
            if told.any() and (owner[rows[told]] == of[told]).all():
                return {link.parent: _numbered(owner)}
    return {}


def _links_to(schema: Schema, parent: str) -> Iterator[tuple[str, str]]:
    for table in schema:
        for link in table.links:
            if link.parent == parent and table.name != parent:
                yield table.name, link.path


def _numbered(of: Ints) -> Holders:
    """Persons numbered from 0 on; rows without one (below 0) are each one of their own."""
    alone = of < 0
    whole = np.where(alone, int(of.max(initial=-1)) + 1 + np.arange(len(of)), of)
    return Holders(np.unique(whole, return_inverse=True)[1].astype(np.int64))
