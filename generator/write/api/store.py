"""Rows of all tables on disk, asked for by what a column of them holds.

The rows lie in parts, one a shard.  What the least and the greatest value of a column of a part
are is noted when it is first asked for; a part that cannot hold a wanted value is not read again.
Rows of one dealer lie together, so few parts are read.  Memory holds what was found, and of the
columns read last some, for they are often asked for again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Table
from generator.write.format import Part, Parts

_KEPT_BYTES = 48_000_000  # of columns read last
_ALL = 1 << 30  # rows of a part


class Store:
    """``parts`` gives the parts of a table, in the order of its rows."""

    def __init__(self, tables: Mapping[str, Table], parts: Parts) -> None:
        self.tables = tables
        self._parts_of = parts
        self._parts: dict[str, Sequence[Part]] = {}
        self._kept: OrderedDict[tuple[str, int, tuple[str, ...]], pa.Table] = OrderedDict()
        self._kept_bytes = 0
        self._bounds: dict[tuple[str, str], list[tuple[str, str] | None]] = {}

    def __contains__(self, table: object) -> bool:
        return table in self.tables

    def slices(self, table: str, most: int, columns: Sequence[str] = ()) -> Iterator[pa.Table]:
        """All rows of a table in their order, at most so many at a time."""
        names = list(columns or self.tables[table].column_names)
        for part in self._of(table):
            rows = part(names)
            for first in range(0, rows.num_rows, most):
                yield _one_chunk(rows.slice(first, most))

    def where(
        self, table: str, column: str, values: pa.Array, columns: Sequence[str] = ()
    ) -> pa.Table:
        """The rows whose column is among ``values``, in their order."""
        declared = self.tables[table]
        names = list(columns or declared.column_names)
        found = []
        values = values.drop_null()
        if len(values):
            ends = pc.min_max(values)
            least, most = ends["min"].as_py(), ends["max"].as_py()
            for at in range(len(self._of(table))):
                bound = self._bound(table, column, at)
                if bound is None or bound[1] < least or bound[0] > most:
                    continue
                mask = pc.is_in(self._read(table, at, [column]).column(0), values)
                if pc.any(mask).as_py():
                    found.append(self._read(table, at, names).filter(mask))
        return _one_chunk(pa.concat_tables(found)) if found else self.none(table, names)

    def first(self, table: str, columns: Sequence[str]) -> pa.Table:
        """The first row of a table; none of an empty one."""
        return next(self.slices(table, 1, columns), self.none(table, columns))

    def all(self, table: str) -> pa.Table:
        """Every row: of a table that does not grow with the others."""
        parts = list(self.slices(table, _ALL))
        return _one_chunk(pa.concat_tables(parts)) if parts else self.none(table)

    def none(self, table: str, columns: Sequence[str] = ()) -> pa.Table:
        """No row."""
        declared = self.tables[table]
        names = columns or declared.column_names
        return pa.schema([declared.arrow_schema().field(name) for name in names]).empty_table()

    def _read(self, table: str, at: int, names: Sequence[str]) -> pa.Table:
        """Columns of a part, nothing dictionary-encoded."""
        key = (table, at, tuple(names))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        rows = _one_chunk(self._of(table)[at](names))
        if rows.nbytes < _KEPT_BYTES:
            self._kept[key] = rows
            self._kept_bytes += rows.nbytes
            while self._kept_bytes > _KEPT_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._kept_bytes -= gone.nbytes
        return rows

    def _of(self, table: str) -> Sequence[Part]:
        if table not in self._parts:
            self._parts[table] = self._parts_of(table)
        return self._parts[table]

    def _bound(self, table: str, column: str, at: int) -> tuple[str, str] | None:
        key = (table, column)
        if key not in self._bounds:
            parts = range(len(self._of(table)))
            self._bounds[key] = [_ends(self._read(table, at, [column]).column(0)) for at in parts]
        return self._bounds[key][at]


def _ends(values: pa.ChunkedArray) -> tuple[str, str] | None:
    ends = pc.min_max(values)
    return None if not ends["min"].is_valid else (ends["min"].as_py(), ends["max"].as_py())


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        return values.cast(values.type.value_type)
    return values


def _one_chunk(rows: pa.Table) -> pa.Table:
    columns = []
    for column in rows.columns:
        plain = _plain(column)
        columns.append(plain.combine_chunks() if plain.num_chunks != 1 else plain.chunk(0))
    return pa.table(columns, names=rows.column_names)
