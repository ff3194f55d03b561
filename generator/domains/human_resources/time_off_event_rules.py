"""What must hold for time off (R020, R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import STAFF
from generator.rules import Rule, Truth
from generator.tables import Tables


def _employed(tables: Tables) -> Truth:
    first = tables.values("time_off_event", "start_date")
    last = tables.values("time_off_event", "end_date")
    hired = tables.values("time_off_event", "staff_member_key.hire_date")
    left = tables.values("time_off_event", "staff_member_key.termination_date")
    stays = tables.missing("time_off_event", "staff_member_key.termination_date")
    return np.asarray((hired <= first) & (stays | (last <= left)))


def _hours(tables: Tables) -> Truth:
    """At most eight hours a weekday, and some."""
    first = tables.values("time_off_event", "start_date").astype("datetime64[D]")
    last = tables.values("time_off_event", "end_date").astype("datetime64[D]")
    days = np.maximum((last - first).astype(np.int64) + 1, 0)
    hours = tables.values("time_off_event", "hours")
    return np.asarray((days > 0) & (hours > 0) & (hours <= 800 * days))


RULES = (
    Rule(
        "R020.5",
        "time_off_event",
        "Who takes time off works there on those days.",
        _employed,
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R108.1",
        "time_off_event",
        "Time off ends after it began and has at most eight hours a day.",
        _hours,
        group=STAFF,
    ),
)
