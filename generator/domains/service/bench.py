"""The workshop's days: which of them has room for a job, and who does it.

A job is done on the first day from the wish on on which there is room; a technician has so many
bookable hours a day.  Of those there on the day one does it who can, and has least to do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.graph import Draw
from generator.domains.groups import place_in_group, ranks
from generator.domains.human_resources.records import days_off
from generator.domains.human_resources.shifts import on_shift

Rows = NDArray[np.int64]
ROLE = "SERVICE_TECH"
FULL = 0.97  # of the room of the whole span, which jobs fill at most
SHORT = 0.03  # of the room, under which what is left of the span says nothing
MOST = 1.5  # times the room of a day that people do when pressed
PRESSED = 900  # hundredths of hours each on a day, beyond which those who are off are called in


class Bench(NamedTuple):
    """The technicians of each dealer: local staff rows (dealers, most), -1 where there are fewer;
    whether each is there on each day of the span (dealers, most, days), whether each can be called
    in: employed and not on leave; and whether each is employed.  ``bays`` (dealers,) is how many
    cars are worked on at a time."""

    staff: Rows
    there: NDArray[np.bool_]
    spare: NDArray[np.bool_]
    employed: NDArray[np.bool_]
    bays: Rows


def bench(draw: Draw) -> Bench:
    """Employed on the day and the days around it, on the roster and not away; where nobody ever
    is, those employed."""
    staff, dealers = draw.frames["staff_member"], draw.frames["dealer"]
    role = staff["role_type"]
    rows = np.flatnonzero(role.codes == role.labels.index(ROLE))
    dealer = staff["_dealer"][rows] - dealers.start
    place = place_in_group(dealer)
    first, last = span(draw)
    days = np.arange(first, last + DAY, dtype="datetime64[D]")
    stays = staff.missing("termination_date")[rows]
    hired, left = staff["hire_date"][rows], staff["termination_date"][rows]
    hired, left = (day.astype("datetime64[D]")[:, None] for day in (hired, left))
    employed = (hired < days) & (stays[:, None] | (days < left))
    at = np.repeat(rows, len(days))
    roster = on_shift(draw, at, np.tile(days, len(rows))).reshape(len(rows), len(days))
    could = employed & ~_away(draw, rows, days)
    working = could & roster
    worked = np.zeros((dealers.rows, len(days)), dtype=bool)
    np.logical_or.at(worked, dealer, working)
    idle = np.flatnonzero(worked.sum(axis=1) == 0)
    nobody = np.isin(dealer, idle)
    working[nobody] = employed[nobody]
    most = int(place.max(initial=0)) + 1
    of_dealer = np.full((dealers.rows, most), -1, dtype=np.int64)
    of_dealer[dealer, place] = rows
    there, may, bound = np.zeros((3, dealers.rows, most, len(days)), dtype=bool)
    there[dealer, place], may[dealer, place], bound[dealer, place] = working, could, employed
    at_a_time = there.sum(axis=1).max(axis=1, initial=1)
    bays = np.ceil(at_a_time * float(draw.figures["bays_a_technician"])).astype(np.int64)
    return Bench(of_dealer, there, may, bound, np.maximum(bays, 1))


def _away(draw: Draw, rows: Rows, days: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each of the technicians is off on each day, shape (technicians, days)."""
    who, day, _ = days_off(draw, weekends=True)
    away = np.zeros((draw.frames["staff_member"].rows, len(days)), dtype=bool)
    away[who, (day - days[0]).astype(np.int64)] = True
    found: NDArray[np.bool_] = away[rows]
    return found


def days_for(
    dealer: Rows,
    wished: Rows,
    hours: Rows,
    people: Bench,
    *,
    hours_a_day: int,
    hours_a_bay: int,
) -> Rows:
    """The number of the day of the span on which each job is done, shape (n,).

    None is done before it is wished, however full the days after are.  Jobs lie dealer by dealer
    in the order of their wishes (numbers of days); ``hours`` are their hundredths.  Lindley's
    recursion: a job begins when it is wished or the one before is done.  People pressed do more,
    but no more than goes through the bays, as long as that suffices.
    """
    room = people.there.sum(axis=1) * hours_a_day
    room = np.where(room.sum(axis=1, keepdims=True) > 0, room, hours_a_day)
    demand = np.bincount(dealer, weights=hours, minlength=len(room))
    done = np.cumsum(hours) - (np.cumsum(demand) - demand)[dealer]
    more = np.maximum(demand / (FULL * room.sum(axis=1)), 1.0)
    more = np.maximum(more, _pressed(dealer, wished, demand[dealer] - done + hours, room))
    pressed = room * more[:, None]
    through = np.minimum(pressed, people.bays[:, None] * hours_a_bay)
    suffices = FULL * through.sum(axis=1) >= demand
    upto = np.cumsum(np.where(suffices[:, None], through, pressed), axis=1)
    total = upto[:, -1]
    before = np.where(wished > 0, upto[dealer, np.maximum(wished - 1, 0)], 0.0)
    width = float(total.max(initial=1) + demand.max(initial=1) + 1) * 2
    begun = np.maximum.accumulate(before - (done - hours) + dealer * width) - dealer * width
    finished = np.minimum(done + begun, (total - demand)[dealer] + done)
    middle = np.maximum(finished - hours / 2, 0)
    flat = (upto + np.arange(len(upto))[:, None] * width).ravel()
    at = np.searchsorted(flat, middle + dealer * width, side="right")
    day: Rows = np.minimum(at - dealer * upto.shape[1], upto.shape[1] - 1)
    return next_open(room > 0, dealer, np.maximum(day, wished))


