"""One SQLite file with all tables, their keys, links and indexes.

SQLite has no exact decimal and no time type: decimals are stored as NUMERIC (exact to the cent
within 15 digits, which the platform's money keeps), dates and times as ISO text.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.schema import Column, Kind, Table
from generator.write.contract import Slices, storage
from generator.write.names import SQLITE, Taken, named, quote
from generator.write.text import as_text

NAME = "bundle.sqlite3"
_TYPES = {
    Kind.INTEGER: "INTEGER",
    Kind.DECIMAL: "NUMERIC",
    Kind.FLOAT: "REAL",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TEXT: "TEXT",
    Kind.ENUM: "TEXT",
}


def write_sqlite(tables: Sequence[tuple[Table, Slices]], folder: Path) -> tuple[str, int]:
    """Fill the file without its safety net (it is new and is thrown away on failure)."""
    rows = 0
    tables, relations = named(tables, SQLITE)
    with storage(f"writing {NAME}"):
        database = sqlite3.connect(folder / NAME, isolation_level=None)
        try:
            for pragma in (
                "journal_mode=OFF",
                "synchronous=OFF",
                "page_size=8192",
                "foreign_keys=OFF",
            ):
                database.execute(f"PRAGMA {pragma}")
            database.execute("BEGIN")
            present = {table.name for table, _ in tables}
            for table, slices in tables:
                database.execute(_create(table, present))
                rows += _fill(database, table, slices)
            for table, _ in tables:
                for statement in _indexes(table, relations):
                    database.execute(statement)
            database.execute("COMMIT")
        except sqlite3.Error as problem:
            full = getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            raise OSError(errno.ENOSPC if full else errno.EIO, str(problem)) from problem
        finally:
            database.close()
    return NAME, rows


def _create(table: Table, present: set[str]) -> str:
    lines = [
        f"  {quote(c.name)} {_TYPES[c.kind]}{'' if c.nullable else ' NOT NULL'}"
        for c in table.columns
    ]
    if table.key:
        lines.append(f"  PRIMARY KEY ({quote(table.key)})")
    lines += [
        f"  FOREIGN KEY ({quote(link.column)}) REFERENCES {quote(link.parent)}"
        f" ({quote(link.parent_column)})"
        for link in table.links
        if link.parent in present
    ]
    rowid = " WITHOUT ROWID" if table.key else ""
    return f"CREATE TABLE {quote(table.name)} (\n" + ",\n".join(lines) + f"\n){rowid}"


def _indexes(table: Table, relations: Taken) -> Iterator[str]:
    for link in table.links:
        unique = "UNIQUE " if link.unique else ""
        name = quote(relations.one(f"{table.name}_{link.column}"))
        yield f"CREATE {unique}INDEX {name} ON {quote(table.name)} ({quote(link.column)})"
    for column in table.columns:
        if column.unique and column.name != table.key:
            name = quote(relations.one(f"{table.name}_{column.name}_unique"))
            yield f"CREATE UNIQUE INDEX {name} ON {quote(table.name)} ({quote(column.name)})"


def _fill(database: sqlite3.Connection, table: Table, slices: Slices) -> int:
    marks = ",".join("?" * len(table.columns))
    insert = f"INSERT INTO {quote(table.name)} VALUES ({marks})"  # noqa: S608 - quoted names
    rows = 0
    for part in slices:
        columns = [_values(column, part.column(column.name)) for column in table.columns]
        database.executemany(insert, zip(*columns, strict=True))
        rows += part.num_rows
    return rows


def _values(column: Column, values: pa.ChunkedArray) -> list[Any]:
    if column.kind in (Kind.DECIMAL, Kind.DATE):
        found: list[Any] = values.cast(pa.string()).to_pylist()
        return found
    texts: list[Any] = as_text(column, values).to_pylist()
    return texts
