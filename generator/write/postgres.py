"""A PostgreSQL dump: `psql -v ON_ERROR_STOP=1 -f postgres.sql` into an empty database.

Tables with comments first, COPY data, then keys, checks, indexes and links; one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.format import Frame, TextFormat, text_size
from generator.write.names import POSTGRES, Taken, named, quote
from generator.write.sql import Dialect, safe, said_of
from generator.write.text import as_text, batches_of, joined

_OPENING = (
    "-- Synthetic data made by Proving Ground: no row of it is about anybody.\n"
    "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n\n"
)
_ESCAPES = (
    ("\\", "\\\\"),
    ("\b", "\\b"),
    ("\f", "\\f"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\t", "\\t"),
    ("\v", "\\v"),
)


def part(table: Table, rows: pa.Table) -> Iterator[pa.Buffer]:
    for batch in batches_of(table, rows):
        yield joined(
            [_escaped(column, batch.column(column.name)) for column in table.columns], "\t"
        )


def frame(tables: Sequence[Table]) -> Frame:
    renamed, relations = named(tables, POSTGRES)
    present = {table.name for table in renamed}
    after = [line for table in renamed for line in _keys(table, relations)]
    after += [line for table in renamed for line in _links(table, present, relations)]
    pairs = list(zip(tables, renamed, strict=True))
    return Frame(
        before=(_OPENING + "".join(line for table in renamed for line in _create(table))).encode(),
        heads={table.name: _copy(under).encode() for table, under in pairs},
        feet={table.name: b"\\.\n\n" for table in tables},
        after=("".join(after) + "\nCOMMIT;\nANALYZE;\n").encode(),
    )


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SQL = Dialect(
    quote,
    literal,
    {
        Kind.INTEGER: "bigint",
        Kind.DECIMAL: "numeric({})",
        Kind.FLOAT: "double precision",
        Kind.BOOLEAN: "boolean",
        Kind.DATE: "date",
        Kind.TIMESTAMP: "timestamptz(3)",
    },
)


def _type(column: Column) -> str:
    return SQL.type_of(column, text=f"varchar({column.length})" if column.length else "text")


def _create(table: Table) -> Iterator[str]:
    lines = [
        f"  {quote(c.name)} {_type(c)}{'' if c.nullable else ' NOT NULL'}" for c in table.columns
    ]
    name = quote(table.name)
    yield f"CREATE TABLE {name} (\n" + ",\n".join(lines) + "\n);\n"
    if table.meaning:
        yield f"COMMENT ON TABLE {name} IS {literal(table.meaning)};\n"
    for column in table.columns:
        if said := said_of(column):
            yield f"COMMENT ON COLUMN {name}.{quote(column.name)} IS {literal(said)};\n"
    yield "\n"


def _copy(table: Table) -> str:
    names = ", ".join(quote(name) for name in table.column_names)
    return f"COPY {quote(table.name)} ({names}) FROM stdin;\n"


def _escaped(column: Column, values: pa.Array) -> pa.Array:
    if column.kind not in (Kind.TEXT, Kind.ENUM):
        return pc.fill_null(as_text(column, values), "\\N")
    if isinstance(values, pa.DictionaryArray):
        return pc.fill_null(safe(values.dictionary, _ESCAPES).take(values.indices), "\\N")
    return pc.fill_null(safe(as_text(column, values), _ESCAPES), "\\N")


def _keys(table: Table, relations: Taken) -> Iterator[str]:
    alter = f"ALTER TABLE {quote(table.name)} ADD"
    if table.key_columns:
        name = quote(relations.one(f"{table.name}_pkey"))
        yield f"{alter} CONSTRAINT {name} PRIMARY KEY ({SQL.list(table.key_columns)});\n"
    for column in table.columns:
        if name := SQL.unique(table, column, relations):
            yield f"{alter} CONSTRAINT {name} UNIQUE ({quote(column.name)});\n"
        if check := SQL.check(table, column, relations):
            yield f"{alter} {check};\n"


def _links(table: Table, present: set[str], relations: Taken) -> Iterator[str]:
    for link in table.links:
        unique = "UNIQUE " if link.unique else ""
        index = SQL.index(table, link, relations)
        yield f"CREATE {unique}INDEX {index} ON {quote(table.name)} ({SQL.list(link.columns)});\n"
        if link.parent in present:
            leads = SQL.foreign_key(table, link, relations)
            yield f"ALTER TABLE {quote(table.name)} ADD {leads};\n"


FORMAT = TextFormat(
    name="postgres",
    title="PostgreSQL",
    hint="a dump for psql -f",
    stem="postgres",
    ending=".sql",
    media="application/sql",
    size=lambda column: 0.83 * text_size(column),
    seconds=0.07,
    part=part,
    frame=frame,
)
