"""Columns of a whole bundle or extract as arrays, read when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import scaled_of
from generator.schema import Column, Kind, Schema

Loader = Callable[[Sequence[str]], pa.Table]
"""Given column names, the table with just those columns."""


class Tables:
    """Read access by (table, column); a path may follow links: ``deal_key.customer_key.age``."""

    def __init__(self, schema: Schema, loaders: Mapping[str, Loader], rows: Mapping[str, int]):
        self.schema = schema
        self._loaders = loaders
        self._rows = rows
        self._arrow: dict[tuple[str, str], pa.ChunkedArray] = {}
        self._links: dict[tuple[str, str], NDArray[np.int64]] = {}

    def __contains__(self, table: object) -> bool:
        return table in self._loaders

    def rows(self, table: str) -> int:
        return self._rows[table]

    def arrow(self, table: str, column: str) -> pa.ChunkedArray:
        found = self._arrow.get((table, column))
        if found is None:
            found = self._loaders[table]([column]).column(0)
            self._arrow[table, column] = found
        return found

    def forget(self, table: str) -> None:
        """Drop what was read of one table (a long one, say)."""
        for store in (self._arrow, self._links):
            for key in [key for key in store if key[0] == table]:
                del store[key]

    def missing(self, table: str, path: str) -> NDArray[np.bool_]:
        """True where the value, or a link on the way to it, is missing."""
        link, _, rest = path.partition(".")
        if not rest:
            return np.asarray(self.arrow(table, path).is_null())
        parent, found = self._follow(table, link)
        inner = self.missing(parent, rest)
        return np.where(found >= 0, inner[np.maximum(found, 0)] if len(inner) else True, True)

    def values(self, table: str, path: str) -> NDArray[Any]:
        """Values in the memory form of ``Kind`` (decimals scaled, text as objects); where
        ``missing`` is true the value is arbitrary."""
        link, _, rest = path.partition(".")
        if not rest:
            return numpy_values(self.schema[table].column(path), self.arrow(table, path))
        parent, found = self._follow(table, link)
        inner = self.values(parent, rest)
        if not len(inner):
            return np.zeros(len(found), dtype=inner.dtype)
        return inner[np.maximum(found, 0)]

    def column(self, table: str, path: str) -> Column:
        """The declaration of the column a path ends at."""
        link, _, rest = path.partition(".")
        if not rest:
            return self.schema[table].column(path)
        target = self.schema[table].link(link)
        if target is None:
            raise KeyError(f"{table}.{link} is not a link")
        return self.column(target.parent, rest)

    def row_of(self, table: str, link_column: str) -> NDArray[np.int64]:
        """Row number of the parent row each row points at; -1 where missing or not found."""
        return self._follow(table, link_column)[1]

    def _follow(self, table: str, column: str) -> tuple[str, NDArray[np.int64]]:
        link = self.schema[table].link(column)
        if link is None:
            raise KeyError(f"{table}.{column} is not a link")
        found = self._links.get((table, column))
        if found is None:
            keys = pd.Index(self.arrow(link.parent, link.parent_column).to_pandas())
            wanted = self.arrow(table, column).to_pandas()
            unique = keys if keys.is_unique else keys.drop_duplicates()
            found = unique.get_indexer(wanted).astype(np.int64)
            if unique is not keys:
                found = np.where(found >= 0, np.flatnonzero(~keys.duplicated())[found], -1)
            found[np.asarray(wanted.isna())] = -1
            self._links[table, column] = found
        return link.parent, found


def numpy_values(column: Column, array: pa.ChunkedArray) -> NDArray[Any]:
    """Arrow values in the memory form of the column's kind."""
    match column.kind:
        case Kind.DECIMAL:
            return scaled_of(array)
        case Kind.TEXT | Kind.ENUM:
            return np.asarray(array.cast(pa.string()).to_numpy(), dtype=object)
        case Kind.TIMESTAMP:
            return _integers(array, pa.int64()).view("datetime64[ms]")
        case Kind.DATE:
            return _integers(array, pa.int32()).astype("i8").view("datetime64[D]")
        case Kind.INTEGER:
            return _integers(array, pa.int64())
        case Kind.BOOLEAN:
            return np.asarray(array.fill_null(False))
        case _:
            return np.asarray(array.fill_null(float("nan")), dtype=np.float64)


def _integers(array: pa.ChunkedArray, kind: pa.DataType) -> NDArray[Any]:
    return np.asarray(array.cast(kind).fill_null(0)).copy()
