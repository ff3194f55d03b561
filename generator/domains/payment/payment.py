"""``payment``: money received against an invoice (and, rarely, sent back)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import clocks_of, when_open
from generator.domains.columns import decimal, enum, moment, text
from generator.domains.counts import Bound, Noun, Relation, each, limits
from generator.domains.finance.bounds import PAYMENTS_PER_INVOICE, beside, more_bills
from generator.domains.finance.journals import journal_key
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.payment.dates import between, known, later, span_of
from generator.domains.payment.instalments import (
    DOWN,
    LENDER,
    REBATE,
    REFUND,
    TRADE,
    payments_of,
)
from generator.domains.payment.payment_course import (
    REVEALS,
    known_at,
    recorded,
    steps,
    transaction,
)
from generator.domains.payment.payment_method import ACCOUNTS, CARDS
from generator.domains.payment.payment_more import more_of
from generator.domains.payment.payment_postings import journals
from generator.domains.payment.payment_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "payment",
    domain="payment",
    meaning="Money received (or refunded) against an invoice",
    key="payment_key",
    columns=(
        text("payment_key", 50, "schema: 5..50 chars", unique=True),
        text("invoice_key", 50),
        text("payer_party_key", 50),
        text("payment_method_key", 50, nullable=True),
        enum("payment_method_type", "PaymentMethodTypes"),
        enum(
            "payment_amount_type", "PaymentAmountTypes", "PARTIAL_REFUND/TOTAL_REFUND are negative"
        ),
        decimal("amount", 14, 2),
        enum("payment_status_type", "PaymentStatusTypes"),
        enum("payment_transaction_status_type", "PaymentTransactionStatusTypes"),
        moment("occurrence_date_time"),
        moment("settled_date_time", nullable=True),
        text("refund_of_payment_key", 50, nullable=True),
        text("journal_entry_transaction_key", 50, nullable=True),
    ),
    links=(
        Link("invoice_key", "invoice", "invoice_key", "parent"),
        Link(
            "journal_entry_transaction_key",
            "journal_entry_transaction",
            "journal_entry_transaction_key",
            "lookup",
        ),
        Link("payer_party_key", "party", "party_key", "lookup"),
        Link("payment_method_key", "payment_method", "payment_method_key", "lookup"),
        Link("refund_of_payment_key", "payment", "payment_key", "lookup"),
    ),
)


METHODS = (
    "CASH",
    "CHECK",
    "MONEY_ORDER",
    "EFT",
    "ACH",
    "WIRE_TRANSFER",
    "CREDIT_CARD",
    "DEBIT_CARD",
    "TRADE_IN",
    "FINANCING",
    "INTERNAL_CREDIT",
)
AMOUNTS = (
    "DOWN_PAYMENT",
    "TRADE_IN_ALLOWANCE",
    "TOTAL_FINANCED",
    "CASH_PAYMENT",
    "CHECK_PAYMENT",
    "EFT_PAYMENT",
    "CREDIT_CARD_PAYMENT",
    "PARTIAL_REFUND",
    "OTHER",
)
_AMOUNT_OF_METHOD = {
    "CHECK": "CHECK_PAYMENT",
    "MONEY_ORDER": "CHECK_PAYMENT",
    "EFT": "EFT_PAYMENT",
    "ACH": "EFT_PAYMENT",
    "WIRE_TRANSFER": "EFT_PAYMENT",
    "CREDIT_CARD": "CREDIT_CARD_PAYMENT",
    "DEBIT_CARD": "CREDIT_CARD_PAYMENT",
}


@link(
    "invoice_key",
    "amount",
    "payer_party_key",
    "refund_of_payment_key",
    "_invoice_key",
    "_payer_party_key",
    "_dealer",
    "_deal",
    "_part",
    "_place",
    "_size",
    "_origin",
)
def parts(draw: Draw) -> Made:
    """The lender pays what it finances, who is behind a rebate that, the customer the rest."""
    invoices, deals = draw.frames["invoice"], draw.frames["deal"]
    rows = payments_of(draw)
    deal = invoices["_deal_key"][rows.invoice] - deals.start
    payer = invoices["_bill_to_party_key"][rows.invoice].copy()
    lent = rows.part == LENDER
    payer[lent] = _lender_party(draw, deal[lent])
    given = rows.part == REBATE
    payer[given] = deals["_rebate_payer"][deal[given]]
    origin = np.where(rows.part == REFUND, np.arange(draw.n) - 1, -1)
    return {
        "invoice_key": draw.key("invoice", rows.invoice + invoices.start),
        "amount": rows.amount,
        "payer_party_key": draw.key("party", payer),
        "refund_of_payment_key": (
            draw.key("payment", origin + draw.frame.start),
            origin < 0,
        ),
        "_invoice_key": rows.invoice + invoices.start,
        "_payer_party_key": payer,
        "_dealer": invoices["_dealer"][rows.invoice],
        "_deal": deal,
        "_part": rows.part,
        "_place": rows.place,
        "_size": rows.size,
        "_origin": origin,
    }


def _lender_party(draw: Draw, deal: NDArray[np.int64]) -> NDArray[np.int64]:
    application = draw.frames["credit_application"]
    row = draw.frames["deal"]["_credit_application_key"][deal] - application.start
    lender = application["_lender_org_profile_key"][row]
    party: NDArray[np.int64] = draw.frames["org_profile"]["_party_key"][lender]
    return party


@drawn("payment_method_type", "payment_method_key", "payment_amount_type", "_method")
def method(draw: Draw) -> Made:
    """A customer pays with what is on file where it suits the amount, else otherwise."""
    part, amount = draw["_part"], draw["amount"]
    small = np.abs(amount) < int(draw.figures["card_limit"]) * 100
    large = np.abs(amount) <= int(draw.figures["bills_limit"]) * 100
    size = np.where(small, "SMALL", np.where(large, "LARGE", "HUGE"))
    label = np.where(part == DOWN, "DEPOSIT", "BALANCE")
    found = draw.leaf("payment.payment_method_type", by=(label.astype(object), size.astype(object)))
    code = np.array([METHODS.index(name) for name in found.labels])[found.codes]
    stored, kept = _on_file(draw, small)
    code = np.where(stored >= 0, kept, code)
    code = np.where(part == TRADE, METHODS.index("TRADE_IN"), code)
    code = np.where(part == LENDER, METHODS.index("FINANCING"), code)
    code = np.where(part == REBATE, METHODS.index("INTERNAL_CREDIT"), code)
    origin = draw["_origin"]
    code = np.where(origin >= 0, code[origin], code)  # money goes back the way it came
    stored = np.where(origin >= 0, stored[origin], stored)
    stored = np.where(np.isin(part, (TRADE, LENDER, REBATE)), -1, stored)
    return {
        "payment_method_type": Coded(code.astype(np.int32), METHODS),
        "payment_method_key": (draw.key("payment_method", stored), stored < 0),
        "payment_amount_type": Coded(_amount_type(part, code), AMOUNTS),
        "_method": code,
    }


def _on_file(draw: Draw, small: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Global row of a method the payer has on file and uses for the payment (-1: none), and its
    place in METHODS."""
    methods = draw.frames["payment_method"]
    kind = methods.text("payment_method_type").astype(str)
    stored = np.full(draw.n, -1, dtype=np.int64)
    uses = draw.u("uses_file") < float(draw.figures["on_file_share"])
    for kinds, fits in ((ACCOUNTS, ~small), (CARDS, small)):
        rows = np.flatnonzero(np.isin(kind, kinds) & methods["_usable"])
        holder = methods["_party_key"][rows]
        order = np.argsort(holder, kind="stable")
        rows, holder = rows[order], holder[order]
        at = np.searchsorted(holder, draw["_payer_party_key"])
        at = np.minimum(at, max(len(rows) - 1, 0))
        if len(rows):
            has = (holder[at] == draw["_payer_party_key"]) & uses & fits
            stored = np.where(has, rows[at], stored)
    code = np.array([METHODS.index(name) for name in kind] or [0])
    place = code[np.maximum(stored, 0)]
    return np.where(stored >= 0, stored + methods.start, -1), place


