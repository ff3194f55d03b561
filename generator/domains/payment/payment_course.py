"""What is known of a payment at a moment: authorised as it is made, settled when the money is
there.  A deposit is recorded with the invoice it is for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.courses import Steps
from generator.domains.graph import ALSO, Draw, Made, derived, name_of
from generator.domains.payment.instalments import LENDER, REFUND
from generator.domains.payment.payment_method import CARDS
from generator.frame import Coded

REVEALS = dict.fromkeys(("settled_date_time", "journal_entry_transaction_key"), "settled_date_time")
WORDS = ("CONFIRM", "CAPTURED", "REFUNDED", "PEND", "AUTHORIZE")
WAYS = {
    "SETTLED": ("PENDING_PAYMENT", "AUTHORIZED", "PENDING_SETTLEMENT", "SETTLED"),
    "CHARGEBACK": (
        *("PENDING_PAYMENT", "AUTHORIZED", "PENDING_SETTLEMENT", "SETTLED", "CHARGEBACK"),
    ),
    "PENDING_SETTLEMENT": ("PENDING_PAYMENT", "AUTHORIZED", "PENDING_SETTLEMENT"),
}


@derived("_recorded")
def recorded(draw: Draw) -> Made:
    more = name_of(draw.frame).endswith(ALSO)
    invoices = draw.frames["invoice+" if more else "invoice"]
    billed = invoices["invoice_date_time"][draw["_invoice_key"] - invoices.start]
    return {"_recorded": np.maximum(draw["occurrence_date_time"], billed)}


def transaction(draw: Draw, open_: NDArray[np.bool_]) -> Coded:
    """The word of the payment system for a payment that is, or is not, on its way."""
    lent = draw["_part"] == LENDER
    card = np.isin(draw.frame.text("payment_method_type").astype(str), CARDS)
    word = np.where(open_, np.where(lent | card, 4, 3), np.where(card, 1, 0))
    word = np.where(draw["_part"] == REFUND, 2, word)
    return Coded(word.astype(np.int32), WORDS)


def steps(draw: Draw, *, back: NDArray[np.datetime64] | None = None) -> Steps:
    """``back`` is when each payment is charged back, if it is."""
    made, open_ = draw["_recorded"], draw.frame.missing("settled_date_time")
    settled = np.maximum(draw["settled_date_time"], made)
    end = settled
    if back is not None:
        end = np.where(draw.frame.text("payment_status_type") == "CHARGEBACK", back, settled)
    return Steps.along(
        "payment",
        draw["payment_status_type"],
        begin=made,
        end=np.where(open_, made, end),
        at={"AUTHORIZED": made, "SETTLED": settled},
        ways=WAYS,
    )


def known_at(draw: Draw, at: np.datetime64) -> Made:
    open_ = draw.frame.missing("settled_date_time") | (draw["settled_date_time"] > at)
    return {"payment_transaction_status_type": transaction(draw, open_)}
