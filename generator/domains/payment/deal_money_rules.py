"""What must hold for the money of deals: price, tax, payments (R047–R049, R054, R055, R065)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.invoice_rules import LIVE
from generator.domains.headings import BALANCE, DEAL_MONEY, PAYMENTS
from generator.domains.payment.payment_rules import LENDING
from generator.domains.payment.rates import annuity, lease_payment
from generator.rules import Rule, Truth, Whole
from generator.sketch import Cells, Verdict
from generator.tables import Tables

Cents = NDArray[np.int64]


def _deal(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("deal", column) for column in columns]


def _rounded(product: Cents, unit: int) -> Cents:
    """Cents from a product scaled by ``unit``, halves upwards."""
    return (product + unit // 2) // unit


def _total(tables: Tables) -> Truth:
    total, sale, product, fee, tax = _deal(
        tables,
        "total_amount",
        "sale_price",
        "product_price_total",
        "fee_price_total",
        "tax_price_total",
    )
    return np.asarray(total == sale + product + fee + tax)


def _equity(tables: Tables) -> Truth:
    equity, allowance, payoff = _deal(
        tables, "trade_in_equity", "trade_in_allowance", "trade_payoff"
    )
    return np.asarray(equity == allowance - payoff)


def _financed(tables: Tables) -> Truth:
    amount, total, rebate, equity, down = _deal(
        tables,
        "amount_financed",
        "total_amount",
        "rebate_price_total",
        "trade_in_equity",
        "down_payment",
    )
    cash = tables.is_one_of("deal", "payment_type", "CASH", "OUTRIGHT_PURCHASE")
    return np.asarray(amount == np.where(cash, 0, total - rebate - equity - down))


def _taxable(tables: Tables) -> Truth:
    taxable, sale, product, allowance = _deal(
        tables, "taxable_amount", "sale_price", "product_price_total", "trade_in_allowance"
    )
    whole = sale + product
    return np.asarray((taxable == whole - allowance) | (taxable == whole))


def _ways_of_taxing(tables: Tables) -> Cells:
    """Deals with a trade-in by state and whether it is credited."""
    own = tables.own("deal")
    taxable, sale, product, allowance = _deal(
        tables, "taxable_amount", "sale_price", "product_price_total", "trade_in_allowance"
    )
    state = tables.codes("deal", "dealer_key.state")
    place = np.where(state.codes < 0, len(state.labels), state.codes) * 2
    way = np.where(taxable < sale + product, 0, np.where(taxable == sale + product, 1, -1))
    counted = (way >= 0) & (allowance > 0)
    names = (*state.labels, "")
    return Cells.of(
        np.where(counted, place + way, -1)[own],
        lambda code: (names[code // 2], ("credited", "whole")[code % 2]),
    )


def _one_way_of_taxing(deals: Cells) -> Verdict:
    """A state either credits every trade-in or none."""
    return deals.verdict(
        lambda label: label[1] == "whole" and deals.count((label[0], "credited")) > 0
    )


def _tax(tables: Tables) -> Truth:
    tax, taxable, rate = _deal(tables, "tax_price_total", "taxable_amount", "tax_rate")
    return np.asarray(tax == _rounded(taxable * rate, 100_000))


def _front_gross(tables: Tables) -> Truth:
    gross, sale, cost, work = _deal(
        tables,
        "front_gross_profit",
        "sale_price",
        "inventory_vehicle_key.cost_amount",
        "inventory_vehicle_key.reconditioning_cost",
    )
    return np.asarray(gross == sale - cost - work)


def _msrp(tables: Tables) -> Truth:
    msrp, of_vehicle = _deal(tables, "msrp_price", "inventory_vehicle_key.vehicle_key.total_msrp")
    return np.asarray(msrp == of_vehicle)


def _discount(tables: Tables) -> Truth:
    discount, msrp, sale = _deal(tables, "discount_price_total", "msrp_price", "sale_price")
    new = tables.is_one_of("deal", "product_state_type", "NEW")
    return np.asarray(discount == np.where(new, np.maximum(msrp - sale, 0), 0))


def _settlement(tables: Tables) -> Truth:
    """Every part of an invoiced deal is paid (or on its way) to the cent; while something is owed
    no part has more than it comes to."""
    deals = tables.rows("deal")
    of_payment = _deal_of_payment(tables)
    amount = tables.values("payment", "amount")
    billed = np.zeros(deals, dtype=bool)
    with_deal = tables.row_of("invoice", "deal_key")
    billed[with_deal[with_deal >= 0]] = True

    def paid(kind: str, *methods: str) -> Cents:
        rows = (of_payment >= 0) & tables.is_one_of("payment", "payment_amount_type", kind)
        if methods:
            rows &= tables.is_one_of("payment", "payment_method_type", *methods)
        return _sums(of_payment[rows], amount[rows], deals)

    total, down, equity, rebate, lent = _deal(
        tables,
        "total_amount",
        "down_payment",
        "trade_in_equity",
        "rebate_price_total",
        "amount_financed",
    )
    sums = _sums(of_payment[of_payment >= 0], amount[of_payment >= 0], deals)
    parts = (
        (paid("DOWN_PAYMENT"), down),
        (paid("TRADE_IN_ALLOWANCE", "TRADE_IN"), equity),
        (paid("OTHER", "INTERNAL_CREDIT"), rebate),
        (paid("TOTAL_FINANCED", *LENDING), lent),
        (sums, total),
    )
    owed = np.zeros(deals, dtype=bool)
    balance = tables.values("invoice", "balance_amount")
    owed[with_deal[(with_deal >= 0) & (balance > 0)]] = True
    whole = np.logical_and.reduce([got == due for got, due in parts])
    some = np.logical_and.reduce([np.abs(got) <= np.abs(due) for got, due in parts])
    holds = np.where(owed, some, whole)
    return np.asarray(holds | ~billed)


def _sums(rows: NDArray[np.int64], amounts: Cents, number: int) -> Cents:
    """Amounts summed by row, shape (number,)."""
    total = np.zeros(number, dtype=np.int64)
    np.add.at(total, rows, amounts)
    return total


def _deal_of_payment(tables: Tables) -> NDArray[np.int64]:
    """Row of the deal each payment belongs to, -1 for none."""
    return tables.row_of("payment", "invoice_key.deal_key")


def _monthly(tables: Tables) -> Truth:
    """Loans by the annuity, leases by the money factor, nothing for cash; one cent of rounding."""
    amount, rate, months, payment, factor, residual = _deal(
        tables,
        "amount_financed",
        "interest_rate",
        "term_months",
        "monthly_payment",
        "money_factor",
        "residual_value",
    )
    loan = ~tables.missing("deal", "interest_rate") & ~tables.missing("deal", "term_months")
    lease = ~tables.missing("deal", "money_factor") & ~tables.missing("deal", "term_months")
    months = np.maximum(months, 1)
    expected = np.where(
        loan, annuity(amount, rate, months), lease_payment(amount, residual, factor, months)
    )
    paid = ~tables.missing("deal", "monthly_payment")
    near = np.abs(payment - expected) <= 1
    return np.where(loan | lease, paid & near, ~paid)


def _desk(tables: Tables) -> Truth:
    """A dealer's flagged deals all have a smaller margin than its other deals."""
    gross, sale, flagged = _deal(
        tables, "front_gross_profit", "sale_price", "desk_approval_required_indicator"
    )
    margin = gross / np.maximum(sale, 1)
    dealer = tables.row_of("deal", "dealer_key")
    least = np.full(tables.rows("dealer") + 1, np.inf)
    others = ~flagged & (dealer >= 0)
    np.minimum.at(least, dealer[others], margin[others])
    return np.where(flagged, margin < least[dealer], True)


