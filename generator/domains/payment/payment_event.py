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


PARTS = ("payment", "payment+")
SAID = {
    "PENDING_PAYMENT": "Recorded",
    "PAID": "Paid",
    "PARTIALLY_PAID": "Paid in part",
    "OVERDUE": "Not paid in time",
    "WRITTEN_OFF": "Written off",
    "AUTHORIZED": "Approved by the issuer",
    "PENDING_SETTLEMENT": "Sent for settlement",
    "SETTLED": "Money received",
    "FAILED": "Refused",
    "REFUNDED": "Sent back",
    "PARTIALLY_REFUNDED": "Sent back in part",
    "CHARGEBACK": "Charged back by the issuer",
}


def _follows(frames: Frames) -> Sequence[Caused]:
    found = []
    for name in PARTS:
        row = frames.steps(name).row
        found.append(Caused(name, row, place_in_group(row) + 1))
    return found


@derived(
    "payment_key",
    "old_payment_status_type",
    "new_payment_status_type",
    "occurrence_date_time",
    "context",
)
def _events(draw: Draw) -> Made:
    courses = {name: draw.frames.steps(name) for name in PARTS}
    new = np.concatenate([course.status.text() for course in courses.values()])
    first = np.concatenate([course.first for course in courses.values()])
    keys = [draw.frames[name]["payment_key"][course.row] for name, course in courses.items()]
    return {
        "payment_key": np.concatenate(keys),
        "old_payment_status_type": (np.append([None], new[:-1])[: draw.n], first),
        "new_payment_status_type": new,
        "occurrence_date_time": np.concatenate([course.at for course in courses.values()]),
        "context": np.array([SAID[state] for state in new.tolist()], dtype=object),
    }


COUNT = consequence(
    Noun("event of a payment", "events of payments"),
    "payment",
    typical=lambda given: given.about("payment") * given.figures["events_a_payment"],
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
