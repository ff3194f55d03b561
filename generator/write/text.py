"""Values as text, the same in CSV, JSON Lines and SQL: RFC 3339 UTC, exact decimals.

Everything is done a column at a time.  Moments, days and short decimals are looked up in tables
of ready text, which takes a third of the time of formatting them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.frame import scaled_of
from generator.schema import Column, Kind, Table

BATCH_ROWS = 32_768  # lines of a batch are joined in memory
_FIRST_DAY, _LAST_DAY = np.datetime64("1900-01-01", "D"), np.datetime64("2100-01-01", "D")
_DAY, _MINUTE = 86_400_000, 60_000  # milliseconds
_SHORT = 1 << 16  # scaled decimals from 0 below this are looked up
_OWN_FORM = re.compile(
    r"YYYY-MM-DD(?P<apart>[T ])(?P<clock>hh:mm(:ss(\.f{1,3})?)?)(?P<zone>Z|\+00:00)?"
)
_STAMP = np.dtype([("day", "S10"), ("t", "S1"), ("minute", "S6"), ("second", "S7")])


def batches_of(table: Table, rows: pa.Table) -> Iterator[pa.RecordBatch]:
    """The table's own columns in their order, in batches few enough to be joined."""
    batches = rows.select(list(table.column_names)).to_batches(max_chunksize=BATCH_ROWS)
    return (batch for batch in batches if batch.num_rows)


def as_text(column: Column, values: pa.Array) -> pa.Array:
    """Text where a value is, missing where none is.  Moments have milliseconds whether they need
    them or not: ``2025-01-31T09:15:00.250Z``."""
    match column.kind:
        case Kind.TIMESTAMP:
            return _moments(values)
        case Kind.DATE:
            return _days(values)
        case Kind.DECIMAL:
            return _decimals(values)
        case Kind.FLOAT:
            return _floats(values)
        case _:
            return values.cast(pa.string())


def in_form(column: Column, values: pa.Array) -> pa.Array:
    """As ``as_text``, moments in the form the extract had where the column says one: “YYYY-MM-DD
    hh:mm:ss”.  Not for databases, which would take a moment without a zone for one of theirs."""
    texts = as_text(column, values)
    if column.kind is not Kind.TIMESTAMP or not (form := _OWN_FORM.fullmatch(column.form)):
        return texts
    clock = pc.utf8_slice_codeunits(texts, 11, 11 + len(form["clock"]))
    day = pc.utf8_slice_codeunits(texts, 0, 10)
    moment = pc.binary_join_element_wise(day, clock, form["apart"])
    return pc.binary_join_element_wise(moment, form["zone"] or "", "")


def out_of_form(table: Table, rows: pa.Table) -> pa.Table:
    """Rows with moments read as text as moments; those without a zone are UTC."""
    for name in rows.column_names:
        texts = rows.column(name)
        if table.column(name).kind is Kind.TIMESTAMP and pa.types.is_string(texts.type):
            zoned = pc.match_substring_regex(texts, r"(Z|[+-]\d\d:\d\d)$").fill_null(False)
            plain = pc.if_else(zoned, texts, pc.binary_join_element_wise(texts, "Z", ""))
            at = rows.schema.get_field_index(name)
            kind = table.column(name).arrow_type()
            rows = rows.set_column(at, name, plain.cast(kind))
    return rows


def joined(cells: Sequence[pa.Array | str], separator: str) -> pa.Buffer:
    """Rows as lines, in one buffer: the cells of each joined by ``separator``, what is missing
    left out, LF behind each.  At least one cell is an array."""
    *others, last = cells
    ended = pc.binary_join_element_wise(
        last, "\n", "", null_handling="replace", null_replacement=""
    )
    lines = pc.binary_join_element_wise(
        *others, ended, separator, null_handling="replace", null_replacement=""
    )
    return bytes_of(lines)


