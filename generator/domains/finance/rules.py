"""Rules of invoices and their lines (R009 its part, R062–R067)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import place_in_group
from generator.rules import Rule, Scope, no_repeats
from generator.tables import Tables

GROUP = "Invoices add up"
MONEY_GROUP = "Invoices agree with deals and payments"
LIVE = ("ISSUED", "ACKNOWLEDGED", "ADJUSTED", "DISPUTED", "CLOSED", "DRAFT", "PENDING_APPROVAL")
DAY = np.timedelta64(86_400_000, "ms")
Truth = NDArray[np.bool_]
Cents = NDArray[np.int64]


def _invoice(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("invoice", column) for column in columns]


def _item(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("invoice_item", column) for column in columns]


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


def _payment_dates(tables: Tables) -> Truth:
    paid = tables.values("payment", "occurrence_date_time")
    billed = tables.values("payment", "invoice_key.invoice_date_time")
    deposit = tables.is_one_of("payment", "payment_amount_type", "DOWN_PAYMENT")
    return np.asarray((paid >= billed) | (deposit & (paid >= billed - 60 * DAY)))


def _line(tables: Tables) -> Truth:
    quantity, price, base, discount, tax, total = _item(
        tables,
        "total_quantity",
        "unit_price",
        "base_amount",
        "discount_amount",
        "tax_amount",
        "total_amount",
    )
    taxable = tables.values("invoice_item", "taxable_indicator")
    exact = base == (quantity * price + 50) // 100
    return np.asarray(exact & (total == base - discount + tax) & (taxable | (tax == 0)))


def _line_tax(tables: Tables) -> Truth:
    base, discount, tax, rate = _item(
        tables, "base_amount", "discount_amount", "tax_amount", "invoice_key.deal_key.tax_rate"
    )
    taxable = tables.values("invoice_item", "taxable_indicator")
    known = ~tables.missing("invoice_item", "invoice_key.deal_key.tax_rate")
    expected = np.where(taxable, ((base - discount) * rate + 50_000) // 100_000, 0)
    return np.asarray((tax == expected) | ~known)


def _line_numbers(tables: Tables) -> Truth:
    number = tables.values("invoice_item", "line_number")
    invoice = tables.row_of("invoice_item", "invoice_key")
    order = np.lexsort((number, invoice))
    expected = np.empty(len(number), dtype=np.int64)
    expected[order] = place_in_group(invoice[order]) + 1
    return np.asarray((number == expected) | (invoice < 0))


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


def _one_invoice(tables: Tables) -> Truth:
    deal = tables.row_of("invoice", "deal_key")
    live = tables.is_one_of("invoice", "invoice_status_type", *LIVE) & (deal >= 0)
    count = np.bincount(deal[live], minlength=tables.rows("deal"))
    return np.asarray(count == tables.is_one_of("deal", "deal_status", "POSTED", "FUNDED"))


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


def _rule(
    number: str,
    table: str,
    text: str,
    check: Any,
    *,
    needs: tuple[str, ...] = (),
    group: str = GROUP,
    scope: Scope = "row",
) -> Rule:
    return Rule(number, table, text, check, needs=(table, *needs), group=group, scope=scope)


RULES: tuple[Rule, ...] = (
    _rule(
        "R007.source",
        "invoice",
        "The source named by type and key is a deal, the one the invoice points at",
        _source,
        needs=("deal",),
        group=MONEY_GROUP,
    ),
    _rule(
        "R009.invoice",
        "invoice",
        "An invoice_number is given once",
        no_repeats("invoice", lambda tables: tables.fingerprints("invoice", "invoice_number")),
        scope="whole",
    ),
    _rule(
        "R009.gaps",
        "invoice",
        "invoice_number runs from 1 without gaps at every dealer",
        _number,
        needs=("dealer",),
        scope="shard",
    ),
    _rule(
        "R062.invoice",
        "invoice",
        "contract <= invoice_date_time <= due_date_time; invoice_date_time <= post_date_time",
        _dates,
        needs=("deal",),
    ),
    _rule(
        "R062.payment",
        "payment",
        "No payment before its invoice, but deposits, at most 60 days",
        _payment_dates,
        needs=("invoice",),
        group=MONEY_GROUP,
    ),
    _rule(
        "R063.line",
        "invoice_item",
        "base = quantity * unit price; total = base - discount + tax",
        _line,
    ),
    _rule(
        "R063.tax",
        "invoice_item",
        "tax_amount = round((base_amount - discount_amount) * tax rate, 2) if taxable",
        _line_tax,
        needs=("invoice", "deal"),
    ),
    _rule(
        "R063.number",
        "invoice_item",
        "line_number runs from 1 without gaps in every invoice",
        _line_numbers,
        needs=("invoice",),
        scope="shard",
    ),
    _rule(
        "R063.sums",
        "invoice",
        "subtotal, discount and tax are the sums of the lines",
        _sums,
        needs=("invoice_item",),
        scope="shard",
    ),
    _rule(
        "R063.total",
        "invoice",
        "total = subtotal - discount + fee + tax; balance = total - paid",
        _total,
    ),
    _rule(
        "R063.paid",
        "invoice",
        "paid_amount = settled payments less refunds",
        _paid,
        needs=("payment",),
        group=MONEY_GROUP,
        scope="shard",
    ),
    _rule(
        "R064",
        "invoice",
        "An invoice's total is its deal's total",
        _as_the_deal,
        needs=("deal",),
        group=MONEY_GROUP,
    ),
    _rule(
        "R065",
        "deal",
        "Every posted or funded deal has exactly one live invoice, other deals none",
        _one_invoice,
        needs=("invoice",),
        group=MONEY_GROUP,
        scope="shard",
    ),
    _rule(
        "R066",
        "invoice",
        "payment_status_type agrees with paid_amount and balance_amount",
        _status_and_money,
        group=MONEY_GROUP,
    ),
    _rule(
        "R067",
        "invoice",
        "invoice_status_type is closed exactly when nothing is owed",
        _status_of_header,
        group=MONEY_GROUP,
    ),
)
