"""What must hold for the telemetry stream (R039, R097, R100–R104)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import TELEMETRY
from generator.domains.telematics_vehicle_events.vehicle_alert_rules import SHOWN
from generator.rules import Rule, Truth, Whole
from generator.sketch import Cells, Verdict
from generator.tables import Tables

EVENT = "vehicle_telemetry_event"
SOON = 300_000  # milliseconds from an event to its alert


def _same_car(tables: Tables) -> Truth:
    """True where the row before is of the same car, shape (rows,)."""
    codes = tables.row_of(EVENT, "vehicle_key")
    return np.append(False, codes[1:] == codes[:-1])[: len(codes)]


def _not_before(tables: Tables, column: str, *, strictly: bool = False) -> Truth:
    values = tables.values(EVENT, column)
    earlier = np.append(values[:1], values[:-1])
    ordered = values > earlier if strictly else values >= earlier
    return ordered | ~_same_car(tables)


def _odometer(tables: Tables) -> Truth:
    return _not_before(tables, "odometer")


def _daily_miles(tables: Tables) -> Truth:
    """Growth between neighbouring events fits 1,500 miles a day (and a mile of rounding)."""
    miles = tables.values(EVENT, "odometer") / 10
    moment = tables.values(EVENT, "occurrence_date_time").astype("i8")
    days = np.diff(moment, prepend=moment[:1]) / 86_400_000
    grown = np.diff(miles, prepend=miles[:1])
    return np.asarray((grown <= np.maximum(1500 * np.ceil(days), 0) + 1) | ~_same_car(tables))


def _against_car(tables: Tables) -> Truth:
    latest = tables.values(EVENT, "vehicle_key.odometer")
    return tables.values(EVENT, "odometer") <= latest * 10 + 10


def _moments(tables: Tables) -> Truth:
    happened = tables.values(EVENT, "occurrence_date_time")
    recorded = tables.values(EVENT, "recorded_date_time")
    return (happened <= recorded) & (recorded <= tables.values(EVENT, "ingested_date_time"))


def _sequence(tables: Tables) -> Truth:
    return _not_before(tables, "event_sequence_num", strictly=True) & _not_before(
        tables, "occurrence_date_time"
    )


def _produced(tables: Tables) -> Truth:
    produced = tables.values(EVENT, "vehicle_key.production_date").astype("datetime64[ms]")
    return tables.values(EVENT, "occurrence_date_time") >= produced


def _latency(tables: Tables) -> Truth:
    wait = tables.values(EVENT, "ingested_date_time") - tables.values(EVENT, "occurrence_date_time")
    return np.asarray(wait.astype("i8") == tables.values(EVENT, "latency_milliseconds"))


def _fresh(tables: Tables) -> Truth:
    quick = tables.values(EVENT, "latency_milliseconds") <= 5000
    return np.asarray(tables.is_one_of(EVENT, "freshness_status_type", "REALTIME") == quick)


def _late(tables: Tables) -> Cells:
    late = tables.values(EVENT, "latency_milliseconds") > 5000
    return Cells.of(late[tables.own(EVENT)])


def _on_time(events: Cells) -> Verdict:
    """All rows obey, or the late ones do not: at least 99 % must be quick."""
    enough = 100 * events.count(True) <= events.counted
    return Verdict(0) if enough else events.verdict(bool)


def _within(tables: Tables, column: str, low: float, high: float) -> Truth:
    values = tables.values(EVENT, column)
    return (tables.missing(EVENT, column)) | ((values >= low) & (values <= high))


def _ranges(tables: Tables) -> Truth:
    return (
        _within(tables, "speed_mph", 0, 1200)
        & _within(tables, "fuel_level_pct", 0, 10_000)
        & _within(tables, "battery_state_of_charge_pct", 0, 10_000)
        & _within(tables, "tire_pressure_psi", 150, 500)
        & _within(tables, "oil_life_pct", 0, 10_000)
    )


def _same_trip(tables: Tables) -> Truth:
    trip = tables.fingerprints(EVENT, "trip_key")
    same = trip.place[1:] == trip.place[:-1]
    if not trip.alone:
        same &= trip.family[1:] == trip.family[:-1]
    unknown = trip.missing[1:] | trip.missing[:-1]
    return np.append(False, same & ~unknown)[: len(trip)]


def _reachable(tables: Tables) -> Truth:
    """Within a trip: no faster than 120 mph between two readings (odometers round to .1)."""
    miles = tables.values(EVENT, "odometer") / 10
    hours = tables.values(EVENT, "occurrence_date_time").astype("i8") / 3_600_000
    gone, took = np.diff(miles, prepend=miles[:1]), np.diff(hours, prepend=hours[:1])
    return (gone <= 120 * took + 0.2) | ~_same_trip(tables)


def _emptying(tables: Tables) -> Truth:
    """Within a trip tank and oil do not fill by themselves."""
    obeys = np.ones(tables.rows(EVENT), dtype=bool)
    inside = _same_trip(tables)
    for column in ("fuel_level_pct", "oil_life_pct"):
        values = tables.values(EVENT, column)
        fell = np.append(True, values[1:] <= values[:-1])[: len(values)]
        obeys &= fell | ~inside | tables.missing(EVENT, column)
    return obeys


def _electric(tables: Tables) -> Truth:
    train = "vehicle_key.vehicle_specification_key.power_train_type"
    return np.asarray(
        ~tables.is_one_of(EVENT, train, "BEV")
        | (tables.missing(EVENT, "engine_rpm") & tables.missing(EVENT, "fuel_level_pct"))
    )


def _warnings(tables: Tables) -> Truth:
    flat, boiling = (
        tables.is_one_of(EVENT, "telemetry_event_type", label)
        for label in ("TIRE_PRESSURE_LOW", "COOLANT_TEMPERATURE_HIGH")
    )
    low = tables.values(EVENT, "tire_pressure_psi") < 280
    hot = tables.values(EVENT, "engine_temperature_c") > 1210
    return np.asarray((~flat | low) & (~boiling | hot))


def _at_speed(tables: Tables) -> Truth:
    mph = tables.values(EVENT, "speed_mph")
    moving = tables.is_one_of(EVENT, "telemetry_event_type", "IDLE_STARTED") & (mph > 0)
    slow = tables.is_one_of(EVENT, "telemetry_event_type", "SPEEDING_STARTED") & (mph < 450)
    harsh = ("HARSH_BRAKING", "HARSH_ACCELERATION", "HARSH_CORNERING")
    calm = tables.is_one_of(EVENT, "telemetry_event_type", *harsh) & (mph < 50)
    return np.asarray(~(moving | slow | calm) | tables.missing(EVENT, "speed_mph"))


def _service(tables: Tables) -> Truth:
    due = tables.is_one_of(EVENT, "telemetry_event_type", "SERVICE_DUE_WARNING")
    used = ~tables.missing(EVENT, "oil_life_pct") & (tables.values(EVENT, "oil_life_pct") <= 1500)
    return np.asarray(~due | used)


def _trouble(tables: Tables) -> Truth:
    types = ("DTC_SET", "DTC_CLEARED", "PENDING_DTC_SET")
    coded = tables.is_one_of(EVENT, "telemetry_event_type", *types)
    return np.asarray(coded == ~tables.missing(EVENT, "diagnostic_trouble_code"))


def _consent(tables: Tables) -> Truth:
    paired = tables.missing(EVENT, "latitude") == tables.missing(EVENT, "longitude")
    return np.asarray(tables.values(EVENT, "data_sharing_consent_indicator") & paired)


def _owned(tables: Tables) -> Truth:
    """No car reports before it came into stock or a garage (where it did)."""
    stock = tables.row_of("inventory_vehicle", "vehicle_key")
    came = tables.values("inventory_vehicle", "stock_date_time").astype("i8")
    there = ~tables.missing("inventory_vehicle", "stock_date_time") & (stock >= 0)
    first = np.full(tables.rows("vehicle"), np.iinfo(np.int64).max)
    np.minimum.at(first, stock[there], came[there])
    garage = tables.row_of("garage_item", "vehicle_key")
    bought = tables.values("garage_item", "start_date_time").astype("i8")
    np.minimum.at(first, garage[garage >= 0], bought[garage >= 0])
    first[first == np.iinfo(np.int64).max] = np.iinfo(np.int64).min
    moment = tables.values(EVENT, "occurrence_date_time").astype("i8")
    unknown = np.iinfo(np.int64).min  # the last place, which a car that is not there has
    return np.asarray(moment >= np.append(first, unknown)[tables.row_of(EVENT, "vehicle_key")])


def _shared(tables: Tables) -> Truth:
    """Events come from the device of a connected car whose owner shares data."""
    car = tables.row_of("connected_vehicle", "vehicle_key")
    shares = tables.values("connected_vehicle", "data_sharing_consent_indicator") & (car >= 0)
    connected = np.full(tables.rows("vehicle") + 1, -1)
    connected[car[shares]] = np.flatnonzero(shares)
    at = connected[tables.row_of(EVENT, "vehicle_key")]
    device = tables.fingerprints("connected_vehicle", "device_identifier")
    sent = tables.fingerprints(EVENT, "device_identifier")
    if not len(device):
        return np.zeros(len(at), dtype=bool)
    alike = (device.place[at] == sent.place) & (device.family[at] == sent.family)
    return np.asarray(alike & (at >= 0) & ~sent.missing)


def _entitled(tables: Tables) -> Truth:
    """While a car that was sold is its buyer's, an agreement about connected data lasts."""
    rows = tables.rows("vehicle")
    car = tables.row_of(EVENT, "vehicle_key")
    at = tables.values(EVENT, "occurrence_date_time")
    sold = tables.row_of("deal", "inventory_vehicle_key.vehicle_key")
    handed = tables.values("deal", "delivery_date_time").astype("datetime64[ms]").astype(np.int64)
    kept = tables.is_one_of("deal", "deal_status", "ACCEPTED", "POSTED", "FUNDED") & (sold >= 0)
    kept &= ~tables.missing("deal", "delivery_date_time")
    since = np.full(rows + 1, np.iinfo(np.int64).max)
    np.minimum.at(since, sold[kept], handed[kept])
    back = tables.values("inventory_vehicle", "stock_date_time").astype("datetime64[ms]")
    stay = tables.row_of("inventory_vehicle", "vehicle_key")
    there = ~tables.missing("inventory_vehicle", "stock_date_time") & (stay >= 0)
    came = np.full(rows + 1, np.iinfo(np.int64).min)
    np.maximum.at(came, stay[there], back[there].astype(np.int64))
    when = at.astype("datetime64[ms]").astype(np.int64)
    owned = (since[car] <= when) & ~((came[car] > since[car]) & (came[car] <= when)) & (car >= 0)
    return np.asarray(~owned | _covered(tables, car, at))


