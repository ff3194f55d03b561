"""Values as text, the same in CSV, JSON Lines and SQL: RFC 3339 UTC, exact decimals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind


def as_text(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Timestamps as ``2025-01-31T09:15:00.250Z`` (milliseconds only where a column has any
    within the slice would make widths differ, so always three digits); the rest as it is."""
    if column.kind is Kind.TIMESTAMP:
        naive = values.cast(pa.timestamp("ms"))
        plain = pc.replace_substring(naive.cast(pa.string()), " ", "T")
        return pc.binary_join_element_wise(plain, "Z", "")
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    return values


def joined_lines(cells: Sequence[pa.ChunkedArray], separator: str) -> Iterator[bytes]:
    """Rows as lines: the cells of each joined by ``separator``, each line ended by LF."""
    lines = pc.binary_join_element_wise(*cells, separator)
    for chunk in lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]:
        if len(chunk):
            whole = pa.ListArray.from_arrays(pa.array([0, len(chunk)], pa.int32()), chunk)
            yield pc.binary_join(whole, "\n")[0].as_buffer()
            yield b"\n"
