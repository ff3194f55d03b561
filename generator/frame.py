"""Rows of one table while they are made: one NumPy array a column, masks for missing values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.schema import Column, Kind, Table


@dataclass(frozen=True)
class Coded:
    """Text as integer codes into a list of labels; a code of -1 is missing."""

    codes: NDArray[np.int32]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: NDArray[np.int64]) -> Coded:
        return Coded(self.codes[rows], self.labels)

    def text(self) -> NDArray[np.object_]:
        return np.array([*self.labels, None], dtype=object)[self.codes]


Values: TypeAlias = "NDArray[Any] | Coded"


class Frame:
    """Columns of ``rows`` consecutive rows, the first of which has number ``start`` in its table.

    Names that begin with ``_`` are working columns (row numbers of parents, say); they are not
    part of the table and never leave the engine; they may hold anything with an entry a row.
    """

    def __init__(self, table: Table, *, start: int, rows: int) -> None:
        self.table = table
        self.start = start
        self.rows = rows
        self._values: dict[str, Any] = {}
        self._missing: dict[str, NDArray[np.bool_]] = {}

    def set(
        self, name: str, values: Values | Sized, missing: NDArray[np.bool_] | None = None
    ) -> None:
        if len(values) != self.rows:
            raise ValueError(f"{self.table.name}.{name}: {len(values)} values, {self.rows} rows")
        self._values[name] = values
        if missing is not None:
            self._missing[name] = missing

    def __getitem__(self, name: str) -> Any:
        """The values as set; read ``missing(name)`` beside them."""
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def missing(self, name: str) -> NDArray[np.bool_]:
        """True where the value is missing, shape (rows,)."""
        values = self[name]
        mask = self._missing.get(name)
        if isinstance(values, Coded):
            coded = values.codes < 0
            return coded if mask is None else coded | mask
        return np.zeros(self.rows, dtype=bool) if mask is None else mask

    def text(self, name: str) -> NDArray[np.object_]:
        """A text column as str objects, whatever it was set as."""
        values = self[name]
        if isinstance(values, Coded):
            return values.text()
        if values.dtype.kind == "S":
            return np.char.decode(values, "ascii").astype(object)
        return np.asarray(values)

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The table's own columns, or those named, in their order; ENUM and Coded text as
        dictionaries."""
        names = list(self.table.column_names if columns is None else columns)
        arrays = [self._arrow_column(self.table.column(name)) for name in names]
        return pa.Table.from_arrays(arrays, names=names)

    def _arrow_column(self, column: Column) -> pa.Array:
        values: Values = self[column.name]
        mask = self._missing.get(column.name)
        if isinstance(values, Coded):
            codes = pa.array(values.codes, mask=self.missing(column.name))
            return pa.DictionaryArray.from_arrays(codes, pa.array(values.labels, pa.string()))
        return arrow_column(column, values, mask)


def arrow_column(column: Column, values: NDArray[Any], mask: NDArray[np.bool_] | None) -> pa.Array:
    """NumPy values in the memory form of ``Kind`` as an Arrow array of the column's type."""
    if column.kind is Kind.DECIMAL:
        return _decimals(values, column.arrow_type(), mask)
    if column.kind is Kind.TIMESTAMP:
        stamps = pa.array(values.astype("datetime64[ms]").view("i8"), mask=mask)
        return stamps.view(column.arrow_type())
    if column.kind is Kind.DATE:
        days = pa.array(values.astype("datetime64[D]").view("i8").astype("i4"), mask=mask)
        return days.view(pa.date32())
    if column.kind in (Kind.TEXT, Kind.ENUM) and values.dtype.kind == "S":
        fixed = pa.array(values, type=pa.binary(), mask=mask)
        return fixed.cast(pa.string())
    return pa.array(values, type=column.arrow_type(), mask=mask)


def _decimals(
    scaled: NDArray[np.int64], kind: pa.DataType, mask: NDArray[np.bool_] | None
) -> pa.Array:
    """Scaled int64 as decimal128: low word the number, high word its sign."""
    words = np.empty((len(scaled), 2), dtype="<i8")
    words[:, 0] = scaled
    words[:, 1] = scaled >> 63
    valid = None if mask is None else pa.array(~mask).buffers()[1]
    return pa.Array.from_buffers(kind, len(scaled), [valid, pa.py_buffer(words)])


def scaled_of(array: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """A decimal128 Arrow array as scaled int64 (missing values are 0)."""
    if isinstance(array, pa.ChunkedArray):
        parts: Iterable[pa.Array] = array.chunks
        found = [scaled_of(part) for part in parts]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    words = np.frombuffer(array.buffers()[1], dtype="<i8").reshape(-1, 2)
    low = words[array.offset : array.offset + len(array), 0].copy()
    if array.null_count:
        low[np.asarray(array.is_null())] = 0
    return low
