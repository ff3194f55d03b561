"""Payments by card that the holder contests with the issuer: some are charged back weeks later.

A bill is contested before its money comes, so that it is not closed meanwhile: no way of its state
machine leads back from there.
"""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import DAY
from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw, Made, drawn
from generator.domains.payment.dates import between, later, span_of
from generator.domains.payment.payment_method import CARDS

NEVER = np.datetime64("9999-01-01", "ms")


@drawn("_contested_at", "_decided_at", "_back_at")
def contest(draw: Draw) -> Made:
    """When each payment is contested, when that is decided, and when it is charged back; never
    for nearly all."""
    shares = draw.figures["card_disputes"]
    card = np.isin(draw.frame.text("payment_method_type").astype(str), CARDS)
    settled = ~draw.frame.missing("settled_date_time")
    made, money = draw["_recorded"], draw["settled_date_time"]
    able = card & settled & ~draw["_failed"] & (money - made > DAY // 24)
    u = draw.u("contested")
    back = able & (u < float(shares["charged_back"]))
    some = able & (u < float(shares["charged_back"]) + float(shares["withdrawn"]))
    at = between(made, money, draw.u("contested_at"))
    decided = later(money, draw.leaf("days_to_chargeback"))
    horizon = span_of(draw.plan).horizon
    return {
        "_contested_at": np.where(some, at, NEVER).astype("datetime64[ms]"),
        "_decided_at": np.where(some, decided, NEVER).astype("datetime64[ms]"),
        "_back_at": np.where(back & (decided <= horizon), decided, NEVER).astype("datetime64[ms]"),
    }


def charged_back(draw: Draw) -> Journal:
    """The issuer takes the money back, and the customer owes it again."""
    rows = np.flatnonzero(draw["_back_at"] < NEVER)
    amount, payer = draw["amount"][rows], draw["_payer_party_key"][rows]
    return Journal(
        "CHARGEBACK",
        rows,
        draw["_back_at"][rows],
        (
            Line("1200", amount, "RECEIVABLE", payer),
            Line("1001", -amount, "PAYMENT"),
        ),
    )
