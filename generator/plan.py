"""From a recipe to exact rows, shards and what to expect; nothing random happens here."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from generator.casting import cast_in, check_messes
from generator.errors import PlanError, RecipeError, shown
from generator.profile import Plan, Profile
from generator.recipe import Recipe
from generator.targets import check_set
from generator.write import FORMATS

# To draw, check and compare a million values, in seconds of a processor: of lean tables, and of
# tables that the world says it weaves from others (``world["woven"]``).  Measured, as the formats'
# own figures are, on the built-in profile; tests/test_estimates.py holds all of them.
_DRAW_SECONDS, _WOVEN_SECONDS = 0.12, 0.5
_START_SECONDS = 2.0
# Bytes of memory: of a process that begins, and of a value of a shard with all that is worked out
# around it until it is written and checked.
_PARENT_BYTES, _WORKER_BYTES = 80_000_000, 70_000_000
_VALUE_BYTES = 60

ROWS_LIMIT = 2_000_000_000  # of all tables of a bundle together
_LONG = 1_000_000  # an asked count above which the whole is foreseen before it is settled
_PROBE = 20_000  # rows of the longest asked count, to foresee by


def plan(profile: Profile, recipe: Recipe) -> Plan:
    """Settle exact counts and cut shards.

    Raises RecipeError for a table or target the profile does not have, PlanError (field
    ``rows.<table>``) for counts that cannot be met together, or come to more than ROWS_LIMIT rows.
    """
    for name in (*recipe.tables, *recipe.rows):
        if name not in profile.schema:
            _refuse_table(
                profile, name, field="tables" if name in recipe.tables else f"rows.{name}"
            )
    check_set(recipe.set, profile.targets)
    _check_increments(profile, recipe)
    _check_conditions(profile, recipe)
    _check_moves(profile, recipe)
    _check_total(recipe, _foreseen(profile, recipe), limit=ROWS_LIMIT * 1.1)
    counts, world, notes = profile.world.settle(recipe)
    _check_total(recipe, sum(count.rows for count in counts), limit=ROWS_LIMIT)
    tables = [count.table for count in counts]
    notes = [*notes, *_keys_only(profile, recipe, tables), *_dated(recipe)]
    settled = Plan(recipe=recipe, counts=counts, shards=(), notes=tuple(notes), world=world)
    settled = replace(settled, shards=profile.world.shards(settled))
    settled = replace(settled, staged=cast_in(profile, settled))
    check_messes(profile, settled)
    size, seconds = _expect(profile, settled)
    return replace(
        settled,
        bytes_estimate=size,
        seconds_estimate=seconds,
        memory_parent=_PARENT_BYTES,
        memory_worker=_WORKER_BYTES + _VALUE_BYTES * _most_values(profile, settled),
    )


def _keys_only(profile: Profile, recipe: Recipe, tables: list[str]) -> list[str]:
    """The tables that stay away, as a note."""
    if recipe.references != "keys":
        return []
    links = (link.parent for name in tables for link in profile.schema[name].links)
    away = sorted(set(links) - set(tables))
    if not away:
        return []
    return [f"Keys only: {', '.join(away)} stay away, and the keys of their rows lead nowhere."]


def _dated(recipe: Recipe) -> list[str]:
    """The snapshot and what follows it, as a note."""
    if not recipe.increments:
        return []
    days = [str(day) for day in recipe.increments]
    last = f"{', '.join(days[:-1])} and {days[-1]}" if days[1:] else days[0]
    return [
        f"Increments: the tables are those of {recipe.as_of}; what came, changed or went since "
        f"then is told as of {last}, in files of one table each."
    ]


def _check_increments(profile: Profile, recipe: Recipe) -> None:
    if not recipe.increments:
        return
    if not profile.has_span:
        raise RecipeError(
            f"The profile {profile.name} keeps the dates of its extract and has no increments; "
            "leave them out.",
            field="increments",
        )
    if recipe.scenarios:
        raise RecipeError(
            "A bundle has scenarios or increments, not both; leave one of them out.",
            field="increments",
        )
    able = [name for name, way in FORMATS.items() if way.read and not way.whole]
    for name in recipe.formats:
        if name not in able:
            raise RecipeError(
                f"Increments are files of one table each and cannot be {FORMATS[name].title}; "
                f"choose from {', '.join(able)}.",
                field="formats",
            )


def _refuse_table(profile: Profile, name: str, *, field: str) -> None:
    near = get_close_matches(shown(name), profile.schema.names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {_listed(profile)}."
    raise RecipeError(
        f"The profile {profile.name} has no table “{shown(name)}”; {hint}", field=field
    )


def _foreseen(profile: Profile, recipe: Recipe) -> int:
    """About the rows of all tables, from two small recipes and the line through them; 0 when no
    long count was asked, or when the small ones cannot be met.  Settling a thousand million deals
    takes minutes, and a form asks at each keystroke."""
    longest = max(recipe.rows.values(), default=0)
    if longest <= _LONG:
        return 0
    try:
        half, whole = (_total(profile, recipe, size / longest) for size in (_PROBE // 2, _PROBE))
    except PlanError:
        return 0
    return whole + (whole - half) * (longest - _PROBE) // (_PROBE // 2)


def _total(profile: Profile, recipe: Recipe, share: float) -> int:
    """Rows of all tables when ``share`` of each count above the probe's is asked."""
    rows = {
        name: count if count <= _PROBE else max(round(count * share), 1)
        for name, count in recipe.rows.items()
    }
    counts, _, _ = profile.world.settle(replace(recipe, rows=rows))
    return sum(count.rows for count in counts)


