"""The world of a masked copy: the rows of an extract with tokens for every personal value, as they
are, so that a copy becomes a bundle like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from generator.errors import PlanError
from generator.profile import Plan, Profile, Shard, TableCount
from generator.recipe import Recipe
from generator.rules import Rule
from generator.schema import Schema
from generator.tables import Loader

KIND = "masked"
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class MaskedWorld:
    """``tables`` are typed, and their personal values are tokens."""

    tables: Mapping[str, pa.Table]

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        """The rows that there are.  Raises PlanError where others are asked for."""
        for name, rows in recipe.rows.items():
            if rows != self.tables[name].num_rows:
                raise PlanError(
                    f"A masked copy has the rows of its extract: {self.tables[name].num_rows:,} of "
                    f"{name}, not {rows:,}; leave the number out.",
                    field=f"rows.{name}",
                )
        why = "as many as the extract has"
        counts = (
            TableCount(name, rows.num_rows, False, why)
            for name, rows in self.tables.items()
            if not recipe.tables or name in recipe.tables
        )
        return tuple(counts), {}, []

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        return (Shard(0, "rows", 0, 1, plan.rows),)

    def open(self, plan: Plan) -> MaskedDrawing:
        return MaskedDrawing({count.table: self.tables[count.table] for count in plan.counts})

    def asked(self, plan: Plan) -> tuple[Rule, ...]:
        del plan
        return ()


@dataclass(frozen=True)
class MaskedDrawing:
    """Gives the rows in their order."""

    tables: Mapping[str, pa.Table]

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        del shard  # there is one
        for name, rows in self.tables.items():
            for first in range(0, rows.num_rows, BLOCK_ROWS):
                yield name, rows.slice(first, BLOCK_ROWS)

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        del shard
        yield from ()

    def starts(self, shard: Shard) -> Mapping[str, int]:
        del shard
        return dict.fromkeys(self.tables, 0)

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        del shard
        return {}


def masked_profile(
    schema: Schema, tables: Mapping[str, pa.Table], *, name: str, mark: str, title: str = ""
) -> Profile:
    """The profile of a masked copy: ``tables`` are typed, ``mark`` tells by which key the tokens
    were made.  It has no leaves, and no file."""
    held = {
        table.name: tables[table.name]
        .select(list(table.column_names))
        .cast(table.loose().arrow_schema())
        for table in (schema[one] for one in schema.load_order())
    }
    world = MaskedWorld(held)
    return Profile(name, "1", title or name, KIND, schema, world, hash=f"masked-{mark}")
