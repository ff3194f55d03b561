"""A PostgreSQL dump: `psql -v ON_ERROR_STOP=1 -f postgres.sql` into an empty database.

Tables with comments first, COPY data, then keys, checks, indexes and links; one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.contract import Slices, storage
from generator.write.names import POSTGRES, Taken, named, quote
from generator.write.text import as_text, joined_lines

NAME = "postgres.sql"
_ESCAPES = (
    ("\\", "\\\\"),
    ("\b", "\\b"),
    ("\f", "\\f"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\t", "\\t"),
    ("\v", "\\v"),
)


def write_postgres(tables: Sequence[tuple[Table, Slices]], folder: Path) -> tuple[str, int]:
    rows = 0
    tables, relations = named(tables, POSTGRES)
    with (
        storage(f"writing {NAME}"),
        (folder / NAME).open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write("-- Synthetic data made by Proving Ground: no row of it is about anybody.\n")
        file.write(
            "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n\n"
        )
        for table, _ in tables:
            file.writelines(_create(table))
        for table, slices in tables:
            rows += _copy(file, table, slices)
        present = {table.name for table, _ in tables}
        for table, _ in tables:
            file.writelines(_keys(table, relations))
        for table, _ in tables:
            file.writelines(_links(table, present, relations))
        file.write("\nCOMMIT;\nANALYZE;\n")
    return NAME, rows


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


def _copy(file: TextIOWrapper, table: Table, slices: Slices) -> int:
    names = ", ".join(quote(name) for name in table.column_names)
    file.write(f"COPY {quote(table.name)} ({names}) FROM stdin;\n")
    rows = 0
    for part in slices:
        texts = [_escaped(column, part.column(column.name)) for column in table.columns]
        file.flush()
        for lines in joined_lines(texts, "\t"):
            file.buffer.write(lines)
        rows += part.num_rows
    file.write("\\.\n\n")
    return rows


def _escaped(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    text = as_text(column, values).cast(pa.string())
    if column.kind in (Kind.TEXT, Kind.ENUM):
        for raw, safe in _ESCAPES:
            text = pc.replace_substring(text, raw, safe)
    return pc.fill_null(text, "\\N")


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
