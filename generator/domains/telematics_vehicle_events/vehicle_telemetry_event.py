"""Telemetry events: what a connected car reports along its trips.

They are drawn in pieces of whole connected vehicles, so that running sums begin anew in each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, flag, integer, moment, text
from generator.domains.counts import Bound, Count, Given, Needs, Noun, Part, Relation, asks, each
from generator.domains.graph import (
    Declaration,
    Draw,
    Made,
    Pieces,
    derived,
    drawn,
    keyed,
    link,
)
from generator.domains.groups import evened, round_half_up
from generator.domains.keys import numbered
from generator.domains.telematics_vehicle_events.causes import (
    CHARGE,
    CODE,
    HOT,
    SERVICE,
    TYRE,
)
from generator.domains.telematics_vehicle_events.gait import gait_of
from generator.domains.telematics_vehicle_events.haunts import EARTH_MILES, MILES_PER_DEGREE
from generator.domains.telematics_vehicle_events.routes import bend
from generator.domains.telematics_vehicle_events.trips import Trips
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "vehicle_telemetry_event",
    domain="telematics_vehicle_events",
    meaning="Timestamped telemetry packet (wide form)",
    key="vehicle_telemetry_event_key",
    columns=(
        text("vehicle_telemetry_event_key", 50, unique=True),
        text("vehicle_key", 50),
        text("device_identifier", 40, personal="device_id"),
        enum("telemetry_event_type", "TelemetryEventTypes"),
        integer("event_sequence_num", "strictly increasing per vehicle"),
        text("trip_key", 50, nullable=True),
        moment("occurrence_date_time"),
        moment("recorded_date_time"),
        moment("ingested_date_time"),
        integer("latency_milliseconds", "= ms(ingested_date_time - occurrence_date_time)"),
        enum("freshness_status_type", "FreshnessStatusTypes", "REALTIME iff latency <= 5000"),
        decimal(
            "latitude", 9, 6, "null without location consent", nullable=True, personal="geolocation"
        ),
        decimal("longitude", 9, 6, nullable=True, personal="geolocation"),
        decimal("odometer", 9, 1, "non-decreasing per vehicle"),
        decimal("speed_mph", 5, 1, nullable=True),
        integer("engine_rpm", "null for BEV", nullable=True),
        decimal("fuel_level_pct", 5, 2, "null for BEV", nullable=True),
        decimal("battery_state_of_charge_pct", 5, 2, "BEV/PHEV", nullable=True),
        decimal("battery_voltage", 5, 2, nullable=True),
        decimal("tire_pressure_psi", 5, 1, nullable=True),
        decimal("oil_life_pct", 5, 2, nullable=True),
        decimal("engine_temperature_c", 5, 1, nullable=True),
        text(
            "diagnostic_trouble_code",
            10,
            "set iff DTC_SET/DTC_CLEARED/PENDING_DTC_SET",
            nullable=True,
        ),
        flag("data_sharing_consent_indicator"),
        flag("duplicate_indicator"),
        decimal("data_quality_score", 3, 2),
    ),
    links=(Link("vehicle_key", "vehicle", "vehicle_key", "parent"),),
)


REALTIME_MS = 5000
LOW_TYRE_PSI = 28.0
SERVICE_DUE = 1500  # hundredths of a per cent of oil life
AT_MPH = {  # from, up to
    "SPEEDING_STARTED": (50, 999),
    "IDLE_STARTED": (0, 15),
    "HARSH_BRAKING": (12, 999),
    "HARSH_ACCELERATION": (8, 999),
    "HARSH_CORNERING": (8, 80),
}
RAISED = {
    TYRE: "TIRE_PRESSURE_LOW",
    SERVICE: "SERVICE_DUE_WARNING",
    CHARGE: "BATTERY_STATE_OF_CHARGE_LOW",
    HOT: "COOLANT_TEMPERATURE_HIGH",
    CODE: "DTC_SET",
}
DTC = ("DTC_SET", "PENDING_DTC_SET", "DTC_CLEARED")


@link("vehicle_key", "_vehicle_key", "_local")
def _vehicle(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    local = draw["_connected_vehicle_key"] - frame.start
    rows = frame["_vehicle_key"][local]
    return {"vehicle_key": draw.key("vehicle", rows), "_vehicle_key": rows, "_local": local}


@derived("device_identifier", "data_sharing_consent_indicator")
def _device(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    return {
        "device_identifier": frame["device_identifier"][draw["_local"]],
        "data_sharing_consent_indicator": np.ones(draw.n, dtype=bool),
    }


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
def _numbers(draw: Draw) -> Made:
    frame, along = draw.frames["connected_vehicle"], Along(draw)
    mine = along.mine
    car = along.trips.car[mine]
    name = frame["_vehicle_key"][car] * 100_000 + along.trips.number[mine] + 1
    return {
        "trip_key": np.repeat(numbered("TR-", name, 15), along.events),
        "event_sequence_num": draw.rows - frame["_first_event"][draw["_local"]] + 1,
    }


@derived("_alert")
def _alert(draw: Draw) -> Made:
    """The local row of the alert that an event must raise, -1 of none."""
    alert = np.full(draw.n, -1)
    event = draw.frames["vehicle_alert"]["_event"]
    rows = np.flatnonzero((event >= draw.frame.start) & (event < draw.frame.start + draw.n))
    alert[event[rows] - draw.frame.start] = rows
    return {"_alert": alert}


def _raises(draw: Draw, *kinds: int) -> NDArray[np.int64]:
    """The events that must raise an alert of these kinds, local rows."""
    rows = np.flatnonzero(draw["_alert"] >= 0)
    kind = draw.frames["vehicle_alert"]["_kind"][draw["_alert"][rows]]
    return np.asarray(rows[np.isin(kind, kinds)])


@derived("occurrence_date_time", "_time", "_minutes", "_first", "_last")
def _moments(draw: Draw) -> Made:
    """At which share of its trip's time each event lies; pulses are a little irregular."""
    along = Along(draw)
    steps = np.maximum(along(along.trips.events - 1), 1)
    place = draw.rows - along.trip("first")
    inside = (place > 0) & (place < steps) & (draw["_alert"] < 0)
    jitter = float(draw.figures["pulse_jitter"]) * (draw.u("pulse") - 0.5)
    time = (place + np.where(inside, jitter, 0.0)) / steps
    taken = time * along(along.trips.stop - along.trips.start)
    return {
        "occurrence_date_time": (along.trip("start") + taken.astype(np.int64)).view(
            "datetime64[ms]"
        ),
        "_time": time,
        "_minutes": taken / 60_000,
        "_first": place == 0,
        "_last": (place == steps) & (place > 0),
    }


