"""Which scenarios are played where, and whether this bundle has a place for what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from generator.errors import PlanError, RecipeError, shown
from generator.profile import Plan, Profile, Shard
from generator.staging import Mess, Scenario, Span, shares_of

One = TypeVar("One", Scenario, Mess)


def cast_in(profile: Profile, plan: Plan) -> dict[str, tuple[int, ...]]:
    """How many of each scenario every shard has.  Raises RecipeError for one the profile does not
    have, PlanError for one that this bundle has no place for."""
    asked = plan.recipe.scenarios
    shares = {}
    for scenario in _known(profile, profile.scenarios, asked, "scenario", "scenarios"):
        field = f"scenarios.{scenario.name}"
        _check(plan, scenario, f"The scenario {scenario.name}", field)
        span = Span(*(date.fromisoformat(plan.world[day]) for day in ("from", "to")))
        if why := scenario.fits(span):
            raise PlanError(f"The scenario {scenario.name} does not fit: {why}", field=field)
        room = scenario.room or scenario.table
        held = [_room(plan, shard, room) for shard in plan.shards]
        shared = shares_of(scenario, asked[scenario.name], held, f"rows of {room}")
        shares[scenario.name] = tuple(shared.tolist())
    return shares


def check_messes(profile: Profile, plan: Plan) -> None:
    """Raises RecipeError for a mess the profile does not have, PlanError for one that this bundle
    has no place for."""
    for mess in _known(profile, profile.messes, plan.recipe.messy, "mess", "messy"):
        _check(plan, mess, f"The mess {mess.name}", f"messy.{mess.name}")


def _known(
    profile: Profile, held: Sequence[One], asked: Mapping[str, Any], noun: str, section: str
) -> list[One]:
    known = {one.name: one for one in held}
    for name in asked:
        if name in known:
            continue
        near = get_close_matches(shown(name), known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}."
        if not known:
            hint = "what was learned from an extract is told as it was found; leave it out."
        raise RecipeError(
            f"The profile {profile.name} has no {noun} “{shown(name)}”; {hint}",
            field=f"{section}.{name}",
        )
    return [known[name] for name in asked]


def _check(plan: Plan, one: Scenario | Mess, said: str, field: str) -> None:
    if (day := plan.world["as_of"]) and day < plan.world["to"]:
        raise PlanError(
            f"{said} is put into the whole span, and only what is known on {day} is asked for; "
            "leave the as-of date out, or what is put in.",
            field="as_of",
        )
    held = {count.table for count in plan.counts}
    if absent := [name for name in (one.table, *one.needs) if name not in held]:
        raise PlanError(
            f"{said} needs {', '.join(absent)}, which the bundle does not have; choose the domains "
            "of these too.",
            field=field,
        )


def _room(plan: Plan, shard: Shard, counted: str) -> int:
    """Rows that a shard has for sure: of a table that is drawn in pieces, or of a number that is
    settled under each dealer."""
    if any(one.stage == counted for one in plan.shards):
        return shard.last - shard.first if shard.stage == counted else 0
    if shard.stage in plan.exact:
        return 0
    return int(sum(plan.world["per_dealer"][counted][shard.first : shard.last]))