def _covered(tables: Tables, car: NDArray[np.int64], at: NDArray[np.datetime64]) -> Truth:
    """Whether the day of each moment lies between the first and the last day of the car's
    agreements about connected data."""
    rows = tables.rows("vehicle")
    of = tables.row_of("subscription_agreement", "vehicle_key")
    data = tables.is_one_of(
        "subscription_agreement", "subscription_plan_key.feature_category", "CONNECTED_DATA"
    )
    start, end, gone = (
        tables.values("subscription_agreement", name).astype("datetime64[D]").astype(np.int64)
        for name in ("start_date", "end_date", "cancel_date")
    )
    stays = tables.missing("subscription_agreement", "cancel_date")
    begin = np.full(rows + 1, np.iinfo(np.int64).max)
    until = np.full(rows + 1, np.iinfo(np.int64).min)
    mine = data & (of >= 0)
    np.minimum.at(begin, of[mine], start[mine])
    np.maximum.at(until, of[mine], np.where(stays, end, gone)[mine])
    day = at.astype("datetime64[D]").astype(np.int64)
    return np.asarray((begin[car] <= day) & (day < until[car]))


def _jumps(tables: Tables) -> Truth:
    """A car is no further from where it was than it has driven (a tenth of a mile for rounding)."""
    north = np.diff(tables.values(EVENT, "latitude"), prepend=0) / 1e6 * 69.0
    slope = np.cos(np.deg2rad(tables.values(EVENT, "latitude") / 1e6))
    east = np.diff(tables.values(EVENT, "longitude"), prepend=0) / 1e6 * 69.0 * slope
    miles = np.diff(tables.values(EVENT, "odometer"), prepend=0) / 10
    hidden = tables.missing(EVENT, "latitude")
    unknown = hidden | np.append(True, hidden[:-1])[: len(hidden)]
    return np.asarray((np.hypot(north, east) <= miles + 0.3) | unknown | ~_same_car(tables))


