"""What invoices post: a sale of a car by its parts, and its cost; other bills by their kind.

Templates: domain-model 2.21.  The customer owes on 1200, the lender on 1250 until it pays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.journals import Journal, Line
from generator.domains.finance.other_bills import (
    DEDUCTIBLE,
    LABOR,
    PARTS,
    PERIOD,
    SUBLET,
    SUPPLIES,
    other_bills,
)
from generator.domains.graph import Draw

Ints = NDArray[np.int64]
CONTEXTS = {"SERVICE": "SERVICE_SALE", "PART": "PARTS_SALE", "SUBSCRIPTION": "SUBSCRIPTION"}
DEPARTMENTS = {"SERVICE": "SERVICE", "PART": "PARTS", "SUBSCRIPTION": "SALES"}


def journals(draw: Draw) -> Sequence[Journal]:
    return (_sales_of_cars(draw), _costs_of_cars(draw))


def _deals(draw: Draw) -> tuple[Ints, Ints]:
    """Local invoices of deals, and their local deals."""
    rows = np.flatnonzero(draw["_deal_key"] >= 0)
    return rows, draw["_deal_key"][rows] - draw.frames["deal"].start


def _sales_of_cars(draw: Draw) -> Journal:
    rows, at = _deals(draw)
    deals = draw.frames["deal"]
    lent, products = deals["amount_financed"][at], deals["product_price_total"][at]
    fee, tax = deals["fee_price_total"][at], deals["tax_price_total"][at]
    price, new = deals["sale_price"][at], deals["_new"][at]
    payer = draw["_bill_to_party_key"][rows]
    owed = draw["total_amount"][rows] - lent
    return Journal(
        "VEHICLE_SALE",
        rows,
        draw["invoice_date_time"][rows],
        (
            Line("1200", owed, "RECEIVABLE", payer, "SALES"),
            Line("1250", lent, "CONTRACTS_IN_TRANSIT", _lender(draw, at, payer), "SALES"),
            Line("4000", np.where(new, -price, 0), "SALE", department="SALES"),
            Line("4010", np.where(new, 0, -price), "SALE", department="SALES"),
            Line("4020", -products, "PRODUCT", department="F_I"),
            Line("4090", -fee, "FEE", department="SALES"),
            Line("2210", -tax, "TAX"),
        ),
    )


def _lender(draw: Draw, at: Ints, otherwise: Ints) -> Ints:
    """The lender's party of each deal; the buyer's where nothing is lent."""
    application, companies = draw.frames["credit_application"], draw.frames["org_profile"]
    row = draw.frames["deal"]["_credit_application_key"][at]
    if not application.rows:
        return otherwise
    lender = application["_lender_org_profile_key"][np.maximum(row - application.start, 0)]
    return np.where(row >= 0, companies["_party_key"][np.maximum(lender, 0)], otherwise)


def _costs_of_cars(draw: Draw) -> Journal:
    rows, at = _deals(draw)
    deals, stays = draw.frames["deal"], draw.frames["inventory_vehicle"]
    stay = deals["_inventory_vehicle_key"][at] - stays.start
    cost = stays["cost_amount"][stay] + stays["reconditioning_cost"][stay]
    new = deals["_new"][at]
    first, other = np.where(new, cost, 0), np.where(new, 0, cost)
    return Journal(
        "VEHICLE_SALE",
        rows,
        draw["invoice_date_time"][rows],
        (
            Line("5000", first, "COST_OF_SALE", department="SALES"),
            Line("1300", -first, "INVENTORY", department="SALES"),
            Line("5010", other, "COST_OF_SALE", department="SALES"),
            Line("1310", -other, "INVENTORY", department="SALES"),
        ),
    )


def other_sales(draw: Draw) -> Sequence[Journal]:
    """Work, parts and terms by what they are, with their tax; then what the parts have cost."""
    found, first = [], 0
    for bills in other_bills(draw.frames):
        n = len(bills.customer)
        rows = np.arange(first, first + n)
        first += n
        billed, payer = draw["invoice_date_time"][rows], draw["_bill_to_party_key"][rows]
        context, department = CONTEXTS[bills.source], DEPARTMENTS[bills.source]
        work = bills.lines.sums(n, LABOR, SUBLET, SUPPLIES, DEDUCTIBLE)
        cost = bills.lines.costs(n)
        found += [
            Journal(
                context,
                rows,
                billed,
                (
                    Line("1200", draw["total_amount"][rows], "RECEIVABLE", payer, department),
                    Line("4100", -work, "SERVICE", department=department),
                    Line("4150", -bills.lines.sums(n, PARTS), "SALE", department="PARTS"),
                    Line("4200", -bills.lines.sums(n, PERIOD), "INCOME", department=department),
                    Line("2210", -draw["tax_amount"][rows], "TAX"),
                ),
            ),
            Journal(
                context,
                rows,
                billed,
                (
                    Line("5150", cost, "COST_OF_SALE", department="PARTS"),
                    Line("1350", -cost, "INVENTORY", department="PARTS"),
                ),
            ),
        ]
    return found