def _amount_type(part: NDArray[np.int64], code: NDArray[np.int64]) -> NDArray[np.int32]:
    of_method = np.array(
        [AMOUNTS.index(_AMOUNT_OF_METHOD.get(name, "CASH_PAYMENT")) for name in METHODS]
    )
    found = of_method[code]
    for value, name in (
        (DOWN, "DOWN_PAYMENT"),
        (TRADE, "TRADE_IN_ALLOWANCE"),
        (LENDER, "TOTAL_FINANCED"),
        (REFUND, "PARTIAL_REFUND"),
        (REBATE, "OTHER"),
    ):
        found = np.where(part == value, AMOUNTS.index(name), found)
    return found.astype(np.int32)


@derived("occurrence_date_time", "settled_date_time")
def moments(draw: Draw) -> Made:
    """Deposits come between the opening of the deal and its contract, at most 60 days before the
    invoice (R062), balances by delivery, both when the dealer is open; a lender's money settles
    when the deal is funded, and with it a trade-in that is worth less than is owed on it; checks
    and transfers take days, a rebate is credited at once.  A funded deal is settled."""
    span = span_of(draw.plan)
    deals, at, part = draw.frames["deal"], draw["_deal"], draw["_part"]
    billed = draw.frames["invoice"]["invoice_date_time"][
        draw["_invoice_key"] - draw.frames["invoice"].start
    ]
    never = np.datetime64("9999-01-01", "ms")
    funded = known(deals["funded_date_time"][at], deals.missing("funded_date_time")[at], never)
    funded = np.maximum(funded, billed)
    closed = funded < never
    occurred = _occurred(draw, billed=billed, closed=closed, funded=funded, horizon=span.horizon)
    days = np.array(draw.figures["settlement_days"], dtype=np.float64)[draw["_method"]]
    settled = np.minimum(later(occurred, days * (0.5 + draw.u("settles"))), funded)
    settled = np.maximum(settled, occurred)
    with_lender = (part == LENDER) | ((part == TRADE) & (draw["amount"] < 0))
    settled = np.where(with_lender, funded, settled)
    refunds = np.flatnonzero(part == REFUND)
    waited = draw.leaf("days_to_refund", stream="sent_back")[refunds]
    sent = later(settled[refunds - 1], waited)
    clocks, u = clocks_of(draw, draw["_dealer"]), draw.u("sent_when_open")
    sent = when_open(sent, clocks[refunds], u[refunds], who="bank")
    sent = np.minimum(sent, span.horizon)
    occurred[refunds], settled[refunds] = sent, sent
    return {
        "occurrence_date_time": occurred,
        "settled_date_time": (
            np.where(settled > span.horizon, span.horizon, settled).astype("datetime64[ms]"),
            settled > span.horizon,
        ),
    }


