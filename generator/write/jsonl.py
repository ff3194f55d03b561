"""JSON Lines: one object a row; a missing value is an absent property, as the platform wants.

Decimals are strings ("never float in export"), integers and floats numbers, times RFC 3339.  JSON
has no infinity and no NaN; a float that is none of its numbers is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.format import Frame, TextFormat, text_size
from generator.write.text import as_text, batches_of, bytes_of, in_form, out_of_form
from generator.write.wanted import Wanted

_NUMBERS = (Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN)  # written as they are, without quotes
_STRINGS = (Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP)
_SPACE = 0x20  # the first character JSON takes as it is


def part(table: Table, rows: pa.Table) -> Iterator[pa.Buffer]:
    for batch in batches_of(table, rows):
        yield bytes_of(_objects(table, batch))


def frame(tables: Sequence[Table]) -> Frame:
    del tables
    return Frame()


def read(path: Path, table: Table, columns: Sequence[str]) -> pa.Table:
    from pyarrow import json as arrow_json

    schema = table.arrow_schema()
    if path.stat().st_size == 0:
        return pa.schema([schema.field(name) for name in columns]).empty_table()
    kinds = {c.name: pa.string() if c.kind in _STRINGS else c.arrow_type() for c in table.columns}
    options = arrow_json.ParseOptions(explicit_schema=pa.schema(list(kinds.items())))
    rows = arrow_json.read_json(path, parse_options=options).select(list(columns))
    rows = out_of_form(table, rows)
    return rows.cast(pa.schema([pa.field(name, schema.field(name).type) for name in columns]))


def find(path: Path, table: Table, columns: Sequence[str], wanted: Wanted) -> Iterator[pa.Table]:
    """Block by block; of each object only the properties that are asked for."""
    from pyarrow import json as arrow_json

    if path.stat().st_size == 0:
        return
    schema = table.arrow_schema()
    asked = [table.column(name) for name in dict.fromkeys((*columns, wanted.column))]
    kinds = [(c.name, pa.string() if c.kind in _STRINGS else c.arrow_type()) for c in asked]
    options = arrow_json.ParseOptions(
        explicit_schema=pa.schema(kinds), unexpected_field_behavior="ignore"
    )
    typed = pa.schema([pa.field(name, schema.field(name).type) for name in columns])
    with arrow_json.open_json(path, parse_options=options) as reader:
        for batch in reader:
            rows = wanted.among(pa.Table.from_batches([batch])).select(list(columns))
            yield out_of_form(table, rows).cast(typed)


def _objects(table: Table, batch: pa.RecordBatch) -> pa.Array:
    """A line a row.  The text between two values that are always there is one constant."""
    pieces: list[pa.Array | str] = []
    constant = ""
    for column in table.columns:
        cells = _cells(column, batch.column(column.name))
        mark = "" if column.kind in _NUMBERS else '"'
        before = f",{json.dumps(column.name, ensure_ascii=False)}:{mark}"
        if cells.null_count:
            pieces += [constant, pc.binary_join_element_wise(before, cells, mark, "")]
            constant = ""
        else:
            pieces += [constant + before, cells]
            constant = mark
    return _lines([*pieces, constant])


def _lines(pieces: list[pa.Array | str]) -> pa.Array:
    """Objects of properties that each begin with a comma; the first comma of a line goes."""
    first = pieces[0]
    if isinstance(first, str) and first:
        return _joined("{" + first[1:], *pieces[1:], "}\n")
    return _joined("{", pc.utf8_slice_codeunits(_joined(*pieces), 1), "}\n")


def _joined(*pieces: pa.Array | str) -> pa.Array:
    used = [piece for piece in pieces if not isinstance(piece, str) or piece]
    return pc.binary_join_element_wise(*used, "", null_handling="replace", null_replacement="")


def _cells(column: Column, values: pa.Array) -> pa.Array:
    """The value as it stands in the file, but for the quotes around it."""
    if column.kind is Kind.FLOAT:
        return as_text(column, pc.if_else(pc.is_finite(values), values, None))
    if column.kind not in (Kind.TEXT, Kind.ENUM):
        return in_form(column, values)
    if isinstance(values, pa.DictionaryArray):
        return escaped(values.dictionary).take(values.indices)
    return escaped(as_text(column, values))


def escaped(text: pa.Array) -> pa.Array:
    """Text as it stands between the quotes of a JSON string."""
    whole = np.frombuffer(bytes_of(text), np.uint8)
    if not len(whole):
        return text
    for mark in ("\\", '"'):
        if (whole == ord(mark)).any():
            text = pc.replace_substring(text, mark, "\\" + mark)
    if whole.min() < _SPACE:
        for code in np.unique(whole[whole < _SPACE]):
            text = pc.replace_substring(text, chr(code), json.dumps(chr(code))[1:-1])
    return text


FORMAT = TextFormat(
    name="jsonl",
    title="JSON Lines",
    hint="one object a row",
    ending=".jsonl",
    media="application/x-ndjson",
    size=lambda column: 0.88 * (text_size(column) + len(column.name) + 4),
    seconds=0.11,
    part=part,
    frame=frame,
    read=read,
    find=find,
)
