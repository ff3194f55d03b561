"""Time off: who asked for which days, and what became of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, end_of, span
from generator.domains.clocks import utc
from generator.domains.closing import SATURDAY, WEEK, weekday
from generator.domains.columns import day, decimal, enum, text
from generator.domains.counts import Given, Noun, each
from generator.domains.courses import Steps
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.human_resources.employment import window
from generator.domains.human_resources.time_off_event_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table
from generator.streams import apportion

TABLE = Table(
    "time_off_event",
    domain="human_resources",
    meaning="Time off that somebody asked for",
    key="time_off_event_key",
    columns=(
        text("time_off_event_key", 50, unique=True),
        text("staff_member_key", 50),
        enum("time_off_type", "HRTimeOffTypes"),
        enum("time_off_status_type", "HRTimeOffStatusTypes"),
        day("start_date", planned=True),
        day("end_date", planned=True),
        decimal("hours", 6, 2),
        text("notes", 300, nullable=True, personal="free_text"),
    ),
    links=(Link("staff_member_key", "staff_member", "staff_member_key", "parent"),),
)

LEAVE = ("PTO", "VACATION", "PERSONAL")
"""What is taken out of the leave that people earn."""

HOURS = 800  # hundredths of an hour a day
NOTES = {
    "PTO": ("Long weekend", "Family visit", "Out of town", "Moving to a new apartment"),
    "VACATION": ("Family vacation", "Annual trip, back on Monday", "Cruise booked in the spring"),
    "SICK": ("Flu", "Called in at 6:40", "Doctor's note on file", "Migraine", "Stomach bug"),
    "PERSONAL": ("Closing on the house", "School meeting", "DMV", "Vet"),
    "BEREAVEMENT": ("Funeral out of state", "Grandmother passed"),
    "JURY_DUTY": ("Summons attached", "County court, may be released early"),
    "UNPAID_LEAVE": ("Approved by GM, unpaid", "Family matter"),
    "PARENTAL_LEAVE": ("Baby due", "Paperwork with HR"),
    "CARETAKER_LEAVE": ("Father's surgery", "FMLA paperwork on file"),
}


@link("staff_member_key", "_staff_member_key", "_nth", "_among")
def _who(draw: Draw) -> Made:
    """The exact total of each dealer over the days its people work there in the span."""
    staff = draw.frames["staff_member"]
    low, high = window(draw, np.arange(staff.rows))
    days = (high - low).astype(np.int64) + 1
    rows = draw.counts["staff_member"]
    head = np.cumsum(rows) - rows
    shares = np.zeros(staff.rows, dtype=np.int64)
    start = draw.frames["dealer"].start
    phase = draw.stream("first").uniform(start, start + len(rows))
    for dealer, total in enumerate(draw.counts[TABLE.name]):
        own = slice(head[dealer], head[dealer] + rows[dealer])
        shares[own] = apportion(days[own], int(total), float(phase[dealer]))
    local = np.repeat(np.arange(staff.rows), shares)
    first = np.repeat(np.cumsum(shares) - shares, shares)
    return {
        "staff_member_key": draw.key("staff_member", local + staff.start),
        "_staff_member_key": local + staff.start,
        "_nth": np.arange(draw.n) - first,
        "_among": shares[local],
    }


@drawn("time_off_type", "start_date", "end_date", "hours", "_days", "_days_before")
def _days_off(draw: Draw) -> Made:
    """One in each equal part of the time there, so that they do not overlap; each begins on a
    weekday.  ``_days_before`` are the days there before it."""
    staff = _staff(draw)
    low, high = window(draw, staff)
    length = (high - low).astype(np.int64) + 1
    kind = draw.leaf("time_off_event.time_off_type")
    least, most = np.array([draw.figures["time_off_days"][name] for name in kind.labels]).T
    more = np.floor((most - least + 1)[kind.codes] * draw.u("days"))
    wanted = least[kind.codes] + more.astype(np.int64)
    part = length / draw["_among"]
    begin = np.floor(part * draw["_nth"]).astype(np.int64)
    room = np.floor(part * (draw["_nth"] + 1)).astype(np.int64) - begin
    at = begin + np.floor(np.maximum(room - wanted, 0) * draw.u("place")).astype(np.int64)
    day_of_week = weekday(low + at * DAY)
    later = np.where(day_of_week >= SATURDAY, WEEK - day_of_week, 0)
    at += np.minimum(later, np.maximum(begin + room - 1 - at, 0))
    until = np.minimum(at + wanted, np.maximum(begin + room, at + 1))
    start, end = low + at * DAY, low + (until - 1) * DAY
    days = np.maximum(np.busday_count(start, end + DAY), 1)
    return {
        "time_off_type": kind,
        "start_date": start,
        "end_date": end,
        "hours": days * HOURS,
        "_days": days,
        "_days_before": at,
    }


def _staff(draw: Draw) -> NDArray[np.int64]:
    rows: NDArray[np.int64] = draw["_staff_member_key"] - draw.frames["staff_member"].start
    return rows


@drawn("time_off_status_type", "_requested", "_taken", "_balance")
def _outcome(draw: Draw) -> Made:
    """Asked for some days ahead; leave is denied where what was earned does not suffice, or taken
    back; who is ill or called to court is away.  ``_balance`` are
    the hundredths of hours left after it."""
    staff, figures = _staff(draw), draw.figures
    kind = draw["time_off_type"]
    leave = np.isin(kind.codes, [kind.labels.index(one) for one in LEAVE if one in kind.labels])
    asked = np.where(leave, draw["hours"], 0)
    total = np.cumsum(asked)
    before = (total - asked)[np.arange(draw.n) - draw["_nth"]]
    balance = _earned(draw, staff) - (total - before)
    u = draw.u("outcome")
    denied = leave & ((balance < 0) | (u < figures["time_off_denied_share"]))
    by_staff, both = figures["time_off_cancelled_share"]
    back = draw.u("cancelled")
    status = np.where(back < by_staff, 2, np.where(back < both, 3, 0))
    status = np.where(denied, 1, np.where(leave, status, 0))
    most = np.array([figures["time_off_notice_days"][name] for name in kind.labels])[kind.codes]
    notice = np.floor(most * draw.u("notice")).astype(np.int64)
    low, _ = window(draw, staff)
    day_ = np.maximum(draw["start_date"] - notice * DAY, low)
    minute = draw.leaf("minute_of_request", stream="minute").astype(np.int64)
    requested = utc(
        day_.astype("datetime64[ms]") + minute * MINUTE, clocks_of(draw, draw["_dealer"])
    )
    requested = np.minimum(requested, end_of(span(draw)[1]))
    return {
        "time_off_status_type": Coded(
            status.astype(np.int32),
            ("TAKEN", "DENIED", "CANCELED_BY_EMPLOYEE", "CANCELED_BY_ADMIN"),
        ),
        "_requested": requested,
        "_taken": status == 0,
        "_balance": balance,
    }


def _earned(draw: Draw, staff: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hundredths of hours of leave earned until each begins: carried over, and for each day."""
    record, people = draw.frames["personnel_record"], draw.frames["staff_member"]
    rate = np.zeros(people.rows, dtype=np.int64)
    rate[record["_staff_member_key"] - people.start] = record["pto_accrual_rate"]
    first, _ = span(draw)
    there = people["hire_date"][staff] < first
    carried = float(draw.figures["time_off_carried_hours"]) * 100
    u = draw.stream("carried").uniform(people.start, people.start + people.rows)[staff]
    days = float(draw.figures["pay_period_days"])
    earned = np.where(there, carried * u, 0) + rate[staff] * draw["_days_before"] / days
    return np.asarray(np.floor(earned).astype(np.int64))