@derived("odometer", "_path", "_driven", "_mph", "_phase")
def _pace(draw: Draw) -> Made:
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
        "_mph": np.where(
            draw["_first"] | draw["_last"], 0.0, seen.speed * np.repeat(gait.mph, along.events)
        ),
        "_phase": seen.phase,
    }


@derived("_driven_rpm", "_warmth")
def _engine(draw: Draw) -> Made:
    """Speed, and what speed and time make of the engine, before anything happens."""
    figures, along = draw.figures, Along(draw)
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    engine, warmth = figures["engine_rpm"], figures["warmth_c"]
    rpm = (
        engine["idle"] + engine["each_mph"] * draw["_mph"] + engine["spread"] * draw.u("engine_rpm")
    )
    rpm = np.where(draw["_last"], 0, np.where(draw["_first"], engine["start"], rpm))
    cold = np.exp(-draw["_minutes"] / warmth["minutes"])
    warm = warmth["running"] - (warmth["running"] - along.level("coolant")) * cold
    noise = warmth["spread"] * (draw.u("engine_temperature_c") - 0.5)
    return {"_driven_rpm": rpm, "_warmth": warm + np.where(electric, 0, noise)}


@derived("speed_mph", "engine_rpm", "engine_temperature_c")
def _readings(draw: Draw) -> Made:
    """A car that idles stands still, its engine at idle speed; a coolant warning means a hot
    engine."""
    types = draw["telemetry_event_type"]
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    idle = types.codes == types.labels.index("IDLE_STARTED")
    hot = types.codes == types.labels.index("COOLANT_TEMPERATURE_HIGH")
    rpm = np.where(idle, draw.figures["engine_rpm"]["idle"], np.rint(draw["_driven_rpm"]))
    heat = np.where(hot, draw.leaf("hot_engine_c", stream="heat"), draw["_warmth"])
    return {
        "speed_mph": np.where(idle, 0, np.rint(draw["_mph"] * 10)).astype(np.int64),
        "engine_rpm": (rpm.astype(np.int64), electric),
        "engine_temperature_c": (np.rint(heat * 10).astype(np.int64), electric),
    }


