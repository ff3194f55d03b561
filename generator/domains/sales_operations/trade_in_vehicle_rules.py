"""What must hold for cars taken in payment (R039, R042, R047, R056)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CARS
from generator.rules import Rule, Truth
from generator.tables import Tables

TRADE = "trade_in_vehicle"
STOCK = "inventory_vehicle"
LIVE = ("ACCEPTED", "POSTED", "FUNDED")
DAY = np.timedelta64(1, "D")
STOCKED_WITHIN = 5 * DAY


def _net(tables: Tables) -> Truth:
    allowance, payoff, net = (
        tables.values(TRADE, name)
        for name in ("trade_allowance", "trade_payoff", "trade_allowance_net")
    )
    return np.asarray((net == allowance - payoff) & (allowance > 0) & (payoff >= 0))


def _vin(tables: Tables) -> Truth:
    vins = tables.values(TRADE, "vehicle_key.vin").astype("U17").tolist()
    six = tables.values(TRADE, "last_six_of_vin").astype("U6")
    return np.asarray(six == np.array([vin[-6:] for vin in vins], dtype="U6"))


def _another_car(tables: Tables) -> Truth:
    bought = tables.row_of(TRADE, "deal_key.inventory_vehicle_key.vehicle_key")
    offered = tables.row_of(TRADE, "vehicle_key")
    return np.asarray((bought != offered) | (offered < 0))


def _appraised(tables: Tables) -> Truth:
    seen = tables.values(TRADE, "appraisal_date_time")
    opened = tables.values(TRADE, "deal_key.occurrence_date_time")
    signed = tables.values(TRADE, "deal_key.contract_date_time")
    unsigned = tables.missing(TRADE, "deal_key.contract_date_time")
    return np.asarray((opened - DAY <= seen) & ((seen <= signed) | unsigned))


def _sums(tables: Tables) -> Truth:
    """A deal's allowance and payoff are those of the cars it takes in."""
    deal = tables.row_of(TRADE, "deal_key")
    holds = np.ones(tables.rows("deal"), dtype=bool)
    for mine, theirs in (
        ("trade_in_allowance", "trade_allowance"),
        ("trade_payoff", "trade_payoff"),
    ):
        total = np.zeros(tables.rows("deal"), dtype=np.int64)
        np.add.at(total, deal[deal >= 0], tables.values(TRADE, theirs)[deal >= 0])
        holds &= total == tables.values("deal", mine)
    return holds


def _its_owners(tables: Tables) -> Truth:
    """The buyer owns the car when it is looked over, and until the delivery."""
    items = "garage_item"
    car, buyer = tables.row_of(items, "vehicle_key"), tables.row_of(items, "customer_key")
    begun = tables.values(items, "start_date_time")
    open_ = tables.missing(items, "complete_date_time")
    end = np.where(open_, np.datetime64("9999", "ms"), tables.values(items, "complete_date_time"))
    mine, who = tables.row_of(TRADE, "vehicle_key"), tables.row_of(TRADE, "deal_key.customer_key")
    width = np.int64(max(tables.rows("customer"), 1) + 1)
    pair = car * width + buyer
    order = np.lexsort((begun, pair))
    found = np.searchsorted(pair[order], mine * width + who)
    at = order[np.minimum(found, len(order) - 1)] if len(order) else found
    if not len(order):
        return np.zeros(len(mine), dtype=bool)
    same = (pair[at] == mine * width + who) & (mine >= 0) & (who >= 0)
    seen = tables.values(TRADE, "appraisal_date_time")
    return np.asarray(same & (begun[at] <= seen) & (seen < end[at]))


def _stays(tables: Tables) -> np.ndarray:
    """The stay in stock that comes of each car taken in, -1 for none."""
    of = tables.row_of(STOCK, "source_trade_in_vehicle_key")
    stay = np.full(tables.rows(TRADE), -1)
    stay[of[of >= 0]] = np.flatnonzero(of >= 0)
    return stay


def _into_stock(tables: Tables) -> Truth:
    """Of a delivered deal: the same car, used, within five days, at what it is worth or was taken
    for, at the deal's dealer.  Of others: not at all."""
    stay = _stays(tables)
    live = tables.is_one_of(TRADE, "deal_key.deal_status", *LIVE)
    live &= ~tables.missing(TRADE, "deal_key.delivery_date_time")
    at = np.maximum(stay, 0)
    if not tables.rows(STOCK):
        return ~live
    delivered = tables.values(TRADE, "deal_key.delivery_date_time")
    came = tables.values(STOCK, "stock_date_time")[at]
    cost = tables.values(STOCK, "cost_amount")[at]
    right = (tables.row_of(STOCK, "vehicle_key")[at] == tables.row_of(TRADE, "vehicle_key")) & (
        tables.row_of(STOCK, "dealer_key")[at] == tables.row_of(TRADE, "deal_key.dealer_key")
    )
    right &= tables.is_one_of(STOCK, "product_state_type", "USED")[at]
    right &= (delivered <= came) & (came <= delivered + STOCKED_WITHIN)
    right &= (cost == tables.values(TRADE, "trade_wholesale_value")) | (
        cost == tables.values(TRADE, "trade_allowance")
    )
    soon = tables.missing(TRADE, "deal_key.delivery_date_time")
    latest = tables.values(STOCK, "stock_date_time").astype("datetime64[ms]").max()
    early = (stay < 0) & (delivered + STOCKED_WITHIN > latest)  # may come within days
    return np.where(live, ((stay >= 0) & right) | early, (stay < 0) | soon)


RULES = (
    Rule(
        "R056.net",
        TRADE,
        "trade_allowance_net = trade_allowance - trade_payoff",
        _net,
        group=CARS,
    ),
    Rule(
        "R047.trades",
        "deal",
        "trade_in_allowance and trade_payoff are the sums of the cars taken in",
        _sums,
        needs=(TRADE,),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R056.vin",
        TRADE,
        "last_six_of_vin are the last six characters of the VIN.",
        _vin,
        needs=("vehicle",),
        group=CARS,
    ),
    Rule(
        "R056.other",
        TRADE,
        "A car taken in is another one than the one sold.",
        _another_car,
        needs=("deal", "inventory_vehicle", "vehicle"),
        group=CARS,
    ),
    Rule(
        "R056.appraised",
        TRADE,
        "A car is looked over on the day its deal is opened, before the contract.",
        _appraised,
        needs=("deal",),
        group=CARS,
    ),
    Rule(
        "R056.owner",
        TRADE,
        "A car taken in belongs to the buyer before.",
        _its_owners,
        needs=("deal", "vehicle", "customer", "garage_item"),
        group=CARS,
        scope="shard",
    ),
    Rule(
        "R056.stock",
        TRADE,
        "A car taken in comes into that dealer's stock as used within five days of the delivery, "
        "at its wholesale value or what it was taken for.",
        _into_stock,
        needs=("deal", "vehicle", "inventory_vehicle", "dealer"),
        group=CARS,
        scope="shard",
    ),
)
