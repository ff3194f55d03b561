"""The keys of all tables so far, and the links that have not led to one yet.

A shard says which keys it has (a run of neighbours as its two ends) and which of its links lead
neither to its own rows nor to its context.  The register takes shards in their order, says which
keys came before, and follows the links again.  It holds 16 bytes for every value that is not one
of a run of keys, and the links that wait for a table that is not complete.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from generator.fingerprint import Fingerprints, KeySet, Run
from generator.schema import Link, Schema
from generator.tables import Tables

Place: TypeAlias = tuple[str, str]
"""A table and a column, or several joined (``Link.path``)."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Entries:
    """What one shard has for the register; row numbers are those of its own rows."""

    rows: Mapping[str, int]
    keys: Mapping[Place, Fingerprints | Run]
    lost: Mapping[Place, tuple[Rows, Fingerprints]]
    linked: int
    """Links that are set."""


@dataclass(frozen=True)
class Taken:
    """Own rows of the shard just taken: those whose value came before, by column, and those
    whose link leads nowhere, by link."""

    repeats: Mapping[Place, Rows]
    orphans: Mapping[Place, Rows]


def links_of(schema: Schema, names: Collection[str]) -> Iterator[tuple[str, Link]]:
    """Every link between the named tables."""
    for table in schema:
        for link in table.links:
            if table.name in names and link.parent in names:
                yield table.name, link


def entries(
    tables: Tables, links: Iterable[tuple[str, Link]], unique: Collection[Place] = ()
) -> Entries:
    """``links`` are those to follow (a table and a link of it), ``unique`` columns whose values
    are to be known beside those that links lead to."""
    links = list(links)
    wanted = {*unique, *((link.parent, link.parent_path) for _, link in links)}
    lost, linked = {}, 0
    for table, link in links:
        if tables.owned(table):
            array = tables.own_arrow(table, link.path)
            linked += len(array) - array.null_count
            nowhere = _nowhere(tables, table, link)
            if nowhere is not None:
                lost[table, link.path] = nowhere
    return Entries(
        {name: tables.owned(name) for name in tables.schema.names if name in tables},
        {
            (table, column): _keys(tables, table, column)
            for table, column in sorted(wanted)
            if tables.owned(table)
        },
        lost,
        linked,
    )


def _keys(tables: Tables, table: str, column: str) -> Fingerprints | Run:
    own = tables.fingerprints(table, column).take(tables.own(table))
    return own.run or own


def _nowhere(tables: Tables, table: str, link: Link) -> tuple[Rows, Fingerprints] | None:
    own = tables.own(table)
    lost = (tables.row_of(table, link.path) < 0)[own] & ~tables.missing(table, link.path)[own]
    if not lost.any():
        return None
    rows = np.flatnonzero(lost)
    return rows, tables.fingerprints(table, link.path).take(own.start + rows)


@dataclass
class Register:
    """``planned`` are the rows each table will have once all shards are taken, where that is
    known."""

    schema: Schema
    planned: Mapping[str, int]
    rows: dict[str, int] = field(default_factory=dict)
    linked: int = 0
    _known: dict[Place, KeySet] = field(default_factory=dict)
    _waiting: dict[Place, list[tuple[Rows, Fingerprints]]] = field(default_factory=dict)

    def take(self, part: Entries) -> Taken:
        """Enter the next shard."""
        repeats = {}
        for place, values in part.keys.items():
            again = self._known.setdefault(place, KeySet()).add(values)
            if len(again):
                repeats[place] = again
        starts = dict(self.rows)
        for table, number in part.rows.items():
            self.rows[table] = self.rows.get(table, 0) + number
        orphans = {}
        for place, (rows, values) in part.lost.items():
            lost = ~self._parents(place).holds(values)
            if not lost.any():
                continue
            if self._complete(place):
                orphans[place] = rows[lost]
            else:
                moved = rows[lost] + starts.get(place[0], 0)
                self._waiting.setdefault(place, []).append((moved, values.take(lost)))
        self.linked += part.linked
        return Taken(repeats, orphans)

    def late(self) -> dict[Place, Rows]:
        """Rows of the whole tables whose links still lead nowhere, of those that had to wait."""
        orphans = {}
        for place, waiting in self._waiting.items():
            known = self._parents(place)
            lost = np.concatenate([rows[~known.holds(values)] for rows, values in waiting])
            if len(lost):
                orphans[place] = lost
        return orphans

    def _link(self, place: Place) -> Link:
        link = self.schema[place[0]].link(place[1])
        assert link is not None  # entries() went over links
        return link

    def _parents(self, place: Place) -> KeySet:
        link = self._link(place)
        return self._known.get((link.parent, link.parent_path), KeySet())

    def _complete(self, place: Place) -> bool:
        parent = self._link(place).parent
        return parent in self.planned and self.rows[parent] >= self.planned[parent]