def _funded(tables: Tables) -> Truth:
    """A funded deal with a lender has the lender's settled money."""
    of_payment = _deal_of_payment(tables)
    lent = tables.is_one_of("payment", "payment_amount_type", "TOTAL_FINANCED")
    lent &= ~tables.missing("payment", "settled_date_time") & (of_payment >= 0)
    paid = np.zeros(tables.rows("deal"), dtype=bool)
    paid[of_payment[lent]] = True
    needs = tables.is_one_of("deal", "deal_status", "FUNDED")
    needs &= tables.values("deal", "amount_financed") > 0
    return paid | ~needs


def _one_invoice(tables: Tables) -> Truth:
    deal = tables.row_of("invoice", "deal_key")
    live = tables.is_one_of("invoice", "invoice_status_type", *LIVE) & (deal >= 0)
    count = np.bincount(deal[live], minlength=tables.rows("deal"))
    return np.asarray(count == tables.is_one_of("deal", "deal_status", "POSTED", "FUNDED"))


MONEY_RULES = (
    Rule(
        "R047.total",
        "deal",
        "total_amount = sale_price + product_price_total + fee_price_total + tax_price_total",
        _total,
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.equity",
        "deal",
        "trade_in_equity = trade_in_allowance - trade_payoff",
        _equity,
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.financed",
        "deal",
        "amount_financed = total_amount - rebates - trade_in_equity - down_payment; 0 for cash",
        _financed,
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.taxable",
        "deal",
        "taxable_amount = sale_price + product_price_total - trade_in_allowance where the state "
        "credits trade-ins, else without the last part",
        _taxable,
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.state",
        "deal",
        "A state credits every trade-in or none",
        Whole(_ways_of_taxing, _one_way_of_taxing),
        needs=("dealer",),
        group=DEAL_MONEY,
        scope="whole",
    ),
    Rule(
        "R047.tax",
        "deal",
        "tax_price_total = round(taxable_amount * tax_rate, 2)",
        _tax,
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.gross",
        "deal",
        "front_gross_profit = sale_price - cost_amount - reconditioning_cost",
        _front_gross,
        needs=("inventory_vehicle",),
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.msrp",
        "deal",
        "msrp_price = vehicle.total_msrp",
        _msrp,
        needs=("inventory_vehicle", "vehicle"),
        group=DEAL_MONEY,
    ),
    Rule(
        "R047.discount",
        "deal",
        "discount_price_total = max(msrp_price - sale_price, 0) for new cars, else 0",
        _discount,
        group=DEAL_MONEY,
    ),
    Rule(
        "R048",
        "deal",
        "total_amount = down payment + trade-in equity + rebates + amount financed + cash, each "
        "part a payment of its kind",
        _settlement,
        needs=("payment", "invoice"),
        group=PAYMENTS,
        scope="shard",
    ),
    Rule(
        "R049",
        "deal",
        "monthly_payment is the annuity of the amount financed (leases: by money factor and "
        "residual) within a cent; none for cash",
        _monthly,
        group=DEAL_MONEY,
    ),
    Rule(
        "R054.funded",
        "deal",
        "A funded deal with a lender has the lender's settled payment",
        _funded,
        needs=("payment", "invoice"),
        group=PAYMENTS,
        scope="shard",
    ),
    Rule(
        "R055",
        "deal",
        "A manager approves exactly the deals with a front margin under the dealer's threshold",
        _desk,
        needs=("dealer",),
        group=DEAL_MONEY,
        scope="shard",
    ),
    Rule(
        "R065",
        "deal",
        "Every posted or funded deal has exactly one live invoice, other deals none",
        _one_invoice,
        needs=("invoice",),
        group=BALANCE,
        scope="shard",
    ),
)
