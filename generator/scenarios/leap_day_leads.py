"""People ask on the 29th of February."""

from __future__ import annotations

from datetime import date

import numpy as np

from generator.scenarios import _leads
from generator.staging import Scenario, Scene, Span

HOURS = (10, 23)  # of UTC, in which it is the same day in every state


def _leap(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


def _fits(span: Span) -> str:
    if span.days(_leap):
        return ""
    return "the span has no 29th of February; choose one that has, for example of 2024."


def stage(scene: Scene, n: int) -> None:
    days = np.array(scene.span.days(_leap), dtype="datetime64[D]")
    hour = scene.values("sales_lead", "create_date_time").astype("datetime64[h]").astype(int) % 24
    by_day = (hour >= HOURS[0]) & (hour < HOURS[1])
    eligible = _leads.over(scene) & _leads.lasting(scene, days[0] + 2) & by_day
    rows = scene.chosen("sales_lead", eligible, n)
    scene.take("sales_lead", rows)
    _leads.created_on(scene, rows, np.full(n, days[0].astype("datetime64[ms]")))
    scene.list("sales_lead", rows, f"created on {days[0]}, a leap day")


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
