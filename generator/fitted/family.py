"""Which tables are drawn together, and how many rows of each stand in which shard.

A table's rows are born under the rows of one parent at most, so tables form families under a root.
A shard is a range of a root's rows with everything born beneath them.  How many rows of each table
that is, is arithmetic over the numbers before it; so a shard can be drawn alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.fitted.leaves import TableLeaves, Tie

SHARD_ROWS = 65_536  # of a table that stands alone
FAMILY_ROWS = 262_144  # of all tables of a family, about
HELD_ROWS = 65_536  # rows of a table at most that a process keeps whole


@dataclass(frozen=True)
class Family:
    """A root and all tables born beneath it, parents first.  ``edges`` are the rows of the root at
    which its shards begin, and the end."""

    root: str
    members: tuple[str, ...]
    edges: tuple[int, ...]

    @property
    def shards(self) -> int:
        return len(self.edges) - 1


class Layout:
    """Families of the tables with so many ``rows``."""

    def __init__(self, tables: Mapping[str, TableLeaves], rows: Mapping[str, int]) -> None:
        self.tables = tables
        self.rows = dict(rows)

    @cached_property
    def families(self) -> tuple[Family, ...]:
        return tuple(self._families())

    def _families(self) -> Iterator[Family]:
        children: dict[str, list[str]] = {name: [] for name in self.tables}
        for name in self.rows:
            if (tie := self.tables[name].born) is not None:
                children[tie.parent].append(name)
        for root in self.rows:
            if self.tables[root].born is not None:
                continue
            members = [root]
            for name in members:
                members += children[name]
            yield Family(root, tuple(members), self._edges(root, members))

    def _edges(self, root: str, members: list[str]) -> tuple[int, ...]:
        rows, total = self.rows[root], sum(self.rows[name] for name in members)
        step = SHARD_ROWS
        if len(members) > 1 or self.tables[root].ties:
            step = max(1, rows * FAMILY_ROWS // max(total, 1))
        if self.held(root) and len(members) == 1:
            step = SHARD_ROWS
        return (*range(0, rows, step), rows) if rows else (0,)

    def held(self, table: str) -> bool:
        """Whether a process may keep the whole table."""
        return self.rows[table] <= HELD_ROWS

    def family(self, table: str) -> Family:
        return self._by_table[table]

    @cached_property
    def _by_table(self) -> dict[str, Family]:
        return {name: family for family in self.families for name in family.members}

    def parent(self, table: str) -> Tie | None:
        return self.tables[table].born

    def share(self, rows: int, *, of: str, into: str) -> int:
        """How many of the first rows of ``into`` belong to the first ``rows`` of ``of``."""
        return self.rows[into] * rows // max(self.rows[of], 1)
