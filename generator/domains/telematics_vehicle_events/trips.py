"""Trips of connected cars: whence, whither, when, how far, and how many events each sends.

Everything is an array over trips, the trips of one car after another in time; no loop over cars.
A trip begins where the one before ended, and at the odometer where that ended, but for those that
follow trips nobody recorded.  All miles of a car are in trips; when few events are asked for, most
trips are not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import local_ms, utc_ms
from generator.domains.graph import Draw
from generator.domains.telematics_vehicle_events.haunts import AWAY, DEALER
from generator.domains.telematics_vehicle_events.itinerary import Itinerary, itinerary
from generator.domains.telematics_vehicle_events.routes import detour

MINUTE = 60_000  # milliseconds
WALL = 1 << 44  # milliseconds, more than any span has
GRID = 1000  # points of the day's shares at which commuters may leave
MANY_WAYS = 1 << 16  # in which a way may turn left and right
APART = 4 * MINUTE  # from the end of a trip to the next, at the very least
DAY = 24 * 60 * MINUTE
MOST_TRIPS = 1 << 24  # of a car
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Cars(NamedTuple):
    """What trips are laid out by, one entry a connected car: its window (ms UTC) and the miles
    it drives in it, events, the number of its row."""

    row: Ints
    events: Ints
    opened: Ints
    closed: Ints
    clock: Ints
    odometer: Floats
    miles: Floats
    dealer_north: Floats
    dealer_east: Floats


@dataclass(frozen=True)
class Trips:
    """``first_trip[c]`` to ``first_trip[c + 1]`` are the trips of local car c; the other arrays
    have an entry a trip.  Times are ms since 1970 UTC; miles and odometers are miles; ``first`` is
    the number of the trip's first event among all events; ``north`` and ``east`` are the miles
    from home of its beginning, ``to_north`` and ``to_east`` of its end.  ``arcs`` of the half
    angle ``angle`` lead from ``pair``'s one end to the other, ``back`` where the trip goes the
    other way.  ``fresh`` follow trips that were not recorded."""

    first_trip: Ints
    car: Ints
    number: Ints
    start: Ints
    stop: Ints
    miles: Floats
    odometer: Floats
    events: Ints
    first: Ints
    whence: Ints
    whither: Ints
    north: Floats
    east: Floats
    to_north: Floats
    to_east: Floats
    angle: Floats
    sides: Ints
    back: NDArray[np.bool_]
    fresh: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first_trip) - 1

    def of(self, cars: slice) -> slice:
        """Where the trips of these cars lie."""
        return slice(int(self.first_trip[cars.start]), int(self.first_trip[cars.stop]))

    def last(self, moment: np.datetime64) -> Ints:
        """The last trip of each car that has ended by a moment, shape (cars,); -1 of none."""
        until = moment.astype("datetime64[ms]").astype(np.int64)
        cars = np.arange(len(self), dtype=np.int64)
        place = np.searchsorted(self.car * WALL + self.stop, cars * WALL + until, side="right") - 1
        return np.where(place >= self.first_trip[:-1], place, -1)


def trips_of(draw: Draw) -> Trips:
    """Lay out the trips of every connected car within its window."""
    cars = _cars(draw)
    natural, per_car = _trip_counts(draw, cars)
    first_trip = np.concatenate([[0], np.cumsum(per_car)])
    car = np.repeat(np.arange(draw.n), per_car)
    number = np.arange(len(car)) - first_trip[car]
    place = (cars.row[car] * MOST_TRIPS + number).astype(np.uint64)
    recorded = np.minimum(per_car / natural, 1.0)
    start = _starts(draw, cars, car, number, per_car, place)
    way = itinerary(draw, car, number, start, cars.clock, recorded, place)
    angle, sides, back = _shape(draw, cars, car, way)
    scale = _scale(draw, cars, car, number, way, angle, recorded)
    world = _world(cars, car, way, scale)
    miles, before = _miles(draw, number, way, world, angle)
    start, stop = _times(draw, cars, car, per_car, start, miles, place)
    before += _unseen(cars, car, number, start, stop, miles, before, way.fresh)
    path = np.cumsum(before + miles) - miles
    begin = first_trip[:-1][per_car > 0]
    base = np.repeat((path - before)[begin], per_car[per_car > 0])
    events, first = _events(draw, cars, car, number, per_car, first_trip, miles, place)
    return Trips(
        first_trip, car, number, start, stop, miles, path - base + cars.odometer[car], events,
        first, way.whence, way.whither, *world, angle, sides, back, way.fresh,
    )  # fmt: skip


def _cars(draw: Draw) -> Cars:
    frame = draw.frame
    return Cars(
        draw.rows,
        frame["_events"],
        frame["_window_start"].astype("i8"),
        frame["_window_stop"].astype("i8"),
        frame["_clock"],
        frame["_odometer_start"],
        np.maximum(frame["_odometer_stop"] - frame["_odometer_start"], 0.5),
        frame["_dealer_north"],
        frame["_dealer_east"],
    )


def _trip_counts(draw: Draw, cars: Cars) -> tuple[Ints, Ints]:
    """As many trips as its miles take, and how many of them are recorded: fewer when few events
    are asked for."""
    figures = draw.figures
    natural = np.rint(cars.miles / figures["trip_mean"]["miles"]).astype(np.int64)
    wanted = np.rint(cars.events / figures["telemetry_events_per_trip"]).astype(np.int64)
    window = cars.closed - cars.opened
    room = np.minimum(window // (int(figures["least_minutes_a_trip"]) * MINUTE), cars.events // 2)
    most = np.clip(np.minimum(natural, room), 1, MOST_TRIPS)
    return np.maximum(natural, 1), np.where(cars.events > 0, np.clip(wanted, 1, most), 0)


def _starts(
    draw: Draw, cars: Cars, car: Ints, number: Ints, per_car: Ints, place: NDArray[np.uint64]
) -> Ints:
    """Days spread over the window, closer together for who drives on some days only; hours by
    the published shares of the local day.  Commuters leave at their own hours."""
    frame = draw.frame
    spread = (number + draw.stream("trip_day").at(place)) / per_car[car]
    days = (cars.closed - cars.opened)[car] / DAY * spread
    week = np.floor(days / 7)
    rest = days - 7 * week
    active = frame["_active"][car]
    moved = (rest * active + 7 * ((week * 0.5 + frame["_habit"][car] * (week + 1)) % 1)) % 7
    whole = (week + 1) * 7 * DAY <= (cars.closed - cars.opened)[car]
    days = week * 7 + np.where(whole, moved, rest)
    moment = cars.opened[car] + (days * DAY).astype(np.int64)
    clock = cars.clock[car]
    local_day = local_ms(moment, clock) // DAY
    weekday = (local_day + 3) % 7 < 5
    u = draw.stream("trip_hour").at(place)
    hour = draw.leaf("trip_hour", by=[np.where(weekday, "weekday", "saturday")], u=u)
    hour = _commuted(draw, hour, frame["_commuter"][car] & weekday, car, place)
    start = utc_ms(local_day * DAY + (hour * 60 * MINUTE).astype(np.int64), clock)
    start = np.clip(start, cars.opened[car], cars.closed[car] - APART)
    return np.asarray(start[np.lexsort((start, car))])


def _commuted(
    draw: Draw, hour: Floats, commutes: NDArray[np.bool_], car: Ints, place: NDArray[np.uint64]
) -> Floats:
    """Most morning and evening trips of a commuter begin at its own hours, give or take; those of
    all commuters lie as the published shares of the day do."""
    regular, frame = draw.figures["commuting"], draw.frame
    u = draw.stream("trip_commute").at(place)
    regularly = commutes & (u < regular["share"])
    late = (u / regular["share"] - 0.5) * regular["late_hours"]
    grid = (np.arange(GRID) + 0.5) / GRID
    usual = draw.leaf("trip_hour", by=[np.full(GRID, "weekday", dtype=object)], u=grid)
    for name in ("morning", "evening"):
        low, high = regular[name]
        inside = usual[(usual >= low) & (usual < high)]
        own = inside[(frame["_habit"][car] * len(inside)).astype(np.int64)]
        hour = np.where(regularly & (hour >= low) & (hour < high), own + late, hour)
    return hour


def _shape(
    draw: Draw, cars: Cars, car: Ints, way: Itinerary
) -> tuple[Floats, Ints, NDArray[np.bool_]]:
    """How a way bends follows from its car and its two ends, so that it is the same next time
    and on the way back; ways to where a car goes once are their own."""
    one, other = np.minimum(way.whence, way.whither), np.maximum(way.whence, way.whither)
    once = np.where(other == AWAY, way.errand + 1, 0)
    pair = ((cars.row[car] * (AWAY + 1) + one) * (AWAY + 1) + other) * MOST_TRIPS + once
    u = draw.stream("way").at(pair.astype(np.uint64))
    low, high = draw.figures["bend_half_angle"]
    sides = (u * MANY_WAYS).astype(np.int64)
    angle = low + (high - low) * (u * MANY_WAYS % 1)
    return angle, sides, way.whence > way.whither


def _scale(
    draw: Draw,
    cars: Cars,
    car: Ints,
    number: Ints,
    way: Itinerary,
    angle: Floats,
    recorded: Floats,
) -> Floats:
    """How large each car's world is: so large that its trips come to their part of its miles; the
    fewer are recorded, the more as it was drawn.  The dealer stays where it
    is: its trips take at most what is left if it were at home, and the way there."""
    world = World(way.north, way.east, way.to_north, way.to_east)
    miles, before = _miles(draw, number, way, world, angle)
    growing, unseen = (np.bincount(car, values, len(cars.miles)) for values in (miles, before))
    ends = (way.whence == DEALER).astype(np.int64) + (way.whither == DEALER)
    far = np.hypot(cars.dealer_north, cars.dealer_east)[car] * ends
    fixed = np.bincount(car, far * 2 * detour(angle), len(cars.miles))
    driven = float(draw.figures["observed_miles_share"]) * cars.miles - fixed
    most = np.maximum(driven, 0.0) / np.maximum(growing + unseen, 1e-9)
    fit = np.maximum(driven * recorded / np.maximum(growing, 1e-9), 1e-9)
    trips = np.bincount(car, minlength=len(cars.miles))
    sure = np.maximum(recorded**4, trips / (trips + float(draw.figures["trips_for_scale"])))
    return np.asarray(np.minimum(most, fit**sure))


class World(NamedTuple):
    """Miles north and east of home of both ends of each trip."""

    north: Floats
    east: Floats
    to_north: Floats
    to_east: Floats


def _world(cars: Cars, car: Ints, way: Itinerary, scale: Floats) -> World:
    begins, ends = way.whence == DEALER, way.whither == DEALER
    north, east, size = cars.dealer_north[car], cars.dealer_east[car], scale[car]
    return World(
        way.north * size + north * begins,
        way.east * size + east * begins,
        way.to_north * size + north * ends,
        way.to_east * size + east * ends,
    )


def _miles(
    draw: Draw, number: Ints, way: Itinerary, world: World, angle: Floats
) -> tuple[Floats, Floats]:
    """Miles of each trip, and those that trips nobody saw must have taken to its beginning."""
    bare = np.hypot(world.to_north - world.north, world.to_east - world.east)
    miles = np.maximum(bare * detour(angle), float(draw.figures["shortest_trip_miles"]))
    north = world.north - np.append(0.0, world.to_north[:-1])[: len(bare)]
    east = world.east - np.append(0.0, world.to_east[:-1])[: len(bare)]
    led = np.hypot(north, east) * float(draw.figures["unseen_detour"])
    return miles, np.where(way.fresh & (number > 0), led, 0.0)


def _times(
    draw: Draw,
    cars: Cars,
    car: Ints,
    per_car: Ints,
    start: Ints,
    miles: Floats,
    place: NDArray[np.uint64],
) -> tuple[Ints, Ints]:
    """Minutes by a mean speed that grows with the miles; trips wait for the one before, and the
    last ones are early enough for the window.

    A running maximum of start − time taken before does it for all cars at once: an offset a car
    larger than any time keeps the cars from each other.
    """
    by = draw.figures["speed_by_miles"]
    faster = np.clip(by["base"] + by["each_log_mile"] * np.log1p(miles), by["least"], by["most"])
    mph = draw.leaf("trip_mph", u=draw.stream("trip_mph").at(place)) * faster
    mph = np.clip(mph, *draw.figures["trip_mph_bounds"])
    length = np.maximum(miles / mph * 60 * MINUTE, MINUTE).astype(np.int64)
    taken = np.bincount(car, length + APART, len(cars.miles))
    tight = np.minimum((cars.closed - cars.opened) / np.maximum(taken, 1.0), 1.0)
    length = np.maximum((length * tight[car]).astype(np.int64), 1)
    apart = (APART * tight[car]).astype(np.int64)
    total = np.cumsum(length + apart)
    begin = np.cumsum(per_car) - per_car
    before = total - length - apart
    before = before - np.repeat(before[begin[per_car > 0]], per_car[per_car > 0])
    wall = np.int64(WALL)
    pushed = np.maximum.accumulate(start - before + car * wall) - car * wall + before
    whole = np.bincount(car, length + apart, len(cars.miles)).astype(np.int64)[car]
    pushed = np.minimum(pushed, cars.closed[car] - (whole - before))
    return pushed, pushed + length


def _unseen(
    cars: Cars,
    car: Ints,
    number: Ints,
    start: Ints,
    stop: Ints,
    miles: Floats,
    before: Floats,
    fresh: NDArray[np.bool_],
) -> Floats:
    """Miles of unrecorded trips before each trip, beside those it takes to get there: what the
    car drove in all, spread over the time in which nothing was recorded."""
    left = np.maximum(cars.miles - np.bincount(car, miles + before, len(cars.miles)), 0.0)
    earlier = np.where(number == 0, cars.opened[car], np.append(0, stop[:-1])[: len(stop)])
    gap = np.where(fresh, np.maximum(start - earlier, 0), 0).astype(np.float64)
    last = np.append(number[1:] == 0, True)[: len(number)]
    after = np.bincount(car[last], (cars.closed[car] - stop)[last], len(cars.miles))
    whole = np.bincount(car, gap, len(cars.miles)) + np.maximum(after, 0) + 1
    return np.asarray(left[car] * gap / whole[car])


def _events(
    draw: Draw,
    cars: Cars,
    car: Ints,
    number: Ints,
    per_car: Ints,
    first_trip: Ints,
    miles: Floats,
    place: NDArray[np.uint64],
) -> tuple[Ints, Ints]:
    """Two events a trip (start and stop), the rest by length; each car's total exact.  And the
    number of each trip's first event among all events."""
    weight = np.sqrt(miles) * (0.5 + draw.stream("trip_events").at(place))
    total = np.cumsum(weight)
    there = per_car > 0
    end = first_trip[1:][there] - 1
    before = (total - weight)[first_trip[:-1][there]]
    base = np.repeat(before, per_car[there])
    share = (total - base) / np.repeat(total[end] - before, per_car[there])
    own = np.minimum(2, cars.events[car])
    extra = (cars.events - np.minimum(2 * per_car, cars.events))[car]
    edge = np.floor(extra * share + 0.5).astype(np.int64)
    edge[end] = extra[end]
    previous = np.where(number == 0, 0, np.append(0, edge[:-1])[: len(edge)])
    events = own + edge - previous
    first = draw.starts["vehicle_telemetry_event"] + np.cumsum(events) - events
    return events, first
