"""Columns that come with a type of their own, as Parquet and JSON Lines have."""

from __future__ import annotations

import uuid
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc

from generator.forms import Duration

_CLOCK_UNITS = ("s", "ms", "us")
_LARGEST = (1 << 63) - 1
_DECIMAL_DIGITS = 18
_LENGTH = "{d} days {hh}:{mm}:{ss}"
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts of all types, labels, times of day, lengths of time, UUIDs, and what has more digits
    than its kind keeps, as ``string``; others as they are."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_text(values.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    if isinstance(kind, pa.UuidType):
        return _uuids(values)
    if pa.types.is_time(kind):
        return _clocks(values)
    if pa.types.is_duration(kind):
        return _lengths(values)
    return values.cast(pa.string()) if _too_fine(values) else values


def _too_fine(values: pa.ChunkedArray) -> bool:
    """Whether the kind of the column would lose digits."""
    kind = values.type
    if pa.types.is_uint64(kind):
        return (pc.max(values).as_py() or 0) > _LARGEST
    if pa.types.is_decimal(kind) and kind.precision > _DECIMAL_DIGITS:
        largest = pc.max(pc.abs(values)).as_py() or 0
        return bool(largest >= 10 ** (_DECIMAL_DIGITS - kind.scale))
    if pa.types.is_timestamp(kind) and kind.unit in ("us", "ns"):
        rest = pc.cast(values, pa.timestamp("ms", kind.tz), safe=False).cast(kind)
        return pc.any(pc.not_equal(rest, values)).as_py() is True
    return False


def _clocks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of day, without the fractions that all lack."""
    for unit in _CLOCK_UNITS:
        with suppress(pa.ArrowInvalid):  # some have finer fractions
            finer = pa.time64(unit) if unit == "us" else pa.time32(unit)
            return values.cast(finer).cast(pa.string())
    return values.cast(pa.string())


def _lengths(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lengths of time as “2 days 03:04:05”, without the fractions that all lack."""
    for unit, digits in _DIGITS.items():
        with suppress(pa.ArrowInvalid):
            steps = values.cast(pa.duration(unit)).cast(pa.int64())
            form = Duration(_LENGTH + (f".{{f{digits}}}" if digits else ""))
            coded = steps.combine_chunks().dictionary_encode()
            texts = pa.array([form.write(step) for step in coded.dictionary.to_pylist()])
            told = texts.cast(pa.string()).take(coded.indices)
            return pa.chunked_array([told], pa.string())
    raise AssertionError("nanoseconds hold every length of time")


def _uuids(values: pa.ChunkedArray) -> pa.ChunkedArray:
    told = (None if raw is None else str(uuid.UUID(bytes=raw)) for raw in _raw(values))
    return pa.chunked_array([pa.array(told, pa.string())])


def _raw(values: pa.ChunkedArray) -> list[bytes | None]:
    storage = [chunk.storage for chunk in values.chunks]
    return pa.chunked_array(storage, pa.binary(16)).to_pylist()  # type: ignore[no-any-return]
