"""From the values of an extract to its schema; a person confirms it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from generator.infer.asked import with_kinds
from generator.infer.cast import typed_tables
from generator.infer.columns import column_of
from generator.infer.held import Columns
from generator.infer.keys import check_keys, keyed
from generator.infer.links import linked, with_like_links, with_sole_links
from generator.infer.metadata import described
from generator.infer.native import as_text
from generator.personal import found_in
from generator.schema import Column, Schema, Table
from generator.stop import asking, stoppable

__all__ = ["infer", "plain", "typed", "with_kinds"]


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
        if metadata is not None:
            schema = with_like_links(described(schema, metadata))
            check_keys(schema, columns)
        return with_sole_links(schema, columns)


def _table(name: str, table: pa.Table) -> Table:
    columns = tuple(
        column_of(field.name, table.column(field.name)) for field in asking(table.schema, every=1)
    )
    found = {one.column: one.word for one in found_in(name, plain(table), columns) if one.personal}
    return Table(name, tuple(_marked(column, found.get(column.name)) for column in columns))


def plain(table: pa.Table) -> pa.Table:
    """The table as the finder looks at it: every kind of text as text."""
    return pa.table([as_text(values) for values in table.columns], names=table.column_names)


def _marked(column: Column, word: str | None) -> Column:
    """The column with the class of personal data it seems to hold; a person confirms it."""
    return column if word is None else replace(column, personal=word, doubt="")


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
