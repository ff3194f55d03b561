"""What each stay in stock is of: a deal's car, a trade-in, or a car that no deal is about.

A dealer's stays lie in this order: one for each deal, for the car it was thought of with; one for
each car taken in; one for each car sent to another dealer, and for each that comes from one
(``vehicle_transfer_order``, which may choose another stay instead); the others.  A deal that is
about a car that waited for its buyer (``deal_car``) leaves its own stay free, which then is of a
car like the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import (
    DAY,
    MINUTE,
    business_days,
    clocks_of,
    horizon,
    span,
    when_open,
)
from generator.domains.clocks import winter_offset
from generator.domains.graph import Draw, Made, derived, drawn, key, link
from generator.domains.groups import place_in_group, renamed
from generator.domains.keys import numbered
from generator.domains.leanings import taken
from generator.domains.sales_operations.choice import UsedCars, specification_of
from generator.frame import Coded, Frame

Rows = NDArray[np.int64]
NONE = -1
STATUSES = ("SOLD", "AVAILABLE", "RESERVED", "IN_TRANSIT", "WHOLESALE")
SOLD, AVAILABLE, RESERVED, AWAY, WHOLESALE = range(5)
CONDITIONS = {"NEW": "NEW", "USED": "USED", "CERTIFIED": "CERTIFIED_PREOWNED"}
LATEST_MINUTE = 1439  # of the UTC day


@key(
    "inventory_vehicle_key",
    "stock_number",
    "_place",
    "_own",
    "_trade",
    "_deal",
    "_out",
    "_in",
    "_moved",
    "_auctioned",
)
def keys(draw: Draw) -> Made:
    """``_own`` is the local deal that the car was thought of for, ``_trade`` the local row of the
    car taken in, ``_deal`` the local deal that the car is sold or held for in the end, -1 for none;
    ``_out`` and ``_in`` the local transfers that ask for the car and that bring it, and ``_moved``
    says that it left with one;
    ``_auctioned`` cars go to auction like those taken in that nobody bought."""
    local = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(local)
    own, trade, buyer = _slots(draw, local, place)
    transfers = draw.frames["vehicle_transfer_order"]
    out, in_ = np.full(draw.n, NONE), np.full(draw.n, NONE)
    if transfers.rows:
        there = np.flatnonzero(transfers["_to"] >= 0)
        out[transfers["_from"]] = np.arange(transfers.rows)
        in_[transfers["_to"][there]] = there
    moved = out >= 0
    moved[moved] = ~transfers["_undone"][out[moved]]
    alone = (own < 0) & (trade < 0) & (out < 0) & (in_ < 0)
    first = draw.rows - place  # of each dealer: its numbers begin there too
    stock = draw.frames.numbers("inventory_vehicle") - first
    return {
        "inventory_vehicle_key": draw.key("inventory_vehicle", draw.rows),
        "stock_number": numbered("S", stock + 1, 7),
        "_place": place,
        "_own": own,
        "_trade": trade,
        "_deal": buyer,
        "_out": out,
        "_in": in_,
        "_moved": moved,
        "_auctioned": _auctioned(draw, local, alone),
    }


def _slots(draw: Draw, local: Rows, place: Rows) -> tuple[Rows, Rows, Rows]:
    counts, deals = draw.counts, draw.frames["deal"]
    many, taken = counts["deal"][local], counts["taken"][local]
    first_deal = np.cumsum(counts["deal"]) - counts["deal"]
    first_trade = np.cumsum(counts["taken"]) - counts["taken"]
    of_deal = place < many
    own = np.where(of_deal, first_deal[local] + place, NONE)
    of_trade = ~of_deal & (place < many + taken)
    trade = np.full(draw.n, NONE)
    in_turn = np.flatnonzero(draw.frames["trade_in_vehicle"]["_taken"])
    trade[of_trade] = in_turn[(first_trade[local] + place - many)[of_trade]]
    buyer = np.full(draw.n, NONE)
    if deals.rows:
        own = np.where(deals["_takes"][np.maximum(own, 0)], NONE, own)
        mine = np.flatnonzero(deals["_sold"] | deals["_open"])
        buyer[deals["_slot"][mine]] = mine
    return own, trade, buyer


def _auctioned(draw: Draw, local: Rows, spare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Spare cars beyond what a dealer keeps on the lot came and went."""
    counts = draw.counts
    days = int((span(draw)[1] - span(draw)[0]).astype(np.int64)) + 1
    usual = counts["deal"] * min(float(draw.figures["days_supply"]) / days, 1.0)
    spares = np.bincount(local[spare], minlength=len(counts["deal"]))
    beyond = np.maximum(spares - np.maximum(usual, draw.figures["least_unsold"]), 0)
    sold_on = np.minimum(beyond, counts["deal"] * draw.figures["most_auctioned_share"])
    rank = place_in_group(local * 2 + spare)
    return np.asarray(spare & (rank < sold_on[local].astype(np.int64)))


