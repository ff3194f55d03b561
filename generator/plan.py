"""From a recipe to exact rows, shards and what to expect; nothing random happens here."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from generator.errors import RecipeError
from generator.profile import Plan, Profile
from generator.recipe import Recipe
from generator.schema import Kind, Table

# Bytes of one value in a file, measured on the platform's own tables.
_CSV_BYTES = {
    Kind.INTEGER: 5.0,
    Kind.DECIMAL: 8.0,
    Kind.FLOAT: 12.0,
    Kind.BOOLEAN: 6.0,
    Kind.DATE: 11.0,
    Kind.TIMESTAMP: 25.0,
    Kind.TEXT: 15.0,
    Kind.ENUM: 12.0,
}
# Sizes as shares of the bytes above, and seconds to write a million values.  Measured on the
# built-in profile (500 and 5,000 deals; 300,000 events) on two cores: sizes came within a half,
# seconds within a factor of two, see tests/test_plan.py for the sizes.
_SHARE = {
    "csv": 0.88,
    "csv.gz": 0.22,
    "parquet": 0.19,
    "jsonl": 2.5,
    "sqlite": 1.15,
    "postgres": 0.89,
}
_WRITE_SECONDS = {
    "csv": 0.06,
    "csv.gz": 0.16,
    "parquet": 0.05,
    "jsonl": 0.7,
    "sqlite": 0.35,
    "postgres": 0.12,
}
# To draw, spool, check and compare a million values: of lean tables, and of tables that the world
# says it weaves from others (``world["woven"]``).
_DRAW_SECONDS, _WOVEN_SECONDS = 0.35, 1.6
_START_SECONDS = 2.0


def plan(profile: Profile, recipe: Recipe) -> Plan:
    """Settle exact counts and cut shards.

    Raises RecipeError for a table the profile does not have, PlanError (field ``rows.<table>``)
    for counts that cannot be met together.
    """
    for name in (*recipe.tables, *recipe.rows):
        if name not in profile.schema:
            _refuse_table(
                profile, name, field="tables" if name in recipe.tables else f"rows.{name}"
            )
    counts, world, notes = profile.world.settle(recipe)
    settled = Plan(recipe=recipe, counts=counts, shards=(), notes=tuple(notes), world=world)
    settled = replace(settled, shards=profile.world.shards(settled))
    size, seconds = _expect(profile, settled)
    return replace(settled, bytes_estimate=size, seconds_estimate=seconds)


def _refuse_table(profile: Profile, name: str, *, field: str) -> None:
    near = get_close_matches(name, profile.schema.names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {_listed(profile)}."
    raise RecipeError(f"The profile {profile.name} has no table “{name}”; {hint}", field=field)


def _listed(profile: Profile) -> str:
    return ", ".join(profile.schema.names)


def _expect(profile: Profile, plan: Plan) -> tuple[int, float]:
    size = seconds = 0.0
    for count in plan.counts:
        table = profile.schema[count.table]
        millions = count.rows * len(table.columns) / 1e6
        woven = count.table in plan.world.get("woven", ())
        seconds += millions * (_WOVEN_SECONDS if woven else _DRAW_SECONDS)
        for name in plan.recipe.formats:
            size += count.rows * _row_bytes(table) * _SHARE[name]
            seconds += millions * _WRITE_SECONDS[name]
    return int(size), round(_START_SECONDS + seconds, 1)


def _row_bytes(table: Table) -> float:
    return sum(_CSV_BYTES[column.kind] for column in table.columns)
