"""Since when, and until when, people hold their seats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, span
from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.human_resources.seats import FIXED
from generator.domains.lives import Track
from generator.frame import Coded

Days = NDArray[Any]


@drawn("hire_date", "termination_date", "active_indicator")
def employment(draw: Draw) -> Made:
    """The first holder of a seat was hired before the span, the general manager before everybody
    else; each next one soon after the one before has left, at once where a seat is never vacant."""
    first, last = span(draw)
    turn, seat = draw["_turn"], draw["_seat"]
    leaves = turn < draw["_turns"]
    left = _left(draw, first, last)
    hired = first - _whole(_years_before(draw) * 365.25)
    order = np.lexsort((turn, seat))
    previous = np.empty(draw.n, dtype=np.int64)
    previous[order[1:]] = order[:-1]
    previous[order[:1]] = 0
    room = (np.where(leaves, left, last) - left[previous]).astype(np.int64)
    shortest, longest = draw.figures["vacancy_days"]
    vacant = shortest + (longest - shortest) * draw.u("vacancy")
    vacant = np.where(draw["_place_in_dealer"][seat] < len(FIXED), 0, vacant)
    after = left[previous] + _whole(np.minimum(vacant, room // 2))
    return {
        "hire_date": np.where(turn == 0, hired, after),
        "termination_date": (left, ~leaves),
        "active_indicator": ~leaves,
    }


def _years_before(draw: Draw) -> NDArray[np.float64]:
    """Years that the first holders were there when the span begins: long in seats that last."""
    dealers = draw.frames["dealer"]
    first, _ = span(draw)
    open_ = (first - dealers["open_date"]).astype(np.int64) / 365.25
    lasting = draw.leaf("tenure_lasting", stream="hire_date")
    passing = draw.leaf("tenure_passing", stream="hire_date_passing")
    years = np.where(draw["_stays"] | draw["_permanent"], lasting, passing)
    head = draw.leaf("tenure_general_manager", stream="hire_date_first")
    room = open_[draw["_dealer"] - dealers.start] - float(draw.figures["years_open_before_hiring"])
    return np.asarray(np.where(draw["_place_in_dealer"] == 0, np.minimum(head, room), years))


def _left(draw: Draw, first: np.datetime64, last: np.datetime64) -> Days:
    """The day each holder who does not stay leaves: one in each equal part of the span."""
    place = draw.leaf("handover_place", stream="termination_date")
    share = (draw["_turn"] + place) / np.maximum(draw["_turns"], 1)
    length = int((last - first).astype(np.int64))
    day: Days = first + np.floor(length * np.minimum(share, 1.0)).astype(np.int64) * DAY
    return day


def _whole(count: NDArray[Any]) -> NDArray[Any]:
    """Whole days, rounded up, as a duration."""
    days: NDArray[Any] = np.ceil(count).astype(np.int64) * DAY
    return days


@drawn("employment_status_type", "_age_when_hired")
def status(draw: Draw) -> Made:
    """Why people left; only who is old enough retires.  Who has been there for long was not old
    when hired."""
    young, old = draw.figures["staff_ages"]
    first, _ = span(draw)
    hired, left = draw["hire_date"], draw["termination_date"]
    been = np.maximum((first - hired).astype(np.int64) / 365.25, 0)
    oldest = np.maximum(
        np.minimum(old, draw.figures["oldest_at_work"] - been),
        young + float(draw.figures["staff_age_room"]),
    )
    u = draw.u("age") ** float(draw.figures["staff_age_exponent"])
    age = young + (oldest - young) * u
    reason = draw.leaf("staff_member.employment_status_type")
    at_end = age + (left - hired).astype(np.int64) / 365.25
    retires = at_end >= draw.figures["youngest_to_retire"]
    labels = ("ACTIVE", *reason.labels, "RETIRED")
    codes = np.where(retires, len(labels) - 1, reason.codes + 1)
    return {
        "employment_status_type": Coded(
            np.where(draw["active_indicator"], 0, codes).astype(np.int32), labels
        ),
        "_age_when_hired": age,
    }


@derived("_holder")
def holders(draw: Draw) -> Made:
    """Who sits there: of each seat (the row of its first holder), the local rows that held it."""
    return {"_holder": Track.of(draw.n, (draw["_seat"], draw["hire_date"], np.arange(draw.n)))}


def window(draw: Draw, staff: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """First and last day of the span on which local staff rows work there."""
    people = draw.frames["staff_member"]
    first, last = span(draw)
    left = np.where(people.missing("termination_date"), last, people["termination_date"])[staff]
    hired = people["hire_date"][staff]
    return np.maximum(hired, first), np.minimum(left, last)
