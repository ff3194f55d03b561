"""Who owns or leases a car from when to when: what is bought here, what the buyers gave in payment,
and what only the workshop knows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE
from generator.domains.columns import enum, flag, integer, moment, text
from generator.domains.counts import Bound, Count, Noun, Relation, limits, rest_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, ranks
from generator.domains.vehicle_asset_mgt.garage_item_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "garage_item",
    domain="vehicle_asset_mgt",
    meaning="Effective-dated ownership or lease of a vehicle",
    key="garage_item_key",
    columns=(
        text("garage_item_key", 50, unique=True),
        text("customer_key", 50),
        text("vehicle_key", 50),
        enum("garage_item_status_type", "OwnershipStatusTypes"),
        flag("primary_vehicle_indicator"),
        text("source_deal_key", 50, nullable=True),
        moment("start_date_time", "ownership_period.start"),
        moment("complete_date_time", "exclusive; null = still owned", nullable=True),
        integer("odometer_at_start"),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("source_deal_key", "deal", "deal_key", "lookup"),
    ),
)

Rows = NDArray[np.int64]
NONE = -1
STATUSES = (
    "CURRENT_OWNER",
    "CURRENT_LESSEE",
    "TRADED_IN",
    "PREVIOUS_LESSEE",
)
ADULT = 18 * 365.25  # days
OWNED_SINCE = 30  # days before a car is seen at which its owner has it at least
BEFORE = 30 * MINUTE  # a car is its owner's before it is brought
NEVER = np.datetime64("9999-01-01", "ms")


@link(
    "customer_key",
    "vehicle_key",
    "source_deal_key",
    "_customer_key",
    "_vehicle_key",
    "_deal",
    "_trade",
)
def _what(draw: Draw) -> Made:
    """Under each dealer first what its live deals sold, then the cars offered in payment, then
    those that only the workshop knows.  A car that its buyer brings back is in the garage since it
    was bought, so its second place is that of another one of these."""
    place, local = place_in_group(draw["_dealer"]), draw["_dealer"] - draw.frames["dealer"].start
    counts = draw.counts
    sold = counts["live"][local]
    offered = counts["trade_in_vehicle"][local]
    deal = _nth(
        np.flatnonzero(draw.frames["deal"]["_sold"]),
        counts["live"],
        local,
        place,
        place < sold,
    )
    trade = _nth(
        np.arange(int(counts["trade_in_vehicle"].sum())),
        counts["trade_in_vehicle"],
        local,
        place - sold,
        (place >= sold) & (place < sold + offered),
    )
    trade, freed = _without_returned(draw, trade)
    vehicles, deals = draw.frames["vehicle"], draw.frames["deal"]
    trades = draw.frames["trade_in_vehicle"]
    car = _visitors(draw, local, place - sold - offered)
    if trades.rows:
        at = np.maximum(trade, 0)
        car = np.where(trade >= 0, trades["_vehicle_key"][at], car)
        spare = _spare_car(draw, trades["_slot"][np.maximum(freed, 0)])
        car = np.where(freed >= 0, spare, car)
    customer = np.full(draw.n, NONE)
    if deals.rows:
        car = np.where(deal >= 0, deals["_vehicle_key"][np.maximum(deal, 0)], car)
        buyer = deal
        if trades.rows:
            buyer = np.where(trade >= 0, trades["_deal"][np.maximum(trade, 0)], deal)
        customer = np.where(buyer >= 0, deals["_customer_key"][np.maximum(buyer, 0)], NONE)
    visitor = (deal < 0) & (trade < 0)
    owner = vehicles["_visitor_customer"][np.where(visitor, car - vehicles.start, 0)]
    customer = np.where(visitor, owner, customer) if draw.n else customer
    return {
        "customer_key": draw.key("customer", customer),
        "vehicle_key": draw.key("vehicle", car),
        "source_deal_key": (draw.key("deal", deal + draw.starts["deal"]), deal < 0),
        "_customer_key": customer,
        "_vehicle_key": car,
        "_deal": deal,
        "_trade": trade,
    }


def _nth(rows: Rows, counts: Rows, local: Rows, place: Rows, mine: NDArray[np.bool_]) -> Rows:
    """The ``place``-th of each dealer's ``rows``, which lie dealer by dealer, for the items that
    are ``mine``; -1 for the others."""
    first = (np.cumsum(counts) - counts)[local]
    found = np.full(len(local), NONE)
    found[mine] = rows[(first + place)[mine]]
    return found


def _without_returned(draw: Draw, trade: Rows) -> tuple[Rows, Rows]:
    """Cars offered in payment that were not bought here; and the trade-ins (local rows) that were,
    whose own place in the garage is free."""
    trades = draw.frames["trade_in_vehicle"]
    if not trades.rows:
        return trade, np.full(len(trade), NONE)
    back = (trade >= 0) & (trades["_returned"][np.maximum(trade, 0)] >= 0)
    return np.where(back, NONE, trade), np.where(back, trade, NONE)


def _spare_car(draw: Draw, slot: Rows) -> Rows:
    """The car that would be that of the stay ``slot`` (local), were it not one brought back."""
    counts = draw.counts
    stays = draw.frames["inventory_vehicle"]
    at = np.maximum(slot, 0)
    local = stays["_dealer"][at] - draw.frames["dealer"].start
    first = np.cumsum(counts["vehicle"]) - counts["vehicle"] + draw.starts["vehicle"]
    return np.asarray(first[local] + stays["_place"][at])


def _visitors(draw: Draw, local: Rows, place: Rows) -> Rows:
    """The cars behind those of the stays and of the trade-ins that were not taken."""
    counts = draw.counts
    first = np.cumsum(counts["vehicle"]) - counts["workshop_cars"] + draw.starts["vehicle"]
    return np.asarray(first[local] + place)


@drawn("start_date_time", "_known_from")
def _begin(draw: Draw) -> Made:
    """Bought here: delivered.  Others: when the car was new, or some time between then and when it
    is first heard of, by a grown-up."""
    vehicles, deals = draw.frames["vehicle"], draw.frames["deal"]
    car = draw["_vehicle_key"] - vehicles.start
    new = vehicles["original_sold_date"][car].astype("datetime64[D]")
    seen = vehicles["_seen"][car].astype("datetime64[D]") - OWNED_SINCE * DAY
    first_hand = draw.u("first_hand") < draw.figures["bought_new_share"]
    later = np.where(first_hand, 0.0, draw.u("owned_since"))
    since = new + (np.maximum((seen - new).astype(np.int64), 0) * later).astype(np.int64) * DAY
    parties, customers = draw.frames["party"], draw.frames["customer"]
    party = customers["_party_key"][draw["_customer_key"] - customers.start] - parties.start
    adult = parties["birth_date"][party].astype("datetime64[D]") + int(ADULT) * DAY
    minute = np.floor(draw.leaf("minute_of_purchase")).astype(np.int64) * MINUTE
    begun = np.maximum(since, adult).astype("datetime64[ms]") + minute
    offered = draw["_trade"] >= 0
    begun = np.where(offered, np.minimum(begun, vehicles["_seen"][car] - DAY), begun)
    if deals.rows:
        at = np.maximum(draw["_deal"], 0)
        begun = np.where(draw["_deal"] >= 0, deals["delivery_date_time"][at], begun)
    visitor = (draw["_deal"] < 0) & ~offered
    bought = np.maximum(vehicles["_bought"][car], adult).astype("datetime64[ms]")
    heard = np.maximum(bought, vehicles["_seen"][car] - BEFORE)  # on the day of a first visit
    begun = np.where(visitor, np.minimum(bought + minute, heard), begun)
    begun = begun.astype("datetime64[ms]")
    known = customers["document_date_time"][draw["_customer_key"] - customers.start]
    return {"start_date_time": begun, "_known_from": np.maximum(begun, known)}


@derived("complete_date_time", "garage_item_status_type", "_leased")
def _end(draw: Draw) -> Made:
    """A car is its owner's until the delivery of the one it is given in payment for."""
    deals, trades = draw.frames["deal"], draw.frames["trade_in_vehicle"]
    end = np.full(draw.n, NEVER)
    leased = np.zeros(draw.n, dtype=bool)
    if trades.rows:
        trade = np.maximum(draw["_trade"], 0)
        taken = (draw["_trade"] >= 0) & trades["_taken"][trade]
        end = np.where(taken, deals["delivery_date_time"][trades["_deal"][trade]], end)
    if deals.rows:
        deal = draw["_deal"]
        after = np.full(deals.rows, NONE)
        back = np.flatnonzero(deals["_returned"] >= 0)
        after[deals["_returned"][back]] = back
        next_ = np.where(deal >= 0, after[np.maximum(deal, 0)], NONE)
        end = np.where(next_ >= 0, deals["delivery_date_time"][np.maximum(next_, 0)], end)
        lease = deals.text("payment_type").astype(str) == "LEASE"
        leased = (deal >= 0) & lease[np.maximum(deal, 0)]
    over = end < NEVER
    return {
        "complete_date_time": (end.astype("datetime64[ms]"), ~over),
        "garage_item_status_type": _status(over, leased),
        "_leased": leased,
    }


