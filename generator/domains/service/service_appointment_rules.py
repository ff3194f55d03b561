"""What must hold for appointments (R020, R021, R078, R079, R105)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import SERVICE
from generator.domains.human_resources.duty import employed, in_role
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "service_appointment"
HOUR = np.timedelta64(60 * 60_000, "ms")
DAY = np.timedelta64(1, "D")
HELD = (
    "ARRIVED",
    "CHECKED_IN",
    "READY",
    "IN_PROGRESS",
    "ON_HOLD",
    "PARTIALLY_FULFILLED",
    "FULFILLED",
    "CLOSED",
)


def _in_order(tables: Tables) -> Truth:
    booked = tables.values(TABLE, "booked_date_time")
    start = tables.values(TABLE, "appointment_start_date_time")
    return np.asarray(
        (booked <= start) & (start < tables.values(TABLE, "appointment_end_date_time"))
    )


def _near(tables: Tables) -> Truth:
    """The repair order of an appointment is opened near its start."""
    opened = tables.values("repair_order", "opened_date_time")
    start = tables.values("repair_order", "service_appointment_key.appointment_start_date_time")
    near = (opened >= start - 2 * HOUR) & (opened <= start + 8 * HOUR)
    return np.asarray(near | tables.missing("repair_order", "service_appointment_key"))


def _held(tables: Tables) -> Truth:
    """An order's appointment was kept, and is of the same car and customer."""
    link = "service_appointment_key"
    kept = tables.is_one_of("repair_order", f"{link}.appointment_status_type", *HELD)
    same = tables.same("repair_order", f"{link}.vehicle_key", "vehicle_key")
    same &= tables.same("repair_order", f"{link}.customer_key", "customer_key")
    return np.asarray((kept & same) | tables.missing("repair_order", link))


def _one_order(tables: Tables) -> Truth:
    row = tables.row_of("repair_order", "service_appointment_key")
    counted = np.bincount(row[row >= 0], minlength=tables.rows(TABLE))
    return np.asarray(counted <= 1)


def _alerted(tables: Tables) -> Truth:
    """What a car asked for is of that car, within two weeks of its alert."""
    link = "trigger_vehicle_alert_key"
    raised = tables.values(TABLE, f"{link}.created_date_time")
    start = tables.values(TABLE, "appointment_start_date_time")
    booked = tables.values(TABLE, "booked_date_time")
    soon = (booked >= raised) & (start <= raised + 14 * DAY)
    same = tables.same(TABLE, f"{link}.vehicle_key", "vehicle_key")
    serious = tables.is_one_of(TABLE, f"{link}.alert_severity", "HIGH", "CRITICAL")
    connected = tables.is_one_of(TABLE, "appointment_source_type", "CONNECTED_VEHICLE")
    none = tables.missing(TABLE, link)
    return np.asarray(np.where(none, ~connected, connected & soon & same & serious))


def _seen_to(tables: Tables) -> Truth:
    """What was told is seen to once the visit that it brought is over."""
    link = "trigger_vehicle_alert_key"
    over = tables.is_one_of(TABLE, "appointment_status_type", "FULFILLED", "CLOSED")
    done = tables.is_one_of(TABLE, f"{link}.alert_status_type", "RESOLVED", "CLOSED")
    return np.asarray(tables.missing(TABLE, link) | ~over | done)


RULES = (
    Rule(
        "R020.service_appointment",
        TABLE,
        "The advisor of an appointment is employed on its day.",
        employed(TABLE, "advisor_staff_member_key", "appointment_start_date_time"),
        needs=("staff_member",),
        group=SERVICE,
    ),
    Rule(
        "R021.service_appointment",
        TABLE,
        "The advisor of an appointment is a service advisor of the same dealer.",
        in_role(TABLE, "advisor_staff_member_key", ("SERVICE_ADVISOR", "ADVISOR")),
        needs=("staff_member", "dealer"),
        group=SERVICE,
    ),
    Rule(
        "R078.appointment",
        TABLE,
        "An appointment is booked, begins and ends in this order.",
        _in_order,
        group=SERVICE,
    ),
    Rule(
        "R078.near",
        "repair_order",
        "A repair order is opened near the beginning of its appointment.",
        _near,
        needs=(TABLE,),
        group=SERVICE,
    ),
    Rule(
        "R079.1",
        "repair_order",
        "A repair order's appointment was kept, by the same customer with the same car.",
        _held,
        needs=(TABLE, "customer", "vehicle"),
        group=SERVICE,
    ),
    Rule(
        "R079.2",
        TABLE,
        "An appointment has one repair order at most.",
        _one_order,
        needs=("repair_order",),
        group=SERVICE,
        scope="shard",
    ),
    Rule(
        "R105.1",
        TABLE,
        "What a car asks for follows a serious alert of it within two weeks.",
        _alerted,
        needs=("vehicle_alert", "vehicle"),
        group=SERVICE,
    ),
    Rule(
        "R105.2",
        TABLE,
        "An alert is resolved when the visit that it brought is over.",
        _seen_to,
        needs=("vehicle_alert",),
        group=SERVICE,
    ),
)
