"""Changes of the state of payments: their course, written down (R070)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.columns import enum, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause
from generator.domains.groups import place_in_group
from generator.domains.payment.payment_event_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "payment_event",
    domain="payment",
    meaning="Change of the state of a payment",
    key="payment_event_key",
    columns=(
        text("payment_event_key", 50, unique=True),
        text("payment_key", 50),
        enum("old_payment_status_type", "PaymentStatusTypes", nullable=True),
        enum("new_payment_status_type", "PaymentStatusTypes"),
        moment("occurrence_date_time"),
        text("context", 120, nullable=True),
    ),
    links=(Link("payment_key", "payment", "payment_key", "parent"),),
)


SAID = {
    "PENDING_PAYMENT": "Recorded",
    "AUTHORIZED": "Approved by the issuer",
    "PENDING_SETTLEMENT": "Sent for settlement",
    "SETTLED": "Money received",
    "FAILED": "Refused",
    "REFUNDED": "Sent back",
    "PARTIALLY_REFUNDED": "Sent back in part",
    "CHARGEBACK": "Charged back by the issuer",
}


def _follows(frames: Frames) -> Sequence[Caused]:
    row = frames.steps("payment").row
    return (Caused("payment", row, place_in_group(row) + 1),)


@derived(
    "payment_key",
    "old_payment_status_type",
    "new_payment_status_type",
    "occurrence_date_time",
    "context",
)
def _events(draw: Draw) -> Made:
    course = draw.frames.steps("payment")
    new = course.status
    old = np.append(np.int32(-1), new.codes[:-1])[: draw.n]
    said = Coded(new.codes, tuple(SAID.get(label, "") for label in new.labels))
    payments = draw.frames["payment"]
    return {
        "payment_key": draw.key("payment", course.row + payments.start),
        "old_payment_status_type": Coded(
            np.where(course.first, -1, old).astype(np.int32), new.labels
        ),
        "new_payment_status_type": new,
        "occurrence_date_time": course.at,
        "context": said,
    }


COUNT = consequence(
    Noun("event of a payment", "events of payments"),
    "payment",
    typical=lambda given: given["payment"] * given.figures["events_a_payment"],
    why="every change of the state of a payment",
)


PAYMENT_EVENT = Declaration(
    TABLE,
    prefix="PE",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _events),
    rules=RULES,
    follows=_follows,
    born="occurrence_date_time",
)
