"""Whose rows are whose: each unit's own rows of all tables, and not more of them than declared.

A unit is a row of the root table, with the rows beneath it along their links.  What is kept of one
unit's rows depends on that unit's rows alone, so that a unit more or less changes no other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import RequestError
from generator.private.declared import Declared
from generator.private.sight import texts
from generator.schema import Link, Table

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """The rows of a table that are looked at: ``at`` (n,) their numbers in the extract, ``parent``
    (n,) their parents' numbers in theirs, ``before`` (n,) the number of the row before with the
    same parent, -1 for none.  One unit has at most ``most`` of them.  ``counts`` (rows of the
    parent's table) says how many rows there are of each parent, whether looked at or not, up to
    ``beneath``."""

    at: Ints
    most: int = 1
    link: Link | None = None
    parent: Ints | None = None
    before: Ints | None = None
    counts: Ints | None = None
    beneath: int = 1


def units_of(tables: Mapping[str, pa.Table], declared: Declared, unit: str) -> dict[str, Rows]:
    """The rows of each table by what is declared of links, parents first.  ``unit`` is "row", or
    “table.column”, the key of the root.  Raises RequestError for what hangs on no root."""
    check_unit(declared, unit)
    if unit == "row":
        return {name: Rows(np.arange(tables[name].num_rows)) for name in declared.schema.names}
    root = unit.partition(".")[0]
    found = {root: _root(tables[root], declared.schema[root])}
    owners = {root: np.full(tables[root].num_rows, -1)}
    owners[root][found[root].at] = found[root].at
    for name in order_of(declared, root)[1:]:
        found[name], owners[name] = _beneath(name, tables, declared, owners)
    return found


def check_unit(declared: Declared, unit: str) -> None:
    """Raises RequestError for a unit that not all tables hang on."""
    if unit == "row":
        for table in declared.schema:
            if table.links:
                raise RequestError(
                    f"The rows of “{table.name}” belong to rows of another table; name as the unit "
                    "the key of the table they all belong to (--unit TABLE.COLUMN).",
                    field="unit",
                )
        return
    root, _, key = unit.partition(".")
    if root not in declared.schema or declared.schema[root].key != key:
        raise RequestError(
            f"The unit {unit} is no primary key of a declared table; name one as TABLE.COLUMN.",
            field="unit",
        )
    order = order_of(declared, root)
    left = next((name for name in declared.schema.names if name not in order), None)
    if left is not None:
        raise RequestError(
            f"The rows of “{left}” must belong to {unit} by exactly one foreign key of a chain; "
            "declare that one alone, or leave the table away.",
            field="unit",
        )


def order_of(declared: Declared, root: str) -> list[str]:
    """The tables that hang on the root by one link each, parents first."""
    found, more = [root], True
    while more:
        more = False
        for table in declared.schema:
            hangs = len(table.links) == 1 and table.links[0].parent in found
            if table.name not in found and hangs:
                found.append(table.name)
                more = True
    return found


def _root(rows: pa.Table, table: Table) -> Rows:
    """The first row of each key."""
    assert table.key is not None
    keys = texts(rows.column(table.key))
    there = np.flatnonzero(np.array([key is not None for key in keys], dtype=bool))
    _, first = np.unique(keys[there].astype(str), return_index=True)
    return Rows(np.sort(there[first]))


def _beneath(
    name: str,
    tables: Mapping[str, pa.Table],
    declared: Declared,
    owners: Mapping[str, Ints],
) -> tuple[Rows, Ints]:
    import pandas as pd

    link, above = declared.schema[name].links[0], tables[declared.schema[name].links[0].parent]
    there = np.flatnonzero(owners[link.parent] >= 0)
    keys = pd.Series(texts(above.column(link.parent_column))[there], dtype=object)
    sole = ~keys.duplicated().to_numpy()
    place = pd.Index(keys[sole]).get_indexer(pd.Index(texts(tables[name].column(link.column))))
    parent = np.where(place >= 0, np.append(there[sole], -1)[place], -1)
    at = np.flatnonzero(parent >= 0)
    at = at[np.argsort(parent[at], kind="stable")]
    above_of = parent[at]
    same = np.append(False, above_of[1:] == above_of[:-1])[: len(at)]
    before = np.where(same, np.append(-1, at[:-1])[: len(at)], -1)
    owner = np.full(tables[name].num_rows, -1)
    owner[at] = owners[link.parent][above_of]
    most, looked = declared.most[name], declared.looked[name]
    kept = np.sort(_fewer(owner[at], looked))
    counts = np.minimum(np.bincount(above_of, minlength=above.num_rows), most)
    rows = Rows(at[kept], looked, link, above_of[kept], before[kept], counts, most)
    return rows, owner


def _fewer(owner: Ints, most: int) -> Ints:
    """Places of the rows that are kept: of each owner at most so many, evenly of its own."""
    order = np.argsort(owner, kind="stable")
    ordered = owner[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(owner) else owner
    sizes = np.diff(np.append(starts, len(ordered)))
    rank = np.arange(len(ordered)) - np.repeat(starts, sizes)
    size = np.repeat(sizes, sizes)
    wanted = np.minimum(size, most)
    kept = (rank + 1) * wanted // np.maximum(size, 1) > rank * wanted // np.maximum(size, 1)
    places: Ints = order[kept]
    return places
