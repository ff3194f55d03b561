"""What is known of a deal at a moment: opened, signed or given up, posted, funded, reversed."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import end_of
from generator.domains.courses import Steps
from generator.domains.graph import Draw, Made, drawn

REVEALS = {
    "contract_date_time": "_signed",
    "post_date_time": "post_date_time",
    "funded_date_time": "funded_date_time",
    "delivery_date_time": "delivery_date_time",
    "fi_manager_staff_member_key": "_signed",
    "credit_application_key": "_signed",
    "interest_rate": "_signed",
    "buy_rate": "_signed",
    "term_months": "_signed",
    "monthly_payment": "_signed",
    "money_factor": "_signed",
    "residual_value": "_signed",
}


@drawn("_undone_on")
def undone_on(draw: Draw) -> Made:
    """A deal that is reversed is so on the day it was posted, before anything was billed."""
    posted = draw["post_date_time"]
    room = (end_of(posted.astype("datetime64[D]")) - posted).astype("timedelta64[ms]")
    waited = (room.astype(np.int64) * draw.u("undone_on")).astype(np.int64)
    return {"_undone_on": posted + np.maximum(waited, 0) // 1000 * 1000}


def steps(draw: Draw) -> Steps:
    end = np.where(draw["_undone"], draw["_undone_on"], draw["_signed"])
    opened = draw["occurrence_date_time"]
    return Steps.along(
        "deal",
        draw["deal_status"],
        begin=opened,
        end=np.where(draw.frame.text("deal_status") == "IN_PROGRESS", opened, end),
        at={
            "ACCEPTED": draw["_signed"],
            "POSTED": draw["post_date_time"],
            "FUNDED": draw["funded_date_time"],
        },
    )
