"""People ask in the night when clocks are set back: their local hour comes twice."""

from __future__ import annotations

from datetime import date

import numpy as np

from generator.scenarios import _leads
from generator.staging import Scenario, Scene, Span

TWICE = (5 * 3600, 10 * 3600)  # seconds of UTC in which 1 to 2 o'clock comes twice, east to west


def _set_back(day: date) -> bool:
    """The first Sunday of November."""
    return day.month == 11 and day.weekday() == 6 and day.day <= 7


def _fits(span: Span) -> str:
    if span.days(_set_back):
        return ""
    return "the span has no night in November when clocks are set back; choose one that has."


def stage(scene: Scene, n: int) -> None:
    nights = np.array(scene.span.days(_set_back), dtype="datetime64[D]")
    rows = scene.chosen("sales_lead", _leads.over(scene) & _leads.lasting(scene, nights[0] + 2), n)
    scene.take("sales_lead", rows)
    lots = scene.lots("sales_lead", "second")[rows]
    seconds = np.round(TWICE[0] + (TWICE[1] - TWICE[0]) * lots).astype("timedelta64[s]")
    moments = (nights[0] + seconds).astype("datetime64[ms]")
    _leads.created_on(scene, rows, moments)
    _leads.create_earlier(scene, rows, moments)
    scene.list(
        "sales_lead",
        rows,
        [f"created at {str(one)[11:19]} UTC, in the night of {str(one)[:10]}" for one in moments],
    )


SCENARIO = Scenario(
    name="dst_night_leads",
    title="Leads of the night clocks are set back",
    meaning="Leads are created in the night in which an hour comes twice.",
    table="sales_lead",
    stage=stage,
    needs=("customer", "party", "staff_member", "dealer"),
    share=0.05,
    fits=_fits,
)