@derived("fuel_level_pct", "battery_state_of_charge_pct", "battery_voltage", "oil_life_pct")
def _stores(draw: Draw) -> Made:
    """Tank, battery and oil empty with the miles; they are filled between trips only."""
    frame, along, figures = draw.frames["connected_vehicle"], Along(draw), draw.figures
    electric, plugin = frame["_electric"][draw["_local"]], frame["_plugin"][draw["_local"]]
    left = {
        store: np.maximum(
            along.level(store) - along.level(rate) * draw["_driven"], figures[bounds]["least"]
        )
        for store, rate, bounds in (
            ("tank", "thirst", "tank"),
            ("charge", "drain", "battery"),
            ("oil", "wear", "oil"),
        )
    }
    battery = figures["battery_volts"]
    cold = battery["cold"] * np.maximum(battery["mild"] - along.level("outside"), 0.0)
    volts = np.where(draw["_first"], battery["start"] - cold, battery["running"])
    volts = volts + battery["spread"] * draw.u("battery_voltage")
    return {
        "fuel_level_pct": (round_half_up(left["tank"] * 100), electric),
        "battery_state_of_charge_pct": (round_half_up(left["charge"] * 100), ~plugin),
        "battery_voltage": round_half_up(volts * 100),
        "oil_life_pct": (round_half_up(left["oil"] * 100), electric),
    }


@derived("latitude", "longitude")
def _position(draw: Draw) -> Made:
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


@derived("tire_pressure_psi")
def _tyres(draw: Draw) -> Made:
    """Air warms while the car rolls."""
    reading = draw.figures["tyre_reading"]
    psi = Along(draw).level("psi") + reading["noise"] * (draw.u("tire_pressure_psi") - 0.5)
    psi += reading["warm"] * np.minimum(draw["_minutes"] / reading["minutes"], 1)
    psi = np.clip(psi, reading["least"], reading["most"])
    low = _raises(draw, TYRE)
    psi[low] = np.minimum(psi[low], (LOW_TYRE_PSI * 10 - 1) / 10)
    return {"tire_pressure_psi": np.rint(psi * 10).astype(np.int64)}


@drawn("telemetry_event_type")
def _types(draw: Draw) -> Made:
    """Start, stop, and in between what the leaf says, as far as it is true of the moment."""
    drawn_types = draw.leaf("vehicle_telemetry_event.telemetry_event_type")
    labels = list(drawn_types.labels)
    codes = drawn_types.codes.astype(np.int64)
    extra = [
        name
        for name in ("ENGINE_STARTED", "ENGINE_STOPPED", "LOCATION_PULSE", *RAISED.values())
        if name not in labels
    ]
    labels += extra
    at = labels.index
    low_tyre = draw["tire_pressure_psi"] < LOW_TYRE_PSI * 10
    plugin = draw.frames["connected_vehicle"]["_plugin"][draw["_local"]]
    low_charge = plugin & (draw["battery_state_of_charge_pct"] < draw.figures["low_charge"])
    pulse = codes == at("LOCATION_PULSE")
    sometimes, warned = draw.u("warning"), draw.figures["warned_share"]
    tyre = pulse & low_tyre & (sometimes < warned["tyre"])
    charge = pulse & low_charge & (sometimes > 1 - warned["charge"])
    codes = np.where(tyre, at("TIRE_PRESSURE_LOW"), codes)
    codes = np.where(charge, at("BATTERY_STATE_OF_CHARGE_LOW"), codes)
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    hot = codes == at("COOLANT_TEMPERATURE_HIGH")
    codes = np.where(hot & electric, at("LOCATION_PULSE"), codes)
    codes = _where_true(draw, codes, labels)
    codes = np.where(draw["_first"], at("ENGINE_STARTED"), codes)
    codes = np.where(draw["_last"], at("ENGINE_STOPPED"), codes)
    for kind, name in RAISED.items():
        codes[_raises(draw, kind)] = at(name)
    return {"telemetry_event_type": Coded(codes.astype(np.int32), tuple(labels))}


def _where_true(draw: Draw, codes: NDArray[np.int64], labels: list[str]) -> NDArray[np.int64]:
    """What only happens at some speeds, or when the oil is used up, happens there, as often as
    drawn: an event elsewhere becomes a pulse, and as many pulses there become the event."""
    pulse, mph = labels.index("LOCATION_PULSE"), draw["_mph"]
    inner = ~(draw["_first"] | draw["_last"])
    electric = draw.frames["connected_vehicle"]["_electric"][draw["_local"]]
    true = {name: (mph >= low) & (mph < high) for name, (low, high) in AT_MPH.items()}
    true["SERVICE_DUE_WARNING"] = (draw["oil_life_pct"] <= SERVICE_DUE) & ~electric
    for name, there in true.items():
        code = labels.index(name)
        able = inner & there
        wrong = inner & ~able & (codes == code)
        free = able & (codes == pulse)
        chance = wrong.sum() / max(int(free.sum()), 1)
        codes = np.where(wrong, pulse, codes)
        codes = np.where(free & (draw.u(f"at_{name}") < chance), code, codes)
    return np.asarray(codes)


