"""The price side of a deal: sale price, products, fees, tax, gross profit.

Every amount that is taxed is a multiple of the deal's *grain*, the smallest whole-dollar amount
whose tax is a whole number of cents.  So the deal's tax and the taxes of any lines its amounts
are parted into are exact before rounding, and R047, R063 and R064 hold together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import evened, parted, round_half_up
from generator.domains.payment.score import product_state
from generator.frame import Frame

QUARTER = 25  # cents
TAX = 100_000  # decimals of tax_rate
PRODUCTS = (
    "vsc",
    "gap",
    "prepaid_maintenance",
    "paint_fabric",
    "tire_wheel",
    "key_replacement",
    "dent_windshield",
    "theft_etch",
    "accessories",
)
_LEAST_GRAINS = 25  # a price has room for a vehicle's line and seven lines parted from it


def rows_of(draw: Draw, table: str, column: str) -> NDArray[np.int64]:
    """Local rows of ``table`` that the deals' working column ``column`` names."""
    local: NDArray[np.int64] = draw.frame[column] - draw.frames[table].start
    return local


def state_of(draw: Draw) -> NDArray[np.str_]:
    """The dealer's state of each deal."""
    dealer = draw.frames["dealer"]
    states: NDArray[np.str_] = dealer.text("state")[draw.frame["_dealer"] - dealer.start].astype(
        str
    )
    return states


def by_state(values: dict[str, float], states: NDArray[np.str_]) -> NDArray[np.float64]:
    """The state's value of each deal; states the figure does not name get the median value."""
    other = float(np.median(list(values.values())))
    unique, inverse = np.unique(states, return_inverse=True)
    return np.array([float(values.get(str(state), other)) for state in unique])[inverse]


@derived("tax_rate", "_grain", "_credit")
def tax_rate(draw: Draw) -> Made:
    rate = round_half_up(by_state(draw.figures["vehicle_sales_tax_rate"], state_of(draw)) * TAX)
    whole_cents = TAX // np.gcd(rate, TAX)
    free = np.isin(state_of(draw), np.array(draw.figures["no_trade_credit_states"], dtype=str))
    return {"tax_rate": rate, "_grain": np.lcm(whole_cents, 100), "_credit": ~free}


@derived("msrp_price")
def msrp_price(draw: Draw) -> Made:
    return {"msrp_price": draw.frames["vehicle"]["total_msrp"][vehicle_rows(draw)]}


def vehicle_rows(draw: Draw) -> NDArray[np.int64]:
    return rows_of(draw, "vehicle", "_vehicle_key")


@drawn("sale_price")
def sale_price(draw: Draw) -> Made:
    """New cars sell near their MSRP, used ones at cost and a gross that falls with age in stock."""
    stock = draw.frames["inventory_vehicle"]
    at = rows_of(draw, "inventory_vehicle", "_inventory_vehicle_key")
    new = draw.frame.text("product_state_type") == "NEW"
    cell = np.where(new, "NEW", "USED").astype(object)
    share = draw.leaf("deal.sale_price_to_msrp", u=evened(draw.u("sale_price_to_msrp"), cell))
    listed = stock["list_price"][at]
    cost = stock["cost_amount"][at] + stock["reconditioning_cost"][at]
    gross = draw.leaf(
        "deal.used_front_gross",
        by=(_days_in_stock(draw, stock, at),),
        u=evened(draw.u("used_front_gross"), cell),
    )
    low = listed * float(draw.figures["used_price_floor_of_list"])
    used = np.clip(cost + gross * 100, low, listed)
    used = cost + draw.shaped(
        "deal.front_gross_profit", used - cost, by=(cost / 100,), where=~new, scale=100
    )
    wanted = np.where(new, draw["msrp_price"] * share, used)
    grain = draw["_grain"]
    price = np.maximum(round_half_up(wanted / grain), _LEAST_GRAINS) * grain
    return {"sale_price": price}


