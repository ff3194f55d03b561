"""What must hold for agreements (R095)."""

from __future__ import annotations

from typing import Any

import numpy as np

from generator.domains.groups import place_in_group
from generator.domains.headings import SUBSCRIPTIONS
from generator.domains.subscriptions.terms import MONTHS, months_on
from generator.rules import Rule, Truth
from generator.tables import Tables

DAY = np.timedelta64(1, "D")


def _values(tables: Tables, *paths: str) -> list[Any]:
    return [tables.values("subscription_agreement", path) for path in paths]


def _order(tables: Tables) -> Truth:
    start, end, cancel = _values(tables, "start_date", "end_date", "cancel_date")
    open_ = tables.missing("subscription_agreement", "end_date")
    stays = tables.missing("subscription_agreement", "cancel_date")
    within = (start <= cancel) & (open_ | (cancel <= end))
    return np.asarray((open_ | (start < end)) & (stays | within))


def _renewals(tables: Tables) -> Truth:
    """Trial first; each renewal adds a billing interval."""
    start, end, renewals, trial = _values(
        tables, "start_date", "end_date", "renewal_count", "subscription_plan_key.trial_days"
    )
    label = tables.codes("subscription_agreement", "subscription_plan_key.billing_interval")
    months = np.array([*(MONTHS.get(one, 0) for one in label.labels), 0])[label.codes]
    terms = renewals + (trial == 0)
    expected = months_on(start + trial * DAY, terms * months)
    none = tables.missing("subscription_agreement", "end_date")
    return np.asarray((renewals >= 0) & (none | (end == expected)))


def _status(tables: Tables) -> Truth:
    """Cancelled exactly with a day of it."""
    gone = tables.is_one_of(
        "subscription_agreement", "agreement_status_type", "CANCELLED", "TERMINATED"
    )
    return np.asarray(gone == ~tables.missing("subscription_agreement", "cancel_date"))


def _price(tables: Tables) -> Truth:
    paid, asked = _values(tables, "recurring_amount", "subscription_plan_key.price_amount")
    return np.asarray(paid == asked)


def _few(tables: Tables) -> Truth:
    """At most two of a customer and a vehicle, of plans that differ."""
    customer = tables.row_of("subscription_agreement", "customer_key").astype(np.int64)
    vehicle = tables.row_of("subscription_agreement", "vehicle_key")
    pair = customer * (tables.rows("vehicle") + 1) + vehicle
    plan = tables.row_of("subscription_agreement", "subscription_plan_key")
    twice = place_in_group(pair * (tables.rows("subscription_plan") + 1) + plan) > 0
    return np.asarray((place_in_group(pair) < 2) & ~twice | (vehicle < 0) | (customer < 0))


def _sold(tables: Tables) -> Truth:
    """The customer bought the vehicle, and has it from the start of the agreement on."""
    deal_vehicle = tables.row_of("deal", "inventory_vehicle_key.vehicle_key").astype(np.int64)
    buyer = tables.row_of("deal", "customer_key")
    kept = tables.is_one_of("deal", "deal_status", "ACCEPTED", "POSTED", "FUNDED")
    wide = tables.rows("vehicle") + 1
    bought = np.where(kept, buyer * wide + deal_vehicle, -1)
    since = tables.values("deal", "delivery_date_time").astype("datetime64[D]")
    known = kept & ~tables.missing("deal", "delivery_date_time")
    order = np.argsort(np.where(known, bought, -1), kind="stable")
    customer = tables.row_of("subscription_agreement", "customer_key").astype(np.int64)
    pair = customer * wide + tables.row_of("subscription_agreement", "vehicle_key")
    if not len(order):
        return np.zeros(len(pair), dtype=bool)
    held = np.where(known, bought, -1)[order]
    place = np.minimum(np.searchsorted(held, pair), len(order) - 1)
    start = tables.values("subscription_agreement", "start_date")
    return np.asarray((held[place] == pair) & (since[order][place] <= start))


RULES = (
    Rule(
        "R095.order",
        "subscription_agreement",
        "start < end; cancelled between start and end",
        _order,
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.terms",
        "subscription_agreement",
        "The trial comes first, and each renewal adds a billing interval",
        _renewals,
        needs=("subscription_plan",),
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.status",
        "subscription_agreement",
        "An agreement is cancelled exactly when it has a day of it",
        _status,
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.price",
        "subscription_agreement",
        "An agreement costs what its plan costs",
        _price,
        needs=("subscription_plan",),
        group=SUBSCRIPTIONS,
    ),
    Rule(
        "R095.few",
        "subscription_agreement",
        "A customer has at most two agreements for a vehicle, about different plans",
        _few,
        needs=("customer", "vehicle", "subscription_plan"),
        group=SUBSCRIPTIONS,
        scope="shard",
    ),
    Rule(
        "R095.owner",
        "subscription_agreement",
        "The customer has bought the vehicle before the agreement starts",
        _sold,
        needs=("customer", "vehicle", "deal", "inventory_vehicle"),
        group=SUBSCRIPTIONS,
        scope="shard",
    ),
)
