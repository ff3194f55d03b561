"""The built-in profile with other figures, whose rows stand for somebody's production."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

import generator
from generator.compare.accuracy import accuracies
from generator.compare.rows import rows_of
from generator.domains import PLATFORM, profile_of
from generator.leaves.figures import Figures, figures
from generator.schema import Schema
from generator.summary import tables_of
from generator.summary.columns import role_of

Rows = Mapping[str, pa.Table]
LEAVES, FIGURES = figures().documents_of("leaves"), figures().documents_of("figures")
TERMS = figures().entry("deal.term_months").labels


def _terms(**months: float) -> dict[str, float]:
    return {label: months.get(f"m{label}", 0) for label in TERMS}


def _cells(entry: str, change: Any) -> list[dict[str, Any]]:
    return [{**cell, **change(cell)} for cell in LEAVES[entry]["cells"]]


def _choice(**shares: float) -> dict[str, Any]:
    return {"shares": shares}


OTHER_LEAVES: dict[str, dict[str, Any]] = {
    # deals: mix, prices, terms, trade-ins, money down
    "deal.product_state_type": _choice(NEW=0.38, USED=0.52, CERTIFIED=0.10),
    "deal.term_months": {
        "cells": [
            {"when": ["NEW"], "shares": _terms(m36=0.2, m48=0.25, m60=0.3, m72=0.2, m84=0.05)},
            {"when": ["USED"], "shares": _terms(m36=0.3, m48=0.3, m60=0.25, m72=0.15)},
            {"when": ["LEASE"], "shares": _terms(m24=0.4, m36=0.4, m48=0.2)},
        ]
    },
    "deal.sale_price_to_msrp": {"mean": 0.92, "sd": 0.04, "low": 0.8, "high": 1.02},
    "deal.used_front_gross": {
        "cells": _cells("deal.used_front_gross", lambda c: {"mean": c["mean"] * 1.4 + 300})
    },
    "deal.trade_in_allowance": {
        "cells": _cells("deal.trade_in_allowance", lambda c: {"mu": c["mu"] - 0.35})
    },
    "deal.down_payment": {"cells": _cells("deal.down_payment", lambda c: {"mu": c["mu"] + 0.4})},
    # leads, customers, cars, staff, telemetry
    "sales_lead.lead_source_type": {
        "shares": {
            **dict.fromkeys(LEAVES["sales_lead.lead_source_type"]["shares"], 0.05),
            "WEB_FORM": 0.5,
            "WALK_IN": 0.2,
        }
    },
    "sales_lead.lead_status_type": _choice(LOST=0.4, DISQUALIFIED=0.25, UNQUALIFIED=0.35),
    "customer.annual_income": {"shares": [0.2, 0.15, 0.2, 0.2, 0.1, 0.1, 0.03, 0.02]},
    "customer.loyalty_segment": _choice(RETURNING=0.1, TIER_1=0.2, TIER_2=0.3, TIER_3=0.4),
    "vehicle.exterior_color_name": {
        "shares": {
            **dict.fromkeys(LEAVES["vehicle.exterior_color_name"]["shares"], 0.05),
            "Black": 0.5,
        }
    },
    "vehicle.options_msrp": {
        "leaf": "quantiles",
        "at": [0, 0.2, 1],
        "values": [0, 0, 12_000],
    },
    "staff_member.role_type": {
        "shares": {**dict.fromkeys(LEAVES["staff_member.role_type"]["shares"], 0.1), "STAFF": 0.4}
    },
    "vehicle_telemetry_event.telemetry_event_type": {
        "shares": {
            **LEAVES["vehicle_telemetry_event.telemetry_event_type"]["shares"],
            "LOCATION_PULSE": 0.6,
            "HARSH_BRAKING": 0.2,
        }
    },
    "latency_ms": {"mu": 5.5, "sigma": 0.9},
}
OTHER_FIGURES: dict[str, Any] = {
    "new_financed_share": 0.65,
    "used_financed_share": 0.48,
    "lease_share_new": 0.36,
    "trade_in_rate": {"NEW": 0.62, "USED": 0.5},
    "negative_equity_share": {"NEW": 0.12, "USED": 0.35},
    "money_down_share": {"NEW": 0.6, "USED": 0.95, "LEASE": 0.4, "CASH": 0.1},
    "apr_by_score": {
        state: [[score, rate * 1.25 + 0.005] for score, rate in curve]
        for state, curve in FIGURES["apr_by_score"]["value"].items()
    },
    "fi_penetration": {
        product: min(0.9, share * 1.6)
        for product, share in FIGURES["fi_penetration"]["value"].items()
    },
    "abandoned_share": 0.08,
    "reversed_share": 0.03,
    "marketing_consent_share": 0.3,
    "third_party_consent_share": 0.6,
    "commented_share": 0.8,
    "late_share": 0.008,
}


def other_profile() -> generator.Profile:
    """The platform as somebody else runs it."""
    other: dict[str, dict[str, Any]] = {
        "leaves": {name: {**LEAVES[name], **change} for name, change in OTHER_LEAVES.items()},
        "figures": {n: {**FIGURES[n], "value": value} for n, value in OTHER_FIGURES.items()},
    }
    documents = {
        name: {
            **document,
            **{
                part: {n: changed.get(n, entry) for n, entry in document.get(part, {}).items()}
                for part, changed in other.items()
            },
        }
        for name, document in figures().documents.items()
    }
    return profile_of(PLATFORM, Figures(documents))


def drawn(
    profile: generator.Profile, rows: Mapping[str, int], *, seed: int, table: str
) -> pa.Table:
    """All rows of one table of a world with so many rows."""
    recipe = generator.Recipe.from_dict({"rows": dict(rows), "tables": [table], "seed": seed})
    plan = generator.plan(profile, recipe)
    drawing, parts = profile.world.open(plan), []
    for shard in plan.shards:
        parts += [part for name, part in drawing.draw(shard) if name == table]
    declared = profile.schema[table].arrow_schema()
    return pa.concat_tables([part.cast(declared) for part in parts])


LIVED = {("vehicle", "odometer")}  # follows from which cars are dealt with, new or used


def drawn_columns(table: str) -> tuple[str, ...]:
    """Columns of a platform table that leaves of the profile are drawn for."""
    makers = (maker for maker in PLATFORM[table].makers if maker.kind == "drawn")
    public = (c for maker in makers for c in maker.columns if not c.startswith("_"))
    return tuple(column for column in public if (table, column) not in LIVED)


def accuracy(
    table: str, real: pa.Table, other: pa.Table, columns: Sequence[str]
) -> dict[str, float]:
    """Accuracies of single columns, pairs and triples of the columns, by name."""
    schema = Schema((generator.automotive().schema[table],))
    sides = [tables_of(schema, {table: rows}) for rows in (real, other)]
    roles = {name: role_of(sides[0], table, name, k=20) for name in columns}
    first, second = (
        rows_of(tables, table, roles, name=name)
        for tables, name in zip(sides, ("real", "other"), strict=True)
    )
    found = accuracies([first], [second])
    return {way: score["accuracy"] for way, score in found.items() if score is not None}
