"""Rows of one table in memory, and the rows they link to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column
from generator.write.api.shape import Each, Test
from generator.write.api.store import Store
from generator.write.text import as_text


class Frame:
    """``rows`` of ``table``; a row may be missing in all its columns, where nothing was found."""

    def __init__(
        self, store: Store, table: str, rows: pa.Table, joined: Mapping[str, Each] | None = None
    ) -> None:
        self.store, self.table, self.rows = store, store.tables[table], rows
        self._joined = joined or {}
        self._followed: dict[str, Frame | None] = {}

    def __len__(self) -> int:
        held: int = self.rows.num_rows
        return held

    def cell(self, path: str) -> tuple[Column, pa.Array] | None:
        """A column along a path; None where a table on the way is not in the bundle."""
        first, mark, rest = path.partition(".")
        if not mark:
            return self.table.column(first), self._column(first)
        there = self.follow(first)
        return there.cell(rest) if there else None

    def follow(self, name: str) -> Frame | None:
        """The rows that a column links to, or those joined under a name; missing where none is."""
        if name not in self._followed:
            self._followed[name] = self._there(name)
        return self._followed[name]

    def passing(self, tests: Sequence[Test]) -> pa.Array | None:
        """True for the rows that pass all tests; None where all rows do."""
        passed: pa.Array | None = None
        for test in tests:
            cell = self.cell(test.path)
            if cell is None:
                own = pa.repeat(pa.scalar(not test.wanted), len(self))
            else:
                own = cell[1].is_valid()
                if test.values:
                    own = pc.is_in(as_text(*cell), pa.array(test.values, pa.string()))
                own = own if test.wanted else pc.invert(own)
            passed = own if passed is None else pc.and_(passed, own)
        return None if passed is None or pc.all(passed).as_py() else passed

    def kept(self, each: Each) -> pa.Array | None:
        """True for the rows that are meant by ``each``, wherever they lie; None where all are."""
        passed = self.passing(each.where)
        if each.without is None or each.without.table not in self.store:
            return passed
        own = self._column(each.without.of) if each.without.of else self.keys
        held = self.store.where(
            each.without.table, each.without.by, own.unique(), [each.without.by]
        ).column(0)
        free = pc.invert(pc.is_in(own, held.combine_chunks()))
        return free if passed is None else pc.and_(passed, free)

    def only(self, mask: pa.Array) -> Frame:
        return Frame(self.store, self.table.name, self.rows.filter(mask), self._joined)

    @cached_property
    def keys(self) -> pa.Array:
        assert self.table.key  # a shape nests rows under tables that have one
        return self._column(self.table.key)

    def _column(self, name: str) -> pa.Array:
        column = self.rows.column(name)
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)

    def _there(self, name: str) -> Frame | None:
        if name in self._joined:
            each = self._joined[name]
            table, column, here = each.table, each.by, self.keys
        else:
            link = self.table.link(name)
            if link is None:
                return None
            table, column, here = link.parent, link.parent_column, self._column(name)
        if table not in self.store:
            return None
        found = self.store.where(table, column, here.unique())
        there = found.column(column).combine_chunks()
        return Frame(self.store, table, found.take(pc.index_in(here, there)))
