"""Holds on cards: one for every payment by card, captured when it settles (R069, R071)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.courses import Steps
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, drawn, keyed_by_cause
from generator.domains.keys import numbered
from generator.domains.payment.credit_authorization_rules import RULES
from generator.domains.payment.dates import later
from generator.domains.payment.payment_method import CARDS
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "credit_authorization",
    domain="payment",
    meaning="Hold on a card for a payment",
    key="credit_authorization_key",
    columns=(
        text("credit_authorization_key", 50, unique=True),
        text("payment_key", 50, nullable=True),
        text("party_key", 50),
        enum("credit_authorization_type", "CreditAuthorizationTypes"),
        enum("credit_authorization_status_type", "CreditAuthorizationStatusTypes"),
        decimal("auth_amount", 12, 2),
        text("auth_number", 20, "of what was authorised", nullable=True),
        text("auth_code", 10, "of what was authorised", nullable=True),
        text("reason_code", 10, "declines only", nullable=True),
        moment("auth_date_time"),
        moment("capture_date_time", nullable=True),
    ),
    links=(
        Link("payment_key", "payment", "payment_key", "parent"),
        Link("party_key", "party", "party_key", "lookup"),
    ),
)


PARTS = ("payment", "payment+")
STATUSES = ("CAPTURED", "AUTHORIZED", "DECLINED")
DIGITS = 6


def _follows(frames: Frames) -> Sequence[Caused]:
    """A hold for every payment by card; a few had one refused before."""
    found = []
    for name in PARTS:
        payments = frames[name]
        card = np.isin(payments.text("payment_method_type").astype(str), CARDS)
        taken = card & (payments["amount"] > 0) & (payments.text("payment_status_type") != "FAILED")
        each = np.where(taken, 1 + (taken & payments["_declined_first"]), 0)
        found.append(Caused.several_of(name, each))
    return found


def _of_payments(draw: Draw, column: str) -> NDArray[Any]:
    """A column of the payment of each row."""
    parts = [draw.frames[one.table][column][one.row] for one in draw.frames.caused(TABLE.name)]
    return np.concatenate(parts)


def _unsettled(draw: Draw) -> NDArray[np.bool_]:
    parts = [
        draw.frames[one.table].missing("settled_date_time")[one.row]
        for one in draw.frames.caused(TABLE.name)
    ]
    return np.concatenate(parts)


@derived("payment_key", "party_key", "auth_amount", "_refused")
def _links(draw: Draw) -> Made:
    """The last hold of a payment is the one that counts."""
    at, table = draw["_cause"], draw["_cause_table"]
    more = np.append((at[1:] == at[:-1]) & (table[1:] == table[:-1]), [False])[: draw.n]
    return {
        "payment_key": _of_payments(draw, "payment_key"),
        "party_key": draw.key("party", _of_payments(draw, "_payer_party_key")),
        "auth_amount": _of_payments(draw, "amount"),
        "_refused": more,
    }


@drawn(
    "credit_authorization_type",
    "credit_authorization_status_type",
    "auth_number",
    "auth_code",
    "reason_code",
    "auth_date_time",
    "capture_date_time",
    "_begun",
)
def _hold(draw: Draw) -> Made:
    """Asked for minutes before the payment, the refused one some minutes earlier."""
    refused, made, open_ = draw["_refused"], _of_payments(draw, "_recorded"), _unsettled(draw)
    captured = np.maximum(_of_payments(draw, "settled_date_time"), made)
    minutes = draw.leaf("minutes_to_authorize", stream="asked") * (1 + 2 * refused)
    asked = later(made, -minutes / (24 * 60))
    code = np.where(refused, 2, np.where(open_, 1, 0))
    reason = draw.leaf("credit_authorization.reason_code")
    number = np.floor(draw.u("auth_number") * 10**DIGITS).astype(np.int64)
    return {
        "credit_authorization_type": draw.leaf("credit_authorization.credit_authorization_type"),
        "credit_authorization_status_type": Coded(code.astype(np.int32), STATUSES),
        "auth_number": (numbered("A", number, 2 * DIGITS), refused),
        "auth_code": (numbered("", number, DIGITS), refused),
        "reason_code": (np.array(reason.labels, dtype=object)[reason.codes], ~refused),
        "auth_date_time": asked,
        "capture_date_time": (captured, refused | open_),
        "_begun": np.maximum(asked, made),  # recorded with the payment
    }


def _steps(draw: Draw) -> Steps:
    begin, capture = draw["auth_date_time"], draw["capture_date_time"]
    missing = draw.frame.missing("capture_date_time")
    return Steps.along(
        "credit_authorization",
        draw["credit_authorization_status_type"],
        begin=begin,
        end=np.where(missing, begin, capture),
        at={"AUTHORIZED": begin},
    )


COUNT = consequence(
    Noun("card hold", "card holds"),
    "payment",
    typical=lambda given: given.about("payment") * given.figures["card_payment_share"],
    why="one for every payment by card",
)


CREDIT_AUTHORIZATION = Declaration(
    TABLE,
    prefix="CH",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _links, _hold),
    rules=RULES,
    follows=_follows,
    born="_begun",
    reveals={"capture_date_time": "capture_date_time"},
    state="credit_authorization_status_type",
    steps=_steps,
    resource="FINANCE",
)
