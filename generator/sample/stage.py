"""What a recipe asks to be put into the rows on purpose, where their shard is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from generator.profile import Drawing, Shard
from generator.sample.run import Run
from generator.staging import Listed, Scene, Span

Rows = dict[str, pa.Table]


def staged(run: Run, drawing: Drawing, shard: Shard, rows: Rows) -> tuple[Rows, tuple[Listed, ...]]:
    """The rows of a shard with its share of every scenario, and the list of what was done."""
    shares = {name: each[shard.number] for name, each in run.plan.staged.items()}
    if not any(shares.values()):
        return rows, ()
    scene = Scene(
        run.profile.schema,
        rows,
        context=drawing.context(shard),
        starts=drawing.starts(shard),
        seed=run.plan.recipe.seed,
        span=span_of(run.plan.world),
    )
    for scenario in run.profile.scenarios:
        if n := shares.get(scenario.name, 0):
            scene.play(scenario, n)
    return scene.rows, tuple(scene.listed)


def span_of(world: Mapping[str, Any]) -> Span:
    return Span(date.fromisoformat(world["from"]), date.fromisoformat(world["to"]))


def scenarios_document(run: Run, listed: Sequence[Listed]) -> dict[str, Any]:
    """What the manifest says of scenarios: nothing where there are none."""
    asked = run.plan.recipe.scenarios
    if not asked:
        return {}
    return {
        "scenarios": [
            {
                "name": one.name,
                "title": one.title,
                "meaning": one.meaning,
                "asked": asked[one.name],
                "breaks": list(one.breaks),
                "rows": [row.document() for row in listed if row.scenario == one.name],
            }
            for one in run.profile.scenarios
            if one.name in asked
        ]
    }
