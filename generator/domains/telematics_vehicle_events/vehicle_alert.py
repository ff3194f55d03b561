"""Alerts: what a connected car or its maker makes known to the owner.

Most are raised by an event of telemetry, which their key names and which shows why; recalls,
software and due dates need none.  The alerts are laid out before the events: the maker of the
events sees to it that those named here say what they must.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import enum, integer, moment, text
from generator.domains.counts import Given, Noun, asks, each
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, ranks
from generator.domains.payment.dates import later
from generator.domains.telematics_vehicle_events.causes import (
    CODE,
    KINDS,
    RECALL,
    Causes,
    causes_of,
)
from generator.domains.telematics_vehicle_events.fault_codes import trouble_codes
from generator.domains.telematics_vehicle_events.gait import gait_of
from generator.domains.telematics_vehicle_events.trips import Trips
from generator.domains.telematics_vehicle_events.vehicle_alert_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "vehicle_alert",
    domain="telematics_vehicle_events",
    meaning="Actionable alert raised from telemetry",
    key="vehicle_alert_key",
    columns=(
        text("vehicle_alert_key", 50, unique=True),
        text("vehicle_key", 50),
        text("vehicle_telemetry_event_key", 50, nullable=True),
        text("customer_key", 50, nullable=True),
        text("dealer_key", 50, nullable=True),
        enum("alert_type", "VehicleAlertTypes"),
        enum("alert_status_type", "AlertStatusTypes"),
        enum("alert_severity", "SeverityTypes"),
        text("diagnostic_trouble_code", 10, nullable=True),
        integer("odometer"),
        moment("created_date_time"),
        moment("resolved_date_time", nullable=True),
        moment("expiration_date_time", nullable=True, planned=True),
    ),
    links=(
        Link("vehicle_key", "vehicle", "vehicle_key", "parent"),
        Link(
            "vehicle_telemetry_event_key",
            "vehicle_telemetry_event",
            "vehicle_telemetry_event_key",
            "lookup",
        ),
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
    ),
)


STANDING = (RECALL, RECALL + 1)
HOUR = np.timedelta64(60, "m")


@drawn("_car", "_dealer", "_kind", "_trip", "_place")
def _cause(draw: Draw) -> Made:
    """Exactly so many of the causes there are, by weight; the alerts of a dealer in the order of
    its cars.  ``_trip`` and ``_place`` are the trip and which of its events; -1 of none."""
    found = causes_of(draw, draw.counts[TABLE.name])
    taken = _taken(draw, found)
    return {
        "_car": found.car[taken],
        "_dealer": draw.frames["connected_vehicle"]["_dealer"][found.car[taken]],
        "_kind": found.kind[taken],
        "_trip": found.trip[taken],
        "_place": found.place[taken],
    }


def _taken(draw: Draw, found: Causes) -> NDArray[np.int64]:
    """Numbers of the causes that bring an alert: those with the smallest waits, exponential with
    the weight as rate; what has happened before only where the others do not suffice."""
    counts = draw.counts[TABLE.name]
    dealer = draw.frames["connected_vehicle"]["_dealer"][found.car]
    dealer = dealer - draw.frames["dealer"].start
    wait = -np.log1p(-draw.stream("cause").at(found.number)) / found.weight
    wait = _rarer(found, wait, float(draw.figures["alert_repeats"]))
    order = np.lexsort((wait, found.turn, dealer))
    taken = order[place_in_group(dealer[order]) < counts[dealer[order]]]
    if len(taken) < draw.n:
        raise ValueError(f"{draw.n:,} alerts have {len(taken):,} causes")
    return np.sort(taken)[np.argsort(found.car[np.sort(taken)], kind="stable")]


def _rarer(found: Causes, wait: NDArray[np.float64], times: float) -> NDArray[np.float64]:
    """The waits, so many ``times`` longer for each alert of its kind that its car has before: what
    was told once is mended, or known, so that no car tells of a soft tyre every week."""
    place = ranks(found.car * len(KINDS) + found.kind, wait)
    return np.asarray(wait * times ** np.minimum(place, MOST_ALERTS).astype(np.float64))


@derived("_at", "odometer", "_event")
def _moment(draw: Draw) -> Made:
    """When it happened, at which odometer, and the number of the event that shows it (-1: none):
    that of its trip that ``_place`` says."""
    frame = draw.frames["connected_vehicle"]
    trips: Trips = frame["_trips"]
    car, at = draw["_car"], draw["_trip"]
    shown = at >= 0
    opened, closed = (frame[name][car].astype("i8") for name in ("_window_start", "_window_stop"))
    some = opened + ((closed - opened) * draw.u("at")).astype(np.int64)
    some = some // 1000 * 1000
    seen = at[shown]
    start, took = trips.start[seen], (trips.stop - trips.start)[seen]
    time = draw["_place"][shown] / frame["_levels"].steps[seen]
    gait = gait_of(draw.figures, trips.miles[seen], took)
    some[shown] = start + (time * took).astype(np.int64)
    moment = some.view("datetime64[ms]")
    miles = frame["_road"].line(car, moment)
    path = gait.at(time, None, draw.figures).path
    miles[shown] = trips.odometer[seen] + trips.miles[seen] * path
    event = np.full(draw.n, -1)
    event[shown] = trips.first[seen] + draw["_place"][shown]
    return {"_at": moment, "odometer": np.floor(miles).astype(np.int64), "_event": event}


@link("vehicle_key", "_vehicle", "vehicle_telemetry_event_key", "dealer_key")
def _links(draw: Draw) -> Made:
    """``_vehicle`` is the local row of the car."""
    vehicle = draw.frames["connected_vehicle"]["_local"][draw["_car"]]
    event = draw["_event"]
    return {
        "vehicle_key": draw.key("vehicle", vehicle + draw.frames["vehicle"].start),
        "_vehicle": vehicle,
        "vehicle_telemetry_event_key": (draw.key("vehicle_telemetry_event", event), event < 0),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
    }


@link("customer_key", "_customer_key")
def _owner(draw: Draw) -> Made:
    """Whose the car is at that moment; nobody's while its dealer has it."""
    customers, parties = draw.frames["customer"], draw.frames["party"]
    owner = draw.frames["vehicle"]["_owner"].step(draw["_vehicle"], draw["_at"])
    of_party = np.full(parties.rows + 1, -1)
    of_party[customers["_party_key"] - parties.start] = customers.start + np.arange(customers.rows)
    inside = (owner >= parties.start) & (owner < parties.start + parties.rows)
    customer = of_party[np.where(inside, owner - parties.start, parties.rows)]
    return {
        "customer_key": (draw.key("customer", customer), customer < 0),
        "_customer_key": customer,
    }