def bytes_of(texts: pa.Array) -> pa.Buffer:
    """All texts of an array one after the other, without copying."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return pa.py_buffer(b"")
    places = np.frombuffer(offsets, "<i4")
    first, last = int(places[texts.offset]), int(places[texts.offset + len(texts)])
    return data.slice(first, last - first)


def _floats(values: pa.Array) -> pa.Array:
    """The shortest digits that say the number; no exponent up to 21 of them before the point, as
    JSON has them: what holds such numbers are often names of things."""
    long = pc.and_(pc.greater_equal(pc.abs(values), 1e15), pc.less(pc.abs(values), 1e21))
    texts = values.cast(pa.string())
    if not pc.any(long).as_py():
        return texts
    spelt = [
        np.format_float_positional(value, trim="-") for value in values.filter(long).to_numpy()
    ]
    return pc.replace_with_mask(texts, long.fill_null(False), pa.array(spelt, pa.string()))


def _moments(values: pa.Array) -> pa.Array:
    stamps = _whole_numbers(values.cast(pa.timestamp("ms")), pa.int64())
    whole, rest = np.divmod(stamps, _DAY)
    days = _places(whole)
    if days is None:
        plain = pc.replace_substring(values.cast(pa.timestamp("ms")).cast(pa.string()), " ", "T")
        return pc.binary_join_element_wise(plain, "Z", "")
    minutes, rest = np.divmod(rest.astype(np.int32), _MINUTE)
    texts = np.empty(len(values), _STAMP)
    texts["day"], texts["t"] = _ready_days()[days], b"T"
    texts["minute"], texts["second"] = _ready_minutes()[minutes], _ready_seconds()[rest]
    return _fixed_width(texts, values)


def _days(values: pa.Array) -> pa.Array:
    days = _places(_whole_numbers(values, pa.int32()).astype(np.int64))
    return values.cast(pa.string()) if days is None else _fixed_width(_ready_days()[days], values)


def _decimals(values: pa.Array) -> pa.Array:
    scaled = scaled_of(values)
    if not len(scaled) or scaled.min() < 0 or scaled.max() >= _SHORT or values.type.precision > 18:
        return values.cast(pa.string())
    if values.null_count:
        return _ready_decimals(values.type.scale).take(
            pa.array(scaled.astype(np.int32), mask=np.asarray(values.is_null()))
        )
    return _ready_decimals(values.type.scale).take(pa.array(scaled.astype(np.int32)))


def _whole_numbers(values: pa.Array, kind: pa.DataType) -> NDArray[Any]:
    """The numbers behind moments or days; where one is missing, the least of the others."""
    numbers = values.view(kind)
    if numbers.null_count:
        least = pc.min(numbers)
        numbers = numbers.fill_null(least if least.is_valid else pa.scalar(0, kind))
    return np.asarray(numbers)


def _places(days: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Places in the table of days, or None when a day lies outside."""
    places = days - int(_FIRST_DAY.astype(np.int64))
    if len(places) and (places.min() < 0 or places.max() >= len(_ready_days())):
        return None
    return places


def _fixed_width(texts: NDArray[Any], values: pa.Array) -> pa.Array:
    """Texts of one width as an Arrow array, missing where ``values`` is."""
    width, rows = texts.dtype.itemsize, len(texts)
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    valid = pa.array(np.asarray(values.is_valid())).buffers()[1] if values.null_count else None
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(texts), valid)


@cache
def _ready_days() -> NDArray[np.bytes_]:
    return np.arange(_FIRST_DAY, _LAST_DAY).astype("S10")


@cache
def _ready_minutes() -> NDArray[np.bytes_]:
    return np.array([f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)], "S6")


@cache
def _ready_seconds() -> NDArray[np.bytes_]:
    return np.array([f"{second:02}.{ms:03}Z" for second in range(60) for ms in range(1000)], "S7")


@cache
def _ready_decimals(scale: int) -> pa.Array:
    numbers = pa.array(np.arange(_SHORT)).cast(pa.decimal128(38, 0))
    words = numbers.buffers()[1]
    kind = pa.decimal128(18, scale)
    return pa.Array.from_buffers(kind, _SHORT, [None, words]).cast(pa.string())
