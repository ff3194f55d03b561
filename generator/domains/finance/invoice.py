"""``invoice``: one for every posted or funded deal.

Header and deal agree part by part: subtotal - discount = sale price + products, fee = the deal's
fees, tax = the deal's tax, total = the deal's total.  Fees are in the header, not on lines.
The first stage bills; the second reads the payments.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, moment, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.finance.bills import SOURCES, together
from generator.domains.finance.bounds import PAYMENTS_PER_INVOICE, beside, more_bills
from generator.domains.finance.invoice_course import (
    disputes,
    known,
    paid,
    standing,
    steps,
    terms,
)
from generator.domains.finance.invoice_more import more_of
from generator.domains.finance.invoice_postings import journals
from generator.domains.finance.invoice_rules import RULES
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.keys import numbered
from generator.domains.payment.dates import span_of
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "invoice",
    domain="finance",
    meaning="Billing document for every revenue stream",
    key="invoice_key",
    columns=(
        text("invoice_key", 50, unique=True),
        text("invoice_number", 30, "unique, gapless per dealer"),
        enum("invoice_type", "InvoiceTypes"),
        text("dealer_key", 50),
        text("bill_to_party_key", 50),
        enum(
            "source_resource_type",
            "ResourceTypes",
            "DEAL | SERVICE | PART | SUBSCRIPTION | WARRANTY | INCENTIVE",
        ),
        text("source_resource_key", 50, "polymorphic FK"),
        text("deal_key", 50, nullable=True),
        text("repair_order_key", 50, nullable=True),
        text("subscription_agreement_key", 50, nullable=True),
        text("part_order_key", 50, nullable=True),
        enum("invoice_status_type", "InvoiceStatusTypes"),
        enum("payment_status_type", "PaymentStatusTypes"),
        moment("invoice_date_time"),
        moment("due_date_time", planned=True),
        moment("post_date_time", nullable=True),
        text("currency_code", 3, "USD"),
        decimal("subtotal_amount", 14, 2, "= sum(invoice_item.base_amount)"),
        decimal("discount_amount", 14, 2, "= sum(invoice_item.discount_amount)"),
        decimal("fee_amount", 14, 2),
        decimal("tax_amount", 14, 2, "= sum(invoice_item.tax_amount)"),
        decimal(
            "total_amount", 14, 2, "= subtotal_amount - discount_amount + fee_amount + tax_amount"
        ),
        decimal("paid_amount", 14, 2, "= sum(settled payments) - sum(refunds)"),
        decimal("balance_amount", 14, 2, "= total_amount - paid_amount"),
    ),
    links=(
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("bill_to_party_key", "party", "party_key", "lookup"),
        Link("deal_key", "deal", "deal_key", "parent"),
        Link("repair_order_key", "repair_order", "repair_order_key", "lookup"),
        Link("part_order_key", "part_order", "part_order_key", "lookup"),
        Link(
            "subscription_agreement_key",
            "subscription_agreement",
            "subscription_agreement_key",
            "lookup",
        ),
    ),
)


_NUMBER_DIGITS = 7
MOST = PAYMENTS_PER_INVOICE[1]
PARTS = range(4)  # the parts of a deal that are paid: see ``payment.instalments``


def same(draw: Draw, label: str) -> Coded:
    """One label on every row."""
    return Coded(np.zeros(draw.n, dtype=np.int32), (label,))


def nothing(draw: Draw) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A text column without a value on any row."""
    return np.zeros(draw.n, dtype="S1"), np.ones(draw.n, dtype=bool)


@derived(
    "_source",
    "_source_row",
    "_dealer",
    "_bill_to_party_key",
    "_customer_key",
    "_type",
    "_billed",
    "_lent",
    "_amounts",
)
def bills(draw: Draw) -> Made:
    """What every invoice stands for, dealer by dealer."""
    bill = together([source(draw) for source in SOURCES])
    if len(bill.row) != draw.n:
        raise ValueError(f"{len(bill.row)} bills, {draw.n} invoices")
    return {
        "_source": bill.source,
        "_source_row": bill.row,
        "_dealer": bill.dealer,
        "_bill_to_party_key": bill.party,
        "_customer_key": bill.customer,
        "_type": bill.type,
        "_billed": bill.billed,
        "_lent": bill.lent,
        "_amounts": bill.amounts,
    }


