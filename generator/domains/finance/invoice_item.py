"""``invoice_item``: the lines of an invoice, exactly as many as the plan gives the dealer.

A deal's natural lines are the vehicle, the part of its price the trade-in frees from tax, and one
for each product.  Where the plan asks for fewer, products share a line (or join the vehicle's);
where it asks for more, options, preparation and the like are parted from the vehicle's line.
Taxed amounts stay multiples of the deal's grain, so every line's tax is exact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, flag, integer, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.finance.bounds import ITEMS_PER_INVOICE, beside, more_bills
from generator.domains.finance.invoice import same
from generator.domains.finance.invoice_item_more import more_of
from generator.domains.finance.invoice_item_rules import RULES
from generator.domains.finance.invoice_item_standing import standing_of
from generator.domains.graph import Declaration, Draw, Made, derived, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.payment.deal_price import PRODUCTS, TAX
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion_within

TABLE = Table(
    "invoice_item",
    domain="finance",
    meaning="Invoice line",
    key="invoice_item_key",
    columns=(
        text("invoice_item_key", 50, unique=True),
        text("invoice_key", 50),
        integer("line_number", "1..n without gaps, unique per invoice"),
        enum("item_type", "ResourceTypes"),
        text("item_reference_key", 50, "part/labour/vehicle/plan key by item_type", nullable=True),
        text("description", 250),
        decimal("total_quantity", 10, 2),
        decimal("unit_price", 12, 2),
        decimal("unit_cost", 12, 2),
        decimal("base_amount", 14, 2, "= round(total_quantity * unit_price, 2)"),
        decimal("discount_amount", 14, 2),
        flag("taxable_indicator"),
        decimal("tax_amount", 14, 2, "= round((base - discount) * rate, 2) if taxable"),
        decimal("total_amount", 14, 2, "= base_amount - discount_amount + tax_amount"),
        enum("invoice_item_status_type", "InvoiceItemStatusTypes"),
        enum("pay_type", "PayTypes", "CUSTOMER_PAY | WARRANTY | INTERNAL ..."),
    ),
    links=(Link("invoice_key", "invoice", "invoice_key", "parent"),),
)


Integers = NDArray[np.int64]

_VEHICLE, _EXEMPT, _MERGED, _FIRST_PRODUCT = 0, 1, 2, 3
_FIRST_PART = _FIRST_PRODUCT + len(PRODUCTS)
_LINES = (
    ("VEHICLE", ""),
    ("TRADE_IN", "Part of the price met by the trade-in, not taxed"),
    ("PRODUCT", "Protection products and accessories"),
    ("WARRANTY", "Vehicle service contract"),
    ("INSURANCE", "Guaranteed asset protection"),
    ("SERVICE", "Prepaid maintenance plan"),
    ("PRODUCT", "Paint and fabric protection"),
    ("PRODUCT", "Tire and wheel protection"),
    ("PRODUCT", "Key replacement"),
    ("PRODUCT", "Dent and windshield protection"),
    ("PRODUCT", "Theft protection etching"),
    ("ACCESSORIES", "Accessories"),
    ("VEHICLE_OPTION", "Option packages"),
    ("SERVICE", "Preparation and inspection"),
    ("VEHICLE_OPTION", "All-weather floor mats"),
    ("SERVICE", "Detailing"),
    ("VEHICLE_OPTION", "Wheel locks"),
    ("SERVICE", "Delivery to the customer"),
    ("SERVICE", "Full tank and first charge"),
)
_PARTS = len(_LINES) - _FIRST_PART


class Lines(NamedTuple):
    """Lines of the shard's invoices in order: local invoice, kind, taxed base, discount, cost."""

    invoice: Integers
    kind: Integers
    base: Integers
    discount: Integers
    cost: Integers


@link(
    "invoice_key",
    "line_number",
    "item_type",
    "base_amount",
    "discount_amount",
    "unit_cost",
    "_invoice_key",
    "_kind",
    "_dealer",
)
def lines(draw: Draw) -> Made:
    invoices = draw.frames["invoice"]
    found = _lines(draw, _counts(draw))
    labels = tuple(dict.fromkeys(kind for kind, _ in _LINES))
    type_of = np.array([labels.index(kind) for kind, _ in _LINES], dtype=np.int32)
    invoice = found.invoice + invoices.start
    return {
        "invoice_key": draw.key("invoice", invoice),
        "line_number": place_in_group(found.invoice) + 1,
        "item_type": Coded(type_of[found.kind], labels),
        "base_amount": found.base,
        "discount_amount": found.discount,
        "unit_cost": found.cost,
        "_invoice_key": invoice,
        "_kind": found.kind,
        "_dealer": invoices["_dealer"][found.invoice],
    }


