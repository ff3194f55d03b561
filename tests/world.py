"""Bundles of the platform drawn in memory, for tests that look at their rows."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
import pyarrow as pa

import generator
from generator.domains.places import places
from generator.domains.world import spanned
from generator.profile import Plan, Profile
from generator.summary import tables_of
from generator.tables import Tables
from generator.validate import validate


def planned(
    rows: dict[str, int] | None = None,
    *,
    start: str = "2025-01-01",
    stop: str = "2025-12-31",
    as_of: str | None = None,
    seed: int = 7,
    tables: tuple[str, ...] = (),
    asked: dict[str, float] | None = None,
) -> Plan:
    recipe = generator.Recipe.from_dict(
        {
            "rows": rows or {},
            "from": start,
            "to": stop,
            "as_of": as_of,
            "seed": seed,
            "tables": list(tables),
            "set": asked or {},
        }
    )
    return generator.plan(generator.automotive(), recipe)


def drawn(plan: Plan, profile: Profile | None = None) -> dict[str, pa.Table]:
    """All tables of the plan (of the built-in profile), as they are declared."""
    profile = profile or generator.automotive()
    parts: dict[str, list[pa.Table]] = {count.table: [] for count in plan.counts}
    drawing = profile.world.open(plan)
    for shard in plan.shards:
        for name, part in drawing.draw(shard):
            if name in parts:
                table = profile.schema[name]
                names = list(table.column_names)
                parts[name].append(part.select(names).cast(table.arrow_schema()))
    return {
        name: pa.concat_tables(found)
        if found
        else profile.schema[name].arrow_schema().empty_table()
        for name, found in parts.items()
    }


def as_tables(rows: dict[str, pa.Table]) -> Tables:
    return tables_of(generator.automotive().schema, rows)


def broken(plan: Plan, rows: dict[str, pa.Table]) -> dict[tuple[str, str], str]:
    """Rules of level "error" that do not hold, as {(id, table): said}."""
    profile = generator.automotive().under(plan.recipe.set)
    last = spanned(plan.recipe).as_of
    report = validate(profile.schema, profile.rules, as_tables(rows), as_of=last)
    return {
        (rule["id"], rule["table"]): f"{rule['broken']} of {rule['rows']}: {rule['text']}"
        for rule in report["rules"]
        if rule["broken"] and rule["level"] == "error"
    }


@cache
def small_world() -> tuple[Plan, dict[str, pa.Table]]:
    """120 deals, 3,000 events and 12 cars moved between dealers, of a year."""
    plan = planned({"deal": 120, "vehicle_telemetry_event": 3_000, "vehicle_transfer_order": 12})
    return plan, drawn(plan)


def frame(rows: dict[str, pa.Table], name: str) -> pd.DataFrame:
    """One table with decimals as floats, missing values as pandas has them."""
    table = rows[name]
    kinds = [
        pa.field(f.name, pa.float64() if pa.types.is_decimal(f.type) else f.type)
        for f in table.schema
    ]
    return table.cast(pa.schema(kinds)).to_pandas()


AS_OF = date(2025, 12, 31)

ZONES = {
    -5: "America/New_York",
    -6: "America/Chicago",
    -7: "America/Denver",
    -8: "America/Los_Angeles",
    -9: "America/Anchorage",
    -10: "Pacific/Honolulu",
}


def zones(rows: dict[str, pa.Table]) -> pd.Series:
    """The time zone of every dealer_key, as the operating system names it."""
    pool = places()
    named = {
        (city, state): "America/Phoenix" if state == "AZ" else ZONES[offset]
        for city, state, offset in zip(pool.city, pool.state, pool.utc_offset.tolist(), strict=True)
    }
    homes = frame(rows, "party_address").query("preferred_indicator").set_index("party_key")
    dealers = frame(rows, "dealer").set_index("dealer_key")["party_key"].astype(str)
    lived = pd.Series(
        [named.get(pair) for pair in zip(homes.city, homes.state, strict=True)],
        index=homes.index.astype(str),
    )
    return dealers.map(lived)


def on_the_wall(moments: pd.Series, zone: pd.Series) -> pd.Series:
    """What the clocks of the zones show at the moments, both (n,), by the system's own tables."""
    found = pd.Series(pd.NaT, index=moments.index, dtype="datetime64[ns]")
    stamps = pd.to_datetime(moments, utc=True)
    for name in zone.dropna().unique():
        own = zone == name
        found[own] = stamps[own].dt.tz_convert(name).dt.tz_localize(None)
    return found
