"""Plans: what is sold by the month, the quarter or the year, most with a trial."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.columns import day, decimal, enum, flag, integer, text
from generator.domains.counts import Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, keyed
from generator.domains.keys import numbered
from generator.domains.subscriptions.subscription_plan_rules import RULES
from generator.leaves.figures import figures
from generator.schema import Table

TABLE = Table(
    "subscription_plan",
    domain="subscriptions",
    meaning="Sellable recurring product with its price plan",
    key="subscription_plan_key",
    columns=(
        text("subscription_plan_key", 50, unique=True),
        text("plan_name", 120),
        text("price_plan_key", 50, unique=True),
        text(
            "feature_category",
            40,
            "CONNECTED_DATA | REMOTE_SERVICES | MAINTENANCE | HANDS_FREE | SAFETY",
        ),
        enum("billing_interval", "DurationIntervalTypes"),
        decimal("price_amount", 8, 2),
        integer("trial_days"),
        flag("requires_connected_vehicle_indicator"),
        day("start_date"),
        day("end_date", nullable=True, planned=True),
    ),
    links=(),
)


class Offer(NamedTuple):
    """A plan; ``weight`` is how often a second agreement is about it, beside others a car can
    have; ``services`` is what it switches on."""

    name: str
    feature: str
    interval: str
    price: float
    trial: int
    connected: bool
    weight: float
    services: tuple[str, ...]
    withdrawn: bool = False


@cache
def plans() -> tuple[Offer, ...]:
    found = []
    for one in figures()["subscription_plans"]:
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in one.items()}
        found.append(Offer(**fields))
    return tuple(found)


FIRST, UNCONNECTED = 0, (1, 2)  # what a connected car comes with; what any car can have
LEAST = 3


def _of(draw: Draw, field: str) -> NDArray[np.object_]:
    return np.array([getattr(plan, field) for plan in plans()[: draw.n]], dtype=object)


@derived(
    "plan_name",
    "price_plan_key",
    "feature_category",
    "billing_interval",
    "price_amount",
    "trial_days",
    "requires_connected_vehicle_indicator",
    "start_date",
    "end_date",
)
def _facts(draw: Draw) -> Made:
    """On sale since before the span; one is withdrawn some time after it."""
    since = span(draw)[0].astype("datetime64[Y]") - int(draw.figures["plan_years_on_sale"])
    start = np.full(draw.n, since.astype("datetime64[D]"))
    until = span(draw)[1].astype("datetime64[Y]") + int(draw.figures["plan_years_to_go"])
    gone = _of(draw, "withdrawn").astype(bool)
    price = np.rint(_of(draw, "price").astype(np.float64) * 100).astype(np.int64)
    return {
        "plan_name": _of(draw, "name"),
        "price_plan_key": numbered("PP-", draw.rows + 1, 6),
        "feature_category": _of(draw, "feature"),
        "billing_interval": _of(draw, "interval"),
        "price_amount": price,
        "trial_days": _of(draw, "trial").astype(np.int64),
        "requires_connected_vehicle_indicator": _of(draw, "connected").astype(bool),
        "start_date": start,
        "end_date": (np.full(draw.n, until.astype("datetime64[D]")), ~gone),
    }


COUNT = catalogue(
    Noun("subscription plan", "subscription plans"),
    bounds=lambda *_: (LEAST, len(plans())),
    typical=lambda _: float(len(plans())),
    why="what makers and dealers offer",
    rule="There are {least} to {most} subscription plans",
)


SUBSCRIPTION_PLAN = Declaration(
    TABLE,
    prefix="SP",
    count=COUNT,
    makers=(keyed(TABLE), _facts),
    rules=RULES,
)
