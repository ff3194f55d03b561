"""One SQLite file with all tables, their keys, links and indexes.

SQLite has no exact decimal and no time type: decimals are stored as NUMERIC (exact to the cent
within 15 digits, which the platform's money keeps), dates and times as ISO text.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from generator.schema import Column, Kind, Table
from generator.write.format import FileFormat, Slices, text_size
from generator.write.names import SQLITE, Taken, named, quote
from generator.write.text import as_text, batches_of
from generator.write.wanted import Wanted

if TYPE_CHECKING:
    import sqlite3

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


def fill(tables: Sequence[tuple[Table, Slices]], path: Path) -> None:
    """Fill the file without its safety net (it is new and is thrown away on failure)."""
    import sqlite3

    database = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "page_size=8192", "foreign_keys=OFF"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        _fill_all(database, tables)
        database.execute("COMMIT")
    except sqlite3.Error as problem:
        full = getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(problem)) from problem
    finally:
        database.close()


def _fill_all(database: sqlite3.Connection, tables: Sequence[tuple[Table, Slices]]) -> None:
    renamed, relations = named([table for table, _ in tables], SQLITE)
    present = {table.name for table in renamed}
    for under, (table, slices) in zip(renamed, tables, strict=True):
        database.execute(_create(under, present))
        _fill(database, under, table, slices)
    for under in renamed:
        for statement in _indexes(under, relations):
            database.execute(statement)


def _create(table: Table, present: set[str]) -> str:
    lines = [
        f"  {quote(c.name)} {_TYPES[c.kind]}{'' if c.nullable else ' NOT NULL'}"
        for c in table.columns
    ]
    if table.key_columns:
        lines.append(f"  PRIMARY KEY ({_list(table.key_columns)})")
    lines += [
        f"  FOREIGN KEY ({_list(link.columns)}) REFERENCES {quote(link.parent)}"
        f" ({_list(link.parent_columns)})"
        for link in table.links
        if link.parent in present
    ]
    rowid = " WITHOUT ROWID" if table.key_columns else ""
    return f"CREATE TABLE {quote(table.name)} (\n" + ",\n".join(lines) + f"\n){rowid}"


def _indexes(table: Table, relations: Taken) -> Iterator[str]:
    for link in table.links:
        unique = "UNIQUE " if link.unique else ""
        name = quote(relations.one(f"{table.name}_{'_'.join(link.columns)}"))
        yield f"CREATE {unique}INDEX {name} ON {quote(table.name)} ({_list(link.columns)})"
    for column in table.columns:
        if column.unique and column.name != table.key:
            name = quote(relations.one(f"{table.name}_{column.name}_unique"))
            yield f"CREATE UNIQUE INDEX {name} ON {quote(table.name)} ({quote(column.name)})"


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(quote, columns))


def _fill(database: sqlite3.Connection, under: Table, table: Table, slices: Slices) -> None:
    marks = ",".join("?" * len(table.columns))
    insert = f"INSERT INTO {quote(under.name)} VALUES ({marks})"  # noqa: S608 - quoted names
    for part in slices:
        for batch in batches_of(table, part):
            columns = [_values(column, batch.column(column.name)) for column in table.columns]
            database.executemany(insert, zip(*columns, strict=True))


def _values(column: Column, values: pa.Array) -> list[Any]:
    as_it_is = column.kind in (Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN)
    held: list[Any] = (values if as_it_is else as_text(column, values)).to_pylist()
    return held


_ROWS, _VALUES = 10_000, 500  # read at once; asked for in one query


def find(path: Path, table: Table, columns: Sequence[str], wanted: Wanted) -> Iterator[pa.Table]:
    """A query for every few values; the indexes of keys and links serve it."""
    import sqlite3

    [under], _ = named([table], SQLITE)
    names = dict(zip(table.column_names, under.column_names, strict=True))
    chosen = ", ".join(quote(names[column]) for column in columns)
    query = f"SELECT {chosen} FROM {quote(under.name)}"  # noqa: S608 - quoted names
    key = _list([names[one] for one in table.key_columns])
    order = f" ORDER BY {key}" if key else ""  # as in other formats
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for condition, values in _conditions(quote(names[wanted.column]), wanted):
                found = database.execute(query + condition + order, values)
                while rows := found.fetchmany(_ROWS):
                    yield _typed(table, columns, rows)
    except sqlite3.Error as problem:
        raise OSError(errno.EIO, str(problem)) from problem


def _conditions(column: str, wanted: Wanted) -> Iterator[tuple[str, tuple[str, ...]]]:
    if wanted.values is not None:
        for at in range(0, len(wanted.values), _VALUES):
            values = wanted.values[at : at + _VALUES]
            yield f" WHERE {column} IN ({','.join('?' * len(values))})", values
    elif wanted.part:
        yield f" WHERE instr(lower({column}), ?) > 0", (wanted.part.lower(),)
    else:
        yield "", ()


def _typed(table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    declared = table.arrow_schema()
    fields = [declared.field(name) for name in columns]
    held = [
        _array(table.column(field.name), list(values), field.type)
        for field, values in zip(fields, zip(*rows, strict=True), strict=True)
    ]
    return pa.table(held, schema=pa.schema([field.with_nullable(True) for field in fields]))


def _array(column: Column, values: list[Any], kind: pa.DataType) -> pa.Array:
    match column.kind:
        case Kind.DECIMAL:
            unit = Decimal(1).scaleb(-(column.scale or 0))
            exact = [None if v is None else Decimal(str(v)).quantize(unit) for v in values]
            return pa.array(exact, kind)
        case Kind.BOOLEAN:
            return pa.array([None if v is None else bool(v) for v in values], kind)
        case Kind.DATE | Kind.TIMESTAMP:
            return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)


FORMAT = FileFormat(
    name="sqlite",
    title="SQLite",
    hint="one file, keys and links",
    stem="bundle",
    ending=".sqlite3",
    media="application/vnd.sqlite3",
    size=lambda column: 1.15 * text_size(column),
    seconds=0.35,
    fill=fill,
    find=find,
)
