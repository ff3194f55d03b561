"""What must hold for holds on cards (R069, R071)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PAYMENTS
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "credit_authorization"
AUTHORIZED = ("AUTHORIZED", "PARTIALLY_AUTHORIZED", "CAPTURED", "VOIDED", "EXPIRED")


def _codes(tables: Tables) -> Truth:
    good = tables.is_one_of(TABLE, "credit_authorization_status_type", *AUTHORIZED)
    declined = tables.is_one_of(TABLE, "credit_authorization_status_type", "DECLINED")
    numbered = ~tables.missing(TABLE, "auth_number") & ~tables.missing(TABLE, "auth_code")
    bare = tables.missing(TABLE, "auth_number") & tables.missing(TABLE, "auth_code")
    reason = ~tables.missing(TABLE, "reason_code")
    return np.asarray(np.where(good, numbered, bare) & (reason == declined))


def _captured(tables: Tables) -> Truth:
    captured = tables.is_one_of(TABLE, "credit_authorization_status_type", "CAPTURED")
    there = ~tables.missing(TABLE, "capture_date_time")
    asked, taken = (tables.values(TABLE, f"{n}_date_time") for n in ("auth", "capture"))
    amount = tables.values(TABLE, "payment_key.amount")
    within = amount <= tables.values(TABLE, "auth_amount")
    return np.asarray((captured == there) & (~there | ((asked <= taken) & within)))


def _authorized(tables: Tables) -> Truth:
    """A settled payment by card has a hold that was captured."""
    row = tables.row_of(TABLE, "payment_key")
    captured = tables.is_one_of(TABLE, "credit_authorization_status_type", "CAPTURED")
    has = np.zeros(tables.rows("payment"), dtype=bool)
    has[row[captured & (row >= 0)]] = True
    card = tables.is_one_of("payment", "payment_method_type", "CREDIT_CARD", "DEBIT_CARD")
    settled = ~tables.missing("payment", "settled_date_time")
    taken = tables.values("payment", "amount") > 0
    return np.asarray(~(card & settled & taken) | has)


RULES = (
    Rule(
        "R071",
        TABLE,
        "Numbers and codes stand only on what was authorised, a reason on every decline.",
        _codes,
        group=PAYMENTS,
    ),
    Rule(
        "R071.captured",
        TABLE,
        "What is captured was held before, for at least as much.",
        _captured,
        needs=("payment",),
        group=PAYMENTS,
    ),
    Rule(
        "R069.hold",
        "payment",
        "A settled payment by card has a hold that was captured.",
        _authorized,
        needs=(TABLE,),
        group=PAYMENTS,
        scope="shard",
    ),
)
