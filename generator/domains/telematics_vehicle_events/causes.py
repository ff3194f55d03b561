"""What an alert may come of: trips that show it, and what needs no trip."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.telematics_vehicle_events.levels import Levels
from generator.domains.telematics_vehicle_events.trips import MOST_TRIPS, Trips

KINDS = (  # what it is, and the alert it brings
    ("low tyre", "TIRE"),
    ("service due", "SERVICE_DUE"),
    ("low charge", "CHARGING"),
    ("hot coolant", "SYSTEM_FAULT"),
    ("trouble code", "DIAGNOSTIC"),
    ("recall", "RECALL"),
    ("field action", "FIELD_SERVICE_ACTION"),
    ("software", "SOFTWARE"),
    ("maintenance", "MAINTENANCE"),
    ("battery", "BATTERY_HEALTH"),
)
TYRE, SERVICE, CHARGE, HOT, CODE, RECALL = 0, 1, 2, 3, 4, 5  # from RECALL on no trip is needed
Ints = NDArray[np.int64]


class Causes(NamedTuple):
    """One entry a cause: local car, trip and which of its events (-1: none), kind, how often it
    has happened before, weight, a number that is its own."""

    car: Ints
    trip: Ints
    place: Ints
    kind: Ints
    turn: Ints
    weight: NDArray[np.float64]
    number: NDArray[np.uint64]


def causes_of(draw: Draw, counts: Ints) -> Causes:
    """Enough of them for ``counts`` under each dealer."""
    trips = _of_trips(draw)
    frame = draw.frames["connected_vehicle"]
    dealer = frame["_dealer"] - draw.frames["dealer"].start
    held = np.bincount(dealer[trips.car], minlength=len(counts))
    cars = np.bincount(dealer, minlength=len(counts))
    turns = 1 + int(np.ceil(np.maximum(counts - held, 0) / np.maximum(cars, 1)).max(initial=0))
    return Causes(
        *(np.concatenate(pair) for pair in zip(trips, _of_cars(draw, turns), strict=True))
    )


def _of_trips(draw: Draw) -> Causes:
    """A trip with an event between its start and its stop may show one thing: soft tyres and used
    oil where they are, above all when that is new; else trouble by chance."""
    frame = draw.frames["connected_vehicle"]
    trips: Trips = frame["_trips"]
    levels: Levels = frame["_levels"]
    car, limits = trips.car, draw.figures["alert_limits"]
    electric, plugin = frame["_electric"][car], frame["_plugin"][car]
    number = (frame.start + car) * MOST_TRIPS + trips.number
    u = draw.stream("trouble").at(number.astype(np.uint64))
    hot = ~electric & (u < float(draw.figures["hot_share"]))
    kind = np.where(hot, HOT, CODE)
    weights = draw.figures["alert_weights"]
    names = [name for name, _ in KINDS[:RECALL]]
    signs = (
        (CHARGE, plugin & (levels.charge < limits["charge"])),
        (SERVICE, ~electric & (levels.oil < limits["oil"])),
        (TYRE, levels.psi < limits["psi"]),
    )
    fresh = np.ones(len(car), dtype=bool)
    for one, shows in signs:
        kind = np.where(shows, one, kind)
        before = np.append(False, shows[:-1])[: len(shows)] & (trips.number > 0)
        fresh = np.where(shows, ~before, fresh)
    weight = np.array([weights[name] for name in names])[kind]
    weight = weight * np.where(fresh, 1.0, float(draw.figures["alert_again"]))
    by_miles = draw.figures["trouble_by_miles"]
    worn = by_miles["new"] + trips.odometer / by_miles["miles"]
    weight = weight * np.where((kind == HOT) | (kind == CODE), worn, 1.0)
    inner = np.maximum(levels.steps - 1, 1)
    place = 1 + np.where(kind == TYRE, 0, (u * 1000 % 1 * inner).astype(np.int64))
    rows = np.flatnonzero((trips.events > 2) & (levels.steps > 1))
    return Causes(
        car[rows],
        rows,
        place[rows],
        kind[rows],
        np.zeros(len(rows), dtype=np.int64),
        weight[rows],
        number[rows].astype(np.uint64),
    )


def _of_cars(draw: Draw, turns: int) -> Causes:
    """Each car is recalled, gets new software, is due by the calendar: so many turns of one."""
    frame = draw.frames["connected_vehicle"]
    cars = frame.rows
    car, turn = np.tile(np.arange(cars), turns), np.repeat(np.arange(turns), cars)
    number = ((frame.start + car) * MOST_TRIPS + MOST_TRIPS // 2 + turn).astype(np.uint64)
    shares = draw.figures["alert_without_event"]
    kind = RECALL + np.searchsorted(
        np.cumsum([shares[name] for name, _ in KINDS[RECALL:]]),
        draw.stream("kind").at(number) * sum(shares.values()),
    )
    none = np.full(len(car), -1)
    weight = np.full(len(car), float(draw.figures["alert_weights"]["no event"]))
    return Causes(car, none, none, kind, turn, weight, number)
