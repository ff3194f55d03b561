"""What must hold for the flat-rate catalogue."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import SERVICE
from generator.rules import Rule, Truth
from generator.tables import Tables


def _seconds(tables: Tables) -> Truth:
    """Flat-rate hours are kept in hundredths."""
    hours = tables.values("labor_operation", "flat_rate_hours")
    seconds = tables.values("labor_operation", "standard_repair_sec")
    return np.asarray((seconds == hours * 36) & (hours > 0))


def _period(tables: Tables) -> Truth:
    begin = tables.values("labor_operation", "start_date_time")
    end = tables.values("labor_operation", "complete_date_time")
    return np.asarray((begin < end) | tables.missing("labor_operation", "complete_date_time"))


RULES = (
    Rule(
        "R081.op",
        "labor_operation",
        "The standard time of an operation is its flat-rate hours in seconds.",
        _seconds,
        group=SERVICE,
    ),
    Rule(
        "R108.labor_operation",
        "labor_operation",
        "An operation is valid from a moment to a later one.",
        _period,
        group=SERVICE,
    ),
)
