"""Telemetry events: what a connected car reports along its trips.

They are drawn in pieces of whole connected vehicles, so that running sums begin anew in each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, flag, integer, moment, text
from generator.domains.counts import Given, Noun, asks, each
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
from generator.domains.groups import evened
from generator.domains.keys import numbered
from generator.domains.telematics_vehicle_events.stores import (
    BATTERY,
    OIL,
    TANK,
    hundredths,
    left_in,
)
from generator.domains.telematics_vehicle_events.trips import cars_of, trips_of
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


MILES_PER_DEGREE = 69.0
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


@derived(
    "trip_key",
    "event_sequence_num",
    "occurrence_date_time",
    "odometer",
    "_miles",
    "_since",
    "_fraction",
    "_path",
    "_trip",
    "_first",
    "_last",
    "_mean_mph",
    "_start_miles",
    "_north",
    "_east",
    "_outward",
    "_trip_row",
)
def _along(draw: Draw) -> Made:
    """Where on which trip each event lies."""
    frame = draw.frames["connected_vehicle"]
    cars = cars_of(draw["_connected_vehicle_key"], frame.start)
    trips = trips_of(draw, cars)
    trip = np.repeat(np.arange(len(trips.car)), trips.events)
    place = np.arange(draw.n) - trips.first[trip]
    steps = np.maximum(trips.events[trip] - 1, 1)
    swing = float(draw.figures["speed_swing"])
    jitter = float(draw.figures["pulse_jitter"]) * (draw.u("pulse") - 0.5)
    inside = (place > 0) & (place < steps)
    fraction = (place + np.where(inside, jitter, 0.0)) / steps
    duration = (trips.stop - trips.start)[trip]
    path = fraction - swing / (2 * np.pi) * np.sin(2 * np.pi * fraction)
    miles = trips.odometer[trip] + trips.miles[trip] * path
    sequence = np.arange(draw.n) - np.repeat(cars.offset, cars.events) + 1
    name = draw["_vehicle_key"] * 100_000 + trips.number[trip] + 1
    return {
        "trip_key": numbered("TR-", name, 15),
        "event_sequence_num": sequence,
        "occurrence_date_time": (trips.start[trip] + (fraction * duration).astype(np.int64)).view(
            "datetime64[ms]"
        ),
        "odometer": np.floor(miles * 10).astype(np.int64),
        "_miles": miles,
        "_since": fraction * duration / 60_000,
        "_fraction": fraction,
        "_path": path,
        "_trip": trip,
        "_first": place == 0,
        "_last": (place == trips.events[trip] - 1) & (place > 0),
        "_mean_mph": trips.miles[trip] / np.maximum(duration / 3_600_000, 1e-9),
        "_start_miles": trips.odometer[trip],
        "_north": trips.north[trip],
        "_east": trips.east[trip],
        "_outward": trips.outward[trip],
        "_trip_row": draw.frame.start + trips.first[trip],
    }


@derived("_mph", "_driven_rpm", "_warmth")
def _engine(draw: Draw) -> Made:
    """Speed, and what speed and time make of the engine, before anything happens."""
    frame = draw.frames["connected_vehicle"]
    electric = frame["_electric"][draw["_local"]]
    ends = draw["_first"] | draw["_last"]
    figures = draw.figures
    swing, engine, warmth = (figures[name] for name in ("speed_swing", "engine_rpm", "warmth_c"))
    mph = draw["_mean_mph"] * (1 - swing * np.cos(2 * np.pi * draw["_fraction"]))
    mph = np.where(ends, 0.0, np.clip(mph, 0, figures["fastest_mph"]))
    rpm = engine["idle"] + engine["each_mph"] * mph + engine["spread"] * draw.u("engine_rpm")
    rpm = np.where(draw["_last"], 0, np.where(draw["_first"], engine["start"], rpm))
    ambient = draw.leaf("ambient_c", stream="ambient")
    cold = np.exp(-draw["_since"] / warmth["minutes"])
    warm = ambient + (warmth["running"] - ambient) * (1 - cold)
    noise = warmth["spread"] * (draw.u("engine_temperature_c") - 0.5)
    warm += np.where(electric, 0, noise)
    return {"_mph": mph, "_driven_rpm": rpm, "_warmth": warm}


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
    frame = draw.frames["connected_vehicle"]
    local = draw["_local"]
    electric, plugin = frame["_electric"][local], frame["_plugin"][local]
    figures, car = draw.figures, draw["_vehicle_key"]
    begun, miles = draw["_start_miles"], draw["_miles"]
    fuel = left_in(TANK, car, figures["tank_range_miles"], begun, miles)
    charge = left_in(BATTERY, car, figures["battery_range_miles"], begun, miles)
    oil = left_in(OIL, car, figures["oil_change_miles"], begun, miles)
    battery = figures["battery_volts"]
    volts = np.where(draw["_first"], battery["start"], battery["running"])
    volts = volts + battery["spread"] * draw.u("battery_voltage")
    return {
        "fuel_level_pct": (hundredths(fuel), electric),
        "battery_state_of_charge_pct": (hundredths(charge), ~plugin),
        "battery_voltage": hundredths(volts),
        "oil_life_pct": (hundredths(oil), electric),
    }


@derived("latitude", "longitude")
def _position(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    local = draw["_local"]
    away = np.where(draw["_outward"], draw["_path"], 1 - draw["_path"])
    latitude = frame["_latitude"][local]
    north = draw["_north"] * away / MILES_PER_DEGREE
    east = draw["_east"] * away / (MILES_PER_DEGREE * np.cos(np.deg2rad(latitude)))
    hidden = ~frame["_location_consent"][local]
    return {
        "latitude": (_millionths(latitude + north), hidden),
        "longitude": (_millionths(frame["_longitude"][local] + east), hidden),
    }


def _millionths(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(degrees * 1e6).astype(np.int64)


@derived("tire_pressure_psi")
def _tyres(draw: Draw) -> Made:
    frame = draw.frames["connected_vehicle"]
    local = draw["_local"]
    reading = draw.figures["tyre_reading"]
    psi = frame["_tyre_psi"][local] + reading["noise"] * (draw.u("tire_pressure_psi") - 0.5)
    # air warms while rolling
    psi += reading["warm"] * np.minimum(draw["_since"] / reading["minutes"], 1)
    psi = np.clip(psi, reading["least"], reading["most"])
    return {"tire_pressure_psi": np.rint(psi * 10).astype(np.int64)}


@drawn("telemetry_event_type")
def _types(draw: Draw) -> Made:
    """Start, stop, and in between what the leaf says, as far as it is true of the moment."""
    drawn_types = draw.leaf("vehicle_telemetry_event.telemetry_event_type")
    labels = list(drawn_types.labels)
    codes = drawn_types.codes.astype(np.int64)
    extra = [
        name for name in ("ENGINE_STARTED", "ENGINE_STOPPED", "TIRE_PRESSURE_LOW",
                          "BATTERY_STATE_OF_CHARGE_LOW", "LOCATION_PULSE") if name not in labels
    ]  # fmt: skip
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
    codes = draw.leaf("vehicle_telemetry_event.diagnostic_trouble_code")
    return {"diagnostic_trouble_code": (codes, ~with_code)}


@drawn("latency_milliseconds", "recorded_date_time", "ingested_date_time", "freshness_status_type")
def _latency(draw: Draw) -> Made:
    """Most events arrive within the platform's five seconds; a few are replayed later, exactly
    their share, so that few events keep the platform's objective too."""
    everything = np.zeros(draw.n, dtype=np.int64)
    late = evened(draw.u("late"), everything) < draw.figures["late_share"]
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


COUNT = each(
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
)


VEHICLE_TELEMETRY_EVENT = Declaration(
    TABLE,
    prefix="TE",
    count=COUNT,
    pieces=Pieces("connected_vehicle", "_events"),
    makers=(
        keyed(TABLE),
        _vehicle,
        _device,
        _along,
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
