"""People ask on the 29th of February."""

from __future__ import annotations

from datetime import date

import numpy as np

from generator.scenarios import _leads
from generator.staging import Scenario, Scene, Span

OPEN = (15 * 3600, 25 * 3600)  # seconds of UTC: business hours from the Atlantic to the Pacific


def _leap(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


def _fits(span: Span) -> str:
    if span.days(_leap):
        return ""
    return "the span has no 29th of February; choose one that has, for example of 2024."


def stage(scene: Scene, n: int) -> None:
    days = np.array(scene.span.days(_leap), dtype="datetime64[D]")
    rows = scene.chosen("sales_lead", _leads.over(scene) & _leads.lasting(scene, days[0] + 1), n)
    scene.take("sales_lead", rows)
    lots = scene.lots("sales_lead", "second")[rows]
    seconds = np.round(OPEN[0] + (OPEN[1] - 3600 - OPEN[0]) * lots).astype("timedelta64[s]")
    moments = (days[0] + seconds).astype("datetime64[ms]")
    _leads.created_at(scene, rows, moments)
    scene.list(
        "sales_lead",
        rows,
        [f"created on {day}, a leap day" for day in moments.astype("datetime64[D]")],
    )


SCENARIO = Scenario(
    name="leap_day_leads",
    title="Leads of a leap day",
    meaning="Leads are created on the 29th of February.",
    table="sales_lead",
    stage=stage,
    needs=("customer", "party", "staff_member", "dealer"),
    share=0.05,
    fits=_fits,
)