@link(
    "deal_key",
    "repair_order_key",
    "subscription_agreement_key",
    "part_order_key",
    "dealer_key",
    "bill_to_party_key",
    "source_resource_key",
    "_deal_key",
)
def links(draw: Draw) -> Made:
    """Each invoice points at the one row it stands for, by the column of its kind."""
    deal = np.where(draw["_source"] == "DEAL", draw["_source_row"], -1)
    return {
        "deal_key": (draw.key("deal", deal), deal < 0),
        "repair_order_key": nothing(draw),
        "subscription_agreement_key": nothing(draw),
        "part_order_key": nothing(draw),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "bill_to_party_key": draw.key("party", draw["_bill_to_party_key"]),
        "source_resource_key": draw.key("deal", deal),
        "_deal_key": deal,
    }


@derived("invoice_type", "source_resource_type", "currency_code")
def kind(draw: Draw) -> Made:
    return {
        "invoice_type": draw["_type"],
        "source_resource_type": draw["_source"],
        "currency_code": same(draw, "USD"),
    }


@derived("invoice_date_time", "post_date_time", "invoice_number")
def dates(draw: Draw) -> Made:
    """Billed and posted when what it stands for is posted; numbered without gaps in that order."""
    billed, span = draw["_billed"], span_of(draw.plan)
    order = np.lexsort((billed, draw["_dealer"]))
    place = np.empty(draw.n, dtype=np.int64)
    place[order] = place_in_group(draw["_dealer"][order])
    dealer = numbered("", draw["_dealer"], 5)
    number = np.char.add(np.char.add(dealer, b"-"), numbered("", place + 1, _NUMBER_DIGITS))
    return {
        "invoice_date_time": np.minimum(billed, span.horizon),
        "post_date_time": (np.minimum(billed, span.horizon), np.zeros(draw.n, dtype=bool)),
        "invoice_number": number,
    }


@derived("subtotal_amount", "discount_amount", "fee_amount", "tax_amount", "total_amount")
def money(draw: Draw) -> Made:
    subtotal, discount, fee, tax = draw["_amounts"].T
    return {
        "subtotal_amount": subtotal,
        "discount_amount": discount,
        "fee_amount": fee,
        "tax_amount": tax,
        "total_amount": subtotal - discount + fee + tax,
    }


@drawn("_luck_instalments", "_luck_overpaid", "_luck_parts")
def luck(draw: Draw) -> Made:
    """What decides how an invoice is paid: in how many instalments, whether too much, and how
    large each instalment of each part is, shape (n, parts, instalments)."""
    each = [draw.u(f"instalment_{part}", each=MOST) for part in PARTS]
    return {
        "_luck_instalments": draw.u("instalments"),
        "_luck_overpaid": draw.u("overpaid"),
        "_luck_parts": np.stack([u.reshape(draw.n, MOST) for u in each], axis=1),
    }


def _invoices(given: Given) -> float:
    contracts = given["contracts"]
    undone = int(contracts * given.figures["reversed_share"])
    return contracts - undone - int(contracts * given.figures["accepted_share"])


BILLED = each(
    "contracts",
    Noun("invoice", "invoices"),
    most=1,
    rule="An invoice is for one posted or funded deal, which is a signed one",
    typical=_invoices,
    why="one for every posted or funded deal",
    back=limits(1.055),
)


COUNT = beside(BILLED, more_bills)


INVOICE = Declaration(
    TABLE,
    prefix="IN",
    count=COUNT,
    makers=(
        keyed(TABLE),
        bills,
        links,
        kind,
        dates,
        money,
        luck,
        paid,
        terms,
        disputes,
        standing,
    ),
    rules=RULES,
    born="invoice_date_time",
    state="invoice_status_type",
    steps=steps,
    known=known,
    resource="INVOICE",
    journals=journals,
    also=more_of(TABLE, COUNT),
)
