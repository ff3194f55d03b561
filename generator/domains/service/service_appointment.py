"""``service_appointment``: booked visits, those kept (each with its repair order) and those missed.

The kept ones are those of owners' repair orders that were booked; who walked in has none.  Missed
ones are of the same cars, some days before they came after all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, span
from generator.domains.clocks import Clocks, local, utc
from generator.domains.closing import last_open, next_open
from generator.domains.columns import enum, moment, text
from generator.domains.counts import Given, Noun, asks, happens
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group
from generator.domains.human_resources.rota import on_duty
from generator.domains.service.appointment_course import course, steps
from generator.domains.service.booking import ONLINE, STAFFED, Booking, at_any_hour, in_hours
from generator.domains.service.level import parts_level
from generator.domains.service.reasons import CONCERN, INSPECTION, MAINTENANCE, RECALL, WEAR
from generator.domains.service.service_appointment_rules import RULES
from generator.domains.service.words import (
    job_of,
    known_here,
    life,
    miles,
    names,
    reasons,
    season,
    sign_of,
    system_of,
    written,
)
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "service_appointment",
    domain="service",
    meaning="Booked visit",
    key="service_appointment_key",
    columns=(
        text("service_appointment_key", 50, unique=True),
        text("customer_key", 50),
        text("vehicle_key", 50),
        text("dealer_key", 50),
        text("advisor_staff_member_key", 50),
        enum("appointment_type", "AppointmentTypes"),
        enum("appointment_status_type", "AppointmentStatusTypes"),
        enum("appointment_channel_type", "AppointmentChannelTypes"),
        enum("appointment_source_type", "AppointmentSourceTypes"),
        moment("booked_date_time", "occurrence_date_time"),
        moment("appointment_start_date_time", planned=True),
        moment("appointment_end_date_time", planned=True),
        enum("transport_event_type", "TransportEventTypes", nullable=True),
        text("trigger_vehicle_alert_key", 50, nullable=True),
        text("complaint_text", 1000, nullable=True, personal="free_text"),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("advisor_staff_member_key", "staff_member", "staff_member_key", "lookup"),
        Link("trigger_vehicle_alert_key", "vehicle_alert", "vehicle_alert_key", "lookup"),
    ),
)

TYPES = {
    MAINTENANCE: "SCHEDULED_SERVICE",
    CONCERN: "DIAGNOSTIC_ESTIMATE",
    RECALL: "RECALL",
    INSPECTION: "SERVICE",
    WEAR: "SERVICE",
}
COVERED = "WARRANTY_REPAIR"
SERIOUS = ("CRITICAL", "HIGH")
QUARTER = np.timedelta64(15, "m")
HALF = 0.5
MORNING = np.timedelta64(14, "h")  # of an advisor's first day, UTC
SPREAD = np.timedelta64(6, "h").astype("timedelta64[ms]").astype(np.int64)
HOUR = 60 * MINUTE


@derived("_order", "_kept", "_car", "_start", "_reason")
def _visits(draw: Draw) -> Made:
    """Which repair order (a local row, -1 if none) each is for or was missed before; its car, and
    when it is, to the quarter of an hour."""
    orders, dealers = draw.frames["repair_order"], draw.frames["dealer"]
    counts, u = draw.counts[TABLE.name], draw.u("visit")
    dealer = draw["_dealer"] - dealers.start
    place = place_in_group(dealer)
    kept_of, first, size, ranked = _booked(draw, counts)
    kept = place < kept_of[dealer]
    nth = np.where(kept, place, (place - kept_of[dealer]) * int(draw.figures["missed_step"]))
    has = size[dealer] > 0
    order = np.full(draw.n, -1, dtype=np.int64)
    some = np.flatnonzero(has)
    order[some] = ranked[first[dealer[some]] + nth[some] % size[dealer[some]]]
    car = _any_car(draw, dealer, place)
    reason = np.full(draw.n, MAINTENANCE, dtype=np.int64)
    low, high = draw.figures["missed_days_before"]
    first_day, last_day = span(draw)
    begin = first_day.astype("datetime64[ms]")
    days = int((last_day - first_day).astype(np.int64))
    clocks = clocks_of(draw, draw["_dealer"])
    minute = np.floor(draw.leaf("minute_of_arrival", stream="slot")).astype(np.int64)
    day_ = next_open(first_day + np.floor(u * days).astype(np.int64) * DAY, "workshop")
    start = utc(np.minimum(day_, last_day).astype("datetime64[ms]") + minute * MINUTE, clocks)
    if orders.rows:
        at = np.maximum(order, 0)
        opened = orders["opened_date_time"][at]
        back = (low + np.floor((high - low) * u)).astype(np.int64) * DAY
        missed = _on_open_day(opened - back, clocks)
        missed = np.maximum(missed, np.minimum(begin + 9 * 60 * MINUTE, opened))
        start = np.where(has, np.where(kept, opened, missed), start)
        car = np.where(has, orders["_car"][at], car)
        reason = np.where(has, orders["_reason"][at], reason)
    quarters = start.astype("datetime64[m]").astype(np.int64) // QUARTER.astype(np.int64)
    start = (quarters * QUARTER.astype(np.int64)).astype("datetime64[m]").astype("datetime64[ms]")
    turn = np.lexsort((place, start, dealer))
    return {
        "_order": order[turn],
        "_kept": (kept & has)[turn],
        "_car": car[turn],
        "_start": start[turn],
        "_reason": reason[turn],
    }


def _on_open_day(moments: NDArray[Any], clocks: Clocks) -> NDArray[Any]:
    """The same time of the last day until then on which the workshop is open."""
    here = local(moments, clocks)
    day_ = here.astype("datetime64[D]")
    return utc(here - (day_ - last_open(day_, "workshop")), clocks)


def _booked(
    draw: Draw, counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each dealer: how many appointments are kept, where its owners' orders begin and how many
    there are, and all of these in the order in which they were booked rather than walked in: whom
    an alert brings has called."""
    orders, dealers = draw.frames["repair_order"], draw.frames["dealer"]
    own = np.flatnonzero(~orders["_internal"]) if orders.rows else np.zeros(0, dtype=np.int64)
    u = draw.stream("walks_in").uniform(orders.start, orders.start + orders.rows)
    dealer = orders["_dealer"][own] - dealers.start if orders.rows else own
    walks = u[own] - (orders["_alert"][own] >= 0) if orders.rows else u
    ranked = own[np.lexsort((walks, dealer))]
    size = np.bincount(dealer, minlength=len(counts))
    kept = np.rint(counts * float(draw.figures["appointments_kept"])).astype(np.int64)
    return np.minimum(kept, size), np.cumsum(size) - size, size, ranked


