"""A person asks for the same car twice, within hours and through another source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.staging import Scenario, Scene

GAP = (10, 36 * 60)  # minutes between the two, at least and at most
OTHER_SOURCE = {"WEB_FORM": "PHONE_MARKETING"}  # the second source; of all others the web form
OVER = ("LOST", "UNQUALIFIED", "DISQUALIFIED")
SAME = (  # columns that the second lead repeats
    "customer_key",
    "assigned_staff_member_key",
    "interest_specification_key",
    "interest_product_state_type",
    "lead_comments",
)
MOMENTS = (
    "create_date_time",
    "first_contact_date_time",
    "last_activity_date_time",
    "close_date_time",
)

Times = NDArray[np.timedelta64]


def stage(scene: Scene, n: int) -> None:
    over = scene.is_one_of("sales_lead", "lead_status_type", *OVER)
    over &= ~scene.missing("sales_lead", "close_date_time")
    seconds = scene.chosen("sales_lead", over, n)
    scene.take("sales_lead", seconds)
    firsts = _firsts(scene, seconds)
    scene.take("sales_lead", firsts)
    moved = _moved(scene, firsts, seconds)
    for column in SAME:
        scene.copy("sales_lead", column, firsts, seconds)
    sources = [
        OTHER_SOURCE.get(source, "WEB_FORM")
        for source in scene.values("sales_lead", "lead_source_type")[firsts]
    ]
    scene.set("sales_lead", "lead_source_type", seconds, sources)
    scene.set("sales_lead", "marketing_campaign_key", seconds, [None] * n)
    for column in MOMENTS:
        scene.move("sales_lead", column, seconds, moved)
    scene.set("sales_lead", "days_to_close", seconds, _days(scene)[seconds])
    _move_milestones(scene, seconds, moved)
    _move_history(scene, seconds, moved)
    kept = scene.keys("sales_lead", firsts)
    scene.list("sales_lead", seconds, [f"repeats {key}: same person, car and week" for key in kept])
    scene.list("sales_lead", firsts, "asked first", of=scene.keys("sales_lead", seconds))


def _days(scene: Scene) -> NDArray[np.int64]:
    """From the day of creation to that of closing."""
    closed, created = (
        scene.values("sales_lead", f"{what}_date_time").astype("datetime64[D]")
        for what in ("close", "create")
    )
    days: NDArray[np.int64] = (closed - created).astype(np.int64)
    return days


def _firsts(scene: Scene, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each lead one of the same dealer that it can follow and be over in the span, with a
    person who stays until then."""
    dealer = scene.row_of("sales_lead", "dealer_key")
    created = scene.values("sales_lead", "create_date_time")
    lasted = scene.values("sales_lead", "close_date_time") - created
    person = scene.row_of("sales_lead", "assigned_staff_member_key")
    stays = scene.missing("staff_member", "termination_date")
    lots = scene.lots("sales_lead", "first")
    free = scene.free("sales_lead") & (person >= 0) & stays[np.maximum(person, 0)]
    found: list[int] = []
    for row in seconds.tolist():
        latest = scene.end - lasted[row] - np.timedelta64(GAP[1] + 1, "m")
        fits = free & (dealer == dealer[row]) & (created < latest)
        found.append(scene.lowest("sales_lead", fits, lots))
        free[found[-1]] = False
    return np.array(found)


def _moved(scene: Scene, firsts: NDArray[np.int64], seconds: NDArray[np.int64]) -> Times:
    """How much later the second leads come than they were drawn."""
    created = scene.values("sales_lead", "create_date_time")
    lots = scene.lots("sales_lead", "gap")[seconds]
    gap = np.round((GAP[0] + lots * (GAP[1] - GAP[0])) * 60).astype("timedelta64[s]")
    moved: Times = (created[firsts] + gap - created[seconds]).astype("timedelta64[ms]")
    return moved


def _move_milestones(scene: Scene, seconds: NDArray[np.int64], moved: Times) -> None:
    if "sales_event" not in scene.rows:
        return
    events = scene.children("sales_event", "lead_key", seconds)
    lead = scene.row_of("sales_event", "lead_key")[events]
    at = scene.places(seconds, lead)
    scene.move("sales_event", "occurrence_date_time", events, moved[at])
    people = scene.column("sales_lead", "assigned_staff_member_key")[seconds[at]]
    scene.set("sales_event", "actor_staff_member_key", events, people)


def _move_history(scene: Scene, seconds: NDArray[np.int64], moved: Times) -> None:
    if "lifecycle_status_event" not in scene.rows:
        return
    steps, at = scene.named("lifecycle_status_event", "resource_key", "sales_lead", seconds)
    scene.move("lifecycle_status_event", "transition_date_time", steps, moved[at])
    person = scene.row_of("sales_lead", "assigned_staff_member_key")[seconds[at]]
    keys = scene.column("staff_member", "staff_member_key")[person]
    names = scene.column("party", "full_name")[scene.row_of("staff_member", "party_key")[person]]
    acted = ~scene.missing("lifecycle_status_event", "actor_staff_member_key")[steps]
    scene.set("lifecycle_status_event", "actor_staff_member_key", steps[acted], keys[acted])
    scene.set("lifecycle_status_event", "actor_name", steps[acted], names[acted])


SCENARIO = Scenario(
    name="duplicate_lead",
    title="Duplicate lead",
    meaning="A person asks for the same car twice within two days, through two sources.",
    table="sales_lead",
    stage=stage,
    needs=("staff_member", "party", "customer"),
    share=0.1,
)
