"""The world of a fitted profile: families of tables, every column drawn from its leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from generator.fitted.draw import Known, draw_absent, drawn_of, features_of
from generator.fitted.drawing import Kindred
from generator.fitted.family import SHARD_ROWS, Layout
from generator.fitted.keeping import Keeping
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.rows import BLOCK_ROWS
from generator.fitted.settle import rows_of
from generator.leaves.decode import decode, made_anew
from generator.profile import Plan, Profile, Shard, TableCount
from generator.recipe import Recipe
from generator.schema import Kind, Schema, Table
from generator.streams import Stream
from generator.summary import Forms
from generator.tables import Loader

BLOCK_BYTES = 128 << 20  # of a block's values at most: rows of long texts come in smaller blocks


def written_forms(profile: Profile) -> Forms:
    """How a fitted profile writes the text columns that say numbers or moments, by (table,
    column); none of a profile of another kind."""
    if not isinstance(profile.world, FittedWorld):
        return {}
    return {
        (table, name): leaves.codec.written
        for table, drawn in profile.world.tables.items()
        for name, leaves in drawn.columns.items()
        if leaves.codec.written is not None
        and name not in drawn.hidden
        and profile.schema[table].column(name).kind in (Kind.TEXT, Kind.ENUM)
    }


class FittedWorld:
    """Implements ``profile.World``: every column is drawn from its leaves."""

    def __init__(self, schema: Schema, tables: Mapping[str, TableLeaves]) -> None:
        self.schema = schema
        self.tables = tables

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        wanted = set(recipe.tables or self.schema.names) | set(recipe.rows)
        settled = rows_of(self.schema, self.tables, recipe.rows)
        counts = tuple(
            TableCount(name, settled.rows[name], name in recipe.rows, settled.why[name])
            for name in self.schema.load_order()
            if name in wanted
        )
        notes = list(settled.notes)
        if recipe.start or recipe.stop:
            notes.append(
                "A fitted profile keeps the dates of its extract; the date span is not applied."
            )
        return counts, {"rows": dict(settled.rows)}, notes

    def layout(self, plan: Plan) -> Layout:
        """Families and shards of the plan's rows, those of tables that stay away too."""
        return Layout(self.tables, plan.world["rows"])

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        shards: list[Shard] = []
        wanted = {count.table for count in plan.counts}
        for family in self.layout(plan).families:
            here = [name for name in family.members if name in wanted]
            if not here:
                continue
            rows = sum(plan.world["rows"][name] for name in here)
            for number in range(family.shards):
                first, last = family.edges[number], family.edges[number + 1]
                weight = max(1, rows * (last - first) // max(family.edges[-1], 1))
                at = len(shards)
                shards.append(Shard(at, family.root, first, last, weight, group=at))
        return tuple(shards)

    def open(self, plan: Plan) -> FittedDrawing:
        return FittedDrawing(self, plan)


class FittedDrawing:
    """Implements ``profile.Drawing``: a shard follows from its own stream rows and from numbers
    that the plan settles; what other shards drew is never needed."""

    def __init__(self, world: FittedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._layout = world.layout(plan)
        self._kindred = Kindred(world.schema, self._layout, plan.recipe.seed)
        self._wanted = {count.table for count in plan.counts}
        ties = [(name, tie.parent) for name, one in world.tables.items() for tie in one.ties]
        self._linked = {name for pair in ties for name in pair}

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        """None: the plan refuses increments of what keeps its extract's dates."""
        del shard
        return iter(())

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        family = self._layout.family(shard.stage)
        if shard.stage not in self._linked:
            for rows in self._alone(shard.stage, shard.first, shard.last):
                yield shard.stage, rows
            return
        number = family.edges.index(shard.first)
        for name in family.members:
            if name in self._wanted:
                for rows in self._slices(name, number):
                    yield name, rows

    def _slices(self, name: str, number: int) -> Iterator[pa.Table]:
        lot, table = self._kindred.lot(name, number), self._world.schema[name]
        names = list(table.column_names)
        rows = pa.table([lot.arrow(column) for column in names], names=names)
        for first in range(0, lot.rows, SHARD_ROWS):
            yield rows.slice(first, SHARD_ROWS)

    def starts(self, shard: Shard) -> Mapping[str, int]:
        family = self._layout.family(shard.stage)
        number = family.edges.index(shard.first)
        return {
            name: self._kindred.edges(name, number)[0]
            for name in family.members
            if name in self._wanted
        }

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """None: rows of other tables would have to be drawn again for every shard.  Links are
        followed by what all shards say about their keys."""
        del shard
        return {}

    def _alone(self, name: str, start: int, stop: int) -> Iterator[pa.Table]:
        table, leaves = self._world.schema[name], self._world.tables[name]
        step = _block_rows(leaves)
        for first in range(start, stop, step):
            last = min(first + step, stop)
            yield _draw_rows(table, leaves, self._plan.recipe.seed, first, last)


def _block_rows(leaves: TableLeaves) -> int:
    width = sum(column.codec.bytes for column in leaves.columns.values())
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // max(width, 1)))


def _draw_rows(table: Table, leaves: TableLeaves, seed: int, first: int, last: int) -> pa.Table:
    """Rows ``first`` to ``last`` (exclusive) of a table that stands alone, in a profile with
    nothing to look up, from their own stream rows."""
    known: dict[str, Known] = {}
    keeping = Keeping(table, leaves.kept)
    arrays: dict[str, pa.Array] = {}
    for name, column in leaves.columns.items():
        if name not in leaves.hidden:
            arrays[name] = _draw_column(table, name, column, known, keeping, seed, first, last)
    return pa.table([arrays[name] for name in table.column_names], names=list(table.column_names))


def _draw_column(
    table: Table,
    name: str,
    leaves: ColumnLeaves,
    known: dict[str, Known],
    keeping: Keeping,
    seed: int,
    first: int,
    last: int,
) -> pa.Array:
    declared, codec, n = table.column(name), leaves.codec, last - first
    if codec.form == "missing":
        return pa.nulls(n, declared.arrow_type())
    features = features_of(leaves.predictors, known, n)
    bits = Stream(seed, table.name, f"{name}\x1fmissing").bits(first, last)
    absent = keeping.absent(name, draw_absent(leaves, features, bits))
    stream = Stream(seed, table.name, name)
    if codec.form == "pattern":
        keeping.tell(name, None, absent, absent)
        return made_anew(declared, codec, first, last, stream, absent)
    words = stream.bits(first, last)
    values, absent = keeping.values(name, leaves, features, known, absent, words)
    keeping.tell(name, codec, values, absent)
    known[name] = drawn_of(codec, values, absent)
    return decode(declared, codec, values, absent)
