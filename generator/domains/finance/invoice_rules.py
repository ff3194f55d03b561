"""What must hold for invoices (R007, R009, R062–R064, R066, R067)."""

from __future__ import annotations

from collections.abc import Callable
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


SOURCES = {
    "DEAL": "deal_key",
    "SERVICE": "repair_order_key",
    "PART": "part_order_key",
    "SUBSCRIPTION": "subscription_agreement_key",
}


def _source(tables: Tables) -> Truth:
    """The source named by type and key is the one row that the invoice points at."""
    good = np.zeros(tables.rows("invoice"), dtype=bool)
    links = np.zeros(tables.rows("invoice"), dtype=np.int64)
    for kind, link in SOURCES.items():
        links += ~tables.missing("invoice", link)
        mine = tables.is_one_of("invoice", "source_resource_type", kind)
        good |= mine & tables.same("invoice", "source_resource_key", link)
    return np.asarray(good & (links == 1))


def _number(tables: Tables) -> Truth:
    """Numbers of a dealer's series run from one without gaps."""
    numbers = tables.values("invoice", "invoice_number")
    dealer = tables.row_of("invoice", "dealer_key")
    parted = [str(text).rpartition("-") for text in numbers]
    heads = [head for head, _, _ in parted]
    tails = [tail for _, _, tail in parted]
    running = np.array([int(tail) if tail.isdecimal() else 0 for tail in tails], dtype=np.int64)
    series = np.unique(np.array(heads, dtype=str), return_inverse=True)[1]
    group = dealer * (int(series.max(initial=0)) + 1) + series
    order = np.lexsort((running, group))
    expected = np.empty(len(running), dtype=np.int64)
    expected[order] = place_in_group(group[order]) + 1
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
    """Settled payments less refunds, and without those that were charged back."""
    settled = ~tables.missing("payment", "settled_date_time")
    settled &= ~tables.is_one_of("payment", "payment_status_type", "CHARGEBACK")
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
    """Closed exactly when nothing is owed, but while its payment is contested; a draft or
    cancelled invoice has taken no money."""
    paid, balance = _invoice(tables, "paid_amount", "balance_amount")

    def of(*labels: str) -> Truth:
        return tables.is_one_of("invoice", "invoice_status_type", *labels)

    known = of(*LIVE, "VOIDED", "CANCELLED", "DECLINED", "OTHER")
    dead = of("DRAFT", "PENDING_APPROVAL", "VOIDED", "CANCELLED", "DECLINED")
    live = of("ISSUED", "ACKNOWLEDGED", "ADJUSTED")
    return np.asarray(
        known & (~dead | (paid == 0)) & (~of("CLOSED") | (balance == 0)) & (~live | (balance != 0))
    )


def _as_the_order(tables: Tables) -> Truth:
    """The customer's part of the repair order: lines the customer pays, supplies and tax, and the
    deductible of a contract of the car where warranty pays for a line."""
    order = tables.row_of("repair_order_line", "repair_order_key")
    mine = tables.is_one_of("repair_order_line", "pay_type", "CUSTOMER_PAY") & (order >= 0)
    owed = np.zeros(tables.rows("repair_order") + 1, dtype=np.int64)
    for column in ("labor_amount", "parts_amount", "sublet_amount"):
        np.add.at(owed, order[mine], tables.values("repair_order_line", column)[mine])
    for column in ("actual_misc_amount", "actual_tax_amount"):
        owed[:-1] += tables.values("repair_order", column)
    row = tables.row_of("invoice", "repair_order_key")
    total = tables.values("invoice", "total_amount")
    shared = np.append(_shared(tables), 0)[row]
    return np.asarray(
        (total == owed[row]) | ((shared > 0) & (total == owed[row] + shared)) | (row < 0)
    )


def _shared(tables: Tables) -> NDArray[np.int64]:
    """What the customer of each repair order may owe of work under warranty: the deductible of a
    contract of the car."""
    car = tables.row_of("warranty", "vehicle_key")
    most = np.zeros(tables.rows("vehicle") + 1, dtype=np.int64)
    np.maximum.at(most, car, tables.values("warranty", "deductible_amount"))
    most[-1] = 0  # of coverage of no car
    order = tables.row_of("repair_order_line", "repair_order_key")
    covered = np.zeros(tables.rows("repair_order") + 1, dtype=bool)
    covered[order[tables.is_one_of("repair_order_line", "pay_type", "WARRANTY")]] = True
    return np.asarray(most[tables.row_of("repair_order", "vehicle_key")] * covered[:-1])


