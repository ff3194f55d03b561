"""What must hold for invoices (R007, R009, R062–R064, R066, R067)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import place_in_group
from generator.domains.headings import BALANCE, INVOICES
from generator.rules import Rule, Truth, no_repeats
from generator.tables import Tables

LIVE = ("ISSUED", "ACKNOWLEDGED", "ADJUSTED", "DISPUTED", "CLOSED", "DRAFT", "PENDING_APPROVAL")

Cents = NDArray[np.int64]


def _invoice(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("invoice", column) for column in columns]


def _source(tables: Tables) -> Truth:
    """The source named by type and key is the deal the invoice points at."""
    of_deal = tables.is_one_of("invoice", "source_resource_type", "DEAL")
    same = tables.same("invoice", "source_resource_key", "deal_key")
    return np.asarray(of_deal & same & (tables.row_of("invoice", "deal_key") >= 0))


def _number(tables: Tables) -> Truth:
    """A dealer's numbers run from one without gaps."""
    numbers = tables.values("invoice", "invoice_number")
    dealer = tables.row_of("invoice", "dealer_key")
    tails = [str(text).rpartition("-")[2] for text in numbers]
    running = np.array([int(tail) if tail.isdecimal() else 0 for tail in tails], dtype=np.int64)
    order = np.lexsort((running, dealer))
    expected = np.empty(len(running), dtype=np.int64)
    expected[order] = place_in_group(dealer[order]) + 1
    return np.asarray((running == expected) | (dealer < 0))


def _dates(tables: Tables) -> Truth:
    signed, billed, due, posted = _invoice(
        tables,
        "deal_key.contract_date_time",
        "invoice_date_time",
        "due_date_time",
        "post_date_time",
    )
    closed = tables.missing("invoice", "deal_key.contract_date_time") | (signed <= billed)
    after = tables.missing("invoice", "post_date_time") | (billed <= posted)
    return np.asarray(closed & (billed <= due) & after)


def _sum_of(tables: Tables, table: str, column: str) -> Cents:
    """Sum of a column of the invoice's children, shape (invoices,)."""
    invoice = tables.row_of(table, "invoice_key")
    total = np.zeros(tables.rows("invoice"), dtype=np.int64)
    known = invoice >= 0
    np.add.at(total, invoice[known], tables.values(table, column)[known])
    return total


def _sums(tables: Tables) -> Truth:
    subtotal, discount, tax = _invoice(tables, "subtotal_amount", "discount_amount", "tax_amount")
    return np.asarray(
        (subtotal == _sum_of(tables, "invoice_item", "base_amount"))
        & (discount == _sum_of(tables, "invoice_item", "discount_amount"))
        & (tax == _sum_of(tables, "invoice_item", "tax_amount"))
    )


def _total(tables: Tables) -> Truth:
    subtotal, discount, fee, tax, total, paid, balance = _invoice(
        tables,
        "subtotal_amount",
        "discount_amount",
        "fee_amount",
        "tax_amount",
        "total_amount",
        "paid_amount",
        "balance_amount",
    )
    return np.asarray((total == subtotal - discount + fee + tax) & (balance == total - paid))


def _paid(tables: Tables) -> Truth:
    """Settled payments less refunds."""
    settled = ~tables.missing("payment", "settled_date_time")
    invoice = tables.row_of("payment", "invoice_key")
    rows = settled & (invoice >= 0)
    total = np.zeros(tables.rows("invoice"), dtype=np.int64)
    np.add.at(total, invoice[rows], tables.values("payment", "amount")[rows])
    return np.asarray(total == tables.values("invoice", "paid_amount"))


def _as_the_deal(tables: Tables) -> Truth:
    total, of_deal = _invoice(tables, "total_amount", "deal_key.total_amount")
    return np.asarray((total == of_deal) | tables.missing("invoice", "deal_key.total_amount"))


def _status_and_money(tables: Tables) -> Truth:
    total, paid, balance = _invoice(tables, "total_amount", "paid_amount", "balance_amount")
    closed, partly, late, back = (
        tables.is_one_of("invoice", "payment_status_type", *labels)
        for labels in (("PAID", "SETTLED"), ("PARTIALLY_PAID",), ("OVERDUE",), ("REFUNDED",))
    )
    begun = (paid > 0) & (paid < total)
    return np.asarray(
        (closed == (balance == 0))
        & (partly == begun)
        & (~late | (balance > 0))
        & (~back | (paid == 0))
    )


def _status_of_header(tables: Tables) -> Truth:
    """Closed exactly when nothing is owed; a draft or cancelled invoice has taken no money."""
    paid, balance = _invoice(tables, "paid_amount", "balance_amount")

    def of(*labels: str) -> Truth:
        return tables.is_one_of("invoice", "invoice_status_type", *labels)

    known = of(*LIVE, "VOIDED", "CANCELLED", "DECLINED", "OTHER")
    dead = of("DRAFT", "PENDING_APPROVAL", "VOIDED", "CANCELLED", "DECLINED")
    live = of("ISSUED", "ACKNOWLEDGED", "ADJUSTED", "DISPUTED")
    return np.asarray(
        known & (~dead | (paid == 0)) & (~of("CLOSED") | (balance == 0)) & (~live | (balance != 0))
    )


RULES = (
    Rule(
        "R007.source",
        "invoice",
        "The source named by type and key is a deal, the one the invoice points at",
        _source,
        needs=("deal",),
        group=BALANCE,
    ),
    Rule(
        "R009.invoice",
        "invoice",
        "An invoice_number is given once",
        no_repeats("invoice", lambda tables: tables.fingerprints("invoice", "invoice_number")),
        group=INVOICES,
        scope="whole",
    ),
    Rule(
        "R009.gaps",
        "invoice",
        "invoice_number runs from 1 without gaps at every dealer",
        _number,
        needs=("dealer",),
        group=INVOICES,
        scope="shard",
    ),
    Rule(
        "R062.invoice",
        "invoice",
        "contract <= invoice_date_time <= due_date_time; invoice_date_time <= post_date_time",
        _dates,
        needs=("deal",),
        group=INVOICES,
    ),
    Rule(
        "R063.sums",
        "invoice",
        "subtotal, discount and tax are the sums of the lines",
        _sums,
        needs=("invoice_item",),
        group=INVOICES,
        scope="shard",
    ),
    Rule(
        "R063.total",
        "invoice",
        "total = subtotal - discount + fee + tax; balance = total - paid",
        _total,
        group=INVOICES,
    ),
    Rule(
        "R063.paid",
        "invoice",
        "paid_amount = settled payments less refunds",
        _paid,
        needs=("payment",),
        group=BALANCE,
        scope="shard",
    ),
    Rule(
        "R064",
        "invoice",
        "An invoice's total is its deal's total",
        _as_the_deal,
        needs=("deal",),
        group=BALANCE,
    ),
    Rule(
        "R066",
        "invoice",
        "payment_status_type agrees with paid_amount and balance_amount",
        _status_and_money,
        group=BALANCE,
    ),
    Rule(
        "R067",
        "invoice",
        "invoice_status_type is closed exactly when nothing is owed",
        _status_of_header,
        group=BALANCE,
    ),
)
