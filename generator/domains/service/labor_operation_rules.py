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


RULES = (
    Rule(
        "R081.op",
        "labor_operation",
        "The standard time of an operation is its flat-rate hours in seconds.",
        _seconds,
        group=SERVICE,
    ),
)
