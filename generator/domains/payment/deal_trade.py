"""Who offers a car in payment, and what it is taken for: before prices are known, so that the car
itself can stand in stock and be priced there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, drawn
from generator.domains.groups import evened, leaning, ranks
from generator.domains.payment.score import product_state

FAR = 10.0  # further than any two wishes lie apart
SOLD = ("ACCEPTED", "POSTED", "FUNDED")
INVOICED = ("POSTED", "FUNDED")


def invoiced(draw: Draw) -> NDArray[np.bool_]:
    """True for the deals of the frame that have an invoice."""
    found: NDArray[np.bool_] = np.isin(draw.frame.text("deal_status").astype(str), INVOICED)
    return found


def lean(draw: Draw, what: str) -> NDArray[np.float64]:
    """How far a number grows with the price of the car bought."""
    leans: dict[str, dict[str, float]] = draw.figures["price_lean"]
    new = product_state(draw.frame) == "NEW"
    return np.where(new, leans["NEW"][what], leans["USED"][what])


@drawn("_trades", "_taken")
def trades(draw: Draw) -> Made:
    """Exactly as many as there are cars offered, by the published shares of new and of used; on
    live deals exactly as many as are taken.  Who leases has mostly leased before.  On an invoiced
    deal the car is a payment of its own, for which the dealer's number of payments must have
    room."""
    new = product_state(draw.frame) == "NEW"
    local = draw["_dealer"] - draw.frames["dealer"].start
    rate: dict[str, float] = draw.figures["trade_in_rate"]
    leases = draw["payment_type"].text() == "LEASE"
    asks = draw.u("trades") + float(draw.figures["lease_trades_less"]) * leases
    even = evened(asks, local * 2 + new)
    wish = even - np.where(new, rate["NEW"], rate["USED"])
    live = np.isin(draw.frame.text("deal_status").astype(str), SOLD)
    billed, counts = invoiced(draw), draw.counts
    room = counts["payment"] - counts["invoice"] - counts["rebated"]
    wish = wish + FAR * (billed & (ranks(local * 2 + billed, wish) >= room[local]))
    taken = counts["taken"]
    offered = counts["trade_in_vehicle"] - taken
    chosen = ranks(local * 2 + live, wish) < np.where(live, taken[local], offered[local])
    return {"_trades": chosen, "_taken": chosen & live}


@drawn("_allowance")
def allowance(draw: Draw) -> Made:
    """In whole grains, so that the tax it saves is exact; at most a share of what the car bought
    is expected to cost.  A car that was bought here before has its worth already."""
    state, trading = product_state(draw.frame), draw["_trades"]
    cell = np.where(trading, state, "").astype(str)
    u = leaning(draw.u("allowance"), cell, draw["_expected_price"], lean(draw, "allowance"))
    worth = draw.leaf("deal.trade_in_allowance", by=(state,), u=u) * 100
    worth = np.where(draw["_returned"] >= 0, draw["_returned_worth"], worth)
    cap: dict[str, float] = draw.figures["trade_in_cap"]
    most = draw["_expected_price"] * np.where(state == "NEW", cap["NEW"], cap["USED"])
    grain = draw["_grain"]
    whole = np.maximum(np.minimum(worth, most) // grain, 1).astype(np.int64) * grain
    return {"_allowance": np.where(trading, whole, 0)}


@drawn("_under_water")
def under_water(draw: Draw) -> Made:
    """On which cars taken in payment more is owed than they are worth: the published share of
    them, only where a loan or lease can take the difference."""
    state, financed, trades = product_state(draw.frame), draw["_financed"], draw["_trades"]
    share: dict[str, float] = draw.figures["negative_equity_share"]
    cell = np.where(trades, state, "").astype(str)
    # debt lasts on young cars, which are worth more
    by_worth = evened(draw.u("under_water_worth"), cell, draw["_allowance"])
    young = float(draw.figures["under_water_worth_lean"]) * by_worth
    rank = evened(draw.u("under_water") - young, cell, ~financed)
    level = np.where(state == "NEW", share["NEW"], share["USED"])
    return {"_under_water": trades & financed & (rank < level)}


@drawn("_owed_part")
def owed_part(draw: Draw) -> Made:
    """Which part of its worth is still owed on a car taken in payment that is worth more than is
    owed; most are paid off."""
    even = draw["_trades"] & ~draw["_under_water"]
    lean_ = draw.figures["payoff_worth_lean"]
    owes = leaning(draw.u("payoff_share"), even, draw["_allowance"], lean_)
    return {"_owed_part": np.where(even, draw.leaf("deal.payoff_share", u=owes), 0.0)}
