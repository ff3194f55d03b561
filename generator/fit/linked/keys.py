"""Keys and the columns that lead to them, of one kind: a key is unique, a link is written as the
key it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from generator.schema import Column, Schema, Table


def keyed(schema: Schema, tables: Mapping[str, pa.Table]) -> tuple[Schema, dict[str, pa.Table]]:
    """The schema with keys that say they are unique and links of the kinds of their keys, and the
    tables with columns of these kinds.  A column whose values are none of the key's kind stays."""
    found, rows = {table.name: table for table in schema}, dict(tables)
    for name in schema.load_order():
        for link in schema[name].links:
            if link.parent not in found:
                continue
            for own, there in zip(link.columns, link.parent_columns, strict=True):
                key = found[link.parent].column(there)
                cast = _cast(rows[name], own, key)
                if cast is not None:
                    rows[name] = cast
                    found[name] = _with(found[name], _like(found[name].column(own), key))
        for unique in _unique(schema, name):
            column = replace(found[name].column(unique), unique=True)
            found[name] = _with(found[name], column)
    return replace(schema, tables=tuple(found[name] for name in schema.names)), rows


def _like(column: Column, key: Column) -> Column:
    return replace(
        column, kind=key.kind, precision=key.precision, scale=key.scale, form="", doubt=""
    )


def _cast(rows: pa.Table, name: str, key: Column) -> pa.Table | None:
    at = rows.column_names.index(name)
    if rows.column(name).type == key.arrow_type():
        return rows
    try:
        return rows.set_column(at, name, rows.column(name).cast(key.arrow_type()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _with(table: Table, column: Column) -> Table:
    columns = tuple(column if c.name == column.name else c for c in table.columns)
    return replace(table, columns=columns)


def _unique(schema: Schema, name: str) -> set[str]:
    """The table's key, and columns of it that links of one column lead to."""
    keys = {
        link.parent_column
        for table in schema
        for link in table.links
        if link.parent == name and not link.further
    }
    key = schema[name].key
    return keys | ({key} if key is not None else set())
