"""What must hold for means of payment (R069)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PAYMENTS
from generator.domains.payment.instruments import aba_valid, luhn_valid
from generator.rules import Rule, Truth
from generator.tables import Tables

CARDS = ("CREDIT_CARD", "DEBIT_CARD")


def _card(tables: Tables) -> Truth:
    """Cards and only cards have a number, which passes the Luhn check; the last four agree."""
    card = tables.is_one_of("payment_method", "payment_method_type", *CARDS)
    number = tables.values("payment_method", "card_number")
    has = ~tables.missing("payment_method", "card_number")
    valid = luhn_valid(np.where(has, number, ""))
    last = tables.values("payment_method", "last_four")
    agrees = np.array([str(a)[-4:] == b for a, b in zip(number, last, strict=True)], dtype=bool)
    return np.where(card, has & valid & agrees, ~has)


def _account(tables: Tables) -> Truth:
    """Routing numbers pass the ABA check and begin with digits no bank has."""
    number = tables.values("payment_method", "routing_number")
    has = ~tables.missing("payment_method", "routing_number")
    valid = aba_valid(np.where(has, number, ""))
    free = np.array([str(text)[:2] >= "81" for text in number], dtype=bool)
    return np.asarray(~has | (valid & free))


RULES = (
    Rule(
        "R069.card",
        "payment_method",
        "Cards have a Luhn-valid number whose last four digits agree",
        _card,
        group=PAYMENTS,
    ),
    Rule(
        "R069.account",
        "payment_method",
        "Routing numbers pass the ABA check and have an unassigned prefix",
        _account,
        group=PAYMENTS,
    ),
)