@drawn("alert_type", "diagnostic_trouble_code", "alert_severity")
def _what(draw: Draw) -> Made:
    """What it says and how bad that is: of trouble codes by the code, of tyres by the pressure."""
    kind = draw["_kind"]
    names = [name for name, _ in KINDS]
    types = tuple(dict.fromkeys(alert for _, alert in KINDS))
    of_kind = np.array([types.index(alert) for _, alert in KINDS], dtype=np.int32)
    code = trouble_codes(draw, draw.frames["connected_vehicle"]["_electric"][draw["_car"]])
    severities = draw.figures["alert_severity"]
    grades = tuple(dict.fromkeys((*severities["by_kind"].values(), *severities["codes"].values())))
    grade = np.array([grades.index(severities["by_kind"][name]) for name in names])[kind]
    usual = severities["by_kind"]["trouble code"]
    of_code = np.array([grades.index(severities["codes"].get(c, usual)) for c in code.labels])
    grade = np.where(kind == CODE, of_code[code.codes], grade)
    return {
        "alert_type": Coded(of_kind[kind], types),
        "diagnostic_trouble_code": (code, kind != CODE),
        "alert_severity": Coded(grade.astype(np.int32), grades),
    }


@derived("created_date_time")
def _created(draw: Draw) -> Made:
    """Seconds after it was seen; what needs no event is made known when it is."""
    low, high = draw.figures["alert_seconds"]
    wait = ((low + (high - low) * draw.u("wait")) * 1000).astype(np.int64)
    return {"created_date_time": draw["_at"] + np.where(draw["_event"] >= 0, wait, 0)}


@derived("_order")
def _seen_to(draw: Draw) -> Made:
    """The repair order (a local row, -1 of none) for which the alert brought its car."""
    orders = draw.frames["repair_order"]
    found = np.full(draw.n, -1, dtype=np.int64)
    if orders.rows:
        brought = np.flatnonzero(orders["_alert"] >= 0)
        found[orders["_alert"][brought]] = brought
    return {"_order": found}


