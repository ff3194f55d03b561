"""How the text of a column looks that is of a plain kind, and how it is read."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind

INTEGER = r"^-?(0|[1-9]\d{0,18})((\.\d+)?[eE]\+?\d{1,2})?$"  # whole: see ``_spelt_out``
DIGITS = r"^-?(0|[1-9]\d*)$"
_DECIMAL = r"^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$"
_FLOAT = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"
_BOOLEAN = r"^(?i:true|false)$"
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_TIMESTAMP = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$"
PATTERNS = (
    (Kind.BOOLEAN, _BOOLEAN),
    (Kind.INTEGER, INTEGER),
    (Kind.DECIMAL, _DECIMAL),
    (Kind.FLOAT, _FLOAT),
    (Kind.DATE, _DATE),
    (Kind.TIMESTAMP, _TIMESTAMP),
)
_LARGEST = 1e100  # larger numbers have no variance in 64 bits


def read_as(column: Column, text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text that has the pattern of a kind as that kind; ArrowInvalid where there is no such day,
    moment or number."""
    if column.kind is Kind.INTEGER:
        return _spelt_out(text).cast(column.arrow_type())
    if column.kind is not Kind.TIMESTAMP:
        return finite(text.cast(column.arrow_type()))
    zoned = pc.match_substring_regex(text, r"(Z|[+-]\d\d:?\d\d)$")
    plain = pc.if_else(zoned.fill_null(False), text, pc.binary_join_element_wise(text, "Z", ""))
    return plain.cast(pa.timestamp("us", tz="UTC")).cast(column.arrow_type(), safe=False)


def _spelt_out(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers that are written with exponents (8.67E+17) as their digits; ArrowInvalid where
    one is not whole."""
    if not pc.any(pc.match_substring_regex(text, "[eE]")).as_py():
        return text
    return text.cast(pa.decimal128(38, 0))


def usable(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_float16(values.type):
        values = values.cast(pa.float32())
    return pc.less(pc.abs(values), _LARGEST)


def finite(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(usable(values), values, pa.scalar(None, values.type))
