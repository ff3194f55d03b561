"""What must hold for alerts (R039, R103, R108); that their events show it is said of the events."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import TELEMETRY
from generator.rules import Rule, Truth
from generator.tables import Tables

ALERT = "vehicle_alert"
SHOWN = {  # by alert, the types of events that raise it
    "TIRE": ("TIRE_PRESSURE_LOW",),
    "SERVICE_DUE": ("SERVICE_DUE_WARNING",),
    "CHARGING": ("BATTERY_STATE_OF_CHARGE_LOW",),
    "SYSTEM_FAULT": ("COOLANT_TEMPERATURE_HIGH",),
    "DIAGNOSTIC": ("DTC_SET", "PENDING_DTC_SET"),
}


def _needs_event(tables: Tables) -> Truth:
    """What only telemetry can tell names the event that told it, and only that names one."""
    told = tables.is_one_of(ALERT, "alert_type", *SHOWN)
    return np.asarray(told == ~tables.missing(ALERT, "vehicle_telemetry_event_key"))


def _coded(tables: Tables) -> Truth:
    said = ~tables.missing(ALERT, "diagnostic_trouble_code")
    return np.asarray(tables.is_one_of(ALERT, "alert_type", "DIAGNOSTIC") == said)


def _resolved(tables: Tables) -> Truth:
    done = tables.is_one_of(ALERT, "alert_status_type", "RESOLVED", "CLOSED")
    missing = tables.missing(ALERT, "resolved_date_time")
    created = tables.values(ALERT, "created_date_time")
    in_order = missing | (tables.values(ALERT, "resolved_date_time") >= created)
    ends = tables.missing(ALERT, "expiration_date_time") | (
        tables.values(ALERT, "expiration_date_time") > created
    )
    return np.asarray((done == ~missing) & in_order & ends)


def _against_car(tables: Tables) -> Truth:
    return np.asarray(
        tables.values(ALERT, "odometer") <= tables.values(ALERT, "vehicle_key.odometer")
    )


RULES = (
    Rule(
        "R103.6",
        ALERT,
        "What only telemetry can tell names its event.",
        _needs_event,
        group=TELEMETRY,
    ),
    Rule(
        "R103.7", ALERT, "Diagnostic alerts, and only they, have a code.", _coded, group=TELEMETRY
    ),
    Rule(
        "R108.alert",
        ALERT,
        "An alert is resolved after it was raised, and says when; it expires after that too.",
        _resolved,
        group=TELEMETRY,
    ),
    Rule(
        "R039.5",
        ALERT,
        "No alert reads more than the car's latest odometer.",
        _against_car,
        needs=("vehicle",),
        group=TELEMETRY,
    ),
)
