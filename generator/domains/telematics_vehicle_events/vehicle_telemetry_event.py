"""Telemetry events: what a connected car reports along its trips.

They are drawn in pieces of whole connected vehicles, so that running sums begin anew in each.
"""

from __future__ import annotations

import math
from dataclasses import replace

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
from generator.domains.groups import round_half_up
from generator.domains.telematics_vehicle_events.causes import TYRE
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event_rules import RULES
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event_types import codes, types
from generator.domains.telematics_vehicle_events.vehicle_telemetry_event_way import (
    Along,
    alert,
    moments,
    numbers,
    pace_of,
    position,
    raises,
)
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


@link("vehicle_key", "_local")
def _vehicle(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    local = draw["_connected_vehicle_key"] - frame.start
    begun = np.flatnonzero(np.diff(local, prepend=-1))
    rows = frame["_vehicle_key"][local[begun]]
    each = np.diff(np.append(begun, draw.n))
    return {"vehicle_key": np.repeat(draw.key("vehicle", rows), each), "_local": local}


@derived("device_identifier", "data_sharing_consent_indicator")
def _device(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    return {
        "device_identifier": frame["device_identifier"][draw["_local"]],
        "data_sharing_consent_indicator": np.ones(draw.n, dtype=bool),
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
    full = np.flatnonzero(draw["_parked"] > 1)
    left["charge"][full] = along.level("filled")[full]
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


@derived("tire_pressure_psi")
def _tyres(draw: Draw) -> Made:
    """Air warms while the car rolls."""
    reading = draw.figures["tyre_reading"]
    psi = Along(draw).level("psi") + reading["noise"] * (draw.u("tire_pressure_psi") - 0.5)
    psi += reading["warm"] * np.minimum(draw["_minutes"] / reading["minutes"], 1)
    psi = np.clip(psi, reading["least"], reading["most"])
    low = raises(draw, TYRE)
    psi[low] = np.minimum(psi[low], (LOW_TYRE_PSI * 10 - 1) / 10)
    return {"tire_pressure_psi": np.rint(psi * 10).astype(np.int64)}


PROMISED = 100  # of so many events at most one is late: the platform's objective


def _replayed(draw: Draw) -> NDArray[np.bool_]:
    """The late events: one in each equal part of the events in their order of time, and never more
    than the objective allows of those so far, so that it holds at any as-of moment too."""
    some = math.ceil(draw.n * float(draw.figures["late_share"]) - 0.5)
    turn = np.arange(some)
    edges = np.append(turn, some) * draw.n // max(some, 1)
    first = np.maximum(edges[:-1], np.minimum((turn + 1) * PROMISED, edges[1:] - 1))
    place = first + np.floor((edges[1:] - first) * draw.u("late")[:some]).astype(np.int64)
    late = np.zeros(draw.n, dtype=bool)
    late[np.argsort(draw["occurrence_date_time"], kind="stable")[place]] = True
    return late


@drawn("latency_milliseconds", "recorded_date_time", "ingested_date_time", "freshness_status_type")
def _latency(draw: Draw) -> Made:
    """Most events arrive within the platform's five seconds; a few are replayed later, exactly
    their share, so that few events keep the platform's objective too."""
    late = _replayed(draw) & (draw["_alert"] < 0)
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
    terms = ((name, 1), ("stay_cars", -1), ("contracts", 1), ("reversed", -1))
    return (Bound((*terms, ("subscription_agreement", -1)), 0, rule),)


def _streams(given: Given) -> float:
    sold = given["contracts"] - given["reversed"]
    return float(given["stay_cars"] - sold + given["subscription_agreement"])


STREAMING = Part(
    "streaming",
    Count(
        Noun("car that may send", "cars that may send"),
        _streams,
        "",
        _streaming,
        lambda lay: lay["stay_cars"] + lay["subscription_agreement"],
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
        numbers,
        alert,
        moments,
        pace_of,
        _engine,
        _stores,
        position,
        _tyres,
        types,
        _readings,
        codes,
        _latency,
        _quality,
    ),
    rules=RULES,
    born="ingested_date_time",
)
