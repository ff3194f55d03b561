"""What must hold for time on the clock (R020, R024, R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import STAFF
from generator.domains.human_resources.duty import employed
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "time_attendance"
HOUR = 3_600_000
FAR = 1 << 30  # more days than a calendar has


def _hours(tables: Tables) -> Truth:
    """Out after in; hours are those between, without the break."""
    in_ = tables.values(TABLE, "clock_in_date_time").astype("datetime64[ms]").astype(np.int64)
    out = tables.values(TABLE, "clock_out_date_time").astype("datetime64[ms]").astype(np.int64)
    hours = (out - in_) / HOUR - tables.values(TABLE, "break_minutes") / 60
    worked = tables.values(TABLE, "hours_worked") / 100
    return np.asarray((out > in_) & (worked > 0) & (np.abs(worked - hours) <= 0.0051))


def _once_a_day(tables: Tables) -> Truth:
    """Nobody has two rows of one day."""
    who = tables.group_of(TABLE, "staff_member_key")
    day = tables.values(TABLE, "work_date").astype("datetime64[D]").astype(np.int64)
    pair = who * FAR + day
    _, place, rows = np.unique(pair, return_inverse=True, return_counts=True)
    return np.asarray(rows[place] == 1)


RULES = (
    Rule(
        "R020.6",
        TABLE,
        "Who clocks in works there on the day.",
        employed(TABLE, "staff_member_key", "work_date"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R024.3",
        TABLE,
        "Hours worked are those between clocking in and out, without the break.",
        _hours,
        group=STAFF,
    ),
    Rule(
        "R024.4",
        TABLE,
        "Nobody has two rows of one day.",
        _once_a_day,
        needs=("staff_member",),
        group=STAFF,
        scope="shard",
    ),
)
