"""Payments of bills beside those of deals: at the counter, by the trade later, by a stored card.

A stored card is refused at times and tried again some days later (an assumed rate).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.consequences import Caused
from generator.domains.counts import Count
from generator.domains.finance.journals import journal_key
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.payment.contest import NEVER, charged_back, contest
from generator.domains.payment.dates import later, span_of
from generator.domains.payment.instalments import CASH
from generator.domains.payment.payment_course import (
    REVEALS,
    known_at,
    recorded,
    steps,
    transaction,
)
from generator.domains.payment.payment_method import CARDS, preferred_of
from generator.domains.payment.payment_postings import money
from generator.frame import Coded
from generator.schema import Table

STATUSES = ("SETTLED", "PENDING_SETTLEMENT", "FAILED", "CHARGEBACK")
FINAL = 1  # line of the payment that counts; a refused try before it has line 2


def _follows(frames: Frames) -> Sequence[Caused]:
    """One payment of each bill, and a refused one before some that a stored card pays."""
    bills = frames["invoice+"]
    return (Caused.several_of("invoice+", 1 + bills["_refused"].astype(np.int64)),)


@link(
    "invoice_key",
    "amount",
    "payer_party_key",
    "refund_of_payment_key",
    "_invoice_key",
    "_payer_party_key",
    "_part",
    "_failed",
)
def _what(draw: Draw) -> Made:
    at, bills = draw["_cause"], draw.frames["invoice+"]
    return {
        "invoice_key": bills["invoice_key"][at],
        "amount": bills["total_amount"][at],
        "payer_party_key": draw.key("party", bills["_bill_to_party_key"][at]),
        "refund_of_payment_key": (np.zeros(draw.n, dtype="S1"), np.ones(draw.n, dtype=bool)),
        "_invoice_key": at,
        "_payer_party_key": bills["_bill_to_party_key"][at],
        "_part": np.full(draw.n, CASH),
        "_failed": draw["_line"] != FINAL,
    }


@drawn("payment_method_type", "payment_method_key", "payment_amount_type", "_days")
def _method(draw: Draw) -> Made:
    """A stored card where one is on file and suits, else as people pay such sums."""
    small = draw["amount"] < int(draw.figures["card_limit"]) * 100
    on_file = draw.frames["invoice+"]["_on_file"][draw["_cause"]]
    size = np.where(small, "SMALL", "LARGE").astype(object)
    balance = np.full(draw.n, "BALANCE", dtype=object)
    found = draw.leaf("payment.payment_method_type", by=(balance, size))
    names = found.text()
    stored, its_name = preferred_of(draw.frames, draw["_payer_party_key"], CARDS)
    uses = (stored >= 0) & (on_file | (small & (draw.u("uses_file") < _share(draw))))
    names = np.where(uses, its_name, np.where(on_file, "CREDIT_CARD", names)).astype(object)
    labels = tuple(dict.fromkeys((*names.tolist(), "CASH")))
    code = np.array([labels.index(name) for name in names], dtype=np.int32)
    card = np.isin(names.astype(str), CARDS)
    kind = np.where(card, "CREDIT_CARD_PAYMENT", "CASH_PAYMENT").astype(object)
    kind[np.isin(names.astype(str), ("CHECK", "MONEY_ORDER"))] = "CHECK_PAYMENT"
    kind[np.isin(names.astype(str), ("EFT", "ACH", "WIRE_TRANSFER"))] = "EFT_PAYMENT"
    return {
        "payment_method_type": Coded(code, labels),
        "payment_method_key": (draw.key("payment_method", stored), ~uses),
        "payment_amount_type": kind,
        "_days": np.where(card, 2.0, np.where(names == "CASH", 0.0, 3.0)),
    }


def _share(draw: Draw) -> float:
    return float(draw.figures["on_file_share"])


@drawn("occurrence_date_time", "settled_date_time")
def _moments(draw: Draw) -> Made:
    """Minutes after the bill, or when the trade pays; a refused card some days before the one
    that is taken."""
    bills, at = draw.frames["invoice+"], draw["_cause"]
    horizon = span_of(draw.plan).horizon
    minutes = draw.leaf("minutes_to_authorize", stream="pays") / (24 * 60)
    again = np.floor(draw.leaf("days_to_try_again", stream="again"))
    failed = draw["_failed"]
    had_failed = np.bincount(at[failed], minlength=bills.rows)[at] > 0
    waits = np.where(had_failed & ~failed, again, 0.0)
    made = later(bills["_paid_on"][at], minutes + waits)
    settled = later(made, draw["_days"] * (0.5 + draw.u("settles")))
    return {
        "occurrence_date_time": made,
        "settled_date_time": (
            np.minimum(settled, horizon).astype("datetime64[ms]"),
            failed | (settled > horizon),
        ),
    }


@drawn("_declined_first")
def _declined_first(draw: Draw) -> Made:
    return {"_declined_first": draw.u("declined") < float(draw.figures["card_declined_share"])}


@link("journal_entry_transaction_key")
def _journal(draw: Draw) -> Made:
    return {"journal_entry_transaction_key": journal_key(draw, 1)}


@derived("payment_status_type", "payment_transaction_status_type")
def _statuses(draw: Draw) -> Made:
    open_ = draw.frame.missing("settled_date_time")
    code = np.where(draw["_failed"], 2, np.where(open_, 1, 0)).astype(np.int32)
    code = np.where(draw["_back_at"] < NEVER, 3, code).astype(np.int32)
    return {
        "payment_status_type": Coded(code, STATUSES),
        "payment_transaction_status_type": transaction(draw, open_),
    }


def more_of(table: Table, count: Count) -> Declaration:
    """The declaration of payments of further invoices."""
    return Declaration(
        table,
        prefix="PY",
        count=count,
        makers=(
            keyed_by_cause(table, also=True),
            _what,
            _method,
            _moments,
            recorded,
            _declined_first,
            contest,
            _statuses,
            _journal,
        ),
        follows=_follows,
        born="_recorded",
        reveals=REVEALS,
        state="payment_status_type",
        steps=lambda draw: steps(draw, back=draw["_back_at"]),
        known=known_at,
        resource="FINANCE",
        journals=lambda draw: (money(draw), charged_back(draw)),
    )
