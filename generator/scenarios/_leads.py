"""Leads moved to other moments, with their milestones and their history."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.scenarios import _clock
from generator.staging import Scene

OVER = ("LOST", "UNQUALIFIED", "DISQUALIFIED")
MOMENTS = (
    "create_date_time",
    "first_contact_date_time",
    "last_activity_date_time",
    "close_date_time",
)
SAID = "About the car asked for on the website: price, colours, and when it can be seen."
SUBJECT = "The car you asked for"

Rows = NDArray[np.int64]
Truth = NDArray[np.bool_]
Times = NDArray[np.timedelta64]


def over(scene: Scene) -> Truth:
    """Leads that are over and came to nothing."""
    lost = scene.is_one_of("sales_lead", "lead_status_type", *OVER)
    return lost & ~scene.missing("sales_lead", "close_date_time")


def move(scene: Scene, rows: Rows, moved: Times) -> None:
    """Let leads be that many days later, and all that was done for them, by the person they
    have."""
    for column in MOMENTS:
        _later(scene, "sales_lead", column, rows, moved, rows)
    scene.set("sales_lead", "days_to_close", rows, _days(scene)[rows])
    _move_milestones(scene, rows, moved)
    _move_history(scene, rows, moved)
    _move_contacts(scene, rows, moved)


def created_on(scene: Scene, rows: Rows, after: NDArray[np.datetime64]) -> None:
    """Let people who were known before ask within a day after these moments, at the hour they
    have, and have them looked after by somebody who worked there all the time."""
    created = scene.values("sales_lead", "create_date_time")[rows]
    customers = _known(scene, rows, after)
    people = _stayed(scene, rows, after)
    keys = scene.column("customer", "customer_key")
    scene.set("sales_lead", "customer_key", rows, keys[customers])
    keys = scene.column("staff_member", "staff_member_key")
    scene.set("sales_lead", "assigned_staff_member_key", rows, keys[people])
    scene.set("sales_lead", "lead_source_type", rows, ["WEB_FORM"] * len(rows))
    for column in ("marketing_campaign_key", "lead_comments"):
        scene.set("sales_lead", column, rows, [None] * len(rows))
    move(scene, rows, _clock.whole_days(created, after))


def create_earlier(scene: Scene, rows: Rows, moments: NDArray[np.datetime64]) -> None:
    """Let leads be created at these moments, and the rest be as it is."""
    scene.set("sales_lead", "create_date_time", rows, moments)
    scene.set("sales_lead", "days_to_close", rows, _days(scene)[rows])
    if "sales_event" in scene.rows:
        events = scene.children("sales_event", "lead_key", rows)
        first = scene.is_one_of("sales_event", "sales_event_type", "LEAD_CREATE")[events]
        at = scene.places(rows, scene.row_of("sales_event", "lead_key")[events[first]])
        scene.set("sales_event", "occurrence_date_time", events[first], moments[at])
    if "lifecycle_status_event" in scene.rows:
        steps, at = scene.named("lifecycle_status_event", "resource_key", "sales_lead", rows)
        first = scene.missing("lifecycle_status_event", "transition_from")[steps]
        scene.set(
            "lifecycle_status_event", "transition_date_time", steps[first], moments[at[first]]
        )


def lasting(scene: Scene, until: np.datetime64) -> Truth:
    """Leads that would be over within the span if they began then."""
    lasted = scene.values("sales_lead", "close_date_time") - scene.values(
        "sales_lead", "create_date_time"
    )
    fits: Truth = until + lasted < scene.end
    return fits


def _known(scene: Scene, rows: Rows, moments: NDArray[np.datetime64]) -> Rows:
    """For each lead an active customer of its dealer who was known before its moment."""
    dealer = scene.row_of("sales_lead", "dealer_key")
    party = np.maximum(scene.row_of("customer", "party_key"), 0)
    home = scene.row_of("customer", "home_dealer_key")
    known = scene.values("customer", "document_date_time")
    free = scene.free("customer") & scene.free("party")[party]
    free &= scene.is_one_of("party", "party_status_type", "ACTIVE")[party]
    free &= ~scene.values("party", "org_indicator")[party]
    lots = scene.lots("customer", "known")
    found: list[int] = []
    for row, moment in zip(rows.tolist(), moments, strict=True):
        fits = free & (home == dealer[row]) & (known < moment)
        found.append(scene.lowest("customer", fits, lots))
        free[found[-1]] = False
    chosen = np.array(found)
    scene.take("customer", chosen)
    return chosen


def _stayed(scene: Scene, rows: Rows, moments: NDArray[np.datetime64]) -> Rows:
    """For each lead somebody whom leads of its dealer are given to, hired before, still there."""
    dealer = scene.row_of("sales_lead", "dealer_key")
    person = scene.row_of("sales_lead", "assigned_staff_member_key")
    hired = scene.values("staff_member", "hire_date")[person]
    stays = scene.missing("staff_member", "termination_date")[person]
    lots = scene.lots("sales_lead", "person")
    found = []
    for row, moment in zip(rows.tolist(), moments, strict=True):
        fits = stays & (dealer == dealer[row]) & (hired < moment.astype("datetime64[D]"))
        found.append(person[scene.lowest("sales_lead", fits, lots)])
    return np.array(found)


def _days(scene: Scene) -> NDArray[np.int64]:
    """From the day of creation to that of closing."""
    closed, created = (
        scene.values("sales_lead", f"{what}_date_time").astype("datetime64[D]")
        for what in ("close", "create")
    )
    days: NDArray[np.int64] = (closed - created).astype(np.int64)
    return days


def _later(scene: Scene, table: str, column: str, rows: Rows, moved: Times, leads: Rows) -> None:
    """Move moments by the clock of the dealer of these leads; what is missing stays so."""
    there = ~scene.missing(table, column)[rows]
    dealer = scene.row_of("sales_lead", "dealer_key")[leads[there]]
    state = scene.column("dealer", "state")[dealer]
    moments = scene.values(table, column)[rows[there]]
    scene.set(table, column, rows[there], _clock.later(moments, moved[there], state))


def _move_milestones(scene: Scene, leads: Rows, moved: Times) -> None:
    if "sales_event" not in scene.rows:
        return
    events = scene.children("sales_event", "lead_key", leads)
    at = scene.places(leads, scene.row_of("sales_event", "lead_key")[events])
    _later(scene, "sales_event", "occurrence_date_time", events, moved[at], leads[at])
    people = scene.column("sales_lead", "assigned_staff_member_key")[leads[at]]
    scene.set("sales_event", "actor_staff_member_key", events, people)


def _move_contacts(scene: Scene, leads: Rows, moved: Times) -> None:
    """What was said, with whom and when; nothing in it is about the person it was drawn for."""
    table = "customer_interaction"
    if table not in scene.rows:
        return
    contacts = scene.children(table, "lead_key", leads)
    at = scene.places(leads, scene.row_of(table, "lead_key")[contacts])
    for column in ("start_date_time", "end_date_time"):
        _later(scene, table, column, contacts, moved[at], leads[at])
    customers = scene.column("sales_lead", "customer_key")[leads[at]]
    scene.set(table, "customer_key", contacts, customers)
    spoke = contacts[~scene.missing(table, "staff_member_key")[contacts]]
    people = scene.column("sales_lead", "assigned_staff_member_key")
    lead = scene.row_of(table, "lead_key")[spoke]
    scene.set(table, "staff_member_key", spoke, people[lead])
    scene.set(table, "body_text", contacts, [SAID] * len(contacts))
    wrote = contacts[~scene.missing(table, "subject")[contacts]]
    scene.set(table, "subject", wrote, [SUBJECT] * len(wrote))


def _move_history(scene: Scene, leads: Rows, moved: Times) -> None:
    if "lifecycle_status_event" not in scene.rows:
        return
    steps, at = scene.named("lifecycle_status_event", "resource_key", "sales_lead", leads)
    table = "lifecycle_status_event"
    _later(scene, table, "transition_date_time", steps, moved[at], leads[at])
    person = scene.row_of("sales_lead", "assigned_staff_member_key")[leads[at]]
    keys = scene.column("staff_member", "staff_member_key")[person]
    names = scene.column("party", "full_name")[scene.row_of("staff_member", "party_key")[person]]
    acted = ~scene.missing("lifecycle_status_event", "actor_staff_member_key")[steps]
    scene.set("lifecycle_status_event", "actor_staff_member_key", steps[acted], keys[acted])
    scene.set("lifecycle_status_event", "actor_name", steps[acted], names[acted])
