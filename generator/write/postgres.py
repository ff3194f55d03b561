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
from generator.write.text import as_text, batches_of, bytes_of, joined

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


def _type(column: Column) -> str:
    match column.kind:
        case Kind.INTEGER:
            return "bigint"
        case Kind.DECIMAL:
            return f"numeric({column.precision or 18},{column.scale or 0})"
        case Kind.FLOAT:
            return "double precision"
        case Kind.BOOLEAN:
            return "boolean"
        case Kind.DATE:
            return "date"
        case Kind.TIMESTAMP:
            return "timestamptz(3)"
        case _:
            return f"varchar({column.length})" if column.length else "text"


def _create(table: Table) -> Iterator[str]:
    lines = [
        f"  {quote(c.name)} {_type(c)}{'' if c.nullable else ' NOT NULL'}" for c in table.columns
    ]
    name = quote(table.name)
    yield f"CREATE TABLE {name} (\n" + ",\n".join(lines) + "\n);\n"
    if table.meaning:
        yield f"COMMENT ON TABLE {name} IS {literal(table.meaning)};\n"
    for column in table.columns:
        said = column.meaning + (f" [personal: {column.personal}]" if column.personal else "")
        if said:
            yield f"COMMENT ON COLUMN {name}.{quote(column.name)} IS {literal(said.strip())};\n"
    yield "\n"


def _copy(table: Table) -> str:
    names = ", ".join(quote(name) for name in table.column_names)
    return f"COPY {quote(table.name)} ({names}) FROM stdin;\n"


def _escaped(column: Column, values: pa.Array) -> pa.Array:
    if column.kind not in (Kind.TEXT, Kind.ENUM):
        return pc.fill_null(as_text(column, values), "\\N")
    if isinstance(values, pa.DictionaryArray):
        return pc.fill_null(_safe(values.dictionary).take(values.indices), "\\N")
    return pc.fill_null(_safe(as_text(column, values)), "\\N")


def _safe(text: pa.Array) -> pa.Array:
    whole = bytes_of(text).to_pybytes()
    for raw, safe in _ESCAPES:
        if raw.encode() in whole:
            text = pc.replace_substring(text, raw, safe)
    return text


def _keys(table: Table, relations: Taken) -> Iterator[str]:
    alter = f"ALTER TABLE {quote(table.name)} ADD CONSTRAINT"
    if table.key:
        name = quote(relations.one(f"{table.name}_pkey"))
        yield f"{alter} {name} PRIMARY KEY ({quote(table.key)});\n"
    for column in table.columns:
        if column.unique and column.name != table.key:
            name = quote(relations.one(f"{table.name}_{column.name}_key"))
            yield f"{alter} {name} UNIQUE ({quote(column.name)});\n"
        if column.values and column.kind is Kind.ENUM:
            allowed = ", ".join(literal(value) for value in column.values)
            name = quote(relations.one(f"{table.name}_{column.name}_check"))
            yield f"{alter} {name} CHECK ({quote(column.name)} IN ({allowed}));\n"


def _links(table: Table, present: set[str], relations: Taken) -> Iterator[str]:
    for link in table.links:
        unique = "UNIQUE " if link.unique else ""
        index = quote(relations.one(f"{table.name}_{link.column}_idx"))
        yield f"CREATE {unique}INDEX {index} ON {quote(table.name)} ({quote(link.column)});\n"
        if link.parent in present:
            name = quote(relations.one(f"{table.name}_{link.column}_fkey"))
            yield (
                f"ALTER TABLE {quote(table.name)} ADD CONSTRAINT {name} "
                f"FOREIGN KEY ({quote(link.column)}) REFERENCES {quote(link.parent)} "
                f"({quote(link.parent_column)});\n"
            )


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
