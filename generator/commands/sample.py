"""``sample``: a bundle with its validation and its comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from generator.compare import Comparison
from generator.profile import Plan, Profile
from generator.sample import Progress
from generator.sample import sample as make_bundle
from generator.staging import tipped_by
from generator.validate import Validation, general_rules


def sample(
    profile: Profile,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    memory: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Make a bundle with its validation and its comparison; see ``generator.sample``."""
    planned = {count.table: count.rows for count in plan.counts}
    profile = profile.under(plan.recipe.set)
    profile = replace(profile, rules=(*profile.rules, *profile.world.asked(plan)))
    return make_bundle(
        profile,
        plan,
        out,
        workers=workers,
        memory=memory,
        checks=(_validation(profile, plan), Comparison(profile, plan, planned)),
        progress=progress,
        cancelled=cancelled,
    )


def _validation(profile: Profile, plan: Plan) -> Validation:
    planned = {count.table: count.rows for count in plan.counts}
    general = general_rules(profile.schema, as_of=_day(plan.world.get("as_of")))
    estimated = planned.keys() - plan.exact.keys()
    return Validation(
        profile.schema,
        [*general, *profile.rules],
        planned,
        estimated=estimated,
        tipped=tipped_by(profile.messes, plan.recipe.messy),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
