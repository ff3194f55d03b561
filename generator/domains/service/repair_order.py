"""``repair_order``: job cards.  Who comes and why is in ``visits`` and ``work``, which day and
which technician in ``bench``, what it comes to in ``order_money``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, end_of, span, when_open
from generator.domains.clocks import Clocks, local, local_day, utc
from generator.domains.closing import next_open
from generator.domains.columns import day, decimal, enum, integer, moment, text
from generator.domains.counts import Given, Noun, asks, happens
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import ranks
from generator.domains.human_resources.rota import on_duty
from generator.domains.service.bench import bench, day_numbers, days_for, hands_for, within
from generator.domains.service.capacity import capacity
from generator.domains.service.order_course import course, known, steps
from generator.domains.service.order_money import estimate, money
from generator.domains.service.preparation import prepared_at, whom_for
from generator.domains.service.reasons import REASONS
from generator.domains.service.repair_order_postings import journals
from generator.domains.service.repair_order_rules import RULES
from generator.domains.service.visits import visits
from generator.domains.service.words import cars, known_here, life, miles, names, reasons, written
from generator.domains.service.work import car, lines, operations
from generator.domains.vehicle_asset_mgt.visitor import orders_per_deal
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "repair_order",
    domain="service",
    meaning="Job card with cost summary",
    key="repair_order_key",
    columns=(
        text("repair_order_key", 50, unique=True),
        text("service_appointment_key", 50, nullable=True),
        text("service_order_key", 50, nullable=True),
        text("customer_key", 50),
        text("vehicle_key", 50),
        text("dealer_key", 50),
        text("advisor_staff_member_key", 50),
        enum("repair_order_initiation_type", "RepairOrderInitiationTypes"),
        enum("repair_status_type", "RepairStatusTypes"),
        enum("repair_stage_type", "RepairStageTypes"),
        moment("opened_date_time"),
        day("promise_complete_date", planned=True),
        moment("completed_date_time", nullable=True),
        moment("closed_date_time", nullable=True),
        integer("odometer_in"),
        integer("odometer_out", "odometer_in + 0..15 (road test)", nullable=True),
        decimal("estimated_grand_total_amount", 12, 2),
        decimal("actual_labor_amount", 12, 2, "= sum(repair_order_line.labor_amount)"),
        decimal("actual_parts_amount", 12, 2, "= sum(repair_order_line.parts_amount)"),
        decimal("actual_misc_amount", 12, 2),
        decimal("actual_tax_amount", 12, 2),
        decimal("actual_grand_total_amount", 12, 2, "= labor + parts + sublet + misc + tax"),
        decimal("outstanding_amount", 12, 2, "= customer part of grand total - paid"),
        text("repair_order_description", 1000, nullable=True, personal="free_text"),
    ),
    links=(
        Link("service_appointment_key", "service_appointment", "service_appointment_key", "lookup"),
        Link("service_order_key", "service_order", "service_order_key", "lookup"),
        Link("customer_key", "customer", "customer_key", "lookup"),
        Link("vehicle_key", "vehicle", "vehicle_key", "lookup"),
        Link("dealer_key", "dealer", "dealer_key", "parent"),
        Link("advisor_staff_member_key", "staff_member", "staff_member_key", "lookup"),
    ),
)

INITIATED = {
    "MAINTENANCE": "PRIMARY",
    "CONCERN": "CUSTOMER_CONCERN",
    "RECALL": "SAFETY_RECALL",
    "INSPECTION": "PRIMARY",
    "WEAR": "MULTI_POINT_INSPECTION_RECOMMENDATION",
    "INTERNAL": "INTERNAL",
}
BOOKED, CONNECTED = "CREATED_FROM_APPOINTMENT", "CONNECTED_VEHICLE_TELEMETRY"


@derived("_hours", "_skill")
def _job(draw: Draw) -> Made:
    """Hundredths of hours that the lines are likely to take, and the skill that they want."""
    rows = draw.frames["repair_order_line"]
    skill = np.zeros(draw.n, dtype=np.int64)
    np.maximum.at(skill, rows["_order"], rows["_wants"])
    hours = np.bincount(rows["_order"], weights=rows["_likely"], minlength=draw.n)
    return {"_hours": hours, "_skill": skill}


@derived("_day", "_hand")
def _planned(draw: Draw) -> Made:
    """The day on which there is room, a number in the span, and the technician (a local row)."""
    figures, dealer = draw.figures, draw["_dealer"] - draw.frames["dealer"].start
    people = bench(draw)
    wished = day_numbers(draw, local(draw["_wished"], clocks_of(draw, draw["_dealer"])))
    full = int(figures["bookable_hours"] * 100)
    through = int(figures["bay_hours"] * 100)
    day_ = days_for(dealer, wished, draw["_hours"], people, hours_a_day=full, hours_a_bay=through)
    buys = draw["_for_buyer"]
    ends = draw["_window_ends"] - draw["_internal"] * DAY  # rather not on the day it is handed over
    ends = np.where(buys, draw["_prepared_until"], ends)
    last = day_numbers(draw, local(ends, clocks_of(draw, draw["_dealer"])))
    earliest = _earliest(draw, wished)
    day_ = within(people, dealer, day_, earliest, last)
    in_time = np.clip(day_, earliest, last)
    manned = people.employed[dealer, :, in_time].any(axis=1)
    day_ = np.where(buys & manned, in_time, day_)
    level = draw.frames["staff_member"]["_level"]
    apart = int(figures["hours_before_less_skilled"] * 100)
    hand = hands_for(dealer, day_, draw["_hours"], draw["_skill"], people, level, apart=apart)
    return {"_day": day_, "_hand": hand}


def _earliest(draw: Draw, wished: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first day, a number in the span, on which each job may be done: for a car in stock the
    day after it came, if that is before it was wished; for its buyer once the deal is begun."""
    stays, stay = draw.frames["inventory_vehicle"], draw["_stay"]
    if not stays.rows:
        return wished
    came = day_numbers(draw, stays["_stocked"][np.maximum(stay, 0)]) + 1
    begun = day_numbers(draw, local(draw["_prepared_from"], clocks_of(draw, draw["_dealer"])))
    day_ = np.where(stay >= 0, np.minimum(wished, came), wished)
    return np.asarray(np.where(draw["_for_buyer"], begun, day_))