def _deal(draw: Draw) -> Integers:
    """Local deal of each invoice of the shard."""
    local: Integers = draw.frames["invoice"]["_deal_key"] - draw.frames["deal"].start
    return local


def _exempt(draw: Draw) -> Integers:
    """The part of each invoice's price that the trade-in frees from tax."""
    deals, at = draw.frames["deal"], _deal(draw)
    free: Integers = np.where(deals["_credit"][at], deals["trade_in_allowance"][at], 0)
    return free


def _counts(draw: Draw) -> Integers:
    """Lines of each invoice: the dealer's exact total, as near to the natural lines as it lets."""
    invoices, deals, at = draw.frames["invoice"], draw.frames["deal"], _deal(draw)
    low, high = ITEMS_PER_INVOICE
    products = (deals["_products"][at] > 0).sum(axis=1)
    extra = (np.arange(invoices.rows) % 3 == 0).astype(np.int64)
    natural = np.clip(1 + (_exempt(draw) > 0) + products + extra, low, high)
    counts = np.zeros(invoices.rows, dtype=np.int64)
    local = invoices["_dealer"] - draw.frames["dealer"].start
    first = np.searchsorted(local, np.arange(len(draw.counts["invoice_item"]) + 1))
    for dealer, total in enumerate(draw.counts["invoice_item"]):
        rows = slice(first[dealer], first[dealer + 1])
        n, usual = first[dealer + 1] - first[dealer], natural[rows]
        least, most = np.full(n, low), np.full(n, high)
        if total >= usual.sum():
            weights = 1.0 + (np.arange(n) * 7 % 5)
            counts[rows] = apportion_within(weights, int(total), usual, most)
        else:
            counts[rows] = apportion_within(usual - low + 0.01, int(total), least, usual)
    return counts


def _lines(draw: Draw, counts: Integers) -> Lines:
    """A slot for every kind of line of every invoice; the ones in use, in order."""
    deals, at, exempt = draw.frames["deal"], _deal(draw), _exempt(draw)
    n = len(at)
    base = np.zeros((n, len(_LINES)), dtype=np.int64)
    cost = np.zeros_like(base)
    free = counts - 1 - (exempt > 0)
    _bill_products(base, cost, deals["_products"][at], deals["_product_costs"][at], free)
    billed = (base > 0).sum(axis=1)
    parts = _parts(draw, deals["_grain"][at], deals["sale_price"][at] - exempt, free - billed)
    base[:, _FIRST_PART:] = parts
    base[:, _EXEMPT] = exempt
    discount = deals["discount_price_total"][at]
    subtotal = deals["sale_price"][at] + deals["product_price_total"][at] + discount
    base[:, _VEHICLE] = subtotal - base.sum(axis=1)
    cost[:, _VEHICLE] = (
        deals["sale_price"][at]
        - deals["front_gross_profit"][at]
        + deals["_product_costs"][at].sum(axis=1)
        - cost.sum(axis=1)
    )
    used = base > 0
    invoice, kind = np.nonzero(used)
    off = np.where(kind == _VEHICLE, discount[invoice], 0)
    return Lines(invoice, kind, base[used], off, cost[used])


def _bill_products(
    base: Integers, cost: Integers, prices: Integers, costs: Integers, free: Integers
) -> None:
    """A line for each product, the last ones together where ``free`` lines do not suffice."""
    count = (prices > 0).sum(axis=1)
    place = np.cumsum(prices > 0, axis=1)
    own = np.where(count <= free, count, np.maximum(free - 1, 0))
    alone = (prices > 0) & (place <= own[:, None])
    columns = slice(_FIRST_PRODUCT, _FIRST_PART)
    base[:, columns] = np.where(alone, prices, 0)
    cost[:, columns] = np.where(alone, costs, 0)
    shared = (count > free) & (free > 0)
    base[:, _MERGED] = np.where(shared, np.where(alone, 0, prices).sum(axis=1), 0)
    cost[:, _MERGED] = np.where(shared, np.where(alone, 0, costs).sum(axis=1), 0)


