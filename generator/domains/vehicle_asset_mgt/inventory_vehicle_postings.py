"""What cars in stock post: bought on the floorplan, made ready, paid off when they leave, sold at
an auction or to another dealer (what buyers pay and their cars cost is posted with invoices)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import span
from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw
from generator.domains.vehicle_asset_mgt.floorplan import lender_parties

Ints = NDArray[np.int64]


def journals(draw: Draw) -> Sequence[Journal]:
    return (_bought(draw), _paid_off(draw), _sold_on(draw))


def _bought(draw: Draw) -> Journal:
    """Cars that come within the span; those that stood there before are the opening balance.  The
    lender advances what a car taken in is worth; the car itself is posted with the buyer's payment,
    or, where the deal has no bill yet, owed to who brought it."""
    rows = np.flatnonzero(~draw["_away"] & (draw["_stocked"] >= span(draw)[0]))
    cost, work, new = (draw[name][rows] for name in ("cost_amount", "reconditioning_cost", "_new"))
    traded, billed, owner = _taken_in(draw, rows)
    here = np.where(new | (traded & billed), 0, cost)
    return Journal(
        "STOCK_PURCHASE",
        rows,
        draw["_stocked"][rows],
        (
            Line("1300", np.where(new, cost, 0), "INVENTORY", department="SALES"),
            Line("1310", here + work, "INVENTORY", department="SALES"),
            Line("1001", np.where(traded, cost, 0), "PAYMENT"),
            Line("2050", -cost, "LENDER", _lender(draw, rows), "SALES"),
            Line("2000", np.where(traded & ~billed, -cost, 0), "PAYABLE", owner, "SALES"),
            Line("4100", -work, "SERVICE", department="SERVICE"),
        ),
    )


def _taken_in(draw: Draw, rows: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Ints]:
    """Whether the stays are of cars taken in, whether their deals are billed, and who brought
    them (a party)."""
    trade, lender = draw["_trade"][rows], _lender(draw, rows)
    traded = trade >= 0
    if not traded.any():
        return traded, traded, lender
    deals, customers = draw.frames["deal"], draw.frames["customer"]
    deal = draw.frames["trade_in_vehicle"]["_deal"][np.maximum(trade, 0)]
    party = customers["_party_key"][deals["_customer_key"][deal] - customers.start]
    return traded, traded & deals["_posted"][deal], np.where(traded, party, lender)


def _paid_off(draw: Draw) -> Journal:
    """The lender has its money back on the day a car leaves."""
    rows = np.flatnonzero((draw["_sold"] | draw["_gone"]) & ~draw["_away"])
    cost = draw["cost_amount"][rows]
    return Journal(
        "FLOORPLAN_PAYOFF",
        rows,
        draw["_left"][rows],
        (
            Line("2050", cost, "LENDER", _lender(draw, rows), "SALES"),
            Line("1001", -cost, "PAYMENT"),
        ),
    )


def _sold_on(draw: Draw) -> Journal:
    """At an auction for a little less than it has cost, or to another dealer for what it costs
    there."""
    rows = np.flatnonzero(draw["_gone"] & ~draw["_away"])
    cost = draw["cost_amount"][rows] + draw["reconditioning_cost"][rows]
    low, high = draw.figures["auction_over_cost"]
    price = np.rint(cost * (low + (high - low) * draw.u("auction_price")[rows])).astype(np.int64)
    transfers, out = draw.frames["vehicle_transfer_order"], draw["_out"][rows]
    moved = np.flatnonzero(draw["_moved"][rows])
    price[moved] = draw["cost_amount"][transfers["_to"][out[moved]]]
    new = draw["_new"][rows]
    return Journal(
        "VEHICLE_WHOLESALE",
        rows,
        draw["_left"][rows],
        (
            Line("1001", price, "PAYMENT"),
            Line("4000", np.where(new, -price, 0), "SALE", department="SALES"),
            Line("4010", np.where(new, 0, -price), "SALE", department="SALES"),
            Line("5000", np.where(new, cost, 0), "COST_OF_SALE", department="SALES"),
            Line("1300", np.where(new, -cost, 0), "INVENTORY", department="SALES"),
            Line("5010", np.where(new, 0, cost), "COST_OF_SALE", department="SALES"),
            Line("1310", np.where(new, 0, -cost), "INVENTORY", department="SALES"),
        ),
    )


def _lender(draw: Draw, rows: Ints) -> Ints:
    dealer = draw["_dealer"][rows] - draw.frames["dealer"].start
    return np.asarray(lender_parties(draw.frames)[dealer])