@drawn("opened_date_time", "odometer_in", "_clock")
def _opened(draw: Draw) -> Made:
    """Most cars come in the morning; those of a day in the order of their rows."""
    clocks, (first, last) = clocks_of(draw, draw["_dealer"]), span(draw)
    minute = np.floor(draw.leaf("minute_of_arrival", stream="arrival")).astype(np.int64)
    group = draw["_dealer"] * (int(draw["_day"].max(initial=0)) + 1) + draw["_day"]
    order, of_day = np.lexsort((minute, group)), np.lexsort((np.arange(draw.n), group))
    minutes = np.empty(draw.n, dtype=np.int64)
    minutes[of_day] = minute[order]
    opened = (first + draw["_day"] * DAY).astype("datetime64[ms]") + minutes * MINUTE
    opened = np.minimum(utc(opened, clocks), end_of(last))  # ends on an afternoon in the West
    opened = np.where(draw["_internal"], _before_it_goes(draw, opened, clocks), opened)
    reading = draw.frames["vehicle"]["_odometer"].line(draw["_car"], opened)
    return {
        "opened_date_time": opened,
        "odometer_in": np.floor(reading).astype(np.int64),
        "_clock": clocks,
    }


def _before_it_goes(draw: Draw, opened: NDArray[Any], clocks: Clocks) -> NDArray[Any]:
    """Work on a car in stock begins while there is time before the car leaves, if it was there on
    that morning."""
    opens = int(draw.figures["workshop_hours"][0]) * 60 * MINUTE
    day_ = local(opened, clocks).astype("datetime64[D]").astype("datetime64[ms]")
    latest = draw["_window_ends"] - int(draw.figures["minutes_to_prepare"]) * MINUTE
    stays = draw.frames["inventory_vehicle"]
    came = np.full(draw.n, np.datetime64("1970-01-01", "ms"))
    if stays.rows:
        came = stays["_stocked"][np.maximum(draw["_stay"], 0)]
    earliest = np.maximum(utc(day_ + opens, clocks), came)
    opened = np.where((opened > latest) & (latest > earliest), latest, opened)
    buys = draw["_for_buyer"]
    return np.asarray(np.where(buys, prepared_at(draw, opened, day_), opened))


