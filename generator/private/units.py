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
    (n,) their parents' places among those of the parent's table, ``before`` (n,) the place of the
    row before with the same parent, -1 for none.  One unit has at most ``most`` of them."""

    at: Ints
    most: int = 1
    link: Link | None = None
    parent: Ints | None = None
    before: Ints | None = None


def units_of(tables: Mapping[str, pa.Table], declared: Declared, unit: str) -> dict[str, Rows]:
    """The rows of each table by what is declared of links, parents first.  ``unit`` is "row", or
    “table.column”, the key of the root.  Raises RequestError for what hangs on no root."""
    if unit == "row":
        for table in declared.schema:
            if table.links:
                raise RequestError(
                    f"The rows of “{table.name}” belong to rows of another table; name as the unit "
                    "the key of the table they all belong to (--unit TABLE.COLUMN).",
                    field="unit",
                )
        return {name: Rows(np.arange(tables[name].num_rows)) for name in declared.schema.names}
    root, _, key = unit.partition(".")
    if root not in declared.schema or declared.schema[root].key != key:
        raise RequestError(
            f"The unit {unit} is no primary key of a declared table; name one as TABLE.COLUMN.",
            field="unit",
        )
    found = {root: _root(tables[root], declared.schema[root])}
    owners = {root: np.arange(len(found[root].at))}
    while len(found) < len(declared.schema.names):
        name = _next(declared, found, unit)
        found[name], owners[name] = _beneath(name, tables, declared, found, owners)
    return found


def _root(rows: pa.Table, table: Table) -> Rows:
    """The first row of each key."""
    assert table.key is not None
    keys = texts(rows.column(table.key))
    there = np.flatnonzero(np.array([key is not None for key in keys], dtype=bool))
    _, first = np.unique(keys[there].astype(str), return_index=True)
    return Rows(np.sort(there[first]))


def _next(declared: Declared, found: Mapping[str, Rows], unit: str) -> str:
    for table in declared.schema:
        if table.name in found:
            continue
        if len(table.links) == 1 and table.links[0].parent in found:
            return table.name
    left = next(name for name in declared.schema.names if name not in found)
    raise RequestError(
        f"The rows of “{left}” must belong to {unit} by exactly one foreign key of a chain; "
        "declare that one alone, or leave the table away.",
        field="unit",
    )


def _beneath(
    name: str,
    tables: Mapping[str, pa.Table],
    declared: Declared,
    found: Mapping[str, Rows],
    owners: Mapping[str, Ints],
) -> tuple[Rows, Ints]:
    import pandas as pd

    link = declared.schema[name].links[0]
    above = tables[link.parent].column(link.parent_column)
    keys = pd.Index(texts(above)[found[link.parent].at])
    keys = keys[~keys.duplicated()] if keys.has_duplicates else keys
    parent = keys.get_indexer(pd.Index(texts(tables[name].column(link.column))))
    at = np.flatnonzero(parent >= 0)
    at = at[np.argsort(parent[at], kind="stable")]
    most = declared.most[name]
    owner = owners[link.parent][parent[at]]
    kept = np.sort(_fewer(owner, most))
    at, owner = at[kept], owner[kept]
    above_of = parent[at].astype(np.int64)
    same = np.append(False, above_of[1:] == above_of[:-1]) if len(at) else np.zeros(0, dtype=bool)
    before = np.where(same, np.arange(len(at)) - 1, -1)
    return Rows(at, most, link, above_of, before), owner


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
