"""The world of a fitted profile: families of tables, every column drawn from its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa

from generator.errors import PlanError
from generator.fitted.asked import asked_document, asked_rules
from generator.fitted.column import draw_column, tell_part
from generator.fitted.conditions import (
    BLOCK,
    Conditions,
    Draw,
    came_of,
    chosen,
    conditions_of,
    foreseen,
)
from generator.fitted.draw import (
    Ints,
    Known,
)
from generator.fitted.drawing import Kindred
from generator.fitted.family import SHARD_ROWS, Layout
from generator.fitted.joint import Joint
from generator.fitted.keeping import Keeping
from generator.fitted.leaves import MARK, TableLeaves
from generator.fitted.meeting import Wish
from generator.fitted.pairs import Pairs, check_room
from generator.fitted.patterns import Pattern, pattern_of
from generator.fitted.rows import BLOCK_ROWS
from generator.fitted.settle import rows_of
from generator.fitted.shifting import Movers, following
from generator.fitted.span import Moving, moving
from generator.fitted.wishes import came, fitting, met_of, moved_candidates, tried, wish_of
from generator.leaves.decode import made_anew
from generator.profile import Plan, Profile, Shard, TableCount
from generator.recipe import Recipe
from generator.rules import Rule
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
    return _forms(profile.schema, profile.world.tables)


def _forms(schema: Schema, tables: Mapping[str, TableLeaves]) -> Forms:
    return {
        (table, name): leaves.codec.written
        for table, drawn in tables.items()
        for name, leaves in drawn.columns.items()
        if leaves.codec.written is not None
        and name not in drawn.hidden
        and schema[table].column(name).kind in (Kind.TEXT, Kind.ENUM)
    }


class FittedWorld:
    """Implements ``profile.World``: every column is drawn from its leaves."""

    def __init__(self, schema: Schema, tables: Mapping[str, TableLeaves]) -> None:
        self.schema = schema
        self.tables = tables

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        asked = {name: sum(of.values()) for name, of in recipe.where.items() if name in self.tables}
        asked |= recipe.rows
        wanted = set(recipe.tables or self.schema.names) | set(asked)
        settled = rows_of(self.schema, self.tables, asked)
        counts = tuple(
            TableCount(name, settled.rows[name], name in asked, settled.why[name])
            for name in self.schema.load_order()
            if name in wanted
        )
        notes = list(settled.notes)
        for name, leaves in self.tables.items():
            if leaves.kept.distinct is not None:
                check_room(name, leaves, leaves.kept.distinct, settled.rows[name])
        moving = self.moving(recipe)
        notes += moving.notes
        notes += self._foreseen(recipe, settled.rows, moving)
        told: dict[str, Any] = {"rows": dict(settled.rows)}
        if moved := self._moved(moving):
            told["moved"] = moved
        return counts, told, notes

    def moving(self, recipe: Recipe) -> Moving:
        """Where the moments of rows move; nowhere without a span."""
        if not (recipe.start or recipe.stop):
            if recipe.moves:
                raise PlanError(
                    "Columns move to another span only; give its first day and its last.",
                    field="moves",
                )
            return Moving()
        families = Layout(self.tables, dict.fromkeys(self.tables, 0)).families
        members = {family.root: family.members for family in families}
        span = (recipe.start, recipe.stop)
        return moving(self.schema, self.tables, members, span, recipe.moves)

    def _moved(self, moving: Moving) -> dict[str, list[str]]:
        """All columns that move, and what follows from them, by table."""
        return {
            name: [*columns, *following(self.tables[name], columns)]
            for move in moving.of.values()
            for name, columns in move.columns.items()
        }

    def aspects(self, recipe: Recipe, rows: Mapping[str, int]) -> dict[str, list[Conditions]]:
        """By table what rows are to meet, one by one."""
        return conditions_of(recipe.where, recipe.shares, self.schema, rows.__getitem__)

    def _joint(
        self,
        several: Sequence[Conditions],
        recipe: Recipe,
        rows: Mapping[str, int],
        moving: Moving,
    ) -> Conditions:
        """All of them at once, as they come together by themselves."""
        joint = Joint.of(several)
        if self.in_place(joint.table):
            wish = self._wish(joint, recipe, rows, moving)
            kinds = came(self.schema, self.tables, rows, wish, recipe.seed)
        else:
            draw, met = self.choosing(joint, moving, recipe.seed)
            kinds = came_of(joint, draw, met)
        return joint.fitted(kinds, rows[joint.table])

    def _wish(
        self, conditions: Conditions, recipe: Recipe, rows: Mapping[str, int], moving: Moving
    ) -> Wish:
        name, forms = conditions.table, _forms(self.schema, self.tables)
        movers = Movers(self.schema, self.tables, moving, recipe.seed)
        return wish_of(
            conditions, self.schema, self.tables[name], forms, rows[name], moving, movers
        )

    def conditions(self, recipe: Recipe, rows: Mapping[str, int]) -> dict[str, Conditions]:
        """By table what rows are to meet, with nothing but to fall into the span for those that
        are chosen for that alone.  Raises PlanError for what a table cannot be asked."""
        moving = self.moving(recipe)
        found = {
            name: several[0] if len(several) == 1 else self._joint(several, recipe, rows, moving)
            for name, several in self.aspects(recipe, rows).items()
        }
        for move in moving.of.values():
            if move.chosen and rows[move.chosen]:
                found.setdefault(move.chosen, Conditions(move.chosen, (), (), "to"))
        return found

    def wishes(self, recipe: Recipe, rows: Mapping[str, int]) -> dict[str, Wish]:
        """What rows of linked tables are to meet."""
        moving = self.moving(recipe)
        return {
            name: self._wish(conditions, recipe, rows, moving)
            for name, conditions in self.conditions(recipe, rows).items()
            if self.in_place(name)
        }

    def in_place(self, name: str) -> bool:
        """Whether rows of a table that are to meet something are drawn again where they stand:
        those that others know, or that never say what others say."""
        return name in self.linked or self.tables[name].kept.distinct is not None

    def _foreseen(self, recipe: Recipe, rows: Mapping[str, int], moving: Moving) -> Iterator[str]:
        """What the conditions cost.  Raises PlanError for those that cannot be met."""
        wishes = self.wishes(recipe, rows)
        for name, conditions in self.conditions(recipe, rows).items():
            if name in wishes:
                yield tried(self.schema, self.tables, rows, wishes, name, recipe.seed)
            else:
                draw, met = self.choosing(conditions, moving, recipe.seed)
                yield foreseen(conditions, rows[name], draw, met)

    def choosing(
        self, conditions: Conditions, moving: Moving, seed: int
    ) -> tuple[Draw, Callable[[pa.Table], Ints]]:
        """Draws candidates of a table that stands alone, and tells which of the conditions they
        meet: where they lie once they have moved, if the conditions speak of that."""
        name = conditions.table
        draw, move = candidates(self, name, seed), moving.chosen(name)
        met = met_of(conditions, self.schema, self.tables[name], _forms(self.schema, self.tables))
        if move is None:
            return draw, met
        movers = Movers(self.schema, self.tables, moving, seed)
        if movers.moves(name, conditions.read):
            draw = moved_candidates(draw, name, move, movers)
        return draw, fitting(met, move, len(conditions.texts))

    def asked(self, plan: Plan) -> tuple[Rule, ...]:
        """Rules about what the recipe of a plan asks of rows."""
        conditions = self.aspects(plan.recipe, plan.world["rows"])
        return asked_rules(conditions, _forms(self.schema, self.tables))

    def asked_document(self, plan: Plan) -> dict[str, Any]:
        """How the columns are read that the recipe speaks of, for the manifest."""
        conditions = self.aspects(plan.recipe, plan.world["rows"])
        return asked_document(conditions, _forms(self.schema, self.tables))

    @cached_property
    def linked(self) -> frozenset[str]:
        """Tables with links, or that links lead to."""
        ties = [(name, tie.parent) for name, one in self.tables.items() for tie in one.ties]
        return frozenset(name for pair in ties for name in pair)

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


def patterns_of(world: FittedWorld, recipe: Recipe) -> dict[tuple[str, str], Pattern]:
    """The patterns of all columns that move, by table and column."""
    found = {}
    for move in world.moving(recipe).of.values():
        for table, columns in move.columns.items():
            leaves = world.tables[table]
            for column in columns:
                said = move.said[table][column]
                one = pattern_of(said, leaves, column, move)
                if one is not None:
                    found[table, column] = one
    return found


class FittedDrawing:
    """Implements ``profile.Drawing``: a shard follows from its own stream rows and from numbers
    that the plan settles; what other shards drew is never needed."""

    def __init__(self, world: FittedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._layout = world.layout(plan)
        wishes = world.wishes(plan.recipe, plan.world["rows"])
        self._kindred = Kindred(world.schema, self._layout, plan.recipe.seed, wishes)
        self._wanted = {count.table for count in plan.counts}
        self._in_place = world.linked | set(wishes)
        self._conditions = world.conditions(plan.recipe, plan.world["rows"])
        self._moving = world.moving(plan.recipe)
        self._movers = Movers(world.schema, world.tables, self._moving, plan.recipe.seed)

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        """None: the plan refuses increments of what keeps its extract's dates."""
        del shard
        return iter(())

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        family = self._layout.family(shard.stage)
        if shard.stage not in self._in_place:
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
        roots = partial(self._kindred.roots, name, lot, number)
        rows = self._movers.moved(name, rows, lot.first, roots)
        if lot.order is not None:
            rows = rows.take(pa.array(lot.order))
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
        if name in self._conditions:
            yield from self._asked(self._conditions[name], start, stop)
            return
        table, leaves = self._world.schema[name], self._world.tables[name]
        step, pairs = _block_rows(leaves), self._kindred.pairs(name)
        of, seed = self._plan.world["rows"][name], self._plan.recipe.seed
        for first in range(start, stop, step):
            last = min(first + step, stop)
            rows = draw_rows(table, leaves, seed, first, last, pairs, of=of)
            yield self._movers.moved(name, rows, first, partial(np.arange, first, last))

    def _asked(self, conditions: Conditions, start: int, stop: int) -> Iterator[pa.Table]:
        """Rows that meet conditions, block by block; what is made anew is made of their own
        numbers."""
        name, seed = conditions.table, self._plan.recipe.seed
        rows = self._plan.world["rows"][name]
        draw, met = self._world.choosing(conditions, self._moving, seed)
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            first, last = block * BLOCK, min((block + 1) * BLOCK, rows)
            found = chosen(conditions, rows, block, draw, met)
            made = _anew(self._world.schema[name], self._world.tables[name], seed, first, found)
            if MARK not in found.column_names:  # they have moved
                made = self._movers.moved(name, made, first, partial(np.arange, first, last))
            low, high = max(start, first), min(stop, last)
            yield made.slice(low - first, high - low)