@link("vehicle_key", "dealer_key", "_vehicle_key", "_dealer_key")
def links(draw: Draw) -> Made:
    """Each stay is of a car of its own, but for one that its buyer brought back, and for one that
    another dealer had before, who then has it of the dealer where it went."""
    counts = draw.counts
    local = draw["_dealer"] - draw.frames["dealer"].start
    first = np.cumsum(counts["vehicle"]) - counts["vehicle"] + draw.starts["vehicle"]
    sent = counts["deal"] + counts["taken"]  # behind these lie stays without a car of their own
    behind = draw["_place"] - sent[local]
    car = first[local] + draw["_place"]
    car -= np.clip(behind, 0, counts["moved_away"][local])
    taken = np.flatnonzero(draw["_trade"] >= 0)
    if len(taken):
        back = draw.frames["trade_in_vehicle"]["_returned"][draw["_trade"][taken]]
        before = draw.frames["deal"]["_slot"][np.maximum(back, 0)]
        car[taken] = np.where(back >= 0, car[before], car[taken])
    transfers = draw.frames["vehicle_transfer_order"]
    resold = np.flatnonzero(transfers["_trade"] >= 0)
    car[transfers["_from_spare"][resold]] = car[transfers["_from"][resold]]
    moved = np.flatnonzero(draw["_moved"])
    car[moved] = car[transfers["_to"][draw["_out"][moved]]]
    return {
        "vehicle_key": draw.key("vehicle", car),
        "_vehicle_key": car,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
    }


@derived(
    "product_state_type",
    "condition_type",
    "acquisition_source",
    "_new",
    "_label",
)
def state(draw: Draw) -> Made:
    """New, used or certified as it was wanted; what is taken in or auctioned is used.  The other
    dealer's car is new or used as well, whatever it was certified."""
    deals, own = draw.frames["deal"], _wanted_by(draw)
    lot = draw.leaf("unsold_state")
    codes, labels = lot.codes, lot.labels
    if deals.rows:
        order = np.array([labels.index(name) for name in deals["product_state_type"].labels])
        wanted = order[deals["product_state_type"].codes][np.maximum(own, 0)]
        codes = np.where(own >= 0, wanted, codes)
    taken = draw["_trade"] >= 0
    used, fresh = labels.index("USED"), labels.index("NEW")
    codes = np.where(taken | draw["_auctioned"], used, codes)
    codes = _of_transfer(draw, codes, new=fresh, used=used)
    new = codes == labels.index("NEW")
    bought = draw.leaf("inventory_vehicle.acquisition_source")
    sources = ("FACTORY", "TRADE_IN", *bought.labels)
    kind = Coded(codes.astype(np.int32), labels)
    source = np.where(new, 0, np.where(taken, 1, bought.codes + 2))
    source = np.where(draw["_in"] >= 0, 2 + bought.labels.index("DEALER_TRADE"), source)
    return {
        "product_state_type": kind,
        "condition_type": renamed(kind, CONDITIONS),
        "acquisition_source": Coded(source.astype(np.int32), sources),
        "_new": new,
        "_label": np.where(new, "NEW", "USED").astype(object),
    }


def _wanted_by(draw: Draw) -> Rows:
    """The local deal a car was thought of for, also that of the dealer it is sent to."""
    transfers, own = draw.frames["vehicle_transfer_order"], draw["_own"]
    if not transfers.rows:
        return np.asarray(own)
    buyer = transfers["_buyer"][np.maximum(draw["_out"], 0)]
    return np.asarray(np.where((draw["_out"] >= 0) & (draw["_trade"] < 0), buyer, own))


def _of_transfer(draw: Draw, codes: Rows, *, new: int, used: int) -> Rows:
    """New or used where a transfer says so: nobody certifies another dealer's cars."""
    transfers = draw.frames["vehicle_transfer_order"]
    if not transfers.rows:
        return codes
    here = np.where(draw["_out"] >= 0, draw["_out"], draw["_in"])
    row, spare = np.maximum(here, 0), (here >= 0) & (draw["_own"] < 0)
    for_deal = transfers["_buyer"][row] >= 0
    said = np.where(transfers["_fresh"][row], new, used)
    said = np.where(for_deal, np.where(codes == new, new, used), said)
    return np.asarray(np.where(spare, said, codes))


