"""The states an appointment goes through: confirmed and kept, called off, or missed."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import MINUTE
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Draw, Made, drawn
from generator.frame import Coded

HOUR = 60 * MINUTE
STATES = ("CLOSED", "CANCELLED", "NO_SHOW_CONFIRMED")


@drawn("appointment_status_type", "_missed")
def course(draw: Draw) -> Made:
    """Of those missed some are called off before, others nobody comes to."""
    called_off = draw.u("called_off") < draw.figures["called_off_share"]
    code = np.where(draw["_kept"], 0, np.where(called_off, 1, 2)).astype(np.int32)
    return {"appointment_status_type": Coded(code, STATES), "_missed": code}


def steps(draw: Draw) -> Steps:
    orders, start, booked = (
        draw.frames["repair_order"],
        draw["appointment_start_date_time"],
        draw["booked_date_time"],
    )
    kept, missed = draw["_kept"], draw["_missed"]
    at = np.maximum(draw["_order"], 0)
    opened = orders["opened_date_time"][at] if orders.rows else start
    done = orders["completed_date_time"][at] if orders.rows else start
    closed = orders["closed_date_time"][at] if orders.rows else start
    wait = np.minimum(booked + 10 * MINUTE, booked + (start - booked) // 2)
    off = booked + ((start - booked).astype(np.int64) * 0.5).astype("timedelta64[ms]")
    arrived = np.maximum(opened - 5 * MINUTE, wait)
    return Steps.of(
        Stage("REQUESTED", booked),
        Stage("CONFIRMED", wait),
        Stage("CANCELLED", np.maximum(off, wait), missed == 1),
        Stage("NO_SHOW", start + HOUR, missed == 2),
        Stage("NO_SHOW_CONFIRMED", start + 4 * HOUR, missed == 2),
        Stage("ARRIVED", arrived, kept),
        Stage("CHECKED_IN", opened, kept),
        Stage("IN_PROGRESS", opened + (done - opened) // 4, kept),
        Stage("FULFILLED", done, kept),
        Stage("CLOSED", closed, kept),
    )
