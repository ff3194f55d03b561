"""Trips of connected cars: when they start and end, how far they go, how many events they send.

Everything is an array over trips, the trips of one car after another in time; no loop over cars.
A trip's random numbers come from the stream rows of its car's first events (a car has at least as
many events as trips), so they do not depend on where a shard begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw

MINUTE = 60_000  # milliseconds
WALL = 1 << 44  # milliseconds, more than any span has
APART = 4 * MINUTE  # from one start to the next, at the very least
SHORTEST = 2 * MINUTE
DAY = 24 * 60 * MINUTE
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cars:
    """The cars of a telemetry shard, one entry a car that sends anything.

    ``local`` is the row in the frame of connected vehicles, ``events`` the exact number of events,
    ``offset`` the number of the car's first event within the shard.
    """

    local: Ints
    events: Ints
    offset: Ints


@dataclass(frozen=True)
class Trips:
    """One entry a trip.  ``car`` indexes ``Cars``; times are ms since 1970 UTC; miles and
    odometers are miles; ``first`` is the trip's first event within the shard."""

    car: Ints
    number: Ints
    start: Ints
    stop: Ints
    miles: Floats
    odometer: Floats
    events: Ints
    first: Ints
    north: Floats
    east: Floats
    outward: NDArray[np.bool_]


def cars_of(connected: Ints, start: int) -> Cars:
    """Cars from the connected-vehicle row of each event (whole cars, in order)."""
    change = np.flatnonzero(np.diff(connected, prepend=-1))
    events = np.diff(np.append(change, len(connected)))
    return Cars(local=connected[change] - start, events=events, offset=change)


def trips_of(draw: Draw, cars: Cars) -> Trips:
    """Lay out the trips of every car within its window."""
    frame = draw.frames["connected_vehicle"]
    opened = frame["_window_start"][cars.local].astype("i8")
    closed = frame["_window_stop"][cars.local].astype("i8")
    per_car = _trip_counts(draw, cars, closed - opened)
    car = np.repeat(np.arange(len(per_car)), per_car)
    number = np.arange(len(car)) - np.repeat(np.cumsum(per_car) - per_car, per_car)
    at = cars.offset[car] + number
    start = _starts(draw, cars, car, number, per_car, at, opened, closed)
    miles, stop = _lengths(draw, at, start, car, closed)
    events = _events(draw, cars, car, number, per_car, at, miles)
    first = np.cumsum(events) - events
    available = (frame["_odometer_stop"] - frame["_odometer_start"])[cars.local]
    miles, odometer = _odometers(draw, cars, car, start, stop, miles, available, opened)
    odometer += frame["_odometer_start"][cars.local][car]
    north, east, outward = _displacements(draw, at, car, number, per_car, miles)
    return Trips(car, number, start, stop, miles, odometer, events, first, north, east, outward)