def _shown(tables: Tables) -> Truth:
    """Of the events of the shard, those that an alert names are of its car and moment and say what
    it says."""
    obeys = np.ones(tables.rows(EVENT), dtype=bool)
    event = tables.row_of("vehicle_alert", "vehicle_telemetry_event_key")
    named = np.flatnonzero(event >= 0)
    at = event[named]
    if not len(at):
        return obeys
    car = tables.row_of("vehicle_alert", "vehicle_key")[named]
    happened = tables.values(EVENT, "occurrence_date_time")[at].astype("i8")
    wait = tables.values("vehicle_alert", "created_date_time")[named].astype("i8") - happened
    right = (car == tables.row_of(EVENT, "vehicle_key")[at]) & (wait >= 0) & (wait <= SOON)
    miles = tables.values("vehicle_alert", "odometer")[named]
    right &= miles == tables.values(EVENT, "odometer")[at] // 10
    said = tables.codes("vehicle_alert", "diagnostic_trouble_code").take(named).text()
    right &= said == tables.codes(EVENT, "diagnostic_trouble_code").take(at).text()
    types = np.zeros(len(at), dtype=bool)
    for alert, events in SHOWN.items():
        told = tables.is_one_of("vehicle_alert", "alert_type", alert)[named]
        types |= told & tables.is_one_of(EVENT, "telemetry_event_type", *events)[at]
    obeys[at[~(right & types)]] = False
    return obeys


