"""What must hold for the lines of invoices (R063)."""

from __future__ import annotations

from typing import Any

import numpy as np

from generator.domains.groups import place_in_group
from generator.domains.headings import INVOICES
from generator.rules import Rule, Truth
from generator.tables import Tables


def _item(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("invoice_item", column) for column in columns]


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


RULES = (
    Rule(
        "R063.line",
        "invoice_item",
        "base = quantity * unit price; total = base - discount + tax",
        _line,
        group=INVOICES,
    ),
    Rule(
        "R063.tax",
        "invoice_item",
        "tax_amount = round((base_amount - discount_amount) * tax rate, 2) if taxable",
        _line_tax,
        needs=("invoice", "deal"),
        group=INVOICES,
    ),
    Rule(
        "R063.number",
        "invoice_item",
        "line_number runs from 1 without gaps in every invoice",
        _line_numbers,
        needs=("invoice",),
        group=INVOICES,
        scope="shard",
    ),
)
