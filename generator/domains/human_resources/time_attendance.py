"""Time on the clock: a row a day for those who are paid by the hour or the flat rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, span
from generator.domains.clocks import utc
from generator.domains.columns import day, decimal, integer, moment, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.human_resources.employment import window
from generator.domains.human_resources.shifts import on_shift
from generator.domains.human_resources.staff_member import LEVELS
from generator.domains.human_resources.time_attendance_rules import RULES
from generator.schema import Link, Table

TABLE = Table(
    "time_attendance",
    domain="human_resources",
    meaning="Daily clocked and flagged hours",
    key="time_attendance_key",
    columns=(
        text("time_attendance_key", 50, unique=True),
        text("staff_member_key", 50),
        day("work_date"),
        moment("clock_in_date_time"),
        moment("clock_out_date_time"),
        integer("break_minutes"),
        decimal("hours_worked", 5, 2, "= (clock_out - clock_in) / 60 - break_minutes / 60"),
        decimal("flagged_hours", 5, 2, "technicians: flat-rate hours of the day", nullable=True),
        text("repair_order_key", 50, nullable=True),
    ),
    links=(
        Link("staff_member_key", "staff_member", "staff_member_key", "parent"),
        Link("repair_order_key", "repair_order", "repair_order_key", "lookup"),
    ),
)
CLOCKED = ("HOURLY", "FLAT_RATE")


def _follows(frames: Frames) -> tuple[Caused, ...]:
    """A row for each day of the span on which somebody who clocks is on the roster and not away,
    or works on a repair order; the line is the number of the day."""
    draw = frames.draw(frames["staff_member"])
    first, last = span(draw)
    who = np.flatnonzero(_clocks(frames))
    low, high = window(draw, who)
    length = np.maximum((high - low).astype(np.int64) + 1, 0)
    row = np.repeat(who, length)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    days = np.repeat(low, length) + nth * DAY
    width = int((last - first).astype(np.int64)) + 1
    number = row * width + (days - first).astype(np.int64)
    roster = on_shift(draw, row, days) & ~np.isin(number, _away(frames, first, width))
    there = roster | np.isin(number, _jobs(frames, width))
    row, number = number[there] // width, number[there] % width
    return (Caused("staff_member", row, number + 1),)


def _jobs(frames: Frames, width: int) -> NDArray[np.int64]:
    """Staff row times ``width`` plus day of each line of a repair order."""
    orders = frames["repair_order"]
    own = frames["repair_order_line"]["_order"]
    return np.asarray((orders["_hand"] * width + orders["_day"])[own])


def _clocks(frames: Frames) -> NDArray[np.bool_]:
    """Which local staff rows are paid by the hour or the flat rate."""
    staff, record = frames["staff_member"], frames["personnel_record"]
    clocked = np.zeros(staff.rows, dtype=bool)
    by_hour = np.isin(record.text("pay_basis").astype(str), CLOCKED)
    clocked[record["_staff_member_key"][by_hour] - staff.start] = True
    return clocked


def _away(frames: Frames, first: np.datetime64, width: int) -> NDArray[np.int64]:
    """Staff row times ``width`` plus day of the time off that was taken."""
    off = frames["time_off_event"]
    taken = np.flatnonzero(off["_taken"])
    length = (off["end_date"] - off["start_date"])[taken].astype(np.int64) + 1
    row = np.repeat(off["_staff_member_key"][taken] - frames["staff_member"].start, length)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    begin = (off["start_date"][taken] - first).astype(np.int64)
    return np.asarray(row * width + np.repeat(begin, length) + nth)


@link("staff_member_key")
def _who(draw: Draw) -> Made:
    rows = draw["_cause"] + draw.frames["staff_member"].start
    return {"staff_member_key": draw.key("staff_member", rows)}


@derived("_billed", "_at_work", "_order", "_orders")
def _work(draw: Draw) -> Made:
    """Of the lines of repair orders that somebody did on the day: hundredths of hours billed and
    at work, one of the orders, and how many there were."""
    lines, orders = draw.frames["repair_order_line"], draw.frames["repair_order"]
    first, last = span(draw)
    width = int((last - first).astype(np.int64)) + 1
    mine = draw["_cause"] * width + draw["_line"] - 1
    jobs = _jobs(draw.frames, width)
    order = np.argsort(mine, kind="stable")
    at = order[np.minimum(np.searchsorted(mine[order], jobs), max(draw.n - 1, 0))]
    there = mine[at] == jobs if draw.n else np.zeros(len(jobs), dtype=bool)
    row = at[there]

    def total(weights: NDArray[Any]) -> NDArray[np.int64]:
        return np.rint(np.bincount(row, weights=weights[there], minlength=draw.n)).astype(np.int64)

    some = np.full(draw.n, -1, dtype=np.int64)
    some[row] = lines["_order"][there]
    days = orders["_hand"] * width + orders["_day"]
    own = order[np.minimum(np.searchsorted(mine[order], days), max(draw.n - 1, 0))]
    met = mine[own] == days if draw.n else np.zeros(len(days), dtype=bool)
    return {
        "_billed": total(lines["billed_hours"]),
        "_at_work": total(lines["clocked_hours"]),
        "_order": some,
        "_orders": np.bincount(own[met], minlength=draw.n),
    }


@drawn("work_date", "clock_in_date_time", "clock_out_date_time", "break_minutes", "hours_worked")
def _clock(draw: Draw) -> Made:
    """Around the shift of the person, in local time, and as long as the day's jobs take; hours in
    hundredths."""
    staff, who = draw.frames["staff_member"], draw["_cause"]
    first, _ = span(draw)
    day_ = first + (draw["_line"] - 1) * DAY
    before, after = draw.figures["clock_noise_minutes"]
    early = np.rint((2 * draw.u("early") - 1) * before).astype(np.int64)
    longer = np.rint((2 * draw.u("longer") - 1) * after).astype(np.int64)
    begin = staff["_shift_starts"][who] + early
    rest = staff["_break_minutes"][who]
    jobs = np.ceil(draw["_at_work"] * 60 / 100).astype(np.int64) + rest
    minutes = np.maximum(staff["_shift_minutes"][who] + longer, jobs)
    clocks = clocks_of(draw, draw["_dealer"])
    clock_in = utc(day_.astype("datetime64[ms]") + begin * MINUTE, clocks)
    return {
        "work_date": day_,
        "clock_in_date_time": clock_in,
        "clock_out_date_time": clock_in + minutes * MINUTE,
        "break_minutes": rest,
        "hours_worked": hundredths(minutes - rest),
    }


def hundredths(minutes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Minutes as hundredths of hours, halves upwards."""
    return np.asarray(np.floor(minutes * 100 / 60 + 0.5).astype(np.int64))


