"""How a deal is paid: the trade-in, the tax it saves, the money down, the amount financed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import evened, leaning, ranks, round_half_up
from generator.domains.leanings import leaned, scores
from generator.domains.payment.deal_price import TAX
from generator.domains.payment.deal_trade import invoiced, lean
from generator.domains.payment.score import product_state


@drawn("trade_in_allowance", "trade_payoff", "trade_in_equity", "_deposits", "_financed_state")
def trade_in(draw: Draw) -> Made:
    """What is still owed on the car that is traded in; and who pays money down."""
    state, financed = product_state(draw.frame), draw["_financed"]
    trading, worth = draw["_trades"], draw["_allowance"]
    deposits = evened(draw.u("deposits"), _buyer(draw)) < _share_with_money_down(draw)
    deposits = _within_payments(draw, deposits)
    payoff = np.where(trading, _payoff(draw, worth), 0)
    return {
        "trade_in_allowance": worth,
        "trade_payoff": payoff,
        "trade_in_equity": worth - payoff,
        "_deposits": deposits,
        "_financed_state": np.where(financed, state, "CASH").astype(object),
    }


def _buyer(draw: Draw) -> NDArray[np.object_]:
    """The cell of money down: NEW or USED loans, LEASE, CASH."""
    kind = draw.frame.text("payment_type").astype(str)
    cell = np.where(kind == "LEASE", "LEASE", np.where(draw["_financed"], "", "CASH"))
    return np.where(cell == "", product_state(draw.frame), cell).astype(object)


def _share_with_money_down(draw: Draw) -> NDArray[np.float64]:
    share: dict[str, float] = draw.figures["money_down_share"]
    return np.array([float(share[cell]) for cell in _buyer(draw)], dtype=np.float64)


def _within_payments(draw: Draw, deposits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Every invoiced deal has a main payment, and one for its rebates; each trade-in and each
    deposit is one more.  Where a dealer's exact number of payments leaves room for fewer, the last
    deposits in a random order are not made."""
    dealers = draw.frames["dealer"]
    local = draw["_dealer"] - dealers.start
    billed = invoiced(draw)
    used = 1 * billed + (billed & draw["_trades"]) + (billed & (draw["rebate_price_total"] > 0))
    room = draw.counts["payment"] - np.bincount(local, used, dealers.rows).astype(np.int64)
    asked = billed & deposits
    place = ranks(local * 2 + asked, draw.u("keeps_deposit"))
    return np.asarray(deposits & ~(asked & (place >= room[local])))


def _payoff(draw: Draw, allowance: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is owed on the car traded in: more than it is worth, a part of it, or nothing."""
    state, under = product_state(draw.frame), draw["_under_water"]
    most = draw["sale_price"] * float(draw.figures["negative_equity_cap"])
    leans = lean(draw, "negative_equity")
    of_under = np.where(under, state, "").astype(str)
    even = leaning(draw.u("negative_equity"), of_under, draw["sale_price"], leans)
    more = np.maximum(np.minimum(draw.leaf("deal.negative_equity", u=even) * 100, most), 100)
    part = np.minimum(round_half_up(allowance * draw["_owed_part"]), allowance - 100)
    return np.where(under, allowance + round_half_up(more), np.maximum(part, 0))


@derived("taxable_amount", "tax_price_total", "total_amount")
def tax_and_total(draw: Draw) -> Made:
    price = draw["sale_price"] + draw["product_price_total"]
    taxable = price - np.where(draw["_credit"], draw["trade_in_allowance"], 0)
    tax = (taxable * draw["tax_rate"] + TAX // 2) // TAX
    return {
        "taxable_amount": taxable,
        "tax_price_total": tax,
        "total_amount": price + draw["fee_price_total"] + tax,
    }


@drawn("down_payment", "amount_financed")
def financing(draw: Draw) -> Made:
    """Money down in round sums, never more than a share of what the trade-in leaves to pay."""
    buyer = _buyer(draw)
    cell = np.where(draw["_deposits"], buyer, "").astype(str)
    by_price = evened(draw.u("down_by_price"), cell, draw["sale_price"])
    by_means = evened(_means(draw), cell)
    by = lean(draw, "down_payment") * by_price
    by += float(draw.figures["down_payment_means_lean"]) * by_means
    u = evened(draw.u("down_payment") + by, cell)
    wanted = draw.leaf("deal.down_payment", by=(buyer,), u=u)
    left = draw["total_amount"] - draw["rebate_price_total"] - draw["trade_in_equity"]
    cap = left * float(draw.figures["money_down_cap"])
    step = int(draw.figures["money_down_step"])
    cents = step * 100
    down = np.minimum(round_half_up(wanted / step) * cents, np.floor(cap / cents) * cents)
    down = np.where(draw["_deposits"], np.maximum(down, cents), 0).astype(np.int64)
    financed = np.where(draw["_financed"], left - down, 0)
    return {"down_payment": down, "amount_financed": financed}


def _means(draw: Draw) -> NDArray[np.float64]:
    """Keys of who can put money down: by income, thrift and the bureau's score."""
    customers = draw.frames["customer"]
    local = draw["_customer_key"] - customers.start
    return leaned(
        draw.u("means_down"),
        draw.figures["down_payment_leaning"],
        income=customers["_rich"][local],
        thrift=customers["_thrift"][local],
        score=scores(customers["_score"][local] + draw.u("score_down")),
    )
