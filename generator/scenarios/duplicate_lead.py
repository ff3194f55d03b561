"""A person asks for the same car twice, within a day and through another source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.scenarios import _clock, _leads
from generator.staging import Scenario, Scene

OTHER_SOURCE = {"WEB_FORM": "PHONE_MARKETING"}  # the second source; of all others the web form
SAME = (  # columns that the second lead repeats
    "customer_key",
    "assigned_staff_member_key",
    "interest_specification_key",
    "interest_product_state_type",
    "lead_comments",
)


def stage(scene: Scene, n: int) -> None:
    seconds = scene.chosen("sales_lead", _leads.over(scene), n)
    scene.take("sales_lead", seconds)
    firsts = _firsts(scene, seconds)
    scene.take("sales_lead", firsts)
    created: NDArray[np.datetime64] = scene.values("sales_lead", "create_date_time")
    moved = _clock.whole_days(created[seconds], created[firsts] + _clock.HOUR)
    for column in SAME:
        scene.copy("sales_lead", column, firsts, seconds)
    sources = [
        OTHER_SOURCE.get(source, "WEB_FORM")
        for source in scene.values("sales_lead", "lead_source_type")[firsts]
    ]
    scene.set("sales_lead", "lead_source_type", seconds, sources)
    scene.set("sales_lead", "marketing_campaign_key", seconds, [None] * n)
    _leads.move(scene, seconds, moved)
    kept = scene.keys("sales_lead", firsts)
    scene.list(
        "sales_lead", seconds, [f"repeats {key}: same person and car, within a day" for key in kept]
    )
    scene.list("sales_lead", firsts, "asked first", of=scene.keys("sales_lead", seconds))


def _firsts(scene: Scene, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each lead one of the same dealer that it can follow and be over in the span, with a
    person who stays until then."""
    dealer = scene.row_of("sales_lead", "dealer_key")
    created: NDArray[np.datetime64] = scene.values("sales_lead", "create_date_time")
    lasted = scene.values("sales_lead", "close_date_time") - created
    person = scene.row_of("sales_lead", "assigned_staff_member_key")
    stays = scene.missing("staff_member", "termination_date")
    lots = scene.lots("sales_lead", "first")
    free = scene.free("sales_lead") & (person >= 0) & stays[np.maximum(person, 0)]
    found: list[int] = []
    for row in seconds.tolist():
        latest = scene.end - lasted[row] - np.timedelta64(2, "D")
        fits = free & (dealer == dealer[row]) & (created < latest)
        found.append(scene.lowest("sales_lead", fits, lots))
        free[found[-1]] = False
    return np.array(found)


SCENARIO = Scenario(
    name="duplicate_lead",
    title="Duplicate lead",
    meaning="A person asks for the same car twice within a day, through two sources.",
    table="sales_lead",
    stage=stage,
    needs=("staff_member", "party", "customer", "dealer"),
    share=0.1,
)