def _check_conditions(profile: Profile, recipe: Recipe) -> None:
    if (recipe.where or recipe.shares) and profile.kind != "fitted":
        raise RecipeError(
            f"Rows where something holds, and other shares, can be asked of fitted profiles; "
            f"{shown(profile.name)} takes other figures as targets (“set”, the section What if) "
            "and rare rows as scenarios.",
            field="where" if recipe.where else "shares",
        )


def _check_moves(profile: Profile, recipe: Recipe) -> None:
    if recipe.moves and profile.kind != "fitted":
        raise RecipeError(
            f"Columns that move to the span can be named for fitted profiles; "
            f"{shown(profile.name)} makes every moment for its span. Leave “moves” out.",
            field="moves",
        )


def _check_total(recipe: Recipe, total: int, *, limit: float) -> None:
    if total <= limit:
        return
    come = f"come to about {_rounded(total):,} rows in all tables"
    if not recipe.rows:
        raise PlanError(f"These tables {come}, a bundle has at most {ROWS_LIMIT:,}; name fewer.")
    table, longest = max(recipe.rows.items(), key=lambda item: item[1])
    others = sum(count > _PROBE for count in recipe.rows.values()) > 1
    raise PlanError(
        f"{longest:,} rows of {table} {come}, and a bundle has at most {ROWS_LIMIT:,}; ask for at "
        f"most {_rounded(0.98 * longest * ROWS_LIMIT / total):,}"
        f"{', and for less of the others in proportion' if others else ''}.",
        field=f"rows.{table}",
    )


def _rounded(number: float) -> int:
    """Down to two figures."""
    unit: int = 10 ** max(len(str(int(number))) - 2, 0)
    return int(number) // unit * unit


_MOST_LISTED = 30  # names that a sentence can hold


def _listed(profile: Profile) -> str:
    names = profile.schema.names
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} others" if more > 0 else "")


def _expect(profile: Profile, plan: Plan) -> tuple[int, float]:
    size = seconds = 0.0
    for count in plan.counts:
        table = profile.schema[count.table]
        millions = count.rows * len(table.columns) / 1e6
        woven = count.table in plan.world.get("woven", ())
        seconds += millions * (_WOVEN_SECONDS if woven else _DRAW_SECONDS)
        for name in plan.recipe.formats:
            size += count.rows * sum(FORMATS[name].size(column) for column in table.columns)
            seconds += millions * FORMATS[name].seconds
    return int(size), round(_START_SECONDS + seconds, 1)


def _most_values(profile: Profile, plan: Plan) -> int:
    """Of the largest shard: its rows are of the table it is named after, or of all the others."""
    named = {shard.stage for shard in plan.shards}
    others = [count for count in plan.counts if count.table not in named and count.rows]
    rows = sum(count.rows for count in others) or 1
    width = sum(count.rows * len(profile.schema[count.table].columns) for count in others) / rows
    return max(
        (round(shard.weight * _width(profile, shard.stage, width)) for shard in plan.shards),
        default=0,
    )


def _width(profile: Profile, table: str, otherwise: float) -> float:
    return len(profile.schema[table].columns) if table in profile.schema else otherwise
