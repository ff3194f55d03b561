"""From the values of an extract to its schema; a person confirms it afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from generator.infer.asked import with_kinds
from generator.infer.cast import typed_tables
from generator.infer.columns import column_of
from generator.infer.held import Columns
from generator.infer.keys import check_keys, keyed, keyed_together, may_be_key
from generator.infer.links import (
    check_links,
    linked,
    linked_together,
    with_like_links,
    with_sole_links,
)
from generator.infer.metadata import described
from generator.infer.native import as_text
from generator.infer.told import Told, as_told, told_by
from generator.personal import found_in
from generator.schema import NESTED, Column, Kind, Schema, Table
from generator.stop import asking, stoppable

__all__ = ["infer", "plain", "settled", "sole_columns", "typed", "with_kinds"]


def infer(
    tables: Mapping[str, pa.Table],
    metadata: Path | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Schema:
    """The schema the tables seem to have; ``metadata`` (SDV or Frictionless JSON, or SQL) settles
    what it names.  Labels are not listed in the schema: a rare one must not leave the extract.

    Raises RequestError when the metadata names what the extract does not have, or a key that
    comes twice; Cancelled when
    ``cancelled()``, asked at every column, says so.
    """
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        columns = Columns(tables)
        found = (keyed(_table(name, table), columns) for name, table in tables.items())
        schema = linked(Schema(tuple(found)), columns)
        schema = Schema(tuple(keyed_together(table, columns) for table in schema))
        schema = linked_together(schema, columns)
        if told := _told(tables):
            schema = with_like_links(as_told(schema, told))
            check_keys(schema, columns)
        if metadata is not None:
            schema = with_like_links(described(schema, metadata))
            check_keys(schema, columns)
        return with_sole_links(schema, columns)


def _told(tables: Mapping[str, pa.Table]) -> dict[str, Told]:
    """What a database that the tables were read from says of them."""
    noted = {name: (table.schema.metadata or {}).get(b"told") for name, table in tables.items()}
    return {name: told_by(json.loads(said)) for name, said in noted.items() if said}


def settled(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Schema:
    """The schema as a person changed it, held against the values: columns that lead to a key are of
    its kind, links say whether they are one-to-one.

    Raises RequestError for a key whose values are missing or come twice, and for a link of which
    hardly a value is a key.
    """
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        columns = Columns(tables)
        schema = with_like_links(schema)
        check_keys(schema, columns)
        check_links(schema, columns)
        return with_sole_links(schema, columns)


def sole_columns(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, list[str]]:
    """The columns of each table that may be its key: every row has a value of its own."""
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        columns = Columns(tables)
        return {
            table.name: [
                column.name
                for column in asking(table.columns, every=1)
                if may_be_key(column) and columns[table.name, column.name].sole
            ]
            for table in schema
        }


def _table(name: str, table: pa.Table) -> Table:
    nested = json.loads((table.schema.metadata or {}).get(b"nested", b"[]"))
    columns = tuple(
        Column(field.name, Kind.TEXT, nullable=True, doubt=NESTED)
        if field.name in nested
        else column_of(field.name, table.column(field.name))
        for field in asking(table.schema, every=1)
    )
    found = {one.column: one.word for one in found_in(name, plain(table), columns) if one.personal}
    return Table(name, tuple(_marked(column, found.get(column.name)) for column in columns))


def plain(table: pa.Table) -> pa.Table:
    """The table as the finder looks at it: every kind of text as text."""
    return pa.table([as_text(values) for values in table.columns], names=table.column_names)


def _marked(column: Column, word: str | None) -> Column:
    """The column with the class of personal data it seems to hold; a person confirms it."""
    if word is None or column.doubt == NESTED:
        return column
    return replace(column, personal=word, doubt="")


def typed(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables with the columns and types of ``schema``; missing words become missing.

    Raises ExtractError with table, column and row where a value does not fit its kind, Cancelled
    when ``cancelled()``, asked at every column, says so.
    """
    with stoppable(cancelled, "The reading was cancelled; nothing was kept."):
        return dict(typed_tables(tables, schema))
