"""What is known of a connected car at a moment: its odometer, what its last trip left, when it was
heard of."""

from __future__ import annotations

import numpy as np

from generator.domains.graph import Draw, Made
from generator.domains.groups import round_half_up


def left_at(draw: Draw, moment: np.datetime64) -> Made:
    """As the last trip left them; of cars that have sent nothing, as they would be at some
    time."""
    trips, levels = draw["_trips"], draw["_levels"]
    last = trips.last(moment)
    at = np.maximum(last, 0)
    left = {}
    for store, rate, bounds, phase in (
        ("tank", "thirst", "tank", 0),
        ("charge", "drain", "battery", 1),
    ):
        figures = draw.figures[bounds]
        some = figures["full"] - figures["used"] * draw["_phases"][:, phase]
        if len(trips.car):
            ends = getattr(levels, store)[at] - trips.miles[at] * getattr(levels, rate)[at]
            some = np.where(last >= 0, np.maximum(ends, figures["least"]), some)
        left[store] = round_half_up(some * 100)
    return {
        "fuel_level_pct": (left["tank"], draw["_electric"]),
        "battery_state_of_charge_pct": (left["charge"], ~draw["_plugin"]),
    }


def known(draw: Draw, moment: np.datetime64) -> Made:
    """Of cars without consent the platform knows what it knew when they were handed over."""
    everyone = np.full(draw.n, moment)
    reading = draw.frames["vehicle"]["_odometer"].line(draw["_local"], everyone)
    shares = draw["data_sharing_consent_indicator"]
    latest = np.where(shares, np.floor(reading).astype(np.int64), draw["current_odometer"])
    return {
        **left_at(draw, moment),
        "current_odometer": latest,
        "last_heartbeat_date_time": np.minimum(draw["last_heartbeat_date_time"], moment),
    }
