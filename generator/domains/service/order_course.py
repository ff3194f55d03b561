"""The states a repair order goes through, and what is known of it at a moment."""

from __future__ import annotations

import numpy as np

from generator.domains.courses import Stage, Steps
from generator.domains.graph import Draw, Made, derived
from generator.domains.service.reasons import CONCERN, WEAR
from generator.frame import Coded

STAGE = {
    "OPEN": "VEHICLE_RECEIVED",
    "ESTIMATE": "EVALUATION",
    "PENDING_APPROVAL": "AWAITING_CUSTOMER_AUTHORIZATION",
    "APPROVED": "WORK_IN_PROGRESS",
    "ACTIVE": "REPAIR",
    "WARRANTY_HOLD": "PARTS_ORDERED",
    "CUSTOMER_HOLD": "PARTS_ORDERED",
    "COMPLETED": "COMPLETED",
    "READY_TO_BILL": "INVOICE",
    "CLOSED": "CLOSED",
}


def steps(draw: Draw) -> Steps:
    """Opened, estimated and approved if the customer pays for a repair, held while parts are on
    their way, completed, billed, closed."""
    opened, done = draw["opened_date_time"], draw["completed_date_time"]
    closed = draw["closed_date_time"]
    span = done - opened
    asked = np.isin(draw["_reason"], [CONCERN, WEAR]) & (draw["_customer_part"] > 0)
    held, covered = draw["_held"], draw["_customer_part"] == 0
    at = [opened + (span * share).astype("timedelta64[s]") for share in draw.figures["order_steps"]]
    return Steps.of(
        Stage("OPEN", opened),
        Stage("ESTIMATE", at[0], asked),
        Stage("PENDING_APPROVAL", at[1], asked),
        Stage("APPROVED", at[2], asked),
        Stage("ACTIVE", at[3]),
        Stage("WARRANTY_HOLD", at[4], held & covered),
        Stage("CUSTOMER_HOLD", at[4], held & ~covered),
        Stage("ACTIVE", at[5], held),
        Stage("COMPLETED", done),
        Stage("READY_TO_BILL", done + (closed - done) // 4),
        Stage("CLOSED", closed),
    )


@derived("repair_status_type", "repair_stage_type", "outstanding_amount")
def course(draw: Draw) -> Made:
    """At the end of its course an order is closed and paid."""
    none = np.zeros(draw.n, dtype=np.int32)
    return {
        "repair_status_type": Coded(none, ("CLOSED",)),
        "repair_stage_type": Coded(none, ("CLOSED",)),
        "outstanding_amount": np.zeros(draw.n, dtype=np.int64),
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    """The stage the order has come to, and what the customer still owes."""
    status = draw.frames.steps(draw.frame.table.name).at_moment(draw.n, at)
    labels = tuple(dict.fromkeys(STAGE[name] for name in status.labels))
    codes = np.array([labels.index(STAGE[name]) for name in status.labels], dtype=np.int32)
    open_ = draw["closed_date_time"] > at
    return {
        "repair_stage_type": Coded(codes[status.codes], labels),
        "outstanding_amount": np.where(open_, draw["_customer_part"], 0),
    }
