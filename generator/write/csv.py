"""CSV after RFC 4180: UTF-8, a header, empty = missing, "" = empty text, lines end in LF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.format import Frame, TextFormat, text_size
from generator.write.text import as_text, batches_of, bytes_of, in_form, joined, out_of_form
from generator.write.wanted import Wanted

_SPECIAL = '",\r\n'
_NEEDS_QUOTES = f"[{_SPECIAL}]"


def part(table: Table, rows: pa.Table) -> Iterator[pa.Buffer]:
    for batch in batches_of(table, rows):
        yield joined([_cells(column, batch.column(column.name)) for column in table.columns], ",")


def frame(tables: Sequence[Table]) -> Frame:
    (table,) = tables
    return Frame((",".join(_quoted(name) for name in table.column_names) + "\n").encode())


def read(path: Path, table: Table, columns: Sequence[str]) -> pa.Table:
    from pyarrow import csv

    parse, options = _options(table, columns)
    rows = csv.read_csv(path, parse_options=parse, convert_options=options)
    return out_of_form(table, rows)


def find(path: Path, table: Table, columns: Sequence[str], wanted: Wanted) -> Iterator[pa.Table]:
    """Block by block; of each line only the columns that are asked for are made values."""
    from pyarrow import csv

    asked = list(dict.fromkeys((*columns, wanted.column)))
    parse, options = _options(table, asked)
    with csv.open_csv(path, parse_options=parse, convert_options=options) as reader:
        for batch in reader:
            rows = out_of_form(table, pa.Table.from_batches([batch]))
            yield wanted.among(rows).select(list(columns))


def _options(table: Table, columns: Sequence[str]) -> tuple[Any, Any]:
    from pyarrow import csv

    options = csv.ConvertOptions(
        include_columns=columns,
        column_types={name: _type(table.column(name)) for name in columns},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        timestamp_parsers=[csv.ISO8601],
    )
    parse = csv.ParseOptions(
        newlines_in_values=True,
        ignore_empty_lines=len(table.columns) > 1,  # in one column a line may be a missing value
    )
    return parse, options


def _type(column: Column) -> pa.DataType:
    """What a column is read as at first: moments in a form of their own as text."""
    own = column.kind is Kind.TIMESTAMP and column.form
    return pa.string() if own else column.arrow_type()


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(_SPECIAL) else name


def _cells(column: Column, values: pa.Array) -> pa.Array:
    """Text as it stands in the file.  Only what needs quotes has them; "" is empty text."""
    if column.kind not in (Kind.TEXT, Kind.ENUM):
        return in_form(column, values)
    if isinstance(values, pa.DictionaryArray):
        return _escaped(values.dictionary).take(values.indices)
    return _escaped(as_text(column, values))


def _escaped(text: pa.Array) -> pa.Array:
    whole = bytes_of(text).to_pybytes()
    blank = pc.min(pc.binary_length(text)).as_py() == 0
    if not blank and not any(mark in whole for mark in (b'"', b",", b"\r", b"\n")):
        return text
    special = pc.or_(pc.match_substring_regex(text, _NEEDS_QUOTES), pc.equal(text, ""))
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), text)


FORMAT = TextFormat(
    name="csv",
    title="CSV",
    hint="opens everywhere",
    ending=".csv",
    media="text/csv; charset=utf-8",
    size=lambda column: 0.82 * text_size(column),
    seconds=0.07,
    part=part,
    frame=frame,
    read=read,
    find=find,
)
