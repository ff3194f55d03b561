"""What is known of a stay in stock at a moment: on its way, received, offered, held, gone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Draw, Made, derived

NEVER = np.datetime64("9999-01-01", "ms")


@derived("_known_from")
def known_from(draw: Draw) -> Made:
    """A new car from when it is made, a used one from when it comes, and one that another dealer
    sends from when it is picked up there."""
    vehicles = draw.frames["vehicle"]
    made = vehicles["production_date"][draw["_vehicle_key"] - vehicles.start]
    since = np.where(draw["_new"], made.astype("datetime64[ms]"), draw["_stocked"])
    transfers, came = draw.frames["vehicle_transfer_order"], np.flatnonzero(draw["_in"] >= 0)
    since[came] = transfers["_picked"][draw["_in"][came]]
    return {"_known_from": np.minimum(since, draw["_stocked"]).astype("datetime64[ms]")}


def days_until(draw: Draw, at: np.datetime64) -> NDArray[np.int64]:
    """Days in stock until a moment, or until the car left."""
    out = draw["_sold"] | draw["_gone"]
    until = np.where(out, np.minimum(draw["_left"], at), at).astype("datetime64[D]")
    days = (until - draw["_stocked"].astype("datetime64[D]")).astype(np.int64)
    return np.asarray(np.maximum(days, 0))


def steps(draw: Draw) -> Steps:
    """Held from the opening of a deal until the car is handed over, or offered again."""
    deals, here, sent = draw.frames["deal"], ~draw["_away"], draw["_in"] >= 0
    stocked, holder, own = draw["_stocked"], draw["_deal"], draw["_own"]
    opened = tried = again = np.full(draw.n, NEVER)
    undone = np.zeros(draw.n, dtype=bool)
    if deals.rows:
        begun = deals["occurrence_date_time"]
        opened = np.where(holder >= 0, begun[np.maximum(holder, 0)], NEVER)
        at = np.maximum(own, 0)
        undone = (own >= 0) & ~deals["_sold"][at] & ~deals["_open"][at]
        given_up = np.where(deals["_undone"], deals["_undone_on"], deals["_signed"])
        tried = np.where(undone, begun[at], NEVER)
        again = np.where(undone, given_up[at], NEVER)
    ready = stocked + int(draw.figures["days_until_offered"]) * DAY
    ready = np.minimum(np.minimum(ready, opened), tried)
    ready = np.where(draw["_gone"], np.minimum(ready, draw["_left"]), ready)
    return Steps.of(
        Stage("ON_ORDER", draw["_known_from"]),
        Stage("IN_TRANSIT", draw["_known_from"]),
        Stage("RECEIVED", stocked, here & ~sent),
        Stage("PREPARATION", stocked, here & ~sent),
        Stage("ON_DEALER_LOT", stocked, sent),
        Stage("AVAILABLE", ready, here),
        Stage("RESERVED", tried, undone),
        Stage("AVAILABLE", again, undone),
        Stage("RESERVED", opened, holder >= 0),
        Stage("SOLD", draw["_left"], draw["_sold"]),
        Stage("WHOLESALE", draw["_left"], draw["_gone"]),
    )
