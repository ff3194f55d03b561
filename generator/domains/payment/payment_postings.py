"""What payments post when they settle (domain-model 2.21): money against what is owed, a car in
payment against stock and what is still owed on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw
from generator.domains.payment.instalments import LENDER, REBATE, TRADE


def journals(draw: Draw) -> Sequence[Journal]:
    return (money(draw), _cars_in_payment(draw))


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
    """The allowance into stock, the payoff to be sent to the lienholder, the equity off what the
    buyer owes; equity below zero is owed on top."""
    deals, part = draw.frames["deal"], draw["_part"]
    rows = np.flatnonzero((part == TRADE) & ~draw.frame.missing("settled_date_time"))
    deal = draw["_deal"][rows]
    equity, payoff = draw["amount"][rows], deals["trade_payoff"][deal]
    payer = draw["_payer_party_key"][rows]
    return Journal(
        "PAYMENT",
        rows,
        _moments(draw)[rows],
        (
            Line("1310", equity + payoff, "TRADE_IN", department="SALES"),
            Line("2000", -payoff, "PAYABLE", payer),
            Line("1200", -equity, "RECEIVABLE", payer),
        ),
    )


def _moments(draw: Draw) -> NDArray[np.datetime64]:
    """When each settles; a deposit that settled before its invoice posts with it."""
    return np.asarray(np.maximum(draw["settled_date_time"], draw["_recorded"]))
