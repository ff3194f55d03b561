"""``repair_order_line``: what was done, by whom, for how long, who pays, what it cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, integer, text
from generator.domains.counts import Given, Noun, each, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import place_in_group, round_half_up
from generator.domains.service.capacity import capacity
from generator.domains.service.level import parts_level
from generator.domains.service.operations import USES, Catalogue
from generator.domains.service.reasons import EVERYTHING
from generator.domains.service.remedies import codes_told, mends
from generator.domains.service.repair_order_line_rules import RULES
from generator.domains.service.words import (
    cars,
    faults_of,
    job_of,
    known_here,
    life,
    miles,
    names,
    sale,
    season,
    sign_of,
    system_of,
    use_of,
    written,
)
from generator.domains.service.work import MOST_LINES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "repair_order_line",
    domain="service",
    meaning="Complaint / cause / correction with labour and parts",
    key="repair_order_line_key",
    columns=(
        text("repair_order_line_key", 50, unique=True),
        text("repair_order_key", 50),
        integer("sequential_line_number"),
        text("labor_operation_key", 50),
        text("technician_staff_member_key", 50),
        enum("pay_type", "PayTypes"),
        enum("repair_line_status_type", "RepairStatusTypes"),
        enum("labor_operation_status_type", "LaborOperationStatusTypes"),
        enum("priority_type", "LaborOperationPriorityTypes"),
        decimal("billed_hours", 5, 2, "flat rate hours sold"),
        decimal("clocked_hours", 5, 2, "actual_clocked_hours"),
        decimal("efficiency_ratio", 5, 3, "= billed_hours / clocked_hours"),
        decimal("labor_rate", 8, 2, "WARRANTY lines use the OEM approved rate, not the door rate"),
        decimal("labor_amount", 12, 2, "= round(billed_hours * labor_rate, 2)"),
        decimal("parts_amount", 12, 2, "= sum(repair_order_part.extended_amount)"),
        decimal("sublet_amount", 12, 2),
        text("complaint_text", 1000, nullable=True, personal="free_text"),
        text("cause_text", 1000, nullable=True, personal="free_text"),
        text("correction_text", 1000, nullable=True, personal="free_text"),
    ),
    links=(
        Link("repair_order_key", "repair_order", "repair_order_key", "parent"),
        Link("labor_operation_key", "labor_operation", "labor_operation_key", "lookup"),
        Link("technician_staff_member_key", "staff_member", "staff_member_key", "lookup"),
    ),
)

PAYS = ("CUSTOMER_PAY", "WARRANTY", "INTERNAL", "MANUFACTURER")
CUSTOMER, WARRANTY, INTERNAL, MANUFACTURER = range(len(PAYS))
TENTH = 10  # hundredths of hours, the grain of the flat rate
LEAST_EFFICIENCY, MOST_EFFICIENCY = 0.6, 1.6  # of the platform (R082)
MOST_HOURS = 1190  # hundredths on the clock a day, a little under the platform's 12 hours
PRIORITY = {
    "service": "ROUTINE_MAINTENANCE",
    "due": "ROUTINE_MAINTENANCE",
    "check": "ROUTINE_MAINTENANCE",
    "inspect": "ROUTINE_MAINTENANCE",
    "recall": "SAFETY_CRITICAL",
    "fit": "OPTIONAL_DESIRED",
    "lot": "OPTIONAL_DESIRED",
}


@link("repair_order_key", "sequential_line_number", "_order", "_repair_order_key")
def _keys(draw: Draw) -> Made:
    orders = draw.frames["repair_order"]
    order = np.repeat(np.arange(orders.rows), orders["_lines"])
    return {
        "repair_order_key": draw.key("repair_order", order + orders.start),
        "sequential_line_number": place_in_group(order) + 1,
        "_order": order,
        "_repair_order_key": order + orders.start,
    }


@link("labor_operation_key", "_operation", "_wants")
def _what(draw: Draw) -> Made:
    """The operation (a row of the catalogue) and the skill it wants."""
    orders, kinds = draw.frames["repair_order"], _catalogue(draw)
    row = orders["_operations"][draw["_order"], draw["sequential_line_number"] - 1]
    return {
        "labor_operation_key": draw.key("labor_operation", row),
        "_operation": row,
        "_wants": kinds.skill[row],
    }


def _catalogue(draw: Draw) -> Catalogue:
    kinds: Catalogue = draw.frames["labor_operation"]["_catalogue"]
    return kinds


@drawn("pay_type", "_pay")
def _who_pays(draw: Draw) -> Made:
    """Stock pays for itself, the maker for campaigns and for what its warranties cover; a test
    is paid by whoever pays for what it finds; the customer pays for all else."""
    orders, kinds, own = draw.frames["repair_order"], _catalogue(draw), draw["_order"]
    use, power = kinds.use[draw["_operation"]], kinds.powertrain[draw["_operation"]]
    claims = orders["_claims"][own] & (use == USES.index("fault"))
    claims &= (orders["_covered"][own] == EVERYTHING) | power
    found = np.zeros(orders.rows, dtype=bool)
    np.logical_or.at(found, own, claims)
    claims |= (use == USES.index("test")) & found[own]
    pay = np.where(claims, WARRANTY, CUSTOMER)
    free = orders["_free_service"][own] & kinds.of("service", "due")[draw["_operation"]]
    pay = np.where((use == USES.index("recall")) | free, MANUFACTURER, pay)
    pay = np.where(orders["_internal"][own], INTERNAL, pay).astype(np.int32)
    return {
        "pay_type": Coded(pay, PAYS),
        "_pay": np.array(PAYS, dtype=object)[pay],
    }


@drawn("_sold_hours", "_efficiency", "_likely")
def _hours(draw: Draw) -> Made:
    """Flat rate in tenths; a maker pays less time than the customer; some jobs are sold for more,
    as bolts break.  ``_likely`` is what the clock is likely to say, in hundredths."""
    kinds, figures = _catalogue(draw), draw.figures
    flat = kinds.hours[draw["_operation"]].astype(np.float64)
    made = np.isin(draw["pay_type"].codes, [WARRANTY])
    flat = np.where(made, flat * float(figures["warranty_to_standard_hours_ratio"]), flat)
    more = np.floor(draw.leaf("tenths_more", stream="more"))
    more = more * (draw.u("some_more") < figures["more_time_share"]) * (flat > 2 * TENTH)
    sold = np.maximum(round_half_up(flat / TENTH + more), 1) * TENTH
    usual = np.clip(draw.leaf("line_efficiency"), LEAST_EFFICIENCY, MOST_EFFICIENCY)
    return {"_sold_hours": sold, "_efficiency": usual, "_likely": sold / usual}


@derived("billed_hours")
def _billed(draw: Draw) -> Made:
    """As sold; where a technician has more on a day than the fastest could do, each job is put down
    for less.  Only spans of some days with many orders have such days."""
    sold = draw["_sold_hours"]
    billed = sold.astype(np.float64)
    for at in _technician_days(draw):
        total, jobs = np.bincount(at, weights=billed), np.bincount(at)
        most = (MOST_HOURS - jobs) * MOST_EFFICIENCY  # each job's clock is rounded up
        billed = billed * np.clip(most / np.maximum(total, 1), 0, 1)[at]
    less = np.maximum(np.floor(billed / TENTH), 1).astype(np.int64) * TENTH
    return {"billed_hours": np.where(billed < sold, less, sold)}


def _technician_days(draw: Draw) -> Iterator[NDArray[np.int64]]:
    """For each line a number of its technician's day, by the dealer's calendar and by UTC."""
    orders, own = draw.frames["repair_order"], draw["_order"]
    days = orders["opened_date_time"].astype("datetime64[D]").astype(np.int64)
    for day in (orders["_day"], days - days.min(initial=0)):
        at = orders["_hand"][own] * (int(day.max(initial=0)) + 1) + day[own]
        yield np.unique(at, return_inverse=True)[1]


@link("technician_staff_member_key", "_technician_staff_member_key")
def _technician(draw: Draw) -> Made:
    staff = draw.frames["staff_member"]
    row = draw.frames["repair_order"]["_hand"][draw["_order"]] + staff.start
    return {
        "technician_staff_member_key": draw.key("staff_member", row),
        "_technician_staff_member_key": row,
    }


@derived("clocked_hours", "efficiency_ratio")
def _clock(draw: Draw) -> Made:
    """The skilled are faster, each in their own measure; nobody is on the clock for more than the
    platform's hours a day, of the dealer's calendar or of UTC."""
    orders, staff = draw.frames["repair_order"], draw.frames["staff_member"]
    own, billed = draw["_order"], draw["billed_hours"]
    hand = orders["_hand"][own]
    factor = np.array(draw.figures["efficiency_by_level"])[np.maximum(staff["_level"][hand], 0)]
    luck = draw.stream("own_pace").uniform(staff.start, staff.start + staff.rows)[hand]
    pace = factor * (1 + float(draw.figures["own_pace"]) * (luck - 0.5))
    clocked = draw["_likely"] / pace
    low = np.ceil(billed / MOST_EFFICIENCY).astype(np.int64)
    more = np.maximum(clocked - low, 0)
    for at in _technician_days(draw):
        least, above = (np.bincount(at, weights=hours) for hours in (low, more))
        more = more * np.clip((MOST_HOURS - least) / np.maximum(above, 1), 0.0, 1.0)[at]
    clocked = low + more
    high = np.floor(billed / LEAST_EFFICIENCY).astype(np.int64)
    whole = np.clip(np.floor(clocked).astype(np.int64), low, high)
    return {
        "clocked_hours": whole,
        "efficiency_ratio": round_half_up(billed * 1000 / whole),
    }


@drawn("labor_rate", "labor_amount")
def _labor(draw: Draw) -> Made:
    """Each dealer has its door rate, a higher one where the make's parts are dear; the maker and
    the house pay less, and so do customers for what is sold off a menu."""
    dealers, kinds, figures = draw.frames["dealer"], _catalogue(draw), draw.figures
    low, high = figures["door_rate"]
    u = draw.stream("door_rate").uniform(dealers.start, dealers.start + dealers.rows)
    dear = parts_level(draw, dealers.start + np.arange(dealers.rows))
    door = (low + (high - low) * u) * dear ** float(figures["door_rate_with_parts"])
    door = np.rint(door)[draw["_dealer"] - dealers.start]
    shares = figures["rate_over_door"]
    share = np.array([float(shares[name]) for name in PAYS])[draw["pay_type"].codes]
    menu = kinds.of("service", "due", "wear", "check", "inspect")[draw["_operation"]]
    share = np.where(menu & (draw["pay_type"].codes == CUSTOMER), float(shares["menu"]), share)
    rate = round_half_up(door * share) * 100
    return {
        "labor_rate": rate,
        "labor_amount": round_half_up(draw["billed_hours"] * rate / 100),
    }


@drawn("sublet_amount")
def _sublet(draw: Draw) -> Made:
    """What others did for it."""
    usual = _catalogue(draw).sublet[draw["_operation"]]
    return {"sublet_amount": round_half_up(usual * draw.leaf("sublet_spread") / 100) * 100}


@derived("parts_amount")
def _parts(draw: Draw) -> Made:
    issued = draw.frames["repair_order_part"]
    amount = np.bincount(issued["_line"], weights=issued["extended_amount"], minlength=draw.n)
    return {"parts_amount": amount.astype(np.int64)}


@derived("repair_line_status_type", "labor_operation_status_type", "priority_type", "_opened")
def _course(draw: Draw) -> Made:
    """At the end of its course every line is done and closed."""
    none, kinds = np.zeros(draw.n, dtype=np.int32), _catalogue(draw)
    orders = draw.frames["repair_order"]
    first = draw["sequential_line_number"] == 1
    labels = ("PRIMARY_CONCERN", "RECOMMENDED_ADD_ON", *dict.fromkeys(PRIORITY.values()))
    usual = [PRIORITY.get(use, "") for use in USES]
    codes = np.array([labels.index(name) if name else 1 for name in usual], dtype=np.int32)
    code = codes[kinds.use[draw["_operation"]]]
    code = np.where((code == 1) & first, 0, code).astype(np.int32)
    return {
        "repair_line_status_type": Coded(none, ("CLOSED",)),
        "labor_operation_status_type": Coded(none, ("COMPLETED",)),
        "priority_type": Coded(code, labels),
        "_opened": orders["opened_date_time"][draw["_order"]],
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    """Work on a line goes on until its order is completed."""
    orders, own = draw.frames["repair_order"], draw["_order"]
    done = orders["completed_date_time"][own] <= at
    closed = orders["closed_date_time"][own] <= at
    status = np.where(closed, 0, np.where(done, 1, 2)).astype(np.int32)
    return {
        "repair_line_status_type": Coded(status, ("CLOSED", "COMPLETED", "ACTIVE")),
        "labor_operation_status_type": Coded(
            np.where(done, 0, 1).astype(np.int32), ("COMPLETED", "IN_PROGRESS")
        ),
    }


@drawn("_fault", "_about")
def _fault(draw: Draw) -> Made:
    """The code that a repair was led by (the alert's, where one brought the car), "" if none was
    stored, and the operation a line is about:
    a test is about what is mended on the same order."""
    own, operation = draw["_order"], draw["_operation"]
    kinds, orders = _catalogue(draw), draw.frames["repair_order"]
    use = kinds.use[operation]
    stored = draw.u("stored") < draw.figures["code_stored_share"]
    code = faults_of(operation, draw.u("fault"))
    code = np.where(stored & (use == USES.index("fault")), code, "").astype(object)
    told = codes_told(draw, orders["_alert"])[own]
    code = np.where(mends(operation, told), told, code)
    repairs = np.flatnonzero(use == USES.index("fault"))
    line_of = np.full(orders.rows, -1, dtype=np.int64)
    line_of[own[repairs][::-1]] = repairs[::-1]
    found = line_of[own]
    tests = (use == USES.index("test")) & (found >= 0)
    code = np.where((use == USES.index("test")) & (found < 0), told, code)
    return {
        "_fault": np.where(tests, code[found], code),
        "_about": np.where(tests, operation[found], operation),
    }


@drawn("complaint_text", "cause_text", "correction_text")
def _said(draw: Draw) -> Made:
    """What the customer said, what was found, what was done: about this car and this job."""
    orders, own = draw.frames["repair_order"], draw["_order"]
    asked, done = names()
    car, model = cars(draw, orders["_car"])
    label = np.where(draw["_fault"] != "", 0, 1).astype(np.int32)
    performed = done[draw["_operation"]]
    low = np.array([text[:1].lower() + text[1:] for text in done], dtype=object)
    fields = {
        "op": asked[draw["_operation"]],
        "done": performed,
        "done_low": low[draw["_operation"]],
        "code": draw["_fault"],
        "miles": miles(orders["odometer_in"])[own],
        "car": car[own],
        "model": model[own],
        "hours": (draw["billed_hours"] / 100).astype(str).astype(object),
    }
    labels = {
        "use": use_of(draw["_operation"], orders["_internal"][own]),
        "system": system_of(draw["_about"]),
        "sign": sign_of(draw["_about"]),
        "job": job_of(draw["_operation"]),
        "season": season(orders["opened_date_time"][own]),
        "coded": Coded(label, ("yes", "no")),
        "life": life(draw, orders["odometer_in"][own]),
        "known": known_here(orders["_again"][own]),
        "sale": sale(draw, orders["_stay"][own], orders["opened_date_time"][own]),
    }
    return {
        f"{name}_text": written(draw, name, f"{name}_text", fields=fields, labels=labels)
        for name in ("complaint", "cause", "correction")
    }


def _lines(given: Given) -> float:
    return float(given["repair_order"] * given.figures["lines_per_order"])


NOUN = Noun("line of repair orders", "lines of repair orders")
COUNT = each(
    "repair_order",
    NOUN,
    least=1,
    most=MOST_LINES,
    rule=f"A repair order has 1 to {MOST_LINES} lines",
    typical=_lines,
    why=lambda given: f"{given.figures['lines_per_order']} an order",
    back=limits(0.1),
    capacity=capacity(NOUN, "lines_a_day_most"),
)


REPAIR_ORDER_LINE = Declaration(
    TABLE,
    prefix="RL",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _keys,
        _what,
        _who_pays,
        _hours,
        _billed,
        _technician,
        _clock,
        _labor,
        _sublet,
        _parts,
        _course,
        _fault,
        _said,
    ),
    rules=RULES,
    born="_opened",
    known=known,
)
