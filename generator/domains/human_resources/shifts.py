"""On which days of the week, from when and for how long people work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.closing import SATURDAY, WEEK, is_open, weekday
from generator.domains.graph import Draw, Made, drawn
from generator.domains.occasions import Rows

Days = NDArray[np.datetime64]


@drawn("_shift_starts", "_shift_minutes", "_break_minutes", "_off", "_saturdays")
def shifts(draw: Draw) -> Made:
    """Minute of the local day, minutes on the clock and at the break; ``_off`` is the weekday that
    a person who works on Saturdays has off, ``_saturdays`` of how many Saturdays one is worked
    (0: none)."""
    figures, role = draw.figures, draw["role_type"]
    plan = figures["shift_by_role"]
    rows = np.array([plan.get(label, plan["STAFF"]) for label in role.labels], dtype=np.float64)
    starts, hours, rest, saturdays = rows[role.codes].T
    earliness = float(figures["shift_spread_minutes"]) * np.floor(4 * draw.u("shift"))
    longer = float(figures["shift_longer_minutes"]) * (2 * draw.u("shift_hours") - 1)
    return {
        "_shift_starts": (starts * 60 + earliness).astype(np.int64),
        "_shift_minutes": (hours * 60 + rest + longer).astype(np.int64),
        "_break_minutes": rest.astype(np.int64),
        "_off": np.floor(draw.u("day_off") * SATURDAY).astype(np.int64),
        "_saturdays": saturdays.astype(np.int64),
    }


def week(days: NDArray[Any]) -> Rows:
    """The number of the workweek, which begins on Sunday."""
    found: Rows = (days.astype("datetime64[D]").astype(np.int64) + 4) // WEEK
    return found


def on_shift(draw: Draw, staff: Rows, days: Days) -> NDArray[np.bool_]:
    """Whether local staff rows are on the roster of the days: nobody on Sundays and closed
    holidays; who works every Saturday has another day of the week off."""
    people = draw.frames["staff_member"]
    every, off = people["_saturdays"][staff], people["_off"][staff]
    turn = (week(days) + people["_place_in_dealer"][staff]) % np.maximum(every, 1) == 0
    turn &= every > 0
    day = weekday(days)
    works = np.where(day == SATURDAY, turn, ~((day == off) & turn & (every == 1)))
    return np.asarray(works & is_open(days, "workshop"))