RULES = (
    Rule(
        "R103.5",
        EVENT,
        "An event that an alert names is of its car and moment and shows what it says.",
        _shown,
        needs=("vehicle_alert", "vehicle"),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R039.1",
        EVENT,
        "A car's odometer never runs back from event to event.",
        _odometer,
        needs=("vehicle",),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R039.2",
        EVENT,
        "An odometer grows by at most 1,500 miles a day.",
        _daily_miles,
        needs=("vehicle",),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R039.3",
        EVENT,
        "No event reads more than the car's latest odometer.",
        _against_car,
        needs=("vehicle",),
        group=TELEMETRY,
    ),
    Rule(
        "R100.1",
        EVENT,
        "An event happens, is recorded, is ingested, in this order.",
        _moments,
        group=TELEMETRY,
    ),
    Rule(
        "R100.2",
        EVENT,
        "A car's events are numbered upwards in time.",
        _sequence,
        needs=("vehicle",),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R100.3",
        EVENT,
        "No event before its car was produced.",
        _produced,
        needs=("vehicle",),
        group=TELEMETRY,
    ),
    Rule(
        "R100.4",
        EVENT,
        "No car reports before it came into stock or a garage.",
        _owned,
        needs=("vehicle", "inventory_vehicle", "garage_item"),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R097.1",
        EVENT,
        "Events come from the device of a car whose owner shares data.",
        _shared,
        needs=("vehicle", "connected_vehicle"),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R097.2",
        EVENT,
        "A car that was sold sends only while an agreement about connected data lasts.",
        _entitled,
        needs=(
            "vehicle",
            "deal",
            "inventory_vehicle",
            "subscription_agreement",
            "subscription_plan",
        ),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R102.5",
        EVENT,
        "A car's positions are no further apart than it has driven.",
        _jumps,
        needs=("vehicle",),
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R101.1",
        EVENT,
        "Latency is the time from happening to ingestion.",
        _latency,
        group=TELEMETRY,
    ),
    Rule(
        "R101.2", EVENT, "REALTIME exactly up to five seconds of latency.", _fresh, group=TELEMETRY
    ),
    Rule(
        "R101.3",
        EVENT,
        "At least 99 % of events arrive within five seconds.",
        Whole(_late, _on_time),
        group=TELEMETRY,
        scope="whole",
    ),
    Rule(
        "R102.1",
        EVENT,
        "Speed, levels and pressures lie in their physical ranges.",
        _ranges,
        group=TELEMETRY,
    ),
    Rule(
        "R102.2",
        EVENT,
        "Within a trip no car is faster than 120 mph.",
        _reachable,
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R102.3",
        EVENT,
        "Tank and oil life only fall within a trip.",
        _emptying,
        group=TELEMETRY,
        scope="shard",
    ),
    Rule(
        "R102.4",
        EVENT,
        "Battery-electric cars report no engine speed and no fuel.",
        _electric,
        needs=("vehicle", "vehicle_specification"),
        group=TELEMETRY,
    ),
    Rule(
        "R103.1",
        EVENT,
        "Tyre and coolant warnings only at such pressures and heat.",
        _warnings,
        group=TELEMETRY,
    ),
    Rule(
        "R103.4",
        EVENT,
        "Service is due when 15 % or less of the oil's life is left.",
        _service,
        group=TELEMETRY,
    ),
    Rule(
        "R103.3",
        EVENT,
        "Idling cars stand still; speeding and harsh manoeuvres need speed.",
        _at_speed,
        group=TELEMETRY,
    ),
    Rule(
        "R103.2",
        EVENT,
        "Trouble codes on trouble-code events, and only there.",
        _trouble,
        group=TELEMETRY,
    ),
    Rule(
        "R104.1",
        EVENT,
        "Events only with consent; position both or not at all.",
        _consent,
        group=TELEMETRY,
    ),
)
