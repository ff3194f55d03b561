"""What is known of a deal at a moment: opened, signed or given up, posted, funded, reversed."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import horizon
from generator.domains.courses import Steps
from generator.domains.graph import Draw, Made, drawn
from generator.domains.payment.dates import later

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
    """When a deal that is reversed is: some time after it was posted."""
    posted = draw["post_date_time"]
    undone = later(posted, draw.leaf("days_to_reversal", stream="undone_on"))
    return {"_undone_on": np.maximum(np.minimum(undone, horizon(draw)), posted)}


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