@drawn("notes")
def _notes(draw: Draw) -> Made:
    kind = draw["time_off_type"]
    said = [NOTES.get(label, ("As discussed",)) for label in kind.labels]
    counts = np.array([len(one) for one in said])
    texts = np.array([text_ for one in said for text_ in one], dtype=object)
    at = (np.cumsum(counts) - counts)[kind.codes]
    nth = np.floor(draw.u("note") * counts[kind.codes]).astype(np.int64)
    silent = draw.u("has_note") >= draw.figures["time_off_note_share"]
    return {"notes": (texts[at + nth], silent)}


@derived("_decided", "_over")
def _moments(draw: Draw) -> Made:
    """When it was decided, and when it was over one way or another."""
    begin = utc(draw["start_date"], clocks_of(draw, draw["_dealer"]))
    asked = draw["_requested"]
    room = np.maximum((begin - asked).astype(np.int64), 0)
    decided = asked + (room * draw.u("decided") * 0.5).astype("timedelta64[ms]")
    back = decided + ((begin - decided).astype(np.int64) * draw.u("back")).astype("timedelta64[ms]")
    over = np.where(draw["_taken"], begin, np.maximum(back, decided))
    denied = draw.frame.text("time_off_status_type") == "DENIED"
    over = np.where(denied, decided, over)
    return {"_decided": np.maximum(decided, asked), "_over": np.maximum(over, asked)}


def _steps(draw: Draw) -> Steps:
    return Steps.along(
        "time_off",
        draw["time_off_status_type"],
        begin=draw["_requested"],
        end=draw["_over"],
        at={"APPROVED": draw["_decided"], "SCHEDULED": draw["_decided"]},
    )


def _typical(given: Given) -> float:
    there = given["staff_member"] / (1 + given.figures["turnover_annual"] * given.months / 12)
    return float(there * given.figures["time_off_per_year"] * given.months / 12)


COUNT = each(
    "staff_member",
    Noun("time off event", "time off events"),
    rule="Somebody takes the time off",
    typical=_typical,
    why=lambda given: f"{given.figures['time_off_per_year']:g} a person and year",
)


TIME_OFF_EVENT = Declaration(
    TABLE,
    prefix="TO",
    count=COUNT,
    makers=(keyed(TABLE), _who, _days_off, _outcome, _notes, _moments),
    rules=RULES,
    born="_requested",
    state="time_off_status_type",
    steps=_steps,
    machine="time_off",
    actor="_staff_member_key",
)
