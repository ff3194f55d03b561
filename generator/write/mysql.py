"""A dump for MySQL 8 and MariaDB: `mariadb --abort-source-on-error DATABASE < mysql.sql`.

Tables with keys, checks and comments first, then rows in statements of some hundred kilobytes, then
indexes and links.  Links are added when all rows are there and with checks on, so the server looks
at every one of them, and rows that point at rows of their own table need no order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.format import Frame, TextFormat, text_size
from generator.write.names import MYSQL, Taken, column_names, named, table_name
from generator.write.sql import Dialect, safe, said_of
from generator.write.text import as_text, batches_of, joined

_STATEMENT = 400_000  # bytes of rows of one INSERT; servers take 16 MB
_LETTER = 4  # bytes of a letter of utf8mb4 at most
_LONGEST_KEY = 768  # letters an index takes (3,072 bytes)
_LONGEST_SHORT = 255  # letters up to which a text without an index lies in its row
_ROW = 60_000  # bytes of short texts of a row; the server refuses 65,535
_COMMENT = 1000  # letters
_OPENING = """\
-- Synthetic data made by Proving Ground: no row of it is about anybody.
-- Moments are UTC.  Texts are compared by their code points, as in the other dumps.
SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';
SET SESSION foreign_key_checks = 1, SESSION autocommit = 0;

"""
_ESCAPES = (
    ("\\", "\\\\"),
    ("'", "\\'"),
    ("\0", "\\0"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\x1a", "\\Z"),
)
_QUOTED = (Kind.TEXT, Kind.ENUM, Kind.DATE, Kind.TIMESTAMP)
_MOMENT = len("2025-01-31T09:15:00.250")


def part(table: Table, rows: pa.Table) -> Iterator[pa.Buffer]:
    for batch in batches_of(table, rows):
        cells = [_cell(column, batch.column(column.name)) for column in table.columns]
        yield joined(_in_statements(_insert(table), cells), ",")


def frame(tables: Sequence[Table]) -> Frame:
    renamed, relations = named(tables, MYSQL)
    present = {table.name for table in renamed}
    after = [line for table in renamed for line in _added(table, present, relations)]
    return Frame(
        before=(_OPENING + "".join(_create(table, relations) for table in renamed)).encode(),
        feet={table.name: b"COMMIT;\n\n" for table in tables},
        after="".join(after).encode(),
    )


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    for raw, instead in _ESCAPES:
        text = text.replace(raw, instead)
    return f"'{text}'"


SQL = Dialect(
    quote,
    literal,
    {
        Kind.INTEGER: "bigint",
        Kind.DECIMAL: "decimal({})",
        Kind.FLOAT: "double",
        Kind.BOOLEAN: "boolean",
        Kind.DATE: "date",
        Kind.TIMESTAMP: "datetime(3)",
    },
)


def _type(column: Column, short: set[str]) -> str:
    long = column.name not in short
    return SQL.type_of(column, text="longtext" if long else f"varchar({_letters(column)})")


def _create(table: Table, relations: Taken) -> str:
    short = _short(table)
    lines = [f"  {quote(c.name)} {_type(c, short)}{_rest(c)}" for c in table.columns]
    if table.key_columns:
        lines.append(f"  PRIMARY KEY ({SQL.list(table.key_columns)})")
    checks = (SQL.check(table, column, relations) for column in table.columns)
    lines += [f"  {check}" for check in checks if check]
    return (
        f"CREATE TABLE {quote(table.name)} (\n"
        + ",\n".join(lines)
        + f"\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin{_comment(table.meaning)};"
        + "\n\n"
    )


def _rest(column: Column) -> str:
    return ("" if column.nullable else " NOT NULL") + _comment(said_of(column))


def _comment(said: str) -> str:
    return f" COMMENT {literal(said[:_COMMENT])}" if said else ""


def _short(table: Table) -> set[str]:
    """Texts that lie in their row: those that are indexed, then others as far as a row has room."""
    indexed = {*table.key_columns, *(name for link in table.links for name in link.columns)}
    texts = [c for c in table.columns if c.kind in (Kind.TEXT, Kind.ENUM)]
    first = [c for c in texts if c.unique or c.name in indexed]
    others = [c for c in texts if c not in first and (c.length or _ROW) <= _LONGEST_SHORT]
    short = {column.name for column in first}
    room = _ROW - sum(_LETTER * _letters(column) for column in first)
    for column in others:
        room -= _LETTER * _letters(column)
        if room >= 0:
            short.add(column.name)
    return short


def _letters(column: Column) -> int:
    return min(column.length or _LONGEST_KEY, _LONGEST_KEY)


def _insert(table: Table) -> str:
    given = column_names(table, MYSQL)
    names = ",".join(quote(given[name]) for name in table.column_names)
    return f"INSERT INTO {quote(table_name(table.name, MYSQL))} ({names}) VALUES\n("


def _in_statements(insert: str, cells: list[pa.Array]) -> list[pa.Array | str]:
    """The first and the last cell of each row with what stands before and behind it."""
    sizes = sum(np.asarray(pc.binary_length(cell), np.int64) for cell in cells)
    statement = np.cumsum(sizes) // _STATEMENT
    first = np.diff(statement, prepend=-1) > 0
    last = np.append(first[1:], True)
    before = pa.array([",(", insert]).take(pa.array(first.astype(np.int8)))
    behind = pa.array([")", ");"]).take(pa.array(last.astype(np.int8)))
    cells = [*cells]
    cells[0] = pc.binary_join_element_wise(before, cells[0], "")
    cells[-1] = pc.binary_join_element_wise(cells[-1], behind, "")
    return [*cells]


def _cell(column: Column, values: pa.Array) -> pa.Array:
    """What stands in a row: NULL, a number, or a text between quotes."""
    if isinstance(values, pa.DictionaryArray):
        return pc.fill_null(_quoted(safe(values.dictionary, _ESCAPES)).take(values.indices), "NULL")
    if column.kind is Kind.FLOAT:  # MySQL has no infinity and no NaN
        values = pc.if_else(pc.is_finite(values), values, None)
    text = as_text(column, values)
    if column.kind is Kind.TIMESTAMP:
        text = pc.binary_slice(text.cast(pa.binary()), 0, _MOMENT).cast(pa.string())
    elif column.kind in (Kind.TEXT, Kind.ENUM):
        text = safe(text, _ESCAPES)
    return pc.fill_null(_quoted(text) if column.kind in _QUOTED else text, "NULL")


def _quoted(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise("'", text, "'", "")


def _added(table: Table, present: set[str], relations: Taken) -> Iterator[str]:
    """One statement a table: a server looks through its rows once."""
    lines = []
    for column in table.columns:
        if name := SQL.unique(table, column, relations):
            lines.append(f"  ADD UNIQUE KEY {name} ({quote(column.name)})")
    for link in table.links:
        unique = "UNIQUE " if link.unique else ""
        name = SQL.index(table, link, relations)
        lines.append(f"  ADD {unique}KEY {name} ({SQL.list(link.columns)})")
        if link.parent in present:
            lines.append(f"  ADD {SQL.foreign_key(table, link, relations)}")
    if lines:
        yield f"ALTER TABLE {quote(table.name)}\n" + ",\n".join(lines) + ";\n\n"


FORMAT = TextFormat(
    name="mysql",
    title="MySQL, MariaDB",
    hint="a dump for the mariadb or mysql client",
    stem="mysql",
    ending=".sql",
    media="application/sql",
    size=lambda column: 0.97 * text_size(column),
    seconds=0.09,
    part=part,
    frame=frame,
)
