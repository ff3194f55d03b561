"""Which rows are wanted of a file, said so that a format may leave the others unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Wanted:
    """Rows whose ``column``, a text, is one of ``values``, or holds ``part`` whatever its
    capitals; every row where neither is given."""

    column: str
    values: tuple[str, ...] | None = None
    part: str = ""

    @property
    def every(self) -> bool:
        return self.values is None and not self.part

    def of(self, held: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
        """True for the rows that are wanted, given their column."""
        if pa.types.is_dictionary(held.type):
            held = held.cast(held.type.value_type)
        if self.values is not None:
            return pc.is_in(held, _texts(self.values))
        return pc.fill_null(pc.match_substring(held, self.part, ignore_case=True), False)

    def among(self, rows: pa.Table) -> pa.Table:
        return rows if self.every else rows.filter(self.of(rows.column(self.column)))


def _texts(values: Sequence[str]) -> pa.StringArray:
    """As ``pa.array(values)``, which would import pandas first: half of the time that the life of
    a car takes to read."""
    letters = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, letters)], dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(letters), pa.py_buffer(ends), pa.py_buffer(b"".join(letters))
    )
