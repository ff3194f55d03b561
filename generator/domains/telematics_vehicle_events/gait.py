"""How the trips of a car go: how often they stop, how fast they are in between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.telematics_vehicle_events.routes import Pace, pace
from generator.leaves.figures import Figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Gait(NamedTuple):
    """One entry a trip; see ``routes.pace``."""

    mph: Floats
    stretches: Floats
    standing: Floats
    ramp: Floats

    def at(self, time: Floats, events: Ints | None, figures: Figures) -> Pace:
        """At shares of the time of trips, ``events`` of each (None: one of each)."""
        own = [values if events is None else np.repeat(values, events) for values in self[1:]]
        stretches, standing, ramp = own
        return pace(time, stretches, standing, ramp=ramp, swing=float(figures["speed_swing"]))


def gait_of(figures: Figures, miles: Floats, took: Ints) -> Gait:
    """Of trips of ``miles`` that took so many milliseconds: slow ones stop often."""
    mph = miles / (np.maximum(took, 1) / 3_600_000)
    by = figures["stops_by_mph"]
    stops, standing, ramp = (
        np.interp(mph, by["mph"], by[name]) for name in ("per_mile", "standing", "ramp")
    )
    return Gait(mph, np.maximum(np.rint(stops * miles), 1.0), standing, ramp)
