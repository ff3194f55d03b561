"""What payments post when they settle (domain-model 2.21): money against what is owed, a car in
payment against stock and what is still owed on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw
from generator.domains.payment.instalments import LENDER, REBATE, TRADE

Ints = NDArray[np.int64]


def journals(draw: Draw) -> Sequence[Journal]:
    return (money(draw), _cars_in_payment(draw), _loans_paid_off(draw))


def money(draw: Draw) -> Journal:
    """Cash in or, for a refund, out.  Rebates post with the incentive that gives them."""
    part, settled = draw["_part"], ~draw.frame.missing("settled_date_time")
    rows = np.flatnonzero(settled & (part != TRADE) & (part != REBATE))
    amount, lent = draw["amount"][rows], part[rows] == LENDER
    payer, at = draw["_payer_party_key"][rows], _moments(draw)[rows]
    return Journal(
        "PAYMENT",
        rows,
        at,
        (
            Line("1001", amount, "PAYMENT"),
            Line("1200", np.where(lent, 0, -amount), "RECEIVABLE", payer),
            Line("1250", np.where(lent, -amount, 0), "CONTRACTS_IN_TRANSIT", payer),
        ),
    )


def _cars_in_payment(draw: Draw) -> Journal:
    """What the car is worth into stock, what was allowed beyond it as a discount, the payoff to be
    sent to the lienholder, the equity off what the buyer owes; equity below zero is owed on top."""
    rows, equity, payoff, payer = _trades(draw)
    trades, worth = draw.frames["trade_in_vehicle"], np.zeros(draw.frames["deal"].rows, np.int64)
    worth[trades["_deal"]] = trades["trade_wholesale_value"]
    car = worth[draw["_deal"][rows]]
    return Journal(
        "PAYMENT",
        rows,
        _moments(draw)[rows],
        (
            Line("1310", car, "TRADE_IN", department="SALES"),
            Line("6800", equity + payoff - car, "DISCOUNT", department="SALES"),
            Line("2000", -payoff, "PAYABLE", payer),
            Line("1200", -equity, "RECEIVABLE", payer),
        ),
    )


def _loans_paid_off(draw: Draw) -> Journal:
    """The lienholder has its money within days."""
    rows, _, payoff, payer = _trades(draw)
    days = np.timedelta64(int(draw.figures["days_to_pay_off_trade"]), "D")
    return Journal(
        "PAYMENT",
        rows,
        _moments(draw)[rows] + days,
        (Line("2000", payoff, "PAYABLE", payer), Line("1001", -payoff, "PAYMENT")),
    )


def _trades(draw: Draw) -> tuple[Ints, Ints, Ints, Ints]:
    """Payments by a car that settle: local rows, the equity, what is still owed on the car, and
    who gives it."""
    settled = ~draw.frame.missing("settled_date_time")
    rows = np.flatnonzero((draw["_part"] == TRADE) & settled)
    payoff = draw.frames["deal"]["trade_payoff"][draw["_deal"][rows]]
    return rows, draw["amount"][rows], payoff, draw["_payer_party_key"][rows]


def _moments(draw: Draw) -> NDArray[np.datetime64]:
    """When each settles; a deposit that settled before its invoice posts with it."""
    return np.asarray(np.maximum(draw["settled_date_time"], draw["_recorded"]))
