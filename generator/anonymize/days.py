"""Days and moments: moved by the same number of days for all that is one person's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.anonymize.key import Key
from generator.forms import MISSING, form_of

FARTHEST = 60  # days
_ISO = r"^\d{4}-\d{2}-\d{2}"
_DAY = 86_400  # seconds
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def offsets(key: Key, persons: pa.ChunkedArray) -> np.ndarray:
    """Days, one a row, 1 to 60 forward or back: the same wherever the person is."""
    coded = pc.fill_null(persons.cast(pa.string()), "").combine_chunks().dictionary_encode()
    numbers = key.numbers("days", coded.dictionary.to_pylist())
    days = np.array([1 + number % FARTHEST for number in numbers], np.int64)
    signs = np.array([1 - 2 * (number >> 64 & 1) for number in numbers], np.int64)
    return np.asarray((days * signs)[coded.indices.to_numpy()])


def shifted(values: pa.ChunkedArray, by: np.ndarray) -> pa.ChunkedArray:
    """The values ``by`` so many days later, in their type and form; what is no day stays."""
    kind = values.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _moved(values, by)
    if not pa.types.is_string(kind):
        return values
    texts = values.combine_chunks()
    dated = pc.fill_null(pc.match_substring_regex(texts, _ISO), False).to_numpy(
        zero_copy_only=False
    )
    if dated.any():
        return pa.chunked_array([_iso(texts, dated, by)])
    return pa.chunked_array([_of_form(texts, by)])


def _moved(values: pa.ChunkedArray, by: np.ndarray) -> pa.ChunkedArray:
    wide = pa.int32() if pa.types.is_date32(values.type) else pa.int64()
    if pa.types.is_date(values.type):
        step = 1 if pa.types.is_date32(values.type) else _DAY * 1000
    else:
        step = _DAY * _A_SECOND[values.type.unit]
    moved = pc.add(values.cast(wide).cast(pa.int64()), pa.array(by * step))
    return moved.cast(wide).cast(values.type)


def _iso(texts: pa.Array, dated: np.ndarray, by: np.ndarray) -> pa.Array:
    """Only the day is moved: the hour and all behind it stay as they are written."""
    found = texts.filter(pa.array(dated))
    heads = pc.utf8_slice_codeunits(found, 0, 10)
    tails = pc.utf8_slice_codeunits(found, 10)
    days = heads.to_numpy(zero_copy_only=False).astype("datetime64[D]") + by[dated]
    moved = pa.array(np.datetime_as_string(days, unit="D").astype(object), pa.string())
    whole = pc.binary_join_element_wise(moved, tails, "")
    return pc.replace_with_mask(texts, pa.array(dated), whole)


def _of_form(texts: pa.Array, by: np.ndarray) -> pa.Array:
    coded = texts.dictionary_encode()
    distinct = [text for text in coded.dictionary.to_pylist() if text not in MISSING]
    reading = form_of(distinct)
    if reading is None or not reading.form.moment:
        return texts
    step = max(1, round(_DAY / reading.form.seconds))
    pairs = zip(texts.to_pylist(), by.tolist(), strict=True)
    said, write = reading.said, reading.form.write
    return pa.array(
        [write(said[text] + days * step) if text in said else text for text, days in pairs],
        pa.string(),
    )
