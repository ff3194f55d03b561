"""What must hold for products sold with deals (R039, R047, R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CARS, LEADS_AND_DEALS
from generator.rules import Rule, Truth
from generator.tables import Tables

CONTRACT = "product_contract"


def _dates(tables: Tables) -> Truth:
    """Executed with the contract of the deal, for the months it says."""
    begin = tables.values(CONTRACT, "execution_date").astype("datetime64[D]")
    end = tables.values(CONTRACT, "expiration_date").astype("datetime64[D]")
    months = tables.values(CONTRACT, "term_months")
    signed = tables.values(CONTRACT, "deal_key.contract_date_time").astype("datetime64[D]")
    passed = end.astype("datetime64[M]") - begin.astype("datetime64[M]")
    return np.asarray((begin == signed) & (begin < end) & (passed.astype(np.int64) == months))


def _money(tables: Tables) -> Truth:
    price, cost = (tables.values(CONTRACT, name) for name in ("price_amount", "cost_amount"))
    return np.asarray((price > 0) & (cost >= 0) & (cost < price))


def _in_the_deal(tables: Tables) -> Truth:
    """Contracts are part of what the deal's products come to; the rest are accessories."""
    deal = tables.row_of("product_contract", "deal_key")
    total = np.zeros(tables.rows("deal"), dtype=np.int64)
    known = deal >= 0
    np.add.at(total, deal[known], tables.values("product_contract", "price_amount")[known])
    return np.asarray(total <= tables.values("deal", "product_price_total"))


def _loan(tables: Tables) -> Truth:
    """Products of a financed deal are financed; what covers a loan ends with it."""
    cash = tables.is_one_of(CONTRACT, "deal_key.payment_type", "CASH", "OUTRIGHT_PURCHASE")
    financed = tables.values(CONTRACT, "financed_indicator")
    gap = tables.is_one_of(CONTRACT, "contract_type", "FINANCE")
    months = tables.values(CONTRACT, "deal_key.term_months")
    same = tables.values(CONTRACT, "term_months") == months
    return np.asarray((financed == ~cash) & (~gap | (financed & same)))


def _miles(tables: Tables) -> Truth:
    """Products that count miles end after those the car had in stock."""
    end = tables.values(CONTRACT, "expiration_distance")
    stock = tables.values(CONTRACT, "deal_key.inventory_vehicle_key.odometer_at_stock")
    return np.asarray((end > stock) | tables.missing(CONTRACT, "expiration_distance"))


RULES = (
    Rule(
        "R047.contracts",
        "deal",
        "Product contracts are part of product_price_total.",
        _in_the_deal,
        needs=(CONTRACT,),
        group=LEADS_AND_DEALS,
        scope="shard",
    ),
    Rule(
        "R047.contract",
        CONTRACT,
        "A product costs the dealer less than its price.",
        _money,
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R108.contract",
        CONTRACT,
        "A product begins with the deal's contract and runs for its months.",
        _dates,
        needs=("deal",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R050.contract",
        CONTRACT,
        "Products of financed deals are financed; what covers the loan runs as long as it.",
        _loan,
        needs=("deal",),
        group=LEADS_AND_DEALS,
    ),
    Rule(
        "R039.contract",
        CONTRACT,
        "A product that counts miles ends after those the car had.",
        _miles,
        needs=("deal", "inventory_vehicle"),
        group=CARS,
    ),
)