@drawn("flagged_hours")
def _flagged(draw: Draw) -> Made:
    """The flat-rate hours of technicians: those billed on the day's repair orders, or, in the body
    shop and where there are no repair orders, more than those clocked for the skilled."""
    staff, who = draw.frames["staff_member"], draw["_cause"]
    level = staff["_level"][who]
    bands: NDArray[Any] = np.array([draw.figures["flagged_over_clocked"][one] for one in LEVELS])
    low, high = bands[np.maximum(level, 0)].T
    flagged = draw["hours_worked"] * (low + (high - low) * draw.u("flagged"))
    flagged = np.rint(flagged / 10).astype(np.int64) * 10
    if draw.frames["repair_order_line"].rows:
        flagged = draw["_billed"]
    return {"flagged_hours": (flagged, level < 0)}


@link("repair_order_key")
def _repair(draw: Draw) -> Made:
    """Of a day that one order took, if it was there before the person left."""
    orders = draw.frames["repair_order"]
    one = draw["_orders"] == 1
    local = np.maximum(draw["_order"], 0)
    if orders.rows:
        one &= orders["opened_date_time"][local] <= draw["clock_out_date_time"]
    return {"repair_order_key": (draw.key("repair_order", local + orders.start), ~one)}


def _typical(given: Given) -> float:
    there = given["staff_member"] / (1 + given.figures["turnover_annual"] * given.months / 12)
    share = given.figures["clocked_days_a_year"] * given.figures["clocked_share"]
    return float(there * share * given.days / 365)


TIME_ATTENDANCE = Declaration(
    TABLE,
    prefix="TA",
    count=consequence(
        Noun("day on the clock", "days on the clock"),
        "staff_member",
        typical=_typical,
        why="a row a day for those paid by the hour or the flat rate",
    ),
    makers=(keyed_by_cause(TABLE), _who, _work, _clock, _flagged, _repair),
    rules=RULES,
    follows=_follows,
    born="clock_out_date_time",
)