def candidates(world: FittedWorld, name: str, seed: int) -> Draw:
    """Draws rows of a table that stands alone; of columns that are made anew only what is missing,
    as ``decode`` has it."""
    table, leaves = world.schema[name], world.tables[name]

    def draw(first: int, last: int) -> pa.Table:
        known: dict[str, Known] = {}
        keeping = Keeping(table, leaves.kept)
        arrays = {}
        for column, one in leaves.columns.items():
            if column in leaves.hidden:
                tell_part(column, leaves, known)
            else:
                arrays[column] = draw_column(
                    table, column, one, known, keeping, seed, first, last, anew=False
                )
        return pa.table(arrays)

    return draw


def _anew(table: Table, leaves: TableLeaves, seed: int, first: int, rows: pa.Table) -> pa.Table:
    """Rows from number ``first`` on with the columns that are made anew."""
    arrays = []
    for column in table.columns:
        codec, array = leaves.columns[column.name].codec, rows.column(column.name)
        if codec.form == "pattern":
            absent = np.asarray(array).astype(np.int32)
            stream = Stream(seed, table.name, column.name)
            array = made_anew(column, codec, first, first + rows.num_rows, stream, absent)
        arrays.append(array)
    return pa.table(arrays, names=list(table.column_names))


def _block_rows(leaves: TableLeaves) -> int:
    width = sum(column.codec.bytes for column in leaves.columns.values())
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // max(width, 1)))


def draw_rows(
    table: Table,
    leaves: TableLeaves,
    seed: int,
    first: int,
    last: int,
    pairs: Pairs | None = None,
    *,
    of: int | None = None,
) -> pa.Table:
    """Rows ``first`` to ``last`` (exclusive) of a table that stands alone, in a profile with
    nothing to look up, from their own stream rows; in their order if it is known how many rows
    they are ``of``."""
    known: dict[str, Known] = {}
    keeping = Keeping(table, leaves.kept)
    arrays: dict[str, pa.Array] = {}
    for name, column in leaves.columns.items():
        if name in leaves.hidden:
            tell_part(name, leaves, known)
        else:
            arrays[name] = draw_column(
                table,
                name,
                column,
                known,
                keeping,
                seed,
                first,
                last,
                pairs=pairs,
                of=of if name == leaves.follows and not column.predictors else None,
            )
    return pa.table([arrays[name] for name in table.column_names], names=list(table.column_names))
