"""What a recipe asks to be put into the rows on purpose, where their shard is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from generator.profile import Drawing, Shard
from generator.sample.run import Run
from generator.staging import Listed, Scene, Span, grouped

Rows = dict[str, pa.Table]


@dataclass(frozen=True)
class Staged:
    """What was done to a shard's rows, and to how many rows each mess could have happened."""

    listed: tuple[Listed, ...] = ()
    eligible: Mapping[str, int] = field(default_factory=dict)


def staged(run: Run, drawing: Drawing, shard: Shard, rows: Rows) -> tuple[Rows, Staged]:
    """The rows of a shard with its share of every scenario, then of every mess."""
    shares = {name: each[shard.number] for name, each in run.plan.staged.items()}
    rates = run.plan.recipe.messy
    here = rows.keys() | drawing.context(shard).keys()
    messes = [
        one
        for one in run.profile.messes
        if one.name in rates and one.table in rows and here >= set(one.needs)
    ]
    if not any(shares.values()) and not messes:
        return rows, Staged()
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
    for mess in messes:
        scene.mess(mess, rates[mess.name])
    return scene.rows, Staged(tuple(scene.listed), scene.eligible)


def span_of(world: Mapping[str, Any]) -> Span:
    return Span(date.fromisoformat(world["from"]), date.fromisoformat(world["to"]))


def scenarios_document(
    run: Run, listed: Sequence[Listed], eligible: Mapping[str, int]
) -> dict[str, Any]:
    """What the manifest says of scenarios and messes: nothing where there are none."""
    recipe = run.plan.recipe
    of: dict[str, list[Listed]] = {name: [] for name in (*recipe.scenarios, *recipe.messy)}
    for one in listed:
        of[one.scenario].append(one)
    scenarios = [
        {
            "name": one.name,
            "title": one.title,
            "meaning": one.meaning,
            "asked": recipe.scenarios[one.name],
            "breaks": list(one.breaks),
            "rows": [row.document() for row in of[one.name]],
        }
        for one in run.profile.scenarios
        if one.name in recipe.scenarios
    ]
    messy = [
        {
            "name": one.name,
            "title": one.title,
            "meaning": one.meaning,
            "table": one.table,
            "rate": recipe.messy[one.name],
            "of": eligible.get(one.name, 0),
            "rows": len(of[one.name]),
            "breaks": list(one.breaks),
            "tips": list(one.tips),
            "listed": grouped(of[one.name]),
        }
        for one in run.profile.messes
        if one.name in recipe.messy
    ]
    return {
        **({"scenarios": scenarios} if scenarios else {}),
        **({"messy": messy} if messy else {}),
    }