def _occurred(
    draw: Draw,
    *,
    billed: NDArray[Any],
    closed: NDArray[np.bool_],
    funded: NDArray[Any],
    horizon: np.datetime64,
) -> NDArray[Any]:
    """When each payment was made, to the dealer's hours or the bank's; the instalments of a part
    follow one another."""
    deals, at, part = draw.frames["deal"], draw["_deal"], draw["_part"]
    turn = (draw["_place"] + draw.u("occurs")) / draw["_size"]
    before = -float(draw.figures["deposit_within_days"])
    earliest = later(billed, np.full(draw.n, before))
    opened = np.maximum(deals["occurrence_date_time"][at], earliest)
    clocks, u = clocks_of(draw, draw["_dealer"]), draw.u("when_open")
    signed = known(deals["contract_date_time"][at], deals.missing("contract_date_time")[at], billed)
    handed = known(deals["delivery_date_time"][at], deals.missing("delivery_date_time")[at], billed)
    last = np.minimum(np.maximum(handed, billed), horizon)
    balance = when_open(between(billed, last, turn), clocks, u, who="showroom")
    balance = np.minimum(balance, last)
    late = float(draw.figures["lender_pays_within"])
    wired = np.where(closed, between(billed, funded, 1 - late + late * turn), billed)
    wired = np.minimum(when_open(wired, clocks, u, who="bank"), np.maximum(funded, billed))
    until = np.minimum(signed, billed)
    occurred = np.where(part == DOWN, between(np.minimum(opened, until), until, turn), balance)
    occurred = np.where(part == LENDER, wired, occurred)
    occurred = np.where((part == TRADE) | (part == REBATE), billed, occurred)
    return np.minimum(occurred, horizon).astype("datetime64[ms]")


@drawn("_declined_first")
def declined_first(draw: Draw) -> Made:
    """Whether a card was refused before it was taken."""
    return {"_declined_first": draw.u("declined") < float(draw.figures["card_declined_share"])}


@derived("payment_status_type", "payment_transaction_status_type")
def statuses(draw: Draw) -> Made:
    """Settled or on its way."""
    open_ = draw.frame.missing("settled_date_time")
    lent = draw["_part"] == LENDER
    code = np.where(open_, np.where(lent, 2, 1), 0)
    return {
        "payment_status_type": Coded(
            code.astype(np.int32), ("SETTLED", "PENDING_SETTLEMENT", "AUTHORIZED")
        ),
        "payment_transaction_status_type": transaction(draw, open_),
    }


@link("journal_entry_transaction_key")
def journal(draw: Draw) -> Made:
    """What it posts when it settles; a car in payment posts its own."""
    car = draw["_part"] == TRADE
    keys, none = journal_key(draw, 1)
    others, nowhere = journal_key(draw, 2)
    return {
        "journal_entry_transaction_key": (
            np.where(car, others, keys),
            np.where(car, nowhere, none),
        )
    }


USUAL = each(
    "invoice",
    Noun("payment", "payments"),
    least=PAYMENTS_PER_INVOICE[0],
    most=PAYMENTS_PER_INVOICE[1],
    rule=f"An invoice has {PAYMENTS_PER_INVOICE[0]} to {PAYMENTS_PER_INVOICE[1]} payments",
    typical=lambda given: given.figures["payments_per_invoice"] * given["invoice"],
    why=lambda given: f"{given.figures['payments_per_invoice']:g} an invoice",
    back=limits(1 / 2.6),
)


def _relations(name: str) -> tuple[Relation, ...]:
    """A deal with rebates has an invoice: two payments, which the ranges alone do not show."""
    rule = "An invoice has a payment, and its deal's rebates are one more"
    rebates = Bound((("invoice", 1), ("rebated", 1), (name, -1)), 0, rule)
    both = Bound((("rebated", 2), (name, -1)), 0, rule)
    return (*USUAL.relations(name), rebates, both)


COUNT = beside(replace(USUAL, relations=_relations), more_bills)


PAYMENT = Declaration(
    TABLE,
    prefix="PY",
    count=COUNT,
    makers=(keyed(TABLE), parts, method, moments, recorded, declined_first, statuses, journal),
    rules=RULES,
    born="_recorded",
    reveals=REVEALS,
    state="payment_status_type",
    steps=steps,
    known=known_at,
    resource="FINANCE",
    also=more_of(TABLE, COUNT),
    journals=journals,
)
