"""What must hold for services (R095)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import SUBSCRIPTIONS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _within(tables: Tables) -> Truth:
    """On from the agreement's start, off after it was on."""
    start = tables.values("subscription_service", "subscription_agreement_key.start_date")
    on, off = (
        tables.values("subscription_service", name)
        for name in ("activated_date_time", "deactivated_date_time")
    )
    still = tables.missing("subscription_service", "deactivated_date_time")
    return np.asarray((start <= on.astype("datetime64[D]")) & (still | (on <= off)))


def _status(tables: Tables) -> Truth:
    still = tables.missing("subscription_service", "deactivated_date_time")
    works = tables.is_one_of("subscription_service", "service_status", "ACTIVE", "PAUSED")
    return np.asarray(~works | still)


def _paid_for(tables: Tables) -> Truth:
    """No service works whose agreement is over."""
    over = tables.is_one_of(
        "subscription_service",
        "subscription_agreement_key.agreement_status_type",
        "CANCELLED",
        "EXPIRED",
        "TERMINATED",
    )
    return np.asarray(~over | ~tables.missing("subscription_service", "deactivated_date_time"))


RULES = (
    Rule(
        "R095.service",
        "subscription_service",
        "A service is switched on from its agreement's start on, and off after that",
        _within,
        needs=("subscription_agreement",),
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.works",
        "subscription_service",
        "A service that was switched off does not work",
        _status,
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.off",
        "subscription_service",
        "No service works whose agreement is over",
        _paid_for,
        needs=("subscription_agreement",),
        group=SUBSCRIPTIONS,
    ),
)