@link("customer_key", "vehicle_key", "dealer_key", "_customer_key", "_vehicle_key")
def _whose(draw: Draw) -> Made:
    """Whoever owns the car when it comes; the house account for a car in stock."""
    cars, customers = draw.frames["vehicle"], draw.frames["customer"]
    owner = cars["_owner"].step(draw["_car"], draw["opened_date_time"])
    party = customers["_party_key"]
    order = np.argsort(party, kind="stable")
    place = np.minimum(np.searchsorted(party[order], owner), max(len(party) - 1, 0))
    found = order[place]
    house = np.flatnonzero(customers["_house"])
    own = house[draw["_dealer"] - draw.frames["dealer"].start]
    row = np.where(party[found] == owner, found, own) + customers.start
    car_ = draw["_car"] + cars.start
    return {
        "customer_key": draw.key("customer", row),
        "_customer_key": row,
        "vehicle_key": draw.key("vehicle", car_),
        "_vehicle_key": car_,
        "dealer_key": draw.key("dealer", draw["_dealer"]),
    }


@link("advisor_staff_member_key", "_advisor_staff_member_key")
def _advisor(draw: Draw) -> Made:
    rows = on_duty(
        draw,
        draw["_dealer"],
        draw["opened_date_time"],
        roles=("SERVICE_ADVISOR",),
        stream="advisor",
    )
    return {
        "advisor_staff_member_key": draw.key("staff_member", rows),
        "_advisor_staff_member_key": rows,
    }


@link("service_appointment_key", "service_order_key", "_appointment", "_service_order")
def _booked(draw: Draw) -> Made:
    """The appointment that was kept, and what the customer asked for, where there are any."""
    found = np.full((2, draw.n), -1, dtype=np.int64)
    visits_, asked = draw.frames["service_appointment"], draw.frames["service_order"]
    kept = np.flatnonzero(visits_["_kept"])
    found[0, visits_["_order"][kept]] = kept + visits_.start
    found[1, asked["_order"]] = np.arange(asked.rows) + asked.start
    return {
        "service_appointment_key": (draw.key("service_appointment", found[0]), found[0] < 0),
        "service_order_key": (draw.key("service_order", found[1]), found[1] < 0),
        "_appointment": found[0],
        "_service_order": found[1],
    }


@derived("repair_order_initiation_type")
def _begun(draw: Draw) -> Made:
    """Why it was opened; what was booked as a service comes from its appointment."""
    labels = (*dict.fromkeys(INITIATED.values()), BOOKED, CONNECTED)
    codes = np.array([labels.index(INITIATED[name]) for name in REASONS], dtype=np.int32)
    code = codes[draw["_reason"]]
    booked = (draw["_appointment"] >= 0) & (code == labels.index("PRIMARY"))
    code = np.where(booked, labels.index(BOOKED), code)
    visits_ = draw.frames["service_appointment"]
    if visits_.rows:
        alert = visits_["_alert"][np.maximum(draw["_appointment"] - visits_.start, 0)]
        alerted = (draw["_appointment"] >= 0) & (alert >= 0)
        code = np.where(alerted, labels.index(CONNECTED), code)
    return {"repair_order_initiation_type": Coded(code.astype(np.int32), labels)}


@drawn("completed_date_time", "closed_date_time", "promise_complete_date", "_held")
def _done(draw: Draw) -> Made:
    """Work takes its hours, with waiting; some wait for parts.  What is not done when the workshop
    closes is done the next morning; then the customer comes."""
    figures, opened, clocks = draw.figures, draw["opened_date_time"], draw["_clock"]
    rows = draw.frames["repair_order_line"]
    clocked = np.bincount(rows["_order"], weights=rows["clocked_hours"], minlength=draw.n)
    waiting = draw.leaf("hours_waiting")
    held = draw.u("held") < figures["parts_wait_share"] * ~np.isin(draw["_reason"], [0, 3])
    days = np.ceil(draw.leaf("days_for_parts")).astype(np.int64) * held
    minutes = np.rint((clocked / 100 + waiting) * 60).astype(np.int64)
    done = opened + minutes * MINUTE + days * DAY
    done = _workday(done, clocks, draw.u("next_morning"), figures)
    ends = draw["_window_ends"]
    done = np.where(draw["_internal"] & (opened < ends), np.minimum(done, ends - MINUTE), done)
    done = np.maximum(done, opened + MINUTE)
    pick = np.rint(draw.leaf("hours_to_pick_up") * 60).astype(np.int64)
    closed = when_open(done + pick * MINUTE, clocks, draw.u("picked_up"), who="workshop")
    day_ = local_day(opened, clocks)
    promise = np.maximum(local_day(done, clocks), day_)
    late = draw.u("promise") < figures["promise_missed_share"]
    promise = np.where(late, np.maximum(promise - DAY, day_), promise)
    return {
        "completed_date_time": (done, np.zeros(draw.n, dtype=bool)),
        "closed_date_time": (closed, np.zeros(draw.n, dtype=bool)),
        "promise_complete_date": np.maximum(promise, opened.astype("datetime64[D]")),
        "_held": held,
    }