@derived("inventory_status_type", "_sold", "_away", "_gone", "_left")
def status(draw: Draw) -> Made:
    """Sold or held for its deal; else on the way, on offer, or gone to auction; ``_left`` is when
    a car left."""
    deals, at = draw.frames["deal"], np.maximum(draw["_deal"], 0)
    sold = reserved = np.zeros(draw.n, dtype=bool)
    left = draw["_leaves"]
    if deals.rows:
        has = draw["_deal"] >= 0
        sold, reserved = has & deals["_sold"][at], has & deals["_open"][at]
        left = np.where(sold, deals["delivery_date_time"][at], left)
    spare = (draw["_own"] < 0) & (draw["_trade"] < 0) & ~draw["_auctioned"]
    spare &= ~draw["_moved"] & ~_resold(draw)
    alone = spare & (draw["_out"] < 0) & (draw["_in"] < 0)
    away = alone & draw["_new"] & (draw.u("away") < draw.figures["in_transit_share"])
    gone = ~sold & ~reserved & ~spare & (draw["_leaves"] <= horizon(draw))
    code = np.where(sold, SOLD, np.where(reserved, RESERVED, AVAILABLE))
    code = np.where(away, AWAY, np.where(gone, WHOLESALE, code))
    return {
        "inventory_status_type": Coded(code.astype(np.int32), STATUSES),
        "_sold": sold,
        "_away": away,
        "_gone": gone,
        "_left": left.astype("datetime64[ms]"),
    }


def _resold(draw: Draw) -> NDArray[np.bool_]:
    """Whether the car is one that the other dealer of a pair had taken in."""
    transfers = draw.frames["vehicle_transfer_order"]
    if not transfers.rows:
        return np.zeros(draw.n, dtype=bool)
    return np.asarray((draw["_in"] >= 0) & (transfers["_trade"][draw["_in"]] >= 0))


@derived("_stocked", "_leaves", "_transit")
def moments(draw: Draw) -> Made:
    """When a car comes into stock, and when it goes to auction if nobody buys it: what was wanted
    comes some days before its deal is signed, what is spare before the as-of day."""
    deals, trades = draw.frames["deal"], draw.frames["trade_in_vehicle"]
    own, trade, today = draw["_own"], draw["_trade"], horizon(draw)
    signed = np.full(draw.n, today)
    if deals.rows:
        signed = np.where(own >= 0, deals["_signed"][np.maximum(own, 0)], today)
    days = np.ceil(draw.leaf("days_in_stock", by=[draw["_label"]])).astype(np.int64)
    unloaded = np.floor(draw.leaf("minute_unloaded", stream="stock_time")).astype(np.int64)
    clocks = clocks_of(draw, draw["_dealer"])
    minutes = unloaded - winter_offset(clocks) // MINUTE.astype(np.int64)
    came = signed.astype("datetime64[D]") - days * DAY
    bought = np.minimum(business_days(draw, draw.u("auction_day"), clocks), span(draw)[1] - 2 * DAY)
    came = np.where(draw["_auctioned"], bought, came)
    transfers = draw.frames["vehicle_transfer_order"]
    if transfers.rows:
        asked = transfers["_asked"][np.maximum(draw["_out"], 0)].astype("datetime64[D]")
        came = np.where(draw["_out"] >= 0, asked - np.maximum(days, 1) * DAY, came)
    stocked = came.astype("datetime64[ms]") + np.clip(minutes, 0, LATEST_MINUTE) * MINUTE
    kept = np.zeros(draw.n, dtype=bool)
    if trades.rows:
        at = np.maximum(trade, 0)
        stocked = np.where(trade >= 0, trades["_came"][at], stocked)
        kept = (trade >= 0) & trades["_kept"][at]
    stocked = _of(transfers, "_came", draw["_in"], stocked)
    leaves = _leaves(draw, stocked, signed, kept | _resold(draw))
    gone_with = np.where(draw["_moved"], draw["_out"], NONE)
    return {
        "_stocked": np.minimum(stocked, today).astype("datetime64[ms]"),
        "_leaves": _of(transfers, "_picked", gone_with, leaves),
        "_transit": _transit(draw),
    }


