"""What is known of an invoice at a moment: what is paid, what is due, where it stands.

R066 and the platform's diagram: what is paid is closed, what is begun is acknowledged, what is
late and not begun is overdue.  What is paid in part is given time beyond the day it is looked at,
so a late invoice is one that nobody has paid anything on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.courses import Steps
from generator.domains.graph import ALSO, Draw, Made, derived, drawn, name_of
from generator.domains.payment.dates import DAY, later, span_of
from generator.frame import Coded

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]
PAYMENT_STATUSES = ("SETTLED", "PAID", "PARTIALLY_PAID", "OVERDUE", "PENDING_PAYMENT")
STATUSES = ("CLOSED", "ACKNOWLEDGED", "ISSUED", "DISPUTED")
NEVER = np.datetime64("9999-01-01", "ms")


class Paid(NamedTuple):
    """What each invoice (n,) has got until a moment: cents, the first and the last settlement
    (NEVER and the beginning of time if there is none)."""

    amount: Ints
    first: Moments
    last: Moments


def paid_by(draw: Draw, at: np.datetime64) -> Paid:
    more = name_of(draw.frame).endswith(ALSO)
    payment = draw.frames["payment+" if more else "payment"]
    settled = payment["settled_date_time"]
    done = ~payment.missing("settled_date_time") & (settled <= at)
    if more:
        done &= payment["_back_at"] > at
    local = payment["_invoice_key"][done] - draw.frame.start
    amount = np.zeros(draw.n, dtype=np.int64)
    first = np.full(draw.n, NEVER)
    last = np.full(draw.n, np.datetime64(0, "ms"))
    np.add.at(amount, local, payment["amount"][done])
    np.minimum.at(first, local, settled[done].astype("datetime64[ms]"))
    np.maximum.at(last, local, settled[done].astype("datetime64[ms]"))
    return Paid(amount, first, last)


@derived("paid_amount", "balance_amount")
def paid(draw: Draw) -> Made:
    total = paid_by(draw, span_of(draw.plan).horizon).amount
    return {"paid_amount": total, "balance_amount": draw["total_amount"] - total}


@drawn("_due", "_extension")
def terms(draw: Draw) -> Made:
    """Cash is due within days, a lender's money within weeks; an extension is some days more."""
    label = np.where(draw["_lent"], "FINANCED", "CASH").astype(object)
    days = np.floor(draw.leaf("invoice.due_days", by=(label,)))
    more = np.floor(draw.leaf("extension_days", stream="extension"))
    return {"_due": later(draw["invoice_date_time"], days), "_extension": more}


@drawn("_disputes")
def disputes(draw: Draw) -> Made:
    """Who would dispute an invoice that is late."""
    return {"_disputes": draw.u("disputed") < float(draw.figures["disputed_share"])}


@derived("due_date_time", "payment_status_type", "invoice_status_type")
def standing(draw: Draw) -> Made:
    return standing_at(draw, span_of(draw.plan).horizon, draw["paid_amount"])


def standing_at(draw: Draw, at: np.datetime64, amount: Ints) -> Made:
    balance = draw["total_amount"] - amount
    open_, begun = balance != 0, amount > 0
    waits = open_ & begun & (draw["_due"] <= at)
    due = np.where(waits, later(np.full(draw.n, at), draw["_extension"]), draw["_due"])
    late = due < at
    status = np.where(
        ~open_, np.where(draw["_lent"], 0, 1), np.where(begun, 2, np.where(late, 3, 4))
    )
    disputed = open_ & late & draw["_disputes"]
    header = np.where(~open_, 0, np.where(disputed, 3, np.where(begun | late, 1, 2)))
    return {
        "due_date_time": due,
        "payment_status_type": Coded(status.astype(np.int32), PAYMENT_STATUSES),
        "invoice_status_type": Coded(header.astype(np.int32), STATUSES),
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    amount = paid_by(draw, at).amount
    standing = standing_at(draw, at, amount)
    return {
        "paid_amount": amount,
        "balance_amount": draw["total_amount"] - amount,
        "due_date_time": standing["due_date_time"],
        "payment_status_type": standing["payment_status_type"],
    }


def steps(draw: Draw) -> Steps:
    """Issued as it is made, acknowledged with the first money or when it is due, closed with the
    last; disputed the day after it was due."""
    horizon = span_of(draw.plan).horizon
    got = paid_by(draw, horizon)
    issued, due = draw["invoice_date_time"], draw["_due"]
    status = draw["invoice_status_type"]
    noticed = np.minimum(np.maximum(got.first, issued), np.maximum(due, issued))
    closed = status.codes == STATUSES.index("CLOSED")
    disputed = np.minimum(due + np.timedelta64(DAY, "ms"), horizon)
    end = np.where(closed, np.maximum(got.last, issued), noticed)
    end = np.where(status.codes == STATUSES.index("DISPUTED"), disputed, end)
    return Steps.along(
        "invoice",
        status,
        begin=issued,
        end=end,
        at={"ISSUED": issued, "ACKNOWLEDGED": np.minimum(noticed, horizon)},
    )
