"""What must hold for subscription plans (R095)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import SUBSCRIPTIONS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _terms(tables: Tables) -> Truth:
    price = tables.values("subscription_plan", "price_amount")
    return np.asarray((price > 0) & (tables.values("subscription_plan", "trial_days") >= 0))


RULES = (
    Rule(
        "R095.plan",
        "subscription_plan",
        "A plan has a price, and a trial of some days or none",
        _terms,
        group=SUBSCRIPTIONS,
    ),
)