def _leaves(
    draw: Draw,
    stocked: NDArray[np.datetime64],
    signed: NDArray[np.datetime64],
    kept: NDArray[np.bool_],
) -> NDArray[np.datetime64]:
    """What was kept for the lot goes when it has aged there, from a deal that came to nothing
    after a second try; the other cars with the next auction."""
    soon = draw.leaf("days_to_auction", stream="auction_soon")
    aged = draw.leaf("days_aged", stream="auction_aged")
    own = draw["_own"] >= 0
    again = float(draw.figures["most_days_again"]) + soon
    days = np.where(own, again, np.where(kept | draw["_auctioned"], aged, soon))
    begun = np.where(own, signed, stocked).astype("datetime64[ms]")
    day = begun + (days * (DAY / MINUTE)).astype(np.int64) * MINUTE
    clocks = clocks_of(draw, draw["_dealer"])
    return when_open(day, clocks, draw.u("auction_time"), who="bank")


def _transit(draw: Draw) -> Rows:
    low, high = draw.figures["transit_days"]
    return np.asarray((low + (high - low) * draw.u("transit")).astype(np.int64))


@derived("stock_date_time", "delivered_date_time", "on_order_date", "inventory_days", "_stay")
def dates(draw: Draw) -> Made:
    """Days in stock run until the car leaves, or the as-of day; a car on the way has none."""
    today, out = horizon(draw), draw["_sold"] | draw["_gone"]
    came = draw["_stocked"].astype("datetime64[D]")
    until = np.where(out, draw["_left"], today).astype("datetime64[D]")
    stay = (until - came).astype(np.int64)
    built = (draw.figures["order_to_build_days"] * draw.u("on_order_date")).astype(np.int64)
    return {
        "stock_date_time": (draw["_stocked"], draw["_away"]),
        "delivered_date_time": (draw["_left"], ~out),
        "on_order_date": (
            came - (draw["_transit"] + built) * DAY,
            ~draw["_new"] | (draw["_in"] >= 0),
        ),
        "inventory_days": (stay, draw["_away"]),
        "_stay": np.where(draw["_away"], 0, stay),
    }


@drawn("_specification")
def specification(draw: Draw) -> Made:
    """The car that was wanted or taken in; others are chosen like those that are wanted."""
    dealers = draw.frames["dealer"]
    local = draw["_dealer"] - dealers.start
    make, state = dealers.text("primary_make")[local], draw["product_state_type"]
    certified = state.codes == state.labels.index("CERTIFIED")
    own = certified | (draw.u("own_make") < draw.figures["own_make_used_share"])
    chance = np.where(own, dealers["_light_own"][local], dealers["_light_other"][local])
    chance = np.where(draw["_new"], dealers["_light_new"][local], chance)
    truck = taken(draw.u("light_truck"), draw["_own"] >= 0, chance)
    year = draw["_stocked"].astype("datetime64[Y]").astype(np.int64) + 1970
    age = draw.leaf("used_age", by=[draw.frame.text("product_state_type")])
    old = np.array([int(label) for label in age.labels])[age.codes]
    u = draw.u("specification")
    fresh = specification_of(draw, make=make, truck=truck, year=year, u=u, new=True)
    used = UsedCars(draw).rows(
        make=make, own=own, certified=certified, truck=truck, year=year - old, u=u
    )
    chosen = np.where(draw["_new"], fresh, used)
    for table, column, rows in (
        ("deal", "_wanted", _wanted_by(draw)),
        ("trade_in_vehicle", "_specification", draw["_trade"]),
    ):
        chosen = _of(draw.frames[table], column, rows, chosen)
    came = np.flatnonzero(draw["_in"] >= 0)
    chosen[came] = chosen[draw.frames["vehicle_transfer_order"]["_from"][draw["_in"][came]]]
    return {"_specification": chosen}


def _of(frame: Frame, column: str, rows: Rows, otherwise: NDArray[Any]) -> NDArray[Any]:
    """The value of ``column`` at ``rows`` of the frame, where there is a row."""
    if not frame.rows:
        return otherwise
    return np.where(rows >= 0, frame[column][np.maximum(rows, 0)], otherwise)


@link("source_trade_in_vehicle_key")
def source(draw: Draw) -> Made:
    """The car taken in that the stay is of."""
    trades, row = draw.frames["trade_in_vehicle"], draw["_trade"]
    keys = draw.key("trade_in_vehicle", np.maximum(row, 0) + trades.start)
    return {"source_trade_in_vehicle_key": (keys, row < 0)}


SLOTS = (keys, links, state, status, moments, dates, specification, source)
