"""Rows of one table, real or synthetic, in memory in the form that scores on rows read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.frame import Coded
from generator.schema import Table
from generator.stop import asking
from generator.streams import Stream
from generator.summary.columns import Role, read, take
from generator.tables import Tables

MOST_ROWS = 100_000  # of a table that scores on rows rest on
Floats = NDArray[np.float64]
Values = Floats | Coded


@dataclass(frozen=True)
class TableRows:
    """Columns of (a fixed sample of) one table's rows.  ``group`` numbers the rows born in one
    parent; ``of`` is the number of rows the table has."""

    table: str
    rows: int
    of: int
    columns: Mapping[str, Values]
    group: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> TableRows:
        return TableRows(
            self.table,
            len(rows),
            self.of,
            {name: take(values, rows) for name, values in self.columns.items()},
            self.group[rows],
        )


def rows_of(tables: Tables, table: str, roles: Mapping[str, Role], *, name: str) -> TableRows:
    """The columns of ``roles`` that hold categories, numbers or moments; those that together lead
    to a parent are the parent's.  ``name`` keeps the samples of two sides apart."""
    rows = tables.rows(table)
    chosen = drawn(rows, MOST_ROWS, name=f"{table} {name}")
    links = tables.schema[table].links
    led = {name for link in links if link.further for name in link.columns}
    columns = {
        column: take(read(tables, table, column, role), chosen)
        for column, role in asking(roles.items(), every=1)
        if role not in ("key", "text") and column not in led
    }
    return TableRows(table, len(chosen), rows, columns, _group(tables, table)[chosen])


def _group(tables: Tables, table: str) -> NDArray[np.int64]:
    """The parent row of each row, or the row itself."""
    own = np.arange(tables.rows(table), dtype=np.int64)
    declared: Table = tables.schema[table]
    link = next((link for link in declared.links if link.kind == "parent"), None)
    if link is None or link.parent not in tables:
        return own
    parent = tables.row_of(table, link.path)
    return np.where(parent >= 0, parent, tables.rows(link.parent) + own)


def drawn(rows: int, most: int, *, name: str, seed: int = 0) -> NDArray[np.int64]:
    """``most`` distinct row numbers in order (all, if there are no more), by one stream."""
    if rows <= most:
        return np.arange(rows)
    order = np.argpartition(Stream(seed, name, "(rows)").bits(0, rows), most)[:most]
    return np.sort(order)


def halves(side: TableRows, *, seed: int = 0) -> tuple[TableRows, TableRows]:
    """Two halves of a side, the rows of one parent in one half."""
    groups, place = np.unique(side.group, return_inverse=True)
    first = (Stream(seed, side.table, "(halves)").bits(0, len(groups)) >> np.uint64(63)) > 0
    inside = first[place]
    return side.take(np.flatnonzero(inside)), side.take(np.flatnonzero(~inside))


def together(first: Coded, second: Coded) -> tuple[Coded, Coded]:
    """Two label columns over one list of labels."""
    labels = tuple(sorted({*first.labels, *second.labels}))
    return _onto(first, labels), _onto(second, labels)


def _onto(values: Coded, labels: Sequence[str]) -> Coded:
    place = {label: at for at, label in enumerate(labels)}
    codes = np.array([*(place[label] for label in values.labels), -1], dtype=np.int32)
    return Coded(codes[values.codes], tuple(labels))
