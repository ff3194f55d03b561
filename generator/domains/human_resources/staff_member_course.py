"""What is known of somebody employed at a moment: hired, at work, gone."""

from __future__ import annotations

import numpy as np

from generator.domains.courses import Moments, Steps
from generator.domains.graph import Draw, Made

REVEALS = {"termination_date": "termination_date"}


def steps(draw: Draw) -> Steps:
    """A candidate some weeks before, at work some days after the first day, on notice before the
    last."""
    weeks = draw.figures["days_around_hiring"]
    hired, left = (
        draw[name].astype("datetime64[ms]") for name in ("hire_date", "termination_date")
    )
    here = draw.frame.missing("termination_date")

    def about(moment: Moments, name: str) -> Moments:
        return np.asarray(moment + np.timedelta64(int(weeks[name]), "D"))

    at_work = about(hired, "ACTIVE")
    return Steps.along(
        "employment",
        draw["employment_status_type"],
        begin=about(hired, "CANDIDATE"),
        end=np.where(here, at_work, np.maximum(left, at_work)),
        at={
            "ONBOARDING_PENDING_HIRE": about(hired, "ONBOARDING_PENDING_HIRE"),
            "HIRED": hired,
            "ONBOARDING_COMPLETE": about(hired, "ONBOARDING_COMPLETE"),
            "ACTIVE": at_work,
            "PENDING_OFFBOARD": about(left, "PENDING_OFFBOARD"),
            "OFFBOARDING": about(left, "OFFBOARDING"),
        },
    )


def known(draw: Draw, at: np.datetime64) -> Made:
    gone = ~draw.frame.missing("termination_date") & (draw["termination_date"] <= at)
    return {"active_indicator": ~gone}
