"""The status history: every state is written down, and a history that is not legal is found."""

from __future__ import annotations

import collections

import pyarrow as pa
import pytest

import generator
from generator.domains import PLATFORM
from generator.summary import tables_of
from tests.world import drawn, planned

EVENTS = "lifecycle_status_event"


@pytest.fixture(scope="module")
def rows():
    return drawn(planned({"deal": 150, "dealer": 3}))


def verdicts(rows):
    tables = tables_of(generator.automotive().schema, rows)
    return {
        rule.id: rule.verdict(tables).broken
        for rule in PLATFORM.rules
        if rule.id.startswith("R106.")
    }


def test_every_state_has_its_history(rows):
    found = verdicts(rows)
    assert {"R106.deal", "R106.sales_lead"} <= found.keys()
    assert not any(found.values())


def test_a_funded_deal_was_opened_signed_and_posted(rows):
    states = collections.defaultdict(list)
    for event in rows[EVENTS].to_pylist():
        states[event["resource_key"]].append(event["transition_to"])
    funded = [r["deal_key"] for r in rows["deal"].to_pylist() if r["deal_status"] == "FUNDED"]
    assert funded
    for key in funded:
        assert states[key] == ["IN_PROGRESS", "ACCEPTED", "POSTED", "FUNDED"]


def test_who_did_it_is_employed_and_named(rows):
    staff = {row["staff_member_key"]: row for row in rows["staff_member"].to_pylist()}
    events = [row for row in rows[EVENTS].to_pylist() if row["actor_staff_member_key"]]
    assert events
    for event in events:
        member, day = staff[event["actor_staff_member_key"]], event["transition_date_time"].date()
        assert member["hire_date"] <= day
        assert member["termination_date"] is None or day <= member["termination_date"]
        assert event["actor_name"]


def changed(rows, column, change):
    events = rows[EVENTS].to_pylist()
    change(events)
    place = rows[EVENTS].schema.get_field_index(column)
    field = rows[EVENTS].schema.field(column)
    values = pa.array([event[column] for event in events], field.type)
    return rows | {EVENTS: rows[EVENTS].set_column(place, field, values)}


def of_deals(events):
    return [event for event in events if event["resource_type"] == "DEAL"]


def illegal(events):
    event = next(e for e in of_deals(events) if e["transition_to"] == "ACCEPTED")
    event["transition_to"] = "FUNDED"


def backwards(events):
    event = next(e for e in of_deals(events) if e["transition_to"] == "ACCEPTED")
    event["transition_date_time"] = event["transition_date_time"].replace(year=1999)


def uncreated(events):
    of_deals(events)[0]["lifecycle_status_event_type"] = "STATUS_CHANGE"


def elsewhere(events):
    of_deals(events)[0]["resource_key"] = "DL-9999999999"


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("transition_to", illegal),
        ("transition_date_time", backwards),
        ("lifecycle_status_event_type", uncreated),
        ("resource_key", elsewhere),
    ],
)
def test_a_history_that_is_not_legal_is_found(rows, column, change):
    assert verdicts(changed(rows, column, change))["R106.deal"] >= 1


def test_a_row_without_history_is_found(rows):
    gone = rows[EVENTS].slice(0, 0)
    assert verdicts(rows | {EVENTS: gone})["R106.deal"] == 150
