"""Staff as published: how long they stay, who they are, what they sell; nobody acts who is away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import generator
from generator.domains.clocks import local
from generator.domains.human_resources.seats import FIXED
from generator.domains.world import DEALERS
from tests.world import broken, drawn, frame, planned

END = pd.Timestamp("2025-12-31")


@pytest.fixture(scope="module")
def people():
    rows = drawn(planned({"staff_member": 6_000}, tables=("staff_member", "party")))
    staff, parties = frame(rows, "staff_member"), frame(rows, "party").set_index("party_key")
    staff["gender"] = parties.loc[staff["party_key"], "gender_type"].astype(str).to_numpy()
    staff["birth_date"] = pd.to_datetime(
        parties.loc[staff["party_key"], "birth_date"].to_numpy().astype("datetime64[D]")
    )
    for column in ("hire_date", "termination_date"):
        staff[column] = pd.to_datetime(staff[column])
    return staff


@pytest.fixture(scope="module")
def busy():
    """Frames of dealers that sell a lot."""
    plan = planned({"deal": 3_000, "vehicle_telemetry_event": 0})
    drawing = generator.automotive().world.open(plan)
    shard = next(one for one in plan.shards if one.stage == DEALERS)
    return drawing.frames(shard)


def test_half_of_those_at_work_have_been_there_for_six_years(people):
    there = people[people["active_indicator"]]
    years = (END - there["hire_date"]).dt.days / 365.25
    assert 5.7 < years.median() < 6.7


def test_four_of_ten_leave_a_year_and_sellers_more(people):
    gone = people["termination_date"].notna()
    there = people["active_indicator"]
    assert gone.sum() / there.sum() == pytest.approx(0.42, abs=0.03)
    sells = people["role_type"] == "SALES_ASSOC"
    assert gone[sells].sum() / there[sells].sum() == pytest.approx(0.73, abs=0.08)


def test_women_work_where_published(people):
    women = people["gender"] == "FEMALE"
    assert women.mean() == pytest.approx(0.185, abs=0.01)
    role = people["role_type"].astype(str)
    assert women[role == "STAFF"].mean() > 0.75
    assert women[role == "SERVICE_TECH"].mean() < 0.05


def test_roles_are_those_of_a_dealership(people):
    there = people[people["active_indicator"]]["role_type"].value_counts(normalize=True)
    published = {"SERVICE_TECH": 0.24, "SALES_ASSOC": 0.2, "SERVICE_ADVISOR": 0.06, "STAFF": 0.1}
    for role, share in published.items():
        assert there[role] == pytest.approx(share, abs=0.015), role


def test_only_the_old_retire(people):
    retired = people[people["employment_status_type"] == "RETIRED"]
    age = (retired["termination_date"] - retired["birth_date"]).dt.days / 365.25
    assert len(retired)
    assert age.min() > 60


def test_a_seller_sells_ten_cars_a_month():
    rows = drawn(planned({"deal": 3_000, "vehicle_telemetry_event": 0}))
    staff, deals = frame(rows, "staff_member"), frame(rows, "deal")
    sellers = staff[staff["role_type"] == "SALES_ASSOC"]
    hired = pd.to_datetime(sellers["hire_date"]).clip(lower=pd.Timestamp("2025-01-01"))
    until = pd.to_datetime(sellers["termination_date"]).fillna(END)
    months = ((until - hired).dt.days / 30.44).sum()
    assert deals["contract_date_time"].notna().sum() / months == pytest.approx(10.2, rel=0.1)


@pytest.mark.parametrize(
    ("table", "who", "column"),
    [
        ("sales_lead", "_assigned_staff_member_key", "create_date_time"),
        ("deal", "_salesperson_staff_member_key", "contract_date_time"),
    ],
)
def test_nobody_acts_who_is_away_on_the_dealers_day(busy, table, who, column):
    rows, staff = busy[table], busy["staff_member"]
    at = rows[who] - staff.start
    there = ~rows.missing(column)
    for moment in (rows[column], local(rows[column], rows["_clock"])):
        day = moment.astype("datetime64[D]")
        gone = ~staff.missing("termination_date")[at] & (staff["termination_date"][at] < day)
        assert not (there & ((staff["hire_date"][at] > day) | gone)).any()


def test_no_lead_is_left_with_somebody_who_left(busy):
    leads, staff = busy["sales_lead"], busy["staff_member"]
    at = leads["_assigned_staff_member_key"] - staff.start
    gone = ~staff.missing("termination_date")[at]
    over = leads["close_date_time"].astype("datetime64[D]")
    assert not (gone & (staff["termination_date"][at] < over)).any()


def test_six_seats_are_never_vacant(busy):
    staff = busy["staff_member"]
    place = staff["_place_in_dealer"]
    days = np.arange("2025-01-01", "2026-01-01", dtype="datetime64[D]")
    for seat in np.flatnonzero(place < len(FIXED)):
        holder = staff["_holder"].step(np.full(len(days), seat), days)
        assert (holder >= 0).all()
        left = staff.missing("termination_date")[holder]
        assert (left | (staff["termination_date"][holder] >= days)).all()


def test_managers_stay_and_were_hired_first(busy):
    staff = busy["staff_member"]
    boss = staff["_manager"]
    assert staff["_permanent"][boss].all()
    assert (staff["hire_date"][boss] <= staff["hire_date"]).all()


def test_raises_close_a_record_and_open_the_next():
    rows = drawn(planned({"staff_member": 300, "personnel_record": 700}))
    record = frame(rows, "personnel_record").sort_values(["staff_member_key", "start_date_time"])
    assert len(record) == 700
    before = record.groupby("staff_member_key").shift()
    later = before["complete_date_time"].notna()
    assert (record["start_date_time"] == before["complete_date_time"])[later].all()
    pay = record["annual_salary"].fillna(record["hourly_rate"])
    risen = pay / before["annual_salary"].fillna(before["hourly_rate"])
    assert 1.02 < risen[later].median() < 1.05
    assert risen[later].min() > 1
    assert risen[later].max() < 1.2
    assert (record["ssn"] == before["ssn"])[later].all()


@pytest.mark.parametrize("wanted", [40, 41, 200, 520])
def test_any_number_of_records_can_be_asked_for(wanted):
    plan = planned({"staff_member": 40, "personnel_record": wanted}, seed=5)
    rows = drawn(plan)
    assert rows["personnel_record"].num_rows == wanted
    said = {rule: text for (rule, _), text in broken(plan, rows).items()}
    assert [text for rule, text in said.items() if rule.startswith(("R018", "R023", "R108"))] == []
