"""A world of a leap year with scenarios staged in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

import generator
from generator.profile import Plan
from generator.staging import Listed, Scene, Span, purposes
from generator.tables import Tables
from generator.validate import validate
from tests.world import as_tables, drawn, planned

START, STOP = date(2024, 1, 1), date(2024, 12, 31)


@cache
def world() -> tuple[Plan, dict[str, pa.Table]]:
    plan = planned(
        {"deal": 300, "vehicle_telemetry_event": 6_000},
        start=START.isoformat(),
        stop=STOP.isoformat(),
    )
    return plan, drawn(plan)


def scene_of(rows: Mapping[str, pa.Table], *, seed: int = 1) -> Scene:
    schema = generator.automotive().schema
    return Scene(schema, rows, context={}, starts={}, seed=seed, span=Span(START, STOP))


def staged(asked: Mapping[str, int]) -> Scene:
    """The world with so many of each scenario."""
    scene = scene_of(world()[1])
    for scenario in generator.automotive().scenarios:
        if scenario.name in asked:
            scene.play(scenario, asked[scenario.name])
    return scene


def tables_of(scene: Scene, listed: Sequence[Listed] | None = None) -> Tables:
    """Its rows, with those that break rules on purpose (all that are listed)."""
    tables = as_tables(scene.rows)
    tables.purposes = purposes(scene.listed if listed is None else listed)
    return tables


def validated(tables: Tables) -> dict[str, Any]:
    profile = generator.automotive()
    return validate(profile.schema, profile.rules, tables, as_of=STOP)
