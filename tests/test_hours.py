"""Time off and time on the clock: within the job, within the leave, on the roster."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.domains.closing import holidays
from tests.world import drawn, frame, planned


@pytest.fixture(scope="module")
def rows():
    return drawn(planned({"deal": 800, "vehicle_telemetry_event": 0}))


@pytest.fixture(scope="module")
def clock(rows):
    table = frame(rows, "time_attendance")
    table["work_date"] = pd.to_datetime(table["work_date"])
    return table


@pytest.fixture(scope="module")
def off(rows):
    table = frame(rows, "time_off_event")
    for column in ("start_date", "end_date"):
        table[column] = pd.to_datetime(table[column])
    return table


def test_nobody_is_on_the_clock_on_sundays_holidays_and_days_off(clock, off):
    assert not (clock["work_date"].dt.day_of_week == 6).any()
    closed = holidays(np.array(["2025-01-01"], "datetime64[D]"), ["07-04", "11-thu-4", "09-mon-1"])
    assert sorted(map(str, closed)) == ["2025-07-04", "2025-09-01", "2025-11-27"]
    assert not clock["work_date"].isin(pd.to_datetime(closed)).any()
    taken = off[off["time_off_status_type"] == "TAKEN"]
    both = clock.merge(taken, on="staff_member_key")
    inside = both["work_date"].between(both["start_date"], both["end_date"])
    assert not inside.any()


def test_weeks_are_of_forty_hours_and_technicians_alone_have_flat_rates(clock, rows):
    number = (clock["work_date"] - pd.Timestamp("1970-01-04")).dt.days // 7
    weekly = clock.groupby(["staff_member_key", number])["hours_worked"].sum()
    assert 38 < weekly.median() < 43
    assert weekly.max() < 72
    staff = frame(rows, "staff_member").set_index("staff_member_key")
    title = clock["staff_member_key"].map(staff["job_title"]).astype(str)
    assert clock["flagged_hours"][title == "Title Clerk"].isna().all()


def test_time_off_of_one_person_does_not_overlap(off):
    ordered = off.sort_values(["staff_member_key", "start_date"])
    before = ordered.groupby("staff_member_key")["end_date"].shift()
    assert not (ordered["start_date"] <= before).any()


def test_leave_that_was_not_earned_is_denied(off):
    assert (off["time_off_status_type"] == "DENIED").mean() > 0.01
    asked_for = off["time_off_type"].isin(["PTO", "VACATION", "PERSONAL"])
    assert asked_for[off["time_off_status_type"] == "DENIED"].all()


def test_their_count_can_be_asked_for():
    for wanted in (0, 7, 5_000):
        made = drawn(planned({"staff_member": 40, "time_off_event": wanted}, seed=3))
        assert made["time_off_event"].num_rows == wanted


def test_technicians_flag_what_their_repair_orders_billed(rows, clock):
    lines, orders = frame(rows, "repair_order_line"), frame(rows, "repair_order")
    opened = orders.set_index("repair_order_key")["opened_date_time"]
    last = pd.Timestamp("2025-12-30", tz="UTC")  # in the evening of the last day some still work
    lines = lines[(lines["repair_order_key"].map(opened) < last).to_numpy()]
    clock = clock[clock["clock_in_date_time"] < last]
    billed = lines.groupby("technician_staff_member_key")["billed_hours"].sum()
    flagged = clock.groupby("staff_member_key")["flagged_hours"].sum()
    assert np.allclose(flagged.reindex(billed.index), billed)
    at_work = lines.groupby("technician_staff_member_key")["clocked_hours"].sum()
    worked = clock.groupby("staff_member_key")["hours_worked"].sum()
    assert (worked.reindex(at_work.index) >= at_work - 0.01).all()


def test_a_day_of_one_order_names_it(rows, clock):
    orders = frame(rows, "repair_order").set_index("repair_order_key")
    named = clock.dropna(subset=["repair_order_key"])
    opened = named["repair_order_key"].map(orders["opened_date_time"])
    assert len(named) > 20
    assert (opened <= named["clock_out_date_time"]).all()
    assert (named["clock_in_date_time"] - opened).dt.total_seconds().abs().max() < 86_400