def _pressed(dealer: Rows, wished: Rows, ahead: Rows, room: Rows) -> NDArray[np.float64]:
    """How much more than the room of a day each dealer's people do all along, so that what lies
    ``ahead`` of each job is done by the end of the span: a busy autumn is seen coming."""
    left = room.sum(axis=1, keepdims=True) - np.cumsum(room, axis=1) + room
    rest = left[dealer, wished]
    early = rest > SHORT * left[dealer, 0]
    need = np.where(early, ahead / np.maximum(FULL * rest, 1), 1.0)
    found = np.ones(len(room))
    np.maximum.at(found, dealer, np.minimum(need, MOST))
    return found


def next_open(open_: NDArray[np.bool_], dealer: Rows, day: Rows) -> Rows:
    """The first day from ``day`` on that is ``open_`` (dealers, days) at the dealer, or the last
    one before where there is none."""
    days = open_.shape[1]
    number = np.arange(days)
    later = np.minimum.accumulate(np.where(open_, number, days)[:, ::-1], axis=1)[:, ::-1]
    before = np.maximum.accumulate(np.where(open_, number, -1), axis=1)
    found = later[dealer, day]
    return np.where(found < days, found, np.maximum(before[dealer, day], 0))


def within(people: Bench, dealer: Rows, day: Rows, first: Rows, last: Rows) -> Rows:
    """The day, or where it is later than the ``last`` one on which the car is there, the last
    open one from the ``first`` one until then, if there is one."""
    open_ = people.there.any(axis=1)
    before = np.maximum.accumulate(np.where(open_, np.arange(open_.shape[1]), -1), axis=1)
    latest = before[dealer, np.clip(last, 0, open_.shape[1] - 1)]
    return np.asarray(np.where((day > last) & (latest >= first), latest, day))


def hands_for(
    dealer: Rows, day: Rows, hours: Rows, skill: Rows, people: Bench, level: Rows, *, apart: int
) -> Rows:
    """Local staff rows, one a job: of those there on its day who has least to do, somebody less
    skilled than the job wants only if the others have ``apart`` hundredths of hours more to do."""
    days = people.there.shape[2]
    group, at = np.unique(dealer * days + day, return_inverse=True)
    where, when = group // days, group % days
    there = people.there[where, :, when]
    able = people.staff[where] >= 0
    full = np.bincount(at, weights=hours) > PRESSED * there.sum(axis=1)
    room = np.maximum(people.bays[where] - there.sum(axis=1), 0)
    called = full[:, None] & people.spare[where, :, when] & ~there
    there = there | (called & (np.cumsum(called, axis=1) <= room[:, None]))
    for others in (people.spare[where, :, when], people.employed[where, :, when], able):
        there = np.where(there.any(axis=1, keepdims=True), there, others)
    load = np.where(there, 0.0, np.inf)
    skills = np.where(people.staff >= 0, level[np.maximum(people.staff, 0)], -1)[where]
    turn = ranks(at, -hours)
    chosen = np.zeros(len(dealer), dtype=np.int64)
    for nth in range(int(turn.max(initial=-1)) + 1):
        job = np.flatnonzero(turn == nth)
        own = at[job]
        short = np.maximum(skill[job][:, None] - skills[own], 0)
        over = np.maximum(skills[own] - skill[job][:, None], 0) * apart / 4
        who = np.argmin(load[own] + short * apart + over, axis=1)
        load[own, who] += hours[job]
        chosen[job] = who
    found: Rows = people.staff[dealer, chosen]
    return found


def day_numbers(draw: Draw, moments: NDArray[Any]) -> Rows:
    first, last = span(draw)
    number = (moments.astype("datetime64[D]") - first).astype(np.int64)
    return np.asarray(np.clip(number, 0, int((last - first).astype(np.int64))))