@drawn("diagnostic_trouble_code")
def _codes(draw: Draw) -> Made:
    types = draw["telemetry_event_type"]
    with_code = np.isin(
        types.codes, [types.labels.index(name) for name in DTC if name in types.labels]
    )
    drawn_codes = draw.leaf("vehicle_telemetry_event.diagnostic_trouble_code")
    alerts = draw.frames["vehicle_alert"]["diagnostic_trouble_code"]
    labels = (*drawn_codes.labels, *(c for c in alerts.labels if c not in drawn_codes.labels))
    codes = drawn_codes.codes.copy()
    rows = _raises(draw, CODE)
    names = np.array([labels.index(label) for label in alerts.labels], dtype=np.int32)
    codes[rows] = names[alerts.codes[draw["_alert"][rows]]]
    return {"diagnostic_trouble_code": (Coded(codes, labels), ~with_code)}


@drawn("latency_milliseconds", "recorded_date_time", "ingested_date_time", "freshness_status_type")
def _latency(draw: Draw) -> Made:
    """Most events arrive within the platform's five seconds; a few are replayed later, exactly
    their share, so that few events keep the platform's objective too."""
    everything = np.zeros(draw.n, dtype=np.int64)
    late = evened(draw.u("late"), everything) < draw.figures["late_share"]
    late &= draw["_alert"] < 0
    quick = np.minimum(draw.leaf("latency_ms"), REALTIME_MS - 1)
    slow = REALTIME_MS + draw.leaf("replay_ms")
    latency = np.where(late, slow, quick).astype(np.int64)
    moment = draw["occurrence_date_time"]
    early = float(draw.figures["recorded_share"])
    recorded = moment + (latency * early * draw.u("recorded")).astype("timedelta64[ms]")
    return {
        "latency_milliseconds": latency,
        "recorded_date_time": recorded,
        "ingested_date_time": moment + latency.astype("timedelta64[ms]"),
        "freshness_status_type": Coded(
            np.where(latency <= REALTIME_MS, 0, 1).astype(np.int32), ("REALTIME", "STALE")
        ),
    }


@derived("duplicate_indicator", "data_quality_score")
def _quality(draw: Draw) -> Made:
    """No duplicates unless a scenario asks for them; a late packet scores lower."""
    late = draw["latency_milliseconds"] > REALTIME_MS
    loss = draw.figures["quality_loss"]
    noise = draw.leaf("quality_noise", stream="data_quality_score")
    score = 100 - np.floor(noise).astype(np.int64)
    hidden = draw.frame.missing("latitude")
    return {
        "duplicate_indicator": np.zeros(draw.n, dtype=bool),
        "data_quality_score": score - loss["late"] * late - loss["hidden"] * hidden,
    }


def _typical(given: Given) -> float:
    usual = given["connected_vehicle"] * given.figures["events_per_connected_car"]
    return float(min(usual, given.figures["most_events_unasked"]))


def _streaming(name: str) -> tuple[Relation, ...]:
    rule = "A car that sends anything stands in stock, or its owner has an agreement about it"
    terms = ((name, 1), ("inventory_vehicle", -1), ("contracts", 1), ("reversed", -1))
    return (Bound((*terms, ("subscription_agreement", -1)), 0, rule),)


def _streams(given: Given) -> float:
    sold = given["contracts"] - given["reversed"]
    return float(given["inventory_vehicle"] - sold + given["subscription_agreement"])


STREAMING = Part(
    "streaming",
    Count(
        Noun("car that may send", "cars that may send"),
        _streams,
        "",
        _streaming,
        lambda lay: lay["inventory_vehicle"] + lay["subscription_agreement"],
    ),
)
USUAL = each(
    "connected_vehicle",
    Noun("event", "events"),
    rule="An event comes from a connected car",
    typical=_typical,
    why=lambda given: (
        f"{given.figures['events_per_connected_car']} events a connected car, at most "
        f"{given.figures['most_events_unasked']} unless more are asked"
    ),
    weight=lambda lay: lay["connected_vehicle"] * lay.size,
    back=asks(1.25 / 3000),
    scaled=True,  # more than most_events_unasked only if it is
    parts=(STREAMING,),
)


def _relations(name: str) -> tuple[Relation, ...]:
    return (*USUAL.relations(name), Needs(name, "streaming", "An event needs a car that may send"))


COUNT = replace(USUAL, relations=_relations)


VEHICLE_TELEMETRY_EVENT = Declaration(
    TABLE,
    prefix="TE",
    count=COUNT,
    pieces=Pieces("connected_vehicle", "_events"),
    makers=(
        keyed(TABLE),
        _vehicle,
        _device,
        _numbers,
        _alert,
        _moments,
        _pace,
        _engine,
        _stores,
        _position,
        _tyres,
        _types,
        _readings,
        _codes,
        _latency,
        _quality,
    ),
    rules=RULES,
)
