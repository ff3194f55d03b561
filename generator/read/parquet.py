"""Parquet, a few rows at a time.

A small file may stand for very much: a text of a megabyte said once and meant ten thousand times,
rows of one value, pages of noughts.  So the footer and the headers of all pages are read first and
held against the budget, texts are decoded as numbers into the list of distinct ones, and what they
come to as plain values is known before they are.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.read.content import all_bytes
from generator.read.format import Format
from generator.read.limits import MIB, Budget
from generator.read.pages import DELTA_BYTE_ARRAY, Page, Raw, pages_of
from generator.read.table import check_columns, check_kinds, check_rows, numbered, too_long, without
from generator.read.thin import Thin

_MOST_FOOTER = 32 * MIB  # a thousand columns in a hundred row groups take ten
_MOST_CHUNKS = 200_000  # columns times row groups
_MOST_PAGES = 1_000_000
_ROWS = 32_768  # decoded at a time
_LONG = 48 * MIB  # of a file, from which on its bytes are not held
_AT_ONCE = 128 * MIB  # bytes that rows decoded at a time may come to before they are measured


def read_parquet(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    """Columns have the file's own types; texts are ``string``."""
    del size
    raw = all_bytes(name, file, budget)
    try:
        return _table(name, raw, budget)
    except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError) as problem:
        raise ExtractError(
            f"“{name}” is not a Parquet file that can be read; export it again."
        ) from problem


def read_long_parquet(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    """As ``read_parquet``, without the file's bytes in memory; of many rows every n-th is kept."""
    try:
        # It closes when the last array that looks into it is gone.
        return _table(name, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), budget)
    except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError) as problem:
        raise ExtractError(
            f"“{name}” is not a Parquet file that can be read; export it again."
        ) from problem


def _table(name: str, raw: Raw, budget: Budget) -> pa.Table:
    from pyarrow import parquet  # a tenth of a second that other files need not wait for

    if raw[-4:] != b"PAR1" or int.from_bytes(raw[-8:-4], "little") > _MOST_FOOTER:
        raise ValueError("footer")
    head = parquet.ParquetFile(pa.BufferReader(raw))
    schema, footer = head.schema_arrow, head.metadata
    check_columns(name, schema.names, budget.limits)
    nested, order = check_kinds(name, schema, budget), schema.names
    schema = pa.schema([field for field in schema if field.name not in nested])
    check_rows(name, footer.num_rows, budget.limits)
    thin = Thin(None if isinstance(raw, mmap.mmap) else footer.num_rows)
    kept = min(1.0, thin.most / footer.num_rows)
    plain = int(kept * footer.num_rows) * sum(_width(field.type) for field in schema)
    what = f"{footer.num_rows:,} rows of {len(schema):,} columns"
    budget.hold(name, plain, of=len(raw), what=what)
    step, shared = _step(name, raw, footer, budget, kept)
    texts = [field.name for field in schema if _texts(field.type) and field.name not in shared]
    file = parquet.ParquetFile(pa.BufferReader(raw), read_dictionary=texts)
    for batch in file.iter_batches(batch_size=step, columns=schema.names, use_threads=False):
        budget.tell(thin.seen / footer.num_rows)
        budget.ask()
        for field, values in zip(batch.schema, batch.columns, strict=True):
            if _texts(values.type):
                plain += int(kept * _measured(name, field.name, values, budget))
                what = f"column {field.name}, rows 1 to {thin.seen + batch.num_rows:,}"
                budget.hold(name, plain, of=len(raw), what=what)
        arrays = [_plain(values) for values in batch.columns]
        thin.take(pa.record_batch(arrays, names=schema.names))
    table = thin.table().combine_chunks()
    table = numbered(table, first=1, blank=[], every=thin.every, of=thin.seen)
    return without(table, nested, order)


def _texts(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _width(kind: pa.DataType) -> int:
    """Bytes of a value, of a text its place."""
    if _texts(kind):
        return 5
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:  # one of no fixed width
        return 16


def _measured(name: str, column: str, values: pa.Array, budget: Budget) -> int:
    """Bytes of the texts as plain values; raises ExtractError for one that is too long or none."""
    coded = pa.types.is_dictionary(values.type)
    distinct = values.dictionary if coded else values
    try:
        distinct.validate(full=True)
    except pa.ArrowInvalid:
        raise ExtractError(
            f"“{name}”, column {column}: a text that is not UTF-8; write the file again from "
            "UTF-8 text."
        ) from None
    lengths = pc.binary_length(distinct).cast(pa.int64())
    longest = pc.max(lengths).as_py() or 0
    if longest > budget.limits.cell:
        too_long(name, column, longest, budget.limits)
    every = lengths.take(values.indices.cast(pa.int64())) if coded else lengths
    return int(pc.sum(every).as_py() or 0)


def _plain(values: pa.Array) -> pa.Array:
    if _texts(values.type):
        return values.cast(pa.string())
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _step(name: str, raw: Raw, footer: Any, budget: Budget, kept: float) -> tuple[int, set[str]]:
    """Rows that may be decoded at a time, and the columns with pages of texts that share their
    beginnings: there each text may be as long as its whole page, and Arrow has no other way than
    to write them out."""
    longest, unpacked, number = 0, 0, 0
    shared: set[str] = set()
    for column, pages in _chunks(name, raw, footer, budget):
        largest, sharing = 0, False
        for page in pages:
            number += 1
            unpacked += page.unpacked
            largest = max(largest, page.unpacked)
            sharing |= page.encoding == DELTA_BYTE_ARRAY
            if number % 1000 == 0:
                budget.ask()
            if number > _MOST_PAGES:
                raise ValueError("pages")
        if sharing:
            shared.add(column)
            longest = max(longest, largest)
    budget.hold(name, int(kept * unpacked), of=len(raw), what=f"its {number:,} pages")
    return max(1, min(_ROWS, _AT_ONCE // max(longest, 1))), shared


def _chunks(
    name: str, raw: Raw, footer: Any, budget: Budget
) -> Iterator[tuple[str, Iterator[Page]]]:
    """Each column of each row group with its pages."""
    if footer.num_row_groups * footer.num_columns > _MOST_CHUNKS:
        raise ExtractError(
            f"“{name}” is cut into {footer.num_row_groups:,} row groups; write it again with "
            "longer ones."
        )
    for group in range(footer.num_row_groups):
        budget.ask()
        row_group = footer.row_group(group)
        for at in range(footer.num_columns):
            chunk = row_group.column(at)
            starts = (chunk.dictionary_page_offset, chunk.data_page_offset)
            start = min(offset for offset in starts if offset)
            yield chunk.path_in_schema, pages_of(raw, start, start + chunk.total_compressed_size)


PARQUET = Format(".parquet", "Parquet", read_parquet, read_long_parquet, _LONG)
