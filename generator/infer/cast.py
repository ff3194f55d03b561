"""The values of an extract as the kinds its schema says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.extent import rows_of, standing_for
from generator.forms import MISSING
from generator.infer.native import as_text
from generator.infer.patterns import PATTERNS, finite, read_as
from generator.schema import Column, Kind, Schema
from generator.stop import asking


def typed_tables(tables: Mapping[str, pa.Table], schema: Schema) -> Iterator[tuple[str, pa.Table]]:
    """See ``generator.infer.typed``."""
    for table in schema:
        if table.name not in tables:
            raise ExtractError(f"The extract has no table “{table.name}”.")
        raw = tables[table.name]
        arrays = [
            _cast(_Place(table.name, column, raw), column, _named(raw, table.name, column))
            for column in asking(table.columns, every=1)
        ]
        typed = pa.table(arrays, names=list(table.column_names))
        rows = rows_of(raw)
        yield table.name, typed if rows == raw.num_rows else standing_for(rows, typed)


def _named(raw: pa.Table, table: str, column: Column) -> pa.ChunkedArray:
    if column.name not in raw.column_names:
        file = (raw.schema.metadata or {}).get(b"file", b"").decode()
        if file:
            raise ExtractError(
                f"“{file}” has no column “{column.name}”, which the table “{table}” must have; "
                "bring a file with the same columns."
            )
        raise ExtractError(f"The table “{table}” has no column “{column.name}”.")
    return raw.column(column.name)


@dataclass(frozen=True)
class _Place:
    """Where a value stands, for people."""

    table: str
    column: Column
    raw: pa.Table

    def __str__(self) -> str:
        return f"Table “{self.table}”, column {self.column.name}"

    def row(self, at: int) -> str:
        """The row of the file, counted as ``read`` says."""
        said = (self.raw.schema.metadata or {}).get(b"rows", b"[1, [], 1]")
        first, blank, every = json.loads(said)
        row = first + at * every
        for skipped in blank:
            row += skipped <= row
        return f"row {row:,} (the header is row 1)" if first == 2 else f"row {row:,}"


def _cast(place: _Place, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    values = as_text(values)
    if not pa.types.is_string(values.type):
        return _cast_native(place, column, values)
    if column.kind in (Kind.TEXT, Kind.ENUM):
        return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    trimmed = pc.utf8_trim_whitespace(values)
    trimmed = pc.if_else(
        pc.is_in(trimmed, pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed
    )
    if column.kind is Kind.INTEGER:  # as pandas writes whole numbers beside missing ones
        trimmed = pc.replace_substring_regex(trimmed, r"\.0+$", "")
    fits = pc.match_substring_regex(trimmed, dict(PATTERNS)[column.kind])
    at = pc.index(fits, pa.scalar(False)).as_py()
    if at >= 0:
        raise ExtractError(
            f"{place}, {place.row(at)}: the value is no {column.kind.value}; choose another kind "
            "for the column, or mend the row."
        )
    try:
        return read_as(column, trimmed)
    except pa.ArrowInvalid:
        raise ExtractError(
            f"{place}, {place.row(_first_unread(column, trimmed))}: the value is no "
            f"{column.kind.value} that exists or can be kept; choose another kind for the column, "
            "or mend the row."
        ) from None


def _first_unread(column: Column, text: pa.ChunkedArray) -> int:
    """Number of the first value that cannot be read, found by halving."""
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            read_as(column, text.slice(low, middle - low))
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _cast_native(place: _Place, column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        if column.kind is Kind.TIMESTAMP:
            return values.cast(column.arrow_type(), safe=False)
        return finite(values.cast(column.arrow_type()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise ExtractError(
            f"{place}: the values ({values.type}) cannot be read as {column.kind.value}; choose "
            "another kind for the column."
        ) from None
