"""Parquet: typed columns, each in the encoding that fits what it holds.

Numbers, moments and decimals as packed differences, keys as they are (every one is new, so a
dictionary would only cost), other text as dictionaries, floats by bytes; then zstd.  A long table
is a folder of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.format import FileFormat, Slices
from generator.write.wanted import Wanted

GROUP_ROWS = 131_072
LONGEST = 250_000  # rows of one file
_ENCODINGS = {
    Kind.INTEGER: "DELTA_BINARY_PACKED",
    Kind.DECIMAL: "DELTA_BINARY_PACKED",
    Kind.DATE: "DELTA_BINARY_PACKED",
    Kind.TIMESTAMP: "DELTA_BINARY_PACKED",
    Kind.FLOAT: "BYTE_STREAM_SPLIT",
}
_MEASURED = (Kind.INTEGER, Kind.DATE, Kind.TIMESTAMP)  # with least and greatest of each group
_LONG_DECIMAL = 18  # digits of the longest decimal that Parquet keeps as an integer


def fill(tables: Sequence[tuple[Table, Slices]], path: Path) -> None:
    """One table's rows; groups of ``GROUP_ROWS`` rows whatever the slices were."""
    from pyarrow import parquet

    ((table, slices),) = tables
    groups = _groups(table, slices)
    first = next(groups)
    with parquet.ParquetWriter(path, first.schema, **_options(table)) as file:
        file.write_table(first, row_group_size=GROUP_ROWS)
        for group in groups:
            file.write_table(group, row_group_size=GROUP_ROWS)


def read(path: Path, table: Table, columns: Sequence[str]) -> pa.Table:
    from pyarrow import parquet

    del table
    return parquet.read_table(path, columns=list(columns))


def find(path: Path, table: Table, columns: Sequence[str], wanted: Wanted) -> Iterator[pa.Table]:
    """Of a group of rows only the column that is asked about, unless it has a wanted row."""
    from pyarrow import parquet

    del table
    with parquet.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            if wanted.every:
                yield file.read_row_group(group, columns=list(columns))
                continue
            asked = file.read_row_group(group, columns=[wanted.column]).column(0)
            chosen = wanted.of(asked)
            if pc.any(chosen).as_py():
                yield file.read_row_group(group, columns=list(columns)).filter(chosen)


def _groups(table: Table, slices: Slices) -> Iterator[pa.Table]:
    """Rows group by group; one empty group of a table without rows."""
    schema = None
    held: list[pa.Table] = []
    rows = 0
    for part in slices:
        schema = schema or _schema(table, part)
        held.append(_like(part, schema))
        rows += part.num_rows
        while rows > GROUP_ROWS:
            whole = pa.concat_tables(held)
            yield whole.slice(0, GROUP_ROWS)
            held, rows = [whole.slice(GROUP_ROWS)], rows - GROUP_ROWS
    yield pa.concat_tables(held) if held else table.arrow_schema().empty_table()


def _schema(table: Table, part: pa.Table) -> pa.Schema:
    """The table's own types; text that comes as a dictionary is written from it."""
    return pa.schema(
        [
            field.with_type(pa.dictionary(pa.int32(), pa.string()))
            if pa.types.is_dictionary(part.schema.field(field.name).type)
            else field
            for field in table.arrow_schema()
        ]
    )


def _like(part: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        values = part.column(field.name)
        if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(values.type):
            values = values.cast(pa.string()).dictionary_encode()
        columns.append(values.cast(field.type))
    return pa.table(columns, schema=schema)


def _options(table: Table) -> dict[str, Any]:
    keys = {*table.key_columns, *(name for link in table.links for name in link.columns)}
    plain, repeated = {}, []
    for column in table.columns:
        if column.kind in (Kind.TEXT, Kind.ENUM):
            if column.unique or column.name in keys:
                plain[column.name] = "PLAIN"
            else:
                repeated.append(column.name)
        elif encoding := _encoding(column):
            plain[column.name] = encoding
    return {
        "version": "2.6",
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": repeated or False,
        "column_encoding": plain,
        "store_decimal_as_integer": True,
        "store_schema": False,  # it would say which text came as a dictionary
        "write_statistics": [c.name for c in table.columns if c.kind in _MEASURED] or False,
    }


def _encoding(column: Column) -> str | None:
    if column.kind is Kind.DECIMAL and (column.precision or _LONG_DECIMAL) > _LONG_DECIMAL:
        return "PLAIN"
    return _ENCODINGS.get(column.kind)


_BYTES = {
    Kind.INTEGER: 1.2,
    Kind.DECIMAL: 1.3,
    Kind.FLOAT: 7.0,
    Kind.BOOLEAN: 0.2,
    Kind.DATE: 1.5,
    Kind.TIMESTAMP: 3.2,
    Kind.TEXT: 2.0,
    Kind.ENUM: 0.3,
}

FORMAT = FileFormat(
    name="parquet",
    title="Parquet",
    hint="typed, for data tools",
    ending=".parquet",
    media="application/vnd.apache.parquet",
    size=lambda column: 0.78 * _BYTES[column.kind],
    seconds=0.04,
    packed=True,
    fill=fill,
    longest=LONGEST,
    read=read,
    find=find,
)
