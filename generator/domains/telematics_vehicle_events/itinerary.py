"""Whence and whither: the places between which the trips of a car lead.

Where one goes follows from the hour: to work in the morning, home in the evening, to shops and
friends and once to elsewhere in between.  A trip begins where the one before ended; after trips
that were not recorded it begins at any of the car's places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import local_ms
from generator.domains.graph import Draw
from generator.domains.telematics_vehicle_events.haunts import (
    AWAY,
    DEALER,
    FRIEND,
    HOME,
    SHOP,
    SHOPS,
    WORK,
)

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Itinerary(NamedTuple):
    """One entry a trip: its two places and their miles north and east of home (of the dealer: 0);
    the number of the trip that first went to the place a car goes to once (``errand``); ``fresh``
    where trips before were not recorded."""

    whence: Ints
    whither: Ints
    north: Floats
    east: Floats
    to_north: Floats
    to_east: Floats
    errand: Ints
    fresh: NDArray[np.bool_]


def itinerary(
    draw: Draw,
    car: Ints,
    number: Ints,
    start: Ints,
    clock: Ints,
    recorded: Floats,
    place: NDArray[np.uint64],
) -> Itinerary:
    first = number == 0
    hours = draw.figures["hours_of_day"]
    local = local_ms(start, clock[car])
    day, hour = local // DAY, local % DAY / (60 * MINUTE)
    u = draw.stream("trip_whither").at(place)
    shop = SHOP + (draw.stream("trip_shop").at(place) * SHOPS).astype(np.int64)
    worker = draw.frame["_commuter"][car] & ((day + 3) % 7 < 5)
    whither = _wanted(draw, u, hour, worker, shop)
    latest = np.append((day[1:] != day[:-1]) | first[1:], True)[: len(day)]
    whither = np.where(latest & (u < hours["home_by_night"]), HOME, whither)
    fresh = _fresh(draw, first, start, whither == AWAY, recorded[car], place)
    whence = _whence(draw, u, hour, worker, whither, shop)
    for _ in range(3):
        whither = _elsewhere(whither, _before(whither, whence, fresh), shop)
    begun = _before(whither, whence, fresh)
    whither = np.where((whither == begun) & (whither != AWAY), AWAY, whither)
    begun = _before(whither, whence, fresh)
    return _placed(draw, car, number, begun, whither, fresh, place)


def _wanted(draw: Draw, u: Floats, hour: Floats, worker: NDArray[np.bool_], shop: Ints) -> Ints:
    """Where one would go at an hour, wherever one is."""
    hours, wishes = draw.figures["hours_of_day"], draw.figures["whither"]
    any_day = np.searchsorted(np.cumsum(wishes["any"]), u)
    evening = np.searchsorted(np.cumsum(wishes["evening"]), u)
    kinds = np.array([HOME, SHOP, FRIEND, DEALER, AWAY, AWAY])
    goal = np.where(hour >= hours["evening"], kinds[evening], kinds[any_day])
    goal = np.where(goal == SHOP, shop, goal)
    early = worker & (hour >= hours["work_from"]) & (hour < hours["work_to"])
    goal = np.where(early & (u < wishes["work"]), WORK, goal)
    late = (hour >= hours["night"]) | (hour < hours["work_from"] - 1)
    return np.asarray(np.where(late & (u < wishes["night"]), HOME, goal))


def _fresh(
    draw: Draw,
    first: NDArray[np.bool_],
    start: Ints,
    away: NDArray[np.bool_],
    recorded: Floats,
    place: NDArray[np.uint64],
) -> NDArray[np.bool_]:
    """The share of trips that follow unrecorded ones, as far as there was time for some; more of
    it where the car was far away."""
    hours = draw.figures["unseen_hours"]
    gap = np.append(0, np.diff(start))[: len(start)]
    least = np.where(np.append(False, away[:-1])[: len(away)], hours["away"], hours["around"])
    time = gap > least * 60 * MINUTE
    missed = draw.stream("trip_missed").at(place) < 1 - recorded
    return np.asarray(first | (time & missed))


def _whence(
    draw: Draw, u: Floats, hour: Floats, worker: NDArray[np.bool_], whither: Ints, shop: Ints
) -> Ints:
    """Where a car stands after trips nobody saw: at home, at work by day, in a shop; never where
    it goes to."""
    hours = draw.figures["hours_of_day"]
    working = worker & (hour >= hours["work_to"]) & (hour < hours["night"])
    stands = np.where(working & (u * 10 % 1 < 0.5), WORK, HOME)
    out = np.where(u * 100 % 1 < draw.figures["friend_share"], FRIEND, shop)
    stands = np.where((whither == HOME) & (stands == HOME), out, stands)
    return np.where((stands == WORK) & (whither == WORK), HOME, stands)


def _before(whither: Ints, whence: Ints, fresh: NDArray[np.bool_]) -> Ints:
    return np.where(fresh, whence, np.append(HOME, whither[:-1])[: len(whither)])


def _elsewhere(whither: Ints, begun: Ints, shop: Ints) -> Ints:
    """Who is already there goes to a shop from home, and home from anywhere else; of a row of
    equal wishes every second is changed."""
    same = (whither == begun) & (whither != AWAY)
    run = np.arange(len(same)) - np.maximum.accumulate(np.where(same, 0, np.arange(len(same))))
    return np.where(same & (run % 2 == 1), np.where(whither == HOME, shop, HOME), whither)


def _placed(
    draw: Draw,
    car: Ints,
    number: Ints,
    whence: Ints,
    whither: Ints,
    fresh: NDArray[np.bool_],
    place: NDArray[np.uint64],
) -> Itinerary:
    north, east = draw.frame["_haunts_north"], draw.frame["_haunts_east"]
    away, back = whither == AWAY, whence == AWAY
    once = draw.leaf("away_miles", u=draw.stream("away_miles").at(place[away]))
    turn = 2 * np.pi * draw.stream("away_turn").at(place[away])
    at = np.minimum(whither, AWAY - 1)
    to_north, to_east = north[car, at], east[car, at]
    to_north[away], to_east[away] = once * np.cos(turn), once * np.sin(turn)
    begin = np.minimum(whence, AWAY - 1)
    from_north = np.where(back, _earlier(to_north), north[car, begin])
    from_east = np.where(back, _earlier(to_east), east[car, begin])
    errand = np.where(away, number, np.where(back, number - 1, 0))
    return Itinerary(whence, whither, from_north, from_east, to_north, to_east, errand, fresh)


def _earlier(values: Floats) -> Floats:
    return np.append(0.0, values[:-1])[: len(values)]
