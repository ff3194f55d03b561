"""A plan as a bundle's row keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import generator  # it takes seconds, and not everybody who comes here needs it


@dataclass(frozen=True)
class _Asked:
    """A profile, as its hash has it, and a recipe in one spelling."""

    profile: tuple[str, str, str]
    recipe: str
    document: generator.Profile = field(compare=False)


def planned(document: generator.Profile, recipe: generator.Recipe) -> generator.Plan:
    """The plan, from memory where it was asked for a moment ago: a form asks again for each word
    that is typed into a field which changes nothing of it.  Raises what ``generator.plan`` does."""
    profile = (document.name, document.version, document.hash)
    return _planned(_Asked(profile, json.dumps(recipe.to_dict(), sort_keys=True), document))


@lru_cache(maxsize=32)
def _planned(asked: _Asked) -> generator.Plan:
    import generator

    return generator.plan(asked.document, generator.Recipe.from_dict(json.loads(asked.recipe)))


def plan_document(plan: generator.Plan, made: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What the pages say of the engine's ``Plan`` without working it out again; ``made`` are the
    rows of every table once they are drawn, which some plans can only estimate."""
    rows = {count.table: count.rows for count in plan.counts} if made is None else made
    return {
        "rows": sum(rows.values()),
        "bytes": plan.bytes_estimate,
        "seconds": plan.seconds_estimate,
        "memory": plan.memory_estimate(settings.SAMPLE_PROCESSES),
        "notes": list(plan.notes),
        "counts": [
            {
                "table": count.table,
                "rows": rows[count.table],
                "asked": count.asked,
                "why": count.why,
                "estimated": count.estimated and made is None,
            }
            for count in plan.counts
        ],
    }