def _any_car(draw: Draw, dealer: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some car of the dealer, its last ones first, for appointments without a repair order."""
    size = draw.counts["vehicle"]
    first = np.cumsum(size) - size
    return np.asarray(first[dealer] + size[dealer] - 1 - place % np.maximum(size[dealer], 1))


@drawn("appointment_start_date_time", "appointment_end_date_time", "_wished_to_book", "_book_from")
def _times(draw: Draw) -> Made:
    """Booked some days before, the fewer the more urgent, and not before the car was the
    customer's or the span began."""
    figures, start = draw.figures, draw["_start"]
    begin = span(draw)[0].astype("datetime64[ms]")
    cars = draw.frames["vehicle"]
    since = cars["_owner"].since(draw["_car"], start)
    days = draw.leaf("days_booked_before")
    urgent = np.isin(draw["_reason"], [CONCERN])
    days = days * np.where(urgent, float(figures["urgent_booking_share"]), 1.0)
    dear, longer = (float(figures["days_booked_where_dear"][name]) for name in ("parts", "days"))
    days = days * np.where(parts_level(draw, draw["_dealer"]) >= dear, longer, 1.0)
    hour = (draw.u("booked_hour") * 10 * 60).astype(np.int64) * MINUTE
    booked = (start - np.floor(days).astype(np.int64) * DAY).astype("datetime64[ms]")
    booked = np.minimum(booked - hour, start - QUARTER)
    low = np.maximum(begin, since + 60 * MINUTE)
    booked = np.minimum(np.maximum(booked, low), start)
    length = np.rint(draw.leaf("quarters_of_appointment")).astype(np.int64)
    return {
        "appointment_start_date_time": start,
        "appointment_end_date_time": start + np.maximum(length, 1) * QUARTER,
        "_wished_to_book": booked.astype("datetime64[s]").astype("datetime64[ms]"),
        "_book_from": np.minimum(low, start),
    }


@link(
    "customer_key",
    "vehicle_key",
    "dealer_key",
    "advisor_staff_member_key",
    "_customer_key",
    "_advisor_staff_member_key",
)
def _links(draw: Draw) -> Made:
    """Whoever owns the car then; the advisor of the repair order, or who is there."""
    orders, cars, customers = (
        draw.frames[name] for name in ("repair_order", "vehicle", "customer")
    )
    owner = cars["_owner"].step(draw["_car"], draw["_start"])
    party = customers["_party_key"]
    order = np.argsort(party, kind="stable")
    found = order[np.minimum(np.searchsorted(party[order], owner), max(len(party) - 1, 0))]
    house = np.flatnonzero(customers["_house"])[draw["_dealer"] - draw.frames["dealer"].start]
    customer = np.where(party[found] == owner, found, house) + customers.start
    advisor = on_duty(
        draw, draw["_dealer"], draw["_start"], roles=("SERVICE_ADVISOR",), stream="advisor"
    )
    if orders.rows:
        at = np.maximum(draw["_order"], 0)
        advisor = np.where(draw["_kept"], orders["_advisor_staff_member_key"][at], advisor)
        customer = np.where(draw["_kept"], orders["_customer_key"][at], customer)
    return {
        "customer_key": draw.key("customer", customer),
        "_customer_key": customer,
        "vehicle_key": draw.key("vehicle", draw["_car"] + cars.start),
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "advisor_staff_member_key": draw.key("staff_member", advisor),
        "_advisor_staff_member_key": advisor,
    }


@link("trigger_vehicle_alert_key", "_alert")
def _alert(draw: Draw) -> Made:
    """The alert that brings the car, if it is a serious one and the visit within two weeks of it;
    of others the owner calls and says so."""
    alerts, orders = draw.frames["vehicle_alert"], draw.frames["repair_order"]
    found = np.full(draw.n, -1, dtype=np.int64)
    if alerts.rows and orders.rows:
        found = np.where(draw["_kept"], orders["_alert"][np.maximum(draw["_order"], 0)], -1)
        severity = alerts["alert_severity"]
        serious = [code for code, label in enumerate(severity.labels) if label in SERIOUS]
        waited = draw["_start"] - alerts["created_date_time"][found]
        fits = np.isin(severity.codes[found], serious)
        fits &= (waited > HOUR) & (waited <= int(draw.figures["alert_days"]) * DAY)
        found = np.where((found >= 0) & fits, found, -1)
    return {
        "trigger_vehicle_alert_key": (
            draw.key("vehicle_alert", np.maximum(found, 0) + alerts.start),
            found < 0,
        ),
        "_alert": found,
    }


@drawn("booked_date_time", "appointment_source_type")
def _booked_at(draw: Draw) -> Made:
    """Who comes because of an alert has booked since; nobody books with an advisor to come, nor
    with anybody while the workshop is closed."""
    first, booked = _after_alert(draw)
    source = draw.leaf("service_appointment.appointment_source_type")
    sources = (*source.labels, *({ONLINE} - {*source.labels}), "CONNECTED_VEHICLE")
    alerted = draw["_alert"] >= 0
    with_people = np.isin(source.text().astype(str), STAFFED) & ~alerted
    booking = Booking(
        booked,
        first,
        np.maximum(draw["_start"] - QUARTER, first),
        clocks_of(draw, draw["_dealer"]),
    )
    opens, closes = (int(hour) for hour in draw.figures["workshop_hours"])
    u = draw.u("book_minute")
    minute = (opens * 60 + np.floor(u * (closes - opens) * 60)).astype(np.int64)
    moved, fits = in_hours(booking, minute, (opens, closes), before=draw.u("book_before") < HALF)
    hour = draw.leaf("hour_booked_online")
    any_minute = np.array([int(label) for label in hour.labels])[hour.codes] * 60 + minute % 60
    alone = np.where(alerted, booked, at_any_hour(booking, any_minute))
    code = np.where(with_people & ~fits, sources.index(ONLINE), source.codes)
    code = np.where(alerted, sources.index("CONNECTED_VEHICLE"), code)
    return {
        "booked_date_time": np.where(with_people & fits, moved, alone),
        "appointment_source_type": Coded(code.astype(np.int32), sources),
    }


def _after_alert(draw: Draw) -> tuple[NDArray[Any], NDArray[Any]]:
    """From when each visit may be booked, and when it would be at any hour."""
    alerts, booked = draw.frames["vehicle_alert"], draw["_wished_to_book"]
    staff, start = draw.frames["staff_member"], draw["_start"]
    hired = staff["hire_date"][draw["_advisor_staff_member_key"] - staff.start]
    hired = hired.astype("datetime64[ms]") + MORNING + booked.astype(np.int64) % SPREAD
    booked = np.where(booked < hired, np.minimum(hired, start - QUARTER), booked)
    first = np.minimum(np.maximum(hired, draw["_book_from"]), booked)
    if not alerts.rows:
        return first, booked
    alert = draw["_alert"]
    if draw.frames["repair_order"].rows:
        order = np.maximum(draw["_order"], 0)
        alert = np.where(draw["_kept"], draw.frames["repair_order"]["_alert"][order], -1)
    raised = alerts["created_date_time"][np.maximum(alert, 0)]
    waits = (start - raised).astype(np.int64) * draw.figures["books_after_alert"]
    later = raised + (waits * draw.u("books")).astype("timedelta64[ms]")
    later = np.maximum(later.astype("datetime64[s]").astype("datetime64[ms]"), raised + QUARTER)
    later = np.minimum(np.maximum(np.minimum(later, start), hired), start)
    soonest = np.minimum(np.maximum(hired, raised + QUARTER), later)
    return np.where(alert >= 0, soonest, first), np.where(alert >= 0, later, booked)


@drawn(
    "appointment_type",
    "appointment_channel_type",
    "transport_event_type",
)
def _kinds(draw: Draw) -> Made:
    orders, reason = draw.frames["repair_order"], draw["_reason"]
    labels = (*dict.fromkeys(TYPES.values()), COVERED)
    codes = np.array([labels.index(TYPES.get(at, "SERVICE")) for at in range(len(TYPES) + 1)])
    code = codes[reason]
    if orders.rows:
        covered = orders["_claims"][np.maximum(draw["_order"], 0)]
        code = np.where((reason == CONCERN) & covered, labels.index(COVERED), code)
    stays = draw.u("takes_transport") >= draw.figures["transport_share"]
    return {
        "appointment_type": Coded(code.astype(np.int32), labels),
        "appointment_channel_type": draw.leaf("service_appointment.appointment_channel_type"),
        "transport_event_type": (
            draw.leaf("service_appointment.transport_event_type"),
            stays,
        ),
    }


@drawn("complaint_text")
def _said(draw: Draw) -> Made:
    """What was said when it was booked: the complaint that is mended then, or a service."""
    orders, lines = draw.frames["repair_order"], draw.frames["repair_order_line"]
    reading = draw.frames["vehicle"]["_odometer"].line(draw["_car"], draw["_start"])
    whole = np.floor(reading).astype(np.int64)
    about, again = np.zeros(draw.n, dtype=np.int64), np.zeros(draw.n, dtype=bool)
    if orders.rows:
        first = np.zeros(orders.rows, dtype=np.int64)
        first[lines["_order"][::-1]] = lines["_about"][::-1]
        about = first[np.maximum(draw["_order"], 0)]
        again = orders["_again"][np.maximum(draw["_order"], 0)] & (draw["_order"] >= 0)
    labels = {
        "reason": reasons(draw["_reason"]),
        "system": system_of(about),
        "sign": sign_of(about),
        "job": job_of(about),
        "season": season(draw["_start"]),
        "life": life(draw, whole),
        "known": known_here(again),
        "source": draw["appointment_source_type"],
        "told": _told(draw),
    }
    asked, _ = names()
    fields = {"miles": miles(whole), "op": asked[about]}
    text_ = written(draw, "booking", "complaint", fields=fields, labels=labels)
    return {"complaint_text": (text_, draw.u("silent") < draw.figures["silent_bookings_share"])}


def _told(draw: Draw) -> Coded:
    """What the alert told that the car comes for; nothing of most."""
    alerts, orders = draw.frames["vehicle_alert"], draw.frames["repair_order"]
    none = Coded(np.full(draw.n, -1, dtype=np.int32), ())
    if not alerts.rows or not orders.rows:
        return none
    alert = np.where(draw["_order"] >= 0, orders["_alert"][np.maximum(draw["_order"], 0)], -1)
    kind = alerts["alert_type"]
    codes = np.where(alert >= 0, kind.codes[np.maximum(alert, 0)], -1)
    return Coded(codes.astype(np.int32), kind.labels)


MOST = 24  # of a car, within the span


def _appointments(given: Given) -> float:
    figures = given.figures
    paid = 1 - float(figures["ro_count_mix"]["internal"])
    walks_in = float(figures["booking_channel"]["walk_in_other"])
    kept = given["repair_order"] * paid * (1 - walks_in)
    return float(min(kept / figures["appointments_kept"], MOST * given["vehicle"]))


COUNT = happens(
    Noun("appointment", "appointments"),
    ("vehicle", MOST),
    typical=_appointments,
    why="for owners' repair orders but walk-ins, and those missed",
    rule=f"A car has at most {MOST} appointments",
    back=asks(0.14),
)


SERVICE_APPOINTMENT = Declaration(
    TABLE,
    prefix="BK",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _visits,
        _times,
        _links,
        _alert,
        _booked_at,
        _kinds,
        course,
        _said,
    ),
    rules=RULES,
    born="booked_date_time",
    state="appointment_status_type",
    steps=steps,
    resource="APPOINTMENT",
    actor="_advisor_staff_member_key",
)
