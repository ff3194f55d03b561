"""Two halves of an extract that share no row of a family: what a trial learns, and what it is held
against."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.fit.linked.bonds import Bonds, bonds_of
from generator.fit.linked.keys import keyed
from generator.holders import EACH_ROW, Holders
from generator.schema import Schema
from generator.trial import by_lot

Sides = NDArray[np.int64]
FIRST, SECOND, NEITHER, BOTH = 0, 1, 2, 3
NOBODY: Mapping[str, Holders] = MappingProxyType({})


def linked_halves(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    *,
    seed: int,
    most: int,
    holders: Mapping[str, Holders] = NOBODY,
) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """Two disjoint parts of about ``most`` rows a table at most, chosen by the seed: half of the
    rows that are born under nobody with everything beneath them; nobody holds such rows of both.
    Tables that are only looked up stand whole in both; of what is looked up once each half has its
    own.  Rows keep their order."""
    schema, tables = keyed(schema, tables)
    bonds = bonds_of(schema, tables)
    sides = _sides(bonds, tables, holders, seed, most)
    parts: tuple[dict[str, pa.Table], dict[str, pa.Table]] = ({}, {})
    for name in schema.names:
        for side, part in zip((FIRST, SECOND), parts, strict=True):
            rows = np.flatnonzero((sides[name] == side) | (sides[name] == BOTH))
            part[name] = tables[name].take(pa.array(rows))
    return parts


def _sides(
    bonds: Bonds,
    tables: Mapping[str, pa.Table],
    holders: Mapping[str, Holders],
    seed: int,
    most: int,
) -> dict[str, Sides]:
    """By table the part each row belongs to."""
    born = {name: bond for name, all_ in bonds.of.items() for bond in all_ if bond.way == "born"}
    root = {name: name for name in bonds.order}
    for name in bonds.order:
        root[name] = root[born[name].parent] if name in born else name
    longest: dict[str, int] = {}
    for name in bonds.order:
        longest[root[name]] = max(longest.get(root[name], 0), tables[name].num_rows)
    once, often = _looked_up(bonds)
    bearing = {bond.parent for bond in born.values()}
    sides: dict[str, Sides] = {}
    waiting = [name for name in bonds.order if name not in born and name in once - often - bearing]
    for name in bonds.order:
        rows = tables[name].num_rows
        if name in born:
            sides[name] = _of_parent(sides[born[name].parent], born[name].rows)
        elif name in often and name not in bearing:
            sides[name] = np.full(rows, BOTH)
        else:
            share = min(0.5, most / max(longest[name], 1))
            sides[name] = _by_lot(name, rows, share, seed, holders.get(name, EACH_ROW))
    for name in waiting:
        for bond in (bond for all_ in bonds.of.values() for bond in all_ if bond.parent == name):
            pointed = bond.rows >= 0
            sides[name][bond.rows[pointed]] = sides[bond.table][pointed]
    for name in bonds.order:
        for bond in bonds.of[name]:
            if bond.way == "lookup":
                theirs = _of_parent(sides[bond.parent], bond.rows)
                apart = (bond.rows >= 0) & (theirs != BOTH) & (theirs != sides[name])
                sides[name] = np.where(apart & (sides[name] != BOTH), NEITHER, sides[name])
    return sides


def _looked_up(bonds: Bonds) -> tuple[set[str], set[str]]:
    """Tables that are looked up once a row, and more often."""
    lookups = [bond for all_ in bonds.of.values() for bond in all_ if bond.way == "lookup"]
    return (
        {bond.parent for bond in lookups if bond.unique},
        {bond.parent for bond in lookups if not bond.unique},
    )


def _of_parent(sides: Sides, rows: NDArray[np.int64]) -> Sides:
    theirs: Sides = np.where(rows < 0, NEITHER, sides[np.maximum(rows, 0)])
    return theirs


def _by_lot(name: str, rows: int, share: float, seed: int, holders: Holders) -> Sides:
    one, other = by_lot(rows, name, share=share, seed=seed, holders=holders)
    sides = np.full(rows, NEITHER)
    sides[one] = FIRST
    sides[other] = SECOND
    return sides