@drawn(
    "alert_status_type", "resolved_date_time", "expiration_date_time", "_noticed", "_ended", "_shut"
)
def _course(draw: Draw) -> Made:
    """Most are noticed, the worse the sooner; then seen to, or they lapse.  What brought a car to
    the workshop is resolved when its order is completed and closed with it; nothing else ends a
    recall."""
    figures = draw.figures["alert_course"]
    severity = draw["alert_severity"]
    days = np.array([figures["days"][label] for label in severity.labels])[severity.codes]
    share = np.array([figures["seen_to"][label] for label in severity.labels])[severity.codes]
    created = draw["created_date_time"]
    lapse = np.array([figures["lapse_days"][name] for name, _ in KINDS], dtype=float)
    expires = later(created, lapse[draw["_kind"]])
    wait = -np.log1p(-draw.u("noticed")) * days * figures["noticed_share"]
    noticed = later(created, np.minimum(wait + 1 / 1000, lapse[draw["_kind"]] / 2))
    work = -np.log1p(-draw.u("resolved")) * days
    done = np.maximum(later(created, work), noticed + HOUR)
    standing = np.isin(draw["_kind"], STANDING)  # until the workshop has seen to them
    resolved = ~standing & (draw.u("seen_to") < share) & (done < expires)
    closed = resolved & (draw.u("closed") < figures["closed_share"])
    shut = done + HOUR
    orders, order = draw.frames["repair_order"], draw["_order"]
    if orders.rows:
        brought = order >= 0
        done = np.where(brought, orders["completed_date_time"][order], done)
        shut = np.where(brought, np.maximum(orders["closed_date_time"][order], done), shut)
        noticed = np.where(brought, np.minimum(noticed, _booked(draw, created)), noticed)
        expires = np.where(brought, np.maximum(expires, shut + HOUR), expires)
        resolved, closed = resolved | brought, closed | brought
    status = np.where(standing & ~resolved, 3, np.where(closed, 2, resolved)).astype(np.int32)
    return {
        "alert_status_type": Coded(status, ("EXPIRED", "RESOLVED", "CLOSED", "ACKNOWLEDGED")),
        "resolved_date_time": (done, ~resolved),
        "expiration_date_time": (expires, standing),
        "_noticed": noticed,
        "_ended": np.where(resolved, done, expires),
        "_shut": shut,
    }


def _booked(draw: Draw, created: NDArray[Any]) -> NDArray[Any]:
    """Before the car comes, and before that is arranged, its owner has read the alert."""
    opened = draw.frames["repair_order"]["opened_date_time"][draw["_order"]]
    waits = (opened - created).astype(np.int64) * draw.figures["alert_course"]["read_share"]
    return np.asarray(created + waits.astype("timedelta64[ms]"))


def _steps(draw: Draw) -> Steps:
    status = draw.frame.text("alert_status_type")
    done = np.isin(status.astype(str), ["RESOLVED", "CLOSED"])
    begun = draw["_noticed"] + (draw["_ended"] - draw["_noticed"]) // 2
    return Steps.of(
        Stage("ACTIVE", draw["created_date_time"]),
        Stage("ACKNOWLEDGED", draw["_noticed"]),
        Stage("IN_PROGRESS", begun, done),
        Stage("RESOLVED", draw["_ended"], done),
        Stage("CLOSED", draw["_shut"], status == "CLOSED"),
        Stage("EXPIRED", draw["_ended"], status == "EXPIRED"),
    )


def _typical(given: Given) -> float:
    yearly = float(given.figures["alerts_per_connected_year"])
    return given["connected_vehicle"] * min(yearly * given.months / 12, MOST_ALERTS / 2)


MOST_ALERTS = 60  # of a car
COUNT = each(
    "connected_vehicle",
    Noun("alert", "alerts"),
    most=MOST_ALERTS,
    rule=f"A connected car raises at most {MOST_ALERTS} alerts",
    typical=_typical,
    why=lambda given: f"{given.figures['alerts_per_connected_year']} a connected car and year",
    back=asks(1.25 / MOST_ALERTS),
)


VEHICLE_ALERT = Declaration(
    TABLE,
    prefix="VA",
    count=COUNT,
    makers=(keyed(TABLE), _cause, _moment, _links, _owner, _what, _created, _seen_to, _course),
    rules=RULES,
    born="created_date_time",
    reveals={"resolved_date_time": "resolved_date_time"},
    state="alert_status_type",
    steps=_steps,
)
