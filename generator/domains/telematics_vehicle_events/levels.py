"""What a car has in tank, battery, oil and tyres when a trip begins, and what the trip takes.

Tank and battery empty with the miles, more of them in the cold and on short trips, and are filled
between trips; oil is changed between trips; tyres follow the weather and leak until somebody
looks after them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import winter_offset
from generator.domains.graph import Draw
from generator.domains.telematics_vehicle_events.trips import DAY, MINUTE, Trips
from generator.domains.telematics_vehicle_events.weather import ambient

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Levels:
    """One entry a trip; ``cars`` are as many as the frame has.  Per cent at the beginning, and for
    each mile (``thirst``, ``drain``, ``wear``); ``outside`` and ``coolant`` in degrees Celsius;
    ``psi`` of cold tyres.  ``steps`` are the events of a trip after its first; those after them are
    two: ``plugged`` in and ``charged`` (ms since 1970 UTC), then it has ``filled`` per cent."""

    cars: int
    outside: Floats
    coolant: Floats
    tank: Floats
    thirst: Floats
    charge: Floats
    drain: Floats
    oil: Floats
    wear: Floats
    psi: Floats
    steps: Ints
    plugged: Ints
    charged: Ints
    filled: Floats

    def __len__(self) -> int:
        return self.cars


def levels_of(draw: Draw) -> Levels:
    frame, figures = draw.frame, draw.figures
    trips: Trips = frame["_trips"]
    car, electric = trips.car, frame["_electric"]
    by_sun = trips.start + winter_offset(frame["_clock"])[car]
    outside = ambient(draw, frame["_latitude"][car], frame["_longitude"][car], by_sun)
    gap = _gaps(frame["_odometer_start"], trips)
    rate = np.where(electric, figures["more_energy"]["electric"], 1.0)[car]
    more = _more(draw, outside, trips.miles, rate)
    thirst = frame["_thirst"][car] * more
    drain = frame["_drain"][car] * more
    wear = np.full(len(car), 100 / float(figures["oil_change_miles"]))
    phase = frame["_phases"]
    charge = _level(trips, gap, frame["_drain"], drain, phase[:, 1], figures["battery"])
    left = np.maximum(charge - trips.miles * drain, figures["battery"]["least"])
    return Levels(
        draw.n,
        outside,
        _coolant(draw, trips, outside),
        _level(trips, gap, frame["_thirst"], thirst, phase[:, 0], figures["tank"]),
        thirst,
        charge,
        drain,
        _level(
            trips,
            gap,
            np.full(draw.n, wear[0] if len(wear) else 1.0),
            wear,
            phase[:, 2],
            figures["oil"],
        ),
        wear,
        _psi(draw, trips, outside, phase[:, 3]),
        *_charging(draw, trips, charge, left),
    )


def _charging(
    draw: Draw, trips: Trips, charge: Floats, left: Floats
) -> tuple[Ints, Ints, Ints, Floats]:
    """``steps``, ``plugged``, ``charged`` and ``filled``: a car that has more at its next trip was
    charged meanwhile, and two events say so if there are enough."""
    by, frame = draw.figures["charging"], draw.frame
    follows = np.append(trips.number[1:] > 0, False)[: len(charge)]
    filled = np.append(charge[1:], 0.0)[: len(charge)]
    after = np.append(trips.start[1:], 0)[: len(charge)]
    rate = np.where(frame["_electric"], by["per_hour"]["BEV"], by["per_hour"]["PHEV"])[trips.car]
    need = np.maximum(filled - left, 0.0) / rate * 60 * MINUTE
    plugged = trips.stop + int(by["minutes_until"] * MINUTE)
    last = after - int(by["minutes_until"] * MINUTE)
    charged = np.minimum(plugged + need.astype(np.int64), last)
    told = follows & frame["_plugin"][trips.car] & (filled > left + by["least"])
    told &= (trips.events >= by["events"]) & (last > plugged + 60 * MINUTE)
    return np.maximum(trips.events - 1 - 2 * told, 1), plugged, charged, filled


def _gaps(opened: Floats, trips: Trips) -> Floats:
    """Miles driven unrecorded before each trip, since the window opened or the last trip."""
    left = np.append(0.0, (trips.odometer + trips.miles)[:-1])[: len(trips.car)]
    return np.maximum(trips.odometer - np.where(trips.number == 0, opened[trips.car], left), 0.0)


def _more(draw: Draw, outside: Floats, miles: Floats, rate: Floats) -> Floats:
    """How many times its usual energy a trip takes by the mile: more in the cold, more in great
    heat, more where the engine stays cold."""
    by = draw.figures["more_energy"]
    cold = np.maximum(by["mild"] - outside, 0.0) * by["a_degree"]
    hot = np.maximum(outside - by["warm"], 0.0) * by["a_degree_hot"]
    return np.asarray((1 + (cold + hot) * rate) * (1 + by["short"] * np.exp(-miles / by["miles"])))


def _level(
    trips: Trips, gap: Floats, usual: Floats, rate: Floats, phase: Floats, bounds: dict[str, float]
) -> Floats:
    """Per cent at the beginning of each trip: filled to ``full`` whenever ``used`` are gone."""
    taken = gap * usual[trips.car] + trips.miles * rate
    total = np.cumsum(taken) - trips.miles * rate
    there = trips.first_trip[1:] > trips.first_trip[:-1]
    begin = trips.first_trip[:-1][there]
    base = np.repeat((np.cumsum(taken) - taken)[begin], np.diff(trips.first_trip)[there])
    used = (phase[trips.car] * bounds["used"] + total - base) % bounds["used"]
    need = np.minimum(trips.miles * rate, bounds["full"] - bounds["least"])
    return np.asarray(
        np.where(
            bounds["full"] - used - need < bounds["least"], bounds["full"], bounds["full"] - used
        )
    )


def _coolant(draw: Draw, trips: Trips, outside: Floats) -> Floats:
    """An engine that rested an hour is still warm; by morning it is as cold as the air."""
    warmth = draw.figures["warmth_c"]
    last = np.append(0, trips.stop[:-1])[: len(trips.car)]
    rest = np.where(trips.number == 0, DAY, trips.start - last) / MINUTE
    return np.asarray(
        outside + (warmth["running"] - outside) * np.exp(-rest / warmth["cooling_minutes"])
    )


def _psi(draw: Draw, trips: Trips, outside: Floats, phase: Floats) -> Floats:
    """Cold tyres: set by hand now and then, a little less every day, less in the cold."""
    tyre = draw.figures["tyre_air"]
    car, held = trips.car, draw.frame["_tyre_psi"]
    days = trips.start / DAY
    since = (days + phase[car] * tyre["looked_after_days"]) % tyre["looked_after_days"]
    lost = since * tyre["lost_a_day"]
    return np.asarray(held[car] - lost + (outside - tyre["set_at_c"]) * tyre["psi_a_degree"])
