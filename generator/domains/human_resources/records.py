"""Which personnel record is in force, and of which pay period a day is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.graph import Draw
from generator.domains.lives import Track

Rows = NDArray[np.int64]
NEVER = np.datetime64("2999-01-01", "D")
MANY_DAYS = 1 << 20  # between two people in a list


def record_of(draw: Draw, staff: Rows, day: NDArray[Any]) -> Rows:
    """Local rows of the personnel records of local staff rows that are in force on the days."""
    record, people = draw.frames["personnel_record"], draw.frames["staff_member"]
    owner = record["_staff_member_key"] - people.start
    track = Track.of(people.rows, (owner, record["start_date_time"], np.arange(record.rows)))
    found: Rows = track.step(staff, day.astype("datetime64[D]")).astype(np.int64)
    return found


def left_on(draw: Draw) -> NDArray[Any]:
    """The last day of everybody on the staff, far away for those who stay."""
    people = draw.frames["staff_member"]
    return np.where(people.missing("termination_date"), NEVER, people["termination_date"])


def run_of(draw: Draw, dealer: Rows, day: NDArray[Any]) -> Rows:
    """Local rows of the payroll runs of the dealers' periods that the days lie in; -1 for none."""
    runs = draw.frames["payroll_run"]
    if not runs.rows:
        return np.full(len(dealer), -1)
    first = draw.frames["dealer"].start
    start = runs["period_start_date"].astype(np.int64)
    low = int(start.min())
    width = int(runs["period_end_date"].astype(np.int64).max()) - low + 2
    key = (runs["_dealer"] - first) * width + (start - low)
    number = np.clip(day.astype("datetime64[D]").astype(np.int64) - low, -1, width - 1)
    at = np.searchsorted(key, (dealer - first) * width + number, side="right") - 1
    at = np.maximum(at, 0)
    inside = (runs["_dealer"][at] == dealer) & (start[at] - low <= number)
    inside &= day.astype("datetime64[D]") < runs["period_end_date"][at]
    return np.where(inside, at, -1)


def stub_of(draw: Draw, staff: Rows, run: Rows) -> Rows:
    """Local rows of the stubs of local staff rows in local runs; -1 for none."""
    stubs = draw.frames["payroll_stub"]
    if not stubs.rows:
        return np.full(len(staff), -1)
    runs = draw.frames["payroll_run"].rows
    key = stubs["_cause"] * runs + stubs["_run"]
    wanted = staff * runs + run
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where((run >= 0) & (key[at] == wanted), at, -1)


def summed(draw: Draw, stub: Rows, values: NDArray[Any]) -> Rows:
    """Sums of whole numbers over the stubs they belong to."""
    there = stub >= 0
    total = np.bincount(stub[there], weights=values[there], minlength=draw.n)
    found: Rows = np.rint(total).astype(np.int64)
    return found


def weekdays(first: NDArray[Any], until: NDArray[Any]) -> Rows:
    """Mondays to Fridays from a day to the one before another."""
    found: Rows = np.maximum(np.busday_count(first.astype("datetime64[D]"), until), 0)
    return found


def days_off(
    draw: Draw, *, weekends: bool = False
) -> tuple[Rows, NDArray[Any], NDArray[np.object_]]:
    """Local staff row, day and type of each weekday of time off that was taken, of the
    ``weekends`` in it too."""
    off, people = draw.frames["time_off_event"], draw.frames["staff_member"]
    taken = np.flatnonzero(off["_taken"])
    length = (off["end_date"] - off["start_date"])[taken].astype(np.int64) + 1
    row = np.repeat(taken, length)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    day = off["start_date"][row] + nth * DAY
    work = np.is_busday(day.astype("datetime64[D]")) | weekends
    who = off["_staff_member_key"][row] - people.start
    return who[work], day[work], off.text("time_off_type")[row][work]


def away(draw: Draw, staff: Rows, day: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether local staff rows (-1 is nobody) took the days off; what somebody takes off does not
    overlap."""
    off, people = draw.frames["time_off_event"], draw.frames["staff_member"]
    taken = np.flatnonzero(off["_taken"])
    begin, end = (
        off[name][taken].astype("datetime64[D]").astype(np.int64)
        for name in ("start_date", "end_date")
    )
    keys = (off["_staff_member_key"][taken] - people.start) * MANY_DAYS + begin
    order = np.argsort(keys)
    number = day.astype("datetime64[D]").astype(np.int64)
    at = np.searchsorted(keys[order], staff * MANY_DAYS + number, side="right") - 1
    row = np.append(order, 0)[at]
    found = np.zeros(len(staff), dtype=bool)
    if len(taken):
        found = (at >= 0) & (keys[row] // MANY_DAYS == staff) & (number <= end[row])
    return found
