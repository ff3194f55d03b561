"""Milestones of leads: in order, of the lead's people and deal, whole at any as-of date."""

from __future__ import annotations

import pytest

from tests.world import broken, drawn, frame, planned

ROWS = {"deal": 400, "vehicle_telemetry_event": 0}


@pytest.fixture(scope="module")
def rows():
    return drawn(planned(ROWS))


def test_a_lead_has_two_to_twelve_milestones(rows):
    events, leads = frame(rows, "sales_event"), frame(rows, "sales_lead")
    each = events.groupby("lead_key").size()
    assert len(each) == len(leads)
    assert each.between(2, 12).all()
    again = events.groupby(["lead_key", "sales_event_type"], observed=True).size()
    assert (again == 1).all()


def test_won_leads_are_signed_and_delivered_and_others_are_not(rows):
    events = frame(rows, "sales_event")
    won = frame(rows, "sales_lead").set_index("lead_key")["converted_indicator"]
    of_won = events["lead_key"].map(won)
    kinds = events["sales_event_type"].astype(str)
    assert of_won[kinds.isin(["SIGNED", "SALE_CLOSE", "SOLD", "DELIVERED"])].all()
    assert (kinds[of_won] == "SIGNED").sum() == won.sum()
    assert not of_won[kinds == "APPT_CANCEL"].any()


@pytest.mark.parametrize("as_of", ["2025-03-15", "2025-08-31"])
def test_a_cut_keeps_their_order(as_of):
    plan = planned(ROWS, as_of=as_of)
    said = {table: text for (_, table), text in broken(plan, drawn(plan)).items()}
    assert "sales_event" not in said