def _days_in_stock(draw: Draw, stock: Frame, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from the car's arrival to the deal's opening."""
    held = draw["occurrence_date_time"] - stock["stock_date_time"][at]
    days = held.astype("timedelta64[D]").astype(np.int64)
    return np.where(stock.missing("stock_date_time")[at], 0, days)


@derived(
    "discount_price_total",
    "front_gross_profit",
    "commission_amount",
    "desk_approval_required_indicator",
)
def front_gross(draw: Draw) -> Made:
    stock = draw.frames["inventory_vehicle"]
    at = rows_of(draw, "inventory_vehicle", "_inventory_vehicle_key")
    price, figures = draw["sale_price"], draw.figures
    new = draw.frame.text("product_state_type") == "NEW"
    gross = price - stock["cost_amount"][at] - stock["reconditioning_cost"][at]
    least = int(figures["commission_minimum"]) * 100
    share = np.floor((_commission_rate(draw) * gross + 5_000) / 10_000).astype(np.int64)
    return {
        "discount_price_total": np.where(new, np.maximum(draw["msrp_price"] - price, 0), 0),
        "front_gross_profit": gross,
        "commission_amount": np.maximum(share, least),
        "desk_approval_required_indicator": gross < price * float(figures["desk_approval_margin"]),
    }


def _commission_rate(draw: Draw) -> NDArray[np.int64]:
    """The salesperson's share of front gross in ten-thousandths (the usual one where the record
    names none)."""
    usual = round(float(draw.figures["commission_rate_usual"]) * 10_000)
    staff, record = draw.frames["staff_member"], draw.frames["personnel_record"]
    of_staff = np.full(staff.rows, usual, dtype=np.int64)
    at = record["_staff_member_key"] - staff.start
    known = ~record.missing("commission_rate")
    of_staff[at[known]] = record["commission_rate"][known]
    rate: NDArray[np.int64] = of_staff[
        rows_of(draw, "staff_member", "_salesperson_staff_member_key")
    ]
    return rate


@drawn("product_price_total", "_products", "_product_costs")
def products(draw: Draw) -> Made:
    """F&I products and accessories: who buys which, at what price and cost."""
    grain, figures = draw["_grain"], draw.figures
    share: dict[str, float] = figures["fi_penetration"]
    margin: dict[str, float] = figures["fi_product_margin"]
    prices = np.zeros((draw.n, len(PRODUCTS)), dtype=np.int64)
    keen = np.zeros((draw.n, len(PRODUCTS)))
    for column, product in enumerate(PRODUCTS):
        able = draw["_financed"] if product == "gap" else np.ones(draw.n, dtype=bool)
        # GAP covers a loan: cash buyers rank last, so that its share of all deals is still met
        even = evened(draw.u(f"buys_{product}"), np.zeros(draw.n, dtype=np.int64), ~able)
        bought = able & (even < float(share[product]))
        keen[:, column] = np.where(able, even - float(share[product]), 1.0)
        price = draw.leaf("deal.product_price", by=(_all(product, draw.n),), stream=product)
        cents = np.maximum(round_half_up(price * 100 / grain), 1) * grain
        prices[:, column] = np.where(bought, cents, 0)
    prices = _to_totals(draw, prices, keen)
    costs = round_half_up(prices * (1 - np.array([float(margin[name]) for name in PRODUCTS])))
    return {
        "product_price_total": prices.sum(axis=1),
        "_products": prices,
        "_product_costs": costs,
    }


def _to_totals(
    draw: Draw, prices: NDArray[np.int64], keen: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Prices whose sums follow the extract's, where one was counted: each deal's products keep
    their proportions, in whole grains; who bought none and is to have some buys the product that
    was nearest to being bought."""
    total, buyer = prices.sum(axis=1), np.where(draw["_financed"], "FINANCED", "CASH")
    wanted = draw.shaped("deal.product_price_total", total, by=(buyer,), scale=100)
    grain = draw["_grain"]
    whole = np.where(wanted > 0, np.maximum(round_half_up(wanted / grain), 1), 0) * grain
    nearest = np.zeros_like(prices)
    nearest[np.arange(draw.n), keen.argmin(axis=1)] = 1
    weights = np.where((total > 0)[:, None], prices, nearest)
    return np.where((whole == total)[:, None], prices, parted(whole, weights * 1.0, grain))


def _all(label: str, n: int) -> NDArray[Any]:
    return np.full(n, label, dtype=object)


@drawn("fee_price_total")
def fees(draw: Draw) -> Made:
    """The state's usual documentation fee, and title and registration."""
    document = by_state(draw.figures["doc_fee_by_state"], state_of(draw))
    title = draw.leaf("deal.title_fee", by=(product_state(draw.frame),))
    total = round_half_up(document) * 100 + round_half_up(title * 4) * QUARTER
    state = product_state(draw.frame)
    total = draw.shaped("deal.fee_price_total", total, by=(state,), scale=100)
    return {"fee_price_total": round_half_up(total / QUARTER) * QUARTER}


@derived("rebate_price_total", "_rebate_payer")
def rebates(draw: Draw) -> Made:
    """The sum of the deal's incentives, and who is behind the first of them (-1 without any)."""
    incentives = draw.frames["deal_incentive"]
    total = np.zeros(draw.n, dtype=np.int64)
    payer = np.full(draw.n, -1, dtype=np.int64)
    if incentives.rows:
        np.add.at(total, incentives["_deal"], incentives["rebate_amount"])
        payer[incentives["_deal"][::-1]] = incentives["_payer"][::-1]
    return {"rebate_price_total": total, "_rebate_payer": payer}