def _trip_counts(draw: Draw, cars: Cars, window: Ints) -> Ints:
    """As many trips as drivers make in the window; fewer when few events are asked for."""
    figures = draw.figures
    natural = np.rint(window / DAY * figures["trips_per_driver_day"]).astype(np.int64)
    wanted = np.rint(cars.events / figures["telemetry_events_per_trip"]).astype(np.int64)
    room = np.minimum(window // (2 * APART), cars.events // 2)
    return np.asarray(np.clip(np.minimum(wanted, natural), 1, np.maximum(room, 1)))


def _starts(
    draw: Draw,
    cars: Cars,
    car: Ints,
    number: Ints,
    per_car: Ints,
    at: Ints,
    opened: Ints,
    closed: Ints,
) -> Ints:
    """Days spread evenly over the window, hours by the published shares of the local day."""
    frame = draw.frames["connected_vehicle"]
    zone = frame["_utc_offset"][cars.local][car] * 60 * MINUTE
    spread = (number + draw.u("trip_day")[at]) / per_car[car]
    moment = opened[car] + (spread * (closed - opened)[car]).astype(np.int64)
    local_day = (moment + zone) // DAY
    weekend = np.where((local_day + 3) % 7 >= 5, "saturday", "weekday")
    hour = draw.leaf("trip_hour", by=[weekend], u=draw.u("trip_hour")[at])
    start = local_day * DAY - zone + (hour * 60 * MINUTE).astype(np.int64)
    start = np.clip(start, opened[car], closed[car] - APART)
    order = np.lexsort((start, car))
    return _apart(start[order], car, number, per_car, closed)


def _apart(start: Ints, car: Ints, number: Ints, per_car: Ints, closed: Ints) -> Ints:
    """Push starts later until they are ``APART``, then earlier where they left the window.

    A running maximum of start − number × APART does it for all cars at once: an offset a car
    larger than any time keeps the cars from each other.
    """
    wall = np.int64(WALL)
    pushed = np.maximum.accumulate(start - number * APART + car * wall) - car * wall
    left = per_car[car] - number
    latest = closed[car] - left * APART
    return np.asarray(np.minimum(pushed + number * APART, latest))


def _lengths(draw: Draw, at: Ints, start: Ints, car: Ints, closed: Ints) -> tuple[Floats, Ints]:
    """Miles by the published distribution, minutes by a mean speed that grows with them, both
    cut where the next trip begins."""
    miles = draw.leaf("trip_miles", u=draw.u("trip_miles")[at])
    by = draw.figures["speed_by_miles"]
    faster = np.clip(by["base"] + by["each_log_mile"] * np.log1p(miles), by["least"], by["most"])
    mph = draw.leaf("trip_mph", u=draw.u("trip_mph")[at]) * faster
    mph = np.clip(mph, *draw.figures["trip_mph_bounds"])
    wanted = (miles / mph * 60 * MINUTE).astype(np.int64)
    following = np.append(start[1:], 0)
    last = np.append(car[1:] != car[:-1], True)
    room = np.where(last, closed[car], following) - start - MINUTE
    length = np.clip(wanted, SHORTEST, np.maximum(room, SHORTEST))
    return np.minimum(miles, mph * length / (60 * MINUTE)), start + length


def _events(
    draw: Draw,
    cars: Cars,
    car: Ints,
    number: Ints,
    per_car: Ints,
    at: Ints,
    miles: Floats,
) -> Ints:
    """Two events a trip (start and stop), the rest by length; each car's total exact."""
    weight = np.sqrt(miles) * (0.5 + draw.u("trip_events")[at])
    total = np.cumsum(weight)
    end = np.cumsum(per_car) - 1
    before = (total - weight)[end - per_car + 1]
    base = np.repeat(before, per_car)
    share = (total - base) / np.repeat(total[end] - before, per_car)
    base_events = np.minimum(2, cars.events[car])
    extra = (cars.events - np.minimum(2 * per_car, cars.events))[car]
    edge = np.floor(extra * share + 0.5).astype(np.int64)
    edge[end] = extra[end]
    previous = np.where(number == 0, 0, np.append(0, edge[:-1]))
    result: Ints = base_events + edge - previous
    return result


def _odometers(
    draw: Draw,
    cars: Cars,
    car: Ints,
    start: Ints,
    stop: Ints,
    miles: Floats,
    available: Floats,
    opened: Ints,
) -> tuple[Floats, Floats]:
    """Miles scaled so that the observed trips fit what the car drove in all; what is left was
    driven between observed trips, in proportion to the time between them."""
    driven = np.bincount(car, miles, len(cars.local))
    most = draw.figures["observed_miles_share"]
    scale = np.minimum(1.0, available * most["trips"] / np.maximum(driven, 1e-9))
    miles = miles * scale[car]
    left = np.maximum(available * most["all"] - driven * scale, 0.0)
    begins = np.append(True, car[1:] != car[:-1])
    earlier = np.where(begins, opened[car], np.append(0, stop[:-1]))
    gap = np.maximum(start - earlier, 0).astype(np.float64)
    gaps = np.maximum(np.bincount(car, gap, len(cars.local)), 1.0)
    between = left[car] * gap / gaps[car]
    path = np.cumsum(between + miles) - miles
    base = (path - between)[begins]
    return miles, path - np.repeat(base, np.bincount(car, minlength=len(cars.local)))


def _displacements(
    draw: Draw, at: Ints, car: Ints, number: Ints, per_car: Ints, miles: Floats
) -> tuple[Floats, Floats, Any]:
    """Trips come in pairs, out and back along one straight line: the car sleeps at home.

    Returns miles north, miles east, and whether the trip leads away from home.
    """
    outward = number % 2 == 0
    alone = outward & (number == per_car[car] - 1)
    partner = np.where(outward, np.arange(len(car)) + 1, np.arange(len(car)) - 1)
    partner = np.where(alone, np.arange(len(car)), np.minimum(partner, len(car) - 1))
    reach = float(draw.figures["straight_line_share"]) * np.minimum(miles, miles[partner])
    turn = 2 * np.pi * draw.u("trip_direction")[np.where(outward, at, at - 1)]
    return reach * np.cos(turn), reach * np.sin(turn), outward
