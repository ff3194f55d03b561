"""What links are in an extract: under which parent rows are born, what they only point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.fit.linked.keys import keyed
from generator.schema import Link, Schema, Table
from generator.summary import tables_of
from generator.tables import Tables

Ints = NDArray[np.int64]

FEW_PARENTS = 200  # with fewer, rows that have children of their own are not born under them,
CROWDED = 5  # where they have so many each: a shard would be a few of them with all beneath
SURE = 20  # rows that must agree before something holds for all


@dataclass(frozen=True)
class Bond:
    """A link while it is learnt.  ``rows`` (n,) are the numbers of the rows pointed at, -1 for
    none; ``lost`` rows point at one that is not there.  ``way``, ``unique`` and ``pairs`` are as in
    ``fitted.Tie``."""

    table: str
    link: Link
    way: str
    rows: Ints
    lost: int
    unique: bool = False
    pairs: bool = False

    @property
    def path(self) -> str:
        return self.link.path

    @property
    def parent(self) -> str:
        return self.link.parent

    @property
    def filled(self) -> bool:
        return bool((self.rows >= 0).all())


@dataclass(frozen=True)
class Bonds:
    """The links of every table in the order they are drawn, the rows (bool) of a table that are
    learnt from, the order of the tables, and what cannot be learnt, a sentence each."""

    of: Mapping[str, tuple[Bond, ...]]
    kept: Mapping[str, NDArray[np.bool_]]
    order: tuple[str, ...]
    said: tuple[str, ...]


def bonds_of(schema: Schema, tables: Mapping[str, pa.Table]) -> Bonds:
    """Look at the links of an extract.  Links to tables that are not there are no bonds."""
    looked = tables_of(schema, tables)
    order = schema.load_order()
    place = {name: at for at, name in enumerate(order)}
    of: dict[str, tuple[Bond, ...]] = {}
    kept: dict[str, NDArray[np.bool_]] = {}
    said: list[str] = []
    for name in order:
        found = [
            _bond(looked, place, schema[name], link)
            for link in schema[name].links
            if link.parent in schema
        ]
        lost = [bond for bond in found if bond.lost]
        kept[name] = _kept(schema[name], found, looked.rows(name))
        said += (_said_lost(schema[name], bond, looked.rows(name)) for bond in lost)
        of[name] = tuple(_settled(schema, tables, schema[name], found, kept[name], said))
    return Bonds(of, kept, order, tuple(said))


def links_not_learnt(tables: Mapping[str, pa.Table], schema: Schema) -> tuple[str, ...]:
    """What a fit cannot learn of the links of an extract, a sentence each: rows that lead nowhere,
    links that go round in a circle or share their columns.  No value of any row is named."""
    return bonds_of(*keyed(schema, tables)).said


def _bond(tables: Tables, place: Mapping[str, int], table: Table, link: Link) -> Bond:
    rows = tables.row_of(table.name, link.path)
    lost = int(((rows < 0) & ~tables.missing(table.name, link.path)).sum())
    way = "lookup"
    if link.parent == table.name:
        way = "itself"
        rows = np.where(rows == np.arange(len(rows)), -1, rows)  # under itself is under nobody
    elif place[link.parent] > place[table.name]:
        way = "late"
    return Bond(table.name, link, way, rows, lost)


def _needed(table: Table, link: Link) -> bool:
    return not any(table.column(name).nullable for name in link.columns)


def _kept(table: Table, found: Sequence[Bond], rows: int) -> NDArray[np.bool_]:
    """Rows that lead nowhere by a link they need are not learnt from; at least some row is."""
    kept = np.ones(rows, dtype=bool)
    for bond in found:
        if bond.way == "lookup" and _needed(table, bond.link):
            kept &= bond.rows >= 0
    return kept if kept.any() else np.ones(rows, dtype=bool)


def _said_lost(table: Table, bond: Bond, rows: int) -> str:
    what = "they are left out" if _needed(table, bond.link) else "they are learnt as missing"
    return (
        f"{table.name}.{bond.link.said}: {bond.lost:,} of {rows:,} rows lead to no row of "
        f"{bond.parent}; {what}."
    )


def _settled(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    table: Table,
    found: Sequence[Bond],
    kept: NDArray[np.bool_],
    said: list[str],
) -> Iterator[Bond]:
    """The links as they will be drawn: the one rows are born by first, each with what it keeps."""
    found = [replace(bond, unique=_unique(bond, kept)) for bond in found]
    born = _born(schema, tables, table, found, kept)
    covered: set[str] = set()
    if born is not None:
        covered |= set(born.link.columns)
        yield replace(born, way="born")
    for bond in found:
        if bond is born:
            continue
        if covered >= set(bond.link.columns):
            continue  # the parent's own columns say it
        if covered & set(bond.link.columns):
            said.append(
                f"{table.name}.{bond.link.said}: shares columns with another link and is not "
                f"learnt; rows may lead to no row of {bond.parent}."
            )
            continue
        covered |= set(bond.link.columns)
        if bond.way == "late":
            said.append(
                f"{table.name}.{bond.link.said}: the links go round in a circle; which row of "
                f"{bond.parent} is pointed at is left to chance."
            )
        if not (bond.rows[kept] >= 0).any():
            said.append(f"{table.name}.{bond.link.said}: no row leads to a row of {bond.parent}.")
        yield replace(bond, pairs=born is not None and _pairs(table, born, bond, kept))


def _unique(bond: Bond, kept: NDArray[np.bool_]) -> bool:
    rows = bond.rows[kept]
    rows = rows[rows >= 0]
    if bond.way in ("itself", "late"):
        return False
    once = len(np.unique(rows)) == len(rows)
    return bond.link.unique or (once and len(rows) >= SURE)


def _born(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    table: Table,
    found: Sequence[Bond],
    kept: NDArray[np.bool_],
) -> Bond | None:
    """The link whose parent a row is born under: always filled, of the most columns, rather not
    one-to-one, and to the most rows."""
    parenting = any(
        link.parent == table.name for other in schema for link in other.links if other is not table
    )

    def fits(bond: Bond) -> bool:
        parents = tables[bond.parent].num_rows
        crowded = parents < FEW_PARENTS and int(kept.sum()) >= CROWDED * parents
        shared = len(bond.link.columns) > 1 or bond.unique
        return (
            bond.way == "lookup"
            and bool((bond.rows[kept] >= 0).all())
            and (shared or not (parenting and crowded))
        )

    able = [bond for bond in found if fits(bond)]
    key = table.key_columns
    return max(
        able,
        key=lambda bond: (
            len(bond.link.columns),
            bond.link.columns == key,
            not bond.unique,
            tables[bond.parent].num_rows,
        ),
        default=None,
    )


def _pairs(table: Table, born: Bond, bond: Bond, kept: NDArray[np.bool_]) -> bool:
    """No two rows join the same two rows: the key says so, or it could hardly be chance."""
    if bond.way != "lookup" or bond.unique or born.unique:
        return False
    both = kept & (bond.rows >= 0)
    first, second = born.rows[both], bond.rows[both]
    width = int(second.max(initial=0)) + 1
    if len(np.unique(first * width + second)) < len(first):
        return False
    if set(table.key_columns) == {*born.link.columns, *bond.link.columns}:
        return True
    shares = np.bincount(second) / max(len(second), 1)
    each = np.bincount(first).astype(np.float64)
    return float((each * (each - 1)).sum() / 2 * (shares**2).sum()) >= 3  # repeats by chance
