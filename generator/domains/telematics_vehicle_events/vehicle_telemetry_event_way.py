"""Where each event of telemetry lies on its trip: moment, speed, place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived
from generator.domains.keys import numbered
from generator.domains.telematics_vehicle_events.gait import gait_of
from generator.domains.telematics_vehicle_events.haunts import EARTH_MILES, MILES_PER_DEGREE
from generator.domains.telematics_vehicle_events.routes import bend
from generator.domains.telematics_vehicle_events.trips import Trips


class Along:
    """Reads what is said of trips as the events of a piece have it; a piece is of whole cars."""

    def __init__(self, draw: Draw) -> None:
        self._frame = draw.frames["connected_vehicle"]
        self.trips: Trips = self._frame["_trips"]
        local = draw["_local"]
        cars = slice(int(local[0]), int(local[-1]) + 1) if draw.n else slice(0, 0)
        self.mine = self.trips.of(cars)
        self.events = self.trips.events[self.mine]

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        """``values`` have an entry for each trip of the frame of connected cars."""
        return np.repeat(values[self.mine], self.events)

    def trip(self, name: str) -> NDArray[Any]:
        return self(getattr(self.trips, name))

    def level(self, name: str) -> NDArray[Any]:
        return self(getattr(self._frame["_levels"], name))


@derived("trip_key", "event_sequence_num")
def numbers(draw: Draw) -> Made:
    frame, along = draw.frames["connected_vehicle"], Along(draw)
    mine = along.mine
    car = along.trips.car[mine]
    name = frame["_vehicle_key"][car] * 100_000 + along.trips.number[mine] + 1
    return {
        "trip_key": (np.repeat(numbered("TR-", name, 15), along.events), draw["_parked"] > 0),
        "event_sequence_num": draw.rows - frame["_first_event"][draw["_local"]] + 1,
    }


@derived("_alert")
def alert(draw: Draw) -> Made:
    """The local row of the alert that an event must raise, -1 of none."""
    alert = np.full(draw.n, -1)
    event = draw.frames["vehicle_alert"]["_event"]
    rows = np.flatnonzero((event >= draw.frame.start) & (event < draw.frame.start + draw.n))
    alert[event[rows] - draw.frame.start] = rows
    return {"_alert": alert}


def raises(draw: Draw, *kinds: int) -> NDArray[np.int64]:
    """The events that must raise an alert of these kinds, local rows."""
    rows = np.flatnonzero(draw["_alert"] >= 0)
    kind = draw.frames["vehicle_alert"]["_kind"][draw["_alert"][rows]]
    return np.asarray(rows[np.isin(kind, kinds)])


@derived("occurrence_date_time", "_time", "_minutes", "_first", "_last", "_inner", "_parked")
def moments(draw: Draw) -> Made:
    """At which share of its trip's time each event lies; pulses are a little irregular.  A car
    that is charged says so twice when it is ``_parked``."""
    along = Along(draw)
    steps = along.level("steps")
    place = draw.rows - along.trip("first")
    inner = (place > 0) & (place < steps)
    jitter = float(draw.figures["pulse_jitter"]) * (draw.u("pulse") - 0.5)
    moved = np.where(inner & (draw["_alert"] < 0), jitter, 0.0)
    time = np.minimum(place + moved, steps) / steps
    taken = time * along(along.trips.stop - along.trips.start)
    parked = np.maximum(place - steps, 0)
    moment = along.trip("start") + taken.astype(np.int64)
    for after, name in ((1, "plugged"), (2, "charged")):
        rows = np.flatnonzero(parked == after)
        moment[rows] = along.level(name)[rows]
    return {
        "occurrence_date_time": moment.view("datetime64[ms]"),
        "_time": time,
        "_minutes": taken / 60_000,
        "_first": place == 0,
        "_last": (place >= steps) & (place > 0),
        "_inner": inner,
        "_parked": parked,
    }


@derived("odometer", "_path", "_driven", "_mph", "_change")
def pace_of(draw: Draw) -> Made:
    """How far along its trip each event lies, and how fast the car is."""
    along, figures = Along(draw), draw.figures
    trips, mine = along.trips, along.mine
    gait = gait_of(figures, trips.miles[mine], trips.stop[mine] - trips.start[mine])
    seen = gait.at(draw["_time"], along.events, figures)
    driven = seen.path * along.trip("miles")
    return {
        "odometer": np.floor((along.trip("odometer") + driven) * 10).astype(np.int64),
        "_path": seen.path,
        "_driven": driven,
        "_mph": draw["_inner"] * seen.speed * np.repeat(gait.mph, along.events),
        "_change": seen.change,
    }


@derived("latitude", "longitude")
def position(draw: Draw) -> Made:
    """Along arcs from one place to the other; a way back is the way there."""
    frame, along = draw.frames["connected_vehicle"], Along(draw)
    trips, mine, events = along.trips, along.mine, along.events
    back = trips.back[mine]
    north, east = trips.north[mine], trips.east[mine]
    up, right = trips.to_north[mine] - north, trips.to_east[mine] - east
    turned = np.repeat(back, events)
    path = np.where(turned, 1 - draw["_path"], draw["_path"])
    arcs = 1 + np.searchsorted(draw.figures["events_for_arcs"], events, side="right")
    way = bend(path, np.repeat(arcs, events), along.trip("angle"), along.trip("sides"))
    ahead = np.where(turned, 1 - way.along, way.along)
    beside = np.where(turned, -way.beside, way.beside)
    up, right = np.repeat(up, events), np.repeat(right, events)
    north = np.repeat(north, events) + up * ahead - right * beside
    east = np.repeat(east, events) + right * ahead + up * beside
    local = draw["_local"]
    hidden = ~frame["_location_consent"][local]
    home = np.deg2rad(frame["_latitude"])
    tilt, slope = np.tan(home)[local], np.cos(home)[local]
    lower = east * east * tilt / (2 * EARTH_MILES)  # the world is round
    longer = 1 + north * tilt / EARTH_MILES
    latitude = frame["_latitude"][local] + (north - lower) / MILES_PER_DEGREE
    longitude = frame["_longitude"][local] + east * longer / (MILES_PER_DEGREE * slope)
    return {
        "latitude": (_millionths(latitude), hidden),
        "longitude": (_millionths(longitude), hidden),
    }


def _millionths(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(degrees * 1e6).astype(np.int64)