def _workday(
    done: NDArray[Any], clocks: Clocks, u: NDArray[np.float64], figures: Any
) -> NDArray[Any]:
    """The moment, or one in the next morning the workshop works if it has closed by then."""
    opens, closes = (int(hour * 60) for hour in figures["workshop_hours"])
    here = local(done, clocks)
    today = here.astype("datetime64[D]")
    minute = (here - today.astype("datetime64[ms]")) // MINUTE
    day_ = next_open(today + (minute >= closes) * DAY, "workshop")
    morning = (
        day_.astype("datetime64[ms]")
        + (opens + 1 + np.floor(u * figures["morning_minutes"]).astype(int)) * MINUTE
    )
    moved = (day_ != today) | (minute < opens)
    return np.asarray(np.where(moved, utc(morning, clocks), done))


@derived("odometer_out")
def _out(draw: Draw) -> Made:
    """A road test of some miles at most, and no more than the car is driven by then.  A car that
    reports its trips shows them too: its owner had it back while parts were on their way."""
    most = draw.figures["road_test_miles"]
    until = draw.frames["vehicle"]["_odometer"].line(draw["_car"], draw["closed_date_time"])
    done = draw.frames["vehicle"]["_odometer"].line(draw["_car"], draw["completed_date_time"])
    until = np.where(draw["_internal"], np.minimum(until, done), until)  # sold on the same day
    out = np.floor(until).astype(np.int64)
    tested = np.minimum(out, draw["odometer_in"] + int(most))
    reports = np.isin(draw["_car"], draw.frames["connected_vehicle"]["_local"])
    out = np.where(reports, out, tested)
    return {"odometer_out": (np.maximum(out, draw["odometer_in"]), np.zeros(draw.n, dtype=bool))}


@derived("_again")
def _again(draw: Draw) -> Made:
    """Whether the owner of a car has brought it before."""
    inside = draw["_internal"]
    return {"_again": ~inside & (ranks(draw["_car"] * 2 + inside, draw["_day"]) > 0)}


@drawn("repair_order_description")
def _said(draw: Draw) -> Made:
    asked, _ = names()
    whole, model = cars(draw, draw["_car"])
    first = draw["_operations"][:, 0]
    fields = {
        "op": asked[first],
        "miles": miles(draw["odometer_in"]),
        "car": whole,
        "model": model,
    }
    labels = {
        "reason": reasons(draw["_reason"]),
        "life": life(draw, draw["odometer_in"]),
        "known": known_here(draw["_again"]),
    }
    text_ = written(draw, "describe", "description", fields=fields, labels=labels)
    silent = draw.u("silent") < draw.figures["silent_orders_share"]
    return {"repair_order_description": (text_, silent)}


MOST_ORDERS = 24  # of a car, within the span


def _orders(given: Given) -> float:
    usual = given["deal"] * orders_per_deal(given.figures)
    return float(min(usual, MOST_ORDERS * given["vehicle"]))


NOUN = Noun("repair order", "repair orders")
COUNT = happens(
    NOUN,
    ("vehicle", MOST_ORDERS),
    typical=_orders,
    why="as many for each deal as at a published dealer",
    rule=f"A car has at most {MOST_ORDERS} repair orders",
    back=asks(0.09),
    capacity=capacity(NOUN, "orders_a_day_most"),
)


REPAIR_ORDER = Declaration(
    TABLE,
    prefix="RO",
    count=COUNT,
    makers=(
        keyed(TABLE),
        visits,
        lines,
        car,
        operations,
        _job,
        whom_for,
        _planned,
        _opened,
        _whose,
        _advisor,
        _booked,
        _begun,
        _done,
        _out,
        money,
        estimate,
        course,
        _again,
        _said,
    ),
    rules=RULES,
    born="opened_date_time",
    reveals={
        "completed_date_time": "completed_date_time",
        "closed_date_time": "closed_date_time",
        "odometer_out": "closed_date_time",
    },
    state="repair_status_type",
    steps=steps,
    known=known,
    journals=journals,
    resource="SERVICE",
    actor="_advisor_staff_member_key",
)
