"""Which column of a table is its key, or which are together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import RequestError, shown
from generator.infer.held import Columns
from generator.infer.likeness import identifies, names_key
from generator.schema import Column, Kind, Schema, Table
from generator.stop import ask

_NAMING = (Kind.INTEGER, Kind.TEXT, Kind.ENUM)
_TOGETHER = (*_NAMING, Kind.DATE, Kind.TIMESTAMP)
_LEAST_ROWS = 2
_SMALL = 20  # rows below which only a name makes a key
_MOST_LOOKED = 30  # columns that are tried together
_SAMPLE = 5_000  # rows that rule most out
_EXPECTED = 20.0  # pairs of rows that would be alike by chance, had the columns nothing to do


def keyed(table: Table, columns: Columns) -> Table:
    """The table with the key it seems to have, and why; without one where nothing says so."""
    rows = columns.rows(table.name)
    if rows < _LEAST_ROWS:
        return replace(table, key=None)
    best = max(_candidates(table, columns, rows), key=lambda found: found[0], default=None)
    if best is None:
        return replace(table, key=None)
    (named, *_), column = best
    said = "its name says so, too" if named else "no other column says more"
    return chosen(table, column.name, f"Every row has a value of its own, and {said}.")


def chosen(table: Table, key: str, reason: str) -> Table:
    """The table with a column for its key."""
    columns = tuple(
        replace(column, unique=True, kind=_kind_of_key(column)) if column.name == key else column
        for column in table.columns
    )
    return replace(table, columns=columns, key=key, together=(), reason=reason)


def _kind_of_key(column: Column) -> Kind:
    return Kind.TEXT if column.kind is Kind.ENUM else column.kind


def _candidates(
    table: Table, columns: Columns, rows: int
) -> Iterator[tuple[tuple[int, bool, int], Column]]:
    """Columns that may be the key, each with what speaks for it: its name, that it is no personal
    value, that it stands further left."""
    for at, column in enumerate(table.columns):
        named = names_key(column.name, table.name)
        least = 2 if column.kind is Kind.INTEGER else 1  # the whole number of a “ref” is a figure
        nobody = column.personal is None  # a person's number names a person, not a row
        worth = named >= least or (column.unique and rows > _SMALL and nobody)
        if worth and may_be_key(column):
            ask()
            if columns[table.name, column.name].sole:
                yield (named, column.personal is None, -at), column


def may_be_key(column: Column) -> bool:
    """Whether values of such a column may name rows: never what was not understood."""
    return may_be_unique(column) and not column.nullable


def may_be_unique(column: Column) -> bool:
    return column.kind in _NAMING and not column.doubt and not column.form


def check_keys(schema: Schema, columns: Columns) -> None:
    """Raises RequestError for a key that somebody named and that is none."""
    for table in schema:
        if table.key_path is not None and not columns[table.name, table.key_path].sole:
            raise RequestError(
                f"{table.name}.{shown(', '.join(table.key_columns))} cannot be the key: values are "
                "missing there or come twice; name another, or none."
            )


def keyed_together(table: Table, columns: Columns) -> Table:
    """A table without a key with the two columns that are one together: the only ones that never
    come twice though by chance they would have."""
    if table.key is not None or columns.rows(table.name) < _SMALL:
        return table
    looked = sorted(_worth_trying(table), key=lambda one: one[0])[:_MOST_LOOKED]
    codes = {name: _codes(columns, table.name, name) for _, name in sorted(looked, key=_place)}
    found = [
        names
        for names in combinations(codes, 2)
        if _by_chance([codes[name] for name in names]) >= _EXPECTED
        and _sole([codes[name] for name in names])
    ]
    if len(found) != 1:  # where several pairs differ, which of them names a row is anybody's guess
        return table
    reason = f"No two rows have the same {' and '.join(found[0])}."
    return replace(table, together=found[0], reason=reason)


def _place(looked: tuple[tuple[int, int], str]) -> int:
    return looked[0][1]


def _worth_trying(table: Table) -> Iterator[tuple[tuple[int, int], str]]:
    """Columns that may be part of a key: links first, then what names something, then days, then
    whole numbers and labels."""
    links = {name for link in table.links for name in link.columns}
    for at, column in enumerate(table.columns):
        usable = column.kind in _TOGETHER and not column.nullable and not column.doubt
        if usable and column.personal is None:
            rank = 3 - (column.kind in (Kind.DATE, Kind.TIMESTAMP)) - 2 * identifies(column.name)
            yield (0 if column.name in links else rank, at), column.name


Codes = NDArray[np.int64]


def _codes(columns: Columns, table: str, name: str) -> Codes:
    ask()
    coded = columns.texts(table, [name]).combine_chunks().dictionary_encode()
    whole = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return np.asarray(whole.indices.fill_null(-1), dtype=np.int64)


def _sole(parts: list[Codes]) -> bool:
    """Whether no combination comes twice; a sample of rows rules most out."""
    ask()
    rows = len(parts[0])
    head = [part[:_SAMPLE] for part in parts]
    return _differ(head) and (rows <= _SAMPLE or _differ(parts))


def _differ(parts: list[Codes]) -> bool:
    joined = parts[0]
    for part in parts[1:]:
        _, joined = np.unique(joined, return_inverse=True)
        joined = joined * (int(part.max()) + 2) + part + 1
    return len(np.unique(joined)) == len(joined)


def _by_chance(parts: list[Codes]) -> float:
    """Pairs of rows that would have the same values, were the columns drawn each for itself.  A
    part that says it alone is no surprise, and leaves none."""
    rows = len(parts[0])
    alike = 1.0
    for part in parts:
        counts = np.unique(part, return_counts=True)[1].astype(np.float64)
        alike *= float((counts * (counts - 1)).sum()) / (rows * (rows - 1.0))
    return alike * rows * (rows - 1) / 2