def _status(over: NDArray[np.bool_], leased: NDArray[np.bool_]) -> Coded:
    code = np.where(over, np.where(leased, 3, 2), np.where(leased, 1, 0))
    return Coded(code.astype(np.int32), STATUSES)


@derived("primary_vehicle_indicator", "odometer_at_start")
def _details(draw: Draw) -> Made:
    """The car that a customer came by last is the primary one of those still owned."""
    over = ~draw.frame.missing("complete_date_time")
    vehicles = draw.frames["vehicle"]
    car = draw["_vehicle_key"] - vehicles.start
    reading = vehicles["_odometer"].line(car, draw["start_date_time"])
    return {
        "primary_vehicle_indicator": _newest(draw, ~over),
        "odometer_at_start": np.floor(reading).astype(np.int64),
    }


def _newest(draw: Draw, owned: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of what each customer has the car it came by last."""
    late = -draw["start_date_time"].astype(np.int64).astype(np.float64)
    place = ranks(draw["_customer_key"] * 2 + ~owned, late)
    return np.asarray(owned & (place == 0))


def known(draw: Draw, at: np.datetime64) -> Made:
    """What is a car of before, and which is the primary one, at a moment."""
    over = ~draw.frame.missing("complete_date_time") & (draw["complete_date_time"] <= at)
    owned = ~over & (draw["start_date_time"] <= at)
    return {
        "garage_item_status_type": _status(over, draw["_leased"]),
        "primary_vehicle_indicator": _newest(draw, owned),
    }


PARTS = ("live", "taken", "declined", "workshop_cars")


def _relations(name: str) -> tuple[Relation, ...]:
    parts = ((name, -1), *((part, 1) for part in PARTS))
    rule = "A car in a garage was bought here, was offered in payment, or is known to the workshop"
    return (Bound(parts, 0, rule), Bound(tuple((n, -f) for n, f in parts), 0, rule))


COUNT = Count(
    Noun("car in a garage", "cars in garages"),
    lambda given: sum(given[part] for part in PARTS),
    "cars sold, cars offered in payment, and those only the workshop knows",
    _relations,
    back=limits(0.5),
    parts=(
        rest_of(
            "contracts",
            "live",
            Noun("live deal", "live deals"),
            minus=("reversed",),
            rule="A signed deal is live unless it is reversed",
        ),
    ),
    roles=PARTS,
)


GARAGE_ITEM = Declaration(
    TABLE,
    prefix="GI",
    count=COUNT,
    makers=(keyed(TABLE), _what, _begin, _end, _details),
    rules=RULES,
    born="_known_from",
    reveals={"complete_date_time": "complete_date_time"},
    known=known,
)
