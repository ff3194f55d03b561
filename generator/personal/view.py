"""A column as the finder looks at it: a sample of its distinct values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.forms import MISSING
from generator.personal.headers import unnamed, word_of_header
from generator.schema import Column, Kind

_ROWS = 20_000  # looked at, evenly over the table
_DISTINCT = 1_000  # values that tell what most look like


@dataclass(frozen=True)
class View:
    """``texts`` are distinct values as text, at most 1,000; ``rows`` how many rows they are of."""

    column: Column
    values: pa.ChunkedArray
    rows: int

    @cached_property
    def all(self) -> list[str]:
        distinct = pc.unique(self.values.cast(pa.string()))
        texts = (text.strip() for text in distinct.to_pylist() if text is not None)
        return [text for text in texts if text not in MISSING]

    @cached_property
    def texts(self) -> list[str]:
        return self.all[:: max(1, -(-len(self.all) // _DISTINCT))]

    @cached_property
    def few(self) -> list[str]:
        """Some of them, where looking at each is dear."""
        return self.texts[:: max(1, len(self.texts) // 200)]

    @cached_property
    def header(self) -> str | None:
        return word_of_header(self.column.name, self.column.kind)

    @cached_property
    def unnamed(self) -> bool:
        return unnamed(self.column.name)

    @property
    def textual(self) -> bool:
        return self.column.kind in (Kind.TEXT, Kind.ENUM)

    @cached_property
    def largest(self) -> int:
        return max((abs(int(Decimal(text))) for text in self.all), default=0)

    @cached_property
    def numbers(self) -> np.ndarray:
        """Of a column of decimals or floats, those that are finite."""
        plain = self.values.drop_null()
        if pa.types.is_string(plain.type):
            plain = pa.chunked_array([pa.array(self.all, pa.string())])
            plain = plain.filter(pc.match_substring_regex(plain, r"^-?\d+(\.\d+)?$"))
        found = plain.cast(pa.float64(), safe=False).to_numpy().astype(float)
        return np.asarray(found[np.isfinite(found)])

    @cached_property
    def days(self) -> np.ndarray:
        """Of a column of days or moments: their days since 1970."""
        if self.column.kind not in (Kind.DATE, Kind.TIMESTAMP):
            return np.zeros(0)
        plain = pc.unique(self.values.drop_null())
        if pa.types.is_string(plain.type):
            plain = pa.array([text[:10] for text in self.all if text[:4].isdigit()])
        days = plain.cast(pa.date32(), safe=False).cast(pa.int32())
        return np.asarray(days.to_numpy(zero_copy_only=False), float)


def view_of(column: Column, values: pa.ChunkedArray) -> View:
    if len(values) > _ROWS:
        at = np.linspace(0, len(values) - 1, _ROWS).astype(np.int64)
        values = values.take(pa.array(at))
    return View(column, values, len(values))
