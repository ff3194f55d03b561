"""What is known of a lead at a moment: asked, answered, worked on, won or lost."""

from __future__ import annotations

import numpy as np

from generator.domains.courses import Steps
from generator.domains.graph import Draw, Made
from generator.domains.groups import renamed

REVEALS = {
    "first_contact_date_time": "first_contact_date_time",
    "close_date_time": "close_date_time",
    "days_to_close": "close_date_time",
}
SOURCE_STATUS = {
    "WON": "CONVERTED",
    "LOST": "CLOSED",
    "DISQUALIFIED": "DISQUALIFIED",
    "UNQUALIFIED": "DISQUALIFIED",
    "NEW": "OPENED",
    "CONTACTED": "CONTACTED",
    "IN_PROGRESS": "ACTIVE",
    "FOLLOW_UP_SCHEDULED": "ACTIVE",
    "DEMO_GIVEN": "ACTIVE",
    "PROPOSAL_SENT": "QUALIFIED",
    "VERBAL_COMMITMENT": "QUALIFIED",
    "NEGOTIATION": "QUALIFIED",
    "CONTRACT_SENT": "QUALIFIED",
}


def steps(draw: Draw) -> Steps:
    created, open_ = draw["create_date_time"], draw.frame.missing("close_date_time")
    last = np.where(
        draw.frame.missing("last_activity_date_time"), created, draw["last_activity_date_time"]
    )
    return Steps.along(
        "sales_lead",
        draw["lead_status_type"],
        begin=created,
        end=np.where(open_, last, draw["close_date_time"]),
        at={"CONTACTED": np.maximum(draw["first_contact_date_time"], created)},
    )


def known(draw: Draw, at: np.datetime64) -> Made:
    """The state with what follows from it; the last thing done until then."""
    course = draw.frames.steps("sales_lead")
    status = course.at_moment(draw.n, at)
    won = status.codes == (status.labels.index("WON") if "WON" in status.labels else -1)
    contact = draw["first_contact_date_time"]
    missing = draw.frame.missing("last_activity_date_time")
    active = draw["last_activity_date_time"]
    later = (active > at) & ~missing
    over = ~draw.frame.missing("close_date_time") & (draw["close_date_time"] <= at)
    return {
        "converted_indicator": won,
        "lead_comments": (
            np.where(over, draw["lead_comments"], draw["_asked"]),
            draw.frame.missing("lead_comments"),
        ),
        "lead_source_status_type": renamed(status, SOURCE_STATUS),
        "last_activity_date_time": (np.where(later, contact, active), missing | (contact > at)),
    }