def _as_the_term(tables: Tables) -> Truth:
    """A term is billed at the agreement's price; less only where its days are cut."""
    row = tables.row_of("invoice", "subscription_agreement_key")
    price = tables.values("invoice", "subscription_agreement_key.recurring_amount")
    subtotal = tables.values("invoice", "subtotal_amount")
    cut = ~tables.missing("invoice", "subscription_agreement_key.cancel_date") | ~tables.missing(
        "invoice", "subscription_agreement_key.end_date"
    )
    within = (subtotal > 0) & (subtotal <= price)
    return np.asarray((row < 0) | ((subtotal == price) | cut) & within)


def _one_a_term(tables: Tables) -> Truth:
    """No two bills of an agreement lie within four weeks, none after it was cancelled."""
    row = tables.row_of("invoice", "subscription_agreement_key")
    billed = tables.values("invoice", "invoice_date_time")
    order = np.lexsort((billed, row))
    near = np.zeros(len(row), dtype=bool)
    gap = np.diff(billed[order]) < np.timedelta64(27, "D")
    near[order[1:]] = gap & (np.diff(row[order]) == 0)
    cancelled = tables.values("invoice", "subscription_agreement_key.cancel_date")
    goes_on = tables.missing("invoice", "subscription_agreement_key.cancel_date")
    after = ~goes_on & (billed.astype("datetime64[D]") > cancelled)
    return np.asarray((row < 0) | ~(near | after))


def _one_bill(
    table: str, link: str, billed: Callable[[Tables], Truth]
) -> Callable[[Tables], Truth]:
    """Rows of a table that are billed have exactly one live invoice, others none."""

    def check(tables: Tables) -> Truth:
        row = tables.row_of("invoice", link)
        live = tables.is_one_of("invoice", "invoice_status_type", *LIVE) & (row >= 0)
        count = np.bincount(row[live], minlength=tables.rows(table))
        return np.asarray(count == billed(tables))

    return check


def _one_bill_of_work(tables: Tables) -> Truth:
    """As for others; an order for which nothing but a deductible may be owed has one at most."""
    row = tables.row_of("invoice", "repair_order_key")
    live = tables.is_one_of("invoice", "invoice_status_type", *LIVE) & (row >= 0)
    count = np.bincount(row[live], minlength=tables.rows("repair_order"))
    closed = tables.is_one_of("repair_order", "repair_status_type", "CLOSED")
    may = closed & (_shared(tables) > 0) & (count <= 1)
    return np.asarray((count == _ordered(tables)) | (~_ordered(tables) & may))


def _ordered(tables: Tables) -> Truth:
    order = tables.row_of("repair_order_line", "repair_order_key")
    mine = tables.is_one_of("repair_order_line", "pay_type", "CUSTOMER_PAY") & (order >= 0)
    owed = np.zeros(tables.rows("repair_order"), dtype=np.int64)
    for column in ("labor_amount", "parts_amount", "sublet_amount"):
        np.add.at(owed, order[mine], tables.values("repair_order_line", column)[mine])
    closed = tables.is_one_of("repair_order", "repair_status_type", "CLOSED")
    return np.asarray(closed & (owed > 0))


def _handed_over(tables: Tables) -> Truth:
    sold = ~tables.missing("part_order", "customer_key")
    return np.asarray(sold & ~tables.missing("part_order", "received_date_time"))


RULES = (
    Rule(
        "R064.order",
        "invoice",
        "A repair order is billed at the customer's part of it",
        _as_the_order,
        needs=("repair_order", "repair_order_line", "warranty", "vehicle"),
        group=BALANCE,
        scope="shard",
    ),
    Rule(
        "R064.term",
        "invoice",
        "A term of an agreement is billed at its price, or less where its days are cut",
        _as_the_term,
        needs=("subscription_agreement",),
        group=BALANCE,
    ),
    Rule(
        "R096",
        "invoice",
        "A term is billed once, and none after the agreement was cancelled",
        _one_a_term,
        needs=("subscription_agreement",),
        group=BALANCE,
        scope="shard",
    ),
    Rule(
        "R065.order",
        "repair_order",
        "A closed repair order that a customer pays for has exactly one live invoice, others none",
        _one_bill_of_work,
        needs=("invoice", "repair_order_line", "warranty", "vehicle"),
        group=BALANCE,
        scope="shard",
    ),
    Rule(
        "R065.counter",
        "part_order",
        "Parts sold and handed over have exactly one live invoice, other orders none",
        _one_bill("part_order", "part_order_key", _handed_over),
        needs=("invoice",),
        group=BALANCE,
        scope="shard",
    ),
    Rule(
        "R007.source",
        "invoice",
        "The source named by type and key is the one row that the invoice points at",
        _source,
        needs=("deal", "repair_order", "part_order", "subscription_agreement"),
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
        "invoice_number runs from 1 without gaps in every series of a dealer",
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