def _parts(draw: Draw, grain: Integers, taxed: Integers, wanted: Integers) -> Integers:
    """``wanted`` parts (n, 7) of the vehicle's taxed price, each a multiple of the grain."""
    share = np.array(draw.figures["vehicle_line_parts"], dtype=np.float64)[:_PARTS]
    used = np.arange(_PARTS)[None, :] < wanted[:, None]
    whole = np.floor(taxed[:, None] * share[None, :] / grain[:, None]).astype(np.int64)
    parts: Integers = np.where(used, np.maximum(whole, 1) * grain[:, None], 0)
    return parts


@derived("total_quantity", "unit_price", "taxable_indicator", "tax_amount", "total_amount")
def amounts(draw: Draw) -> Made:
    """Quantity one; the tax is exact (see ``deal_price``)."""
    deals, at = draw.frames["deal"], _deal(draw)
    row = draw["_invoice_key"] - draw.frames["invoice"].start
    taxable = draw["_kind"] != _EXEMPT
    net = draw["base_amount"] - draw["discount_amount"]
    tax = np.where(taxable, (net * deals["tax_rate"][at][row] + TAX // 2) // TAX, 0)
    return {
        "total_quantity": np.full(draw.n, 100, dtype=np.int64),
        "unit_price": draw["base_amount"],
        "taxable_indicator": taxable,
        "tax_amount": tax,
        "total_amount": net + tax,
    }


@derived("description", "item_reference_key")
def wording(draw: Draw) -> Made:
    """The vehicle by year, make, model and trim; the other lines by their kind."""
    deals, at = draw.frames["deal"], _deal(draw)
    row = draw["_invoice_key"] - draw.frames["invoice"].start
    vehicle = draw["_kind"] == _VEHICLE
    fixed, names = [text for _, text in _LINES], _names(draw)
    labels, first = np.unique(np.array(fixed + names, dtype=str), return_inverse=True)
    code = first[np.where(vehicle, deals["_specification"][at][row] + len(fixed), draw["_kind"])]
    keys = draw.key("vehicle", deals["_vehicle_key"][at][row])
    return {
        "description": Coded(code.astype(np.int32), tuple(labels.tolist())),
        "item_reference_key": (keys, ~vehicle),
    }


def _names(draw: Draw) -> list[str]:
    catalogue = draw.frames["vehicle_specification"]
    columns: list[Any] = [catalogue["model_year"].tolist()]
    columns += [catalogue.text(name).tolist() for name in ("make", "model", "trim")]
    return [" ".join(str(part) for part in parts) for parts in zip(*columns, strict=True)]


def _local(draw: Draw) -> Integers:
    row: Integers = draw["_invoice_key"] - draw.frames["invoice"].start
    return row


@derived("invoice_item_status_type", "pay_type")
def statuses(draw: Draw) -> Made:
    """A line is where its invoice is."""
    return {
        "invoice_item_status_type": standing_of(
            draw.frames["invoice"]["payment_status_type"], _local(draw)
        ),
        "pay_type": same(draw, "CUSTOMER_PAY"),
    }


@derived("_billed")
def billed(draw: Draw) -> Made:
    invoices = draw.frames["invoice"]
    return {"_billed": invoices["invoice_date_time"][draw["_invoice_key"] - invoices.start]}


def known(draw: Draw, at: np.datetime64) -> Made:
    header = draw.frames.known(draw.frames["invoice"], at)["payment_status_type"]
    assert isinstance(header, Coded)  # as the invoice makes it
    return {"invoice_item_status_type": standing_of(header, _local(draw))}


BILLED = each(
    "invoice",
    Noun("line", "lines"),
    least=ITEMS_PER_INVOICE[0],
    most=ITEMS_PER_INVOICE[1],
    rule=f"An invoice has {ITEMS_PER_INVOICE[0]} to {ITEMS_PER_INVOICE[1]} lines",
    typical=lambda given: given.figures["items_per_invoice"] * given["invoice"],
    why=lambda given: f"{given.figures['items_per_invoice']:g} an invoice",
    back=limits(1 / 3.4),
)


def _more(given: Given) -> float:
    return more_bills(given) * float(given.figures["lines_a_bill"])


COUNT = beside(BILLED, _more)


INVOICE_ITEM = Declaration(
    TABLE,
    prefix="II",
    count=COUNT,
    makers=(keyed(TABLE), lines, amounts, wording, statuses, billed),
    rules=RULES,
    born="_billed",
    known=known,
    also=more_of(TABLE, COUNT),
)
