"""Payroll: right withholding, right for who came or left, right at any moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.domains.closing import last_open
from generator.domains.human_resources.payroll_calendar import periods
from generator.domains.human_resources.withholding import federal_tax, state_taxes, states
from generator.leaves.figures import figures
from tests.world import broken, drawn, frame, planned

ROWS = {"deal": 800, "vehicle_telemetry_event": 0}
HUMAN = ("payroll_run", "payroll_stub", "payroll_component", "time_attendance", "time_off_event")


@pytest.fixture(scope="module")
def rows():
    return drawn(planned(ROWS))


@pytest.fixture(scope="module")
def stubs(rows):
    table = frame(rows, "payroll_stub")
    staff = frame(rows, "staff_member").set_index("staff_member_key")
    record = frame(rows, "personnel_record").set_index("staff_member_key")
    for column in ("pay_period_start_date", "pay_period_end_date", "pay_date"):
        table[column] = pd.to_datetime(table[column])
    who = table["staff_member_key"]
    for column in ("hire_date", "termination_date"):
        table[column] = pd.to_datetime(who.map(staff[column]))
    table["role"] = who.map(staff["role_type"].astype(str))
    table["basis"] = who.map(record["pay_basis"].groupby(level=0).first().astype(str))
    return table


@pytest.mark.parametrize(
    ("wages", "periods_", "status", "year", "due"),
    [
        (2_000_00, 26, "INDIVIDUAL", 2025, 161_60),  # 37,000: 1,192.50 + 12 % of 25,075
        (4_000_00, 24, "MARRIED_JOINT", 2024, 314_67),  # 66,800: 2,320 + 12 % of 43,600
        (12_000_00, 26, "HEAD_OF_HOUSEHOLD", 2026, 2_604_17),  # 287,850: 56,631 + 35 % of 31,650
        (300_00, 26, "INDIVIDUAL", 2025, 0),
        (2_000_00, 26, "INDIVIDUAL", 2012, 163_69),  # as 2024, the nearest year
    ],
)
def test_federal_tax_is_that_of_the_percentage_method(wages, periods_, status, year, due):
    one = [np.array([value]) for value in (wages, periods_)]
    found = federal_tax(figures(), *one, np.array([status], object), np.array([year]))
    assert int(found[0]) == due


def test_states_take_what_they_take():
    def tax(state, wages=3_000_00, status="INDIVIDUAL"):
        one = (np.array([wages]), np.array([26]))
        return [int(x[0]) for x in state_taxes(*one, np.array([status]), np.array([state]))]

    assert len(states()) == 51
    free = [name for name in states() if tax(name, 50_000_00)[0] == 0]
    assert free == ["AK", "FL", "NV", "NH", "SD", "TN", "TX", "WA", "WY"]
    assert tax("IL") == [148_50, 0]
    assert tax("PA") == [92_10, 30_00]
    assert tax("CA")[0] > tax("CA", status="MARRIED_JOINT")[0] > 0


def test_periods_tile_the_calendar_and_are_paid_on_banking_days():
    first, last = np.datetime64("2024-01-01"), np.datetime64("2025-12-31")
    for frequency, number in (("BI_WEEKLY", 51), ("SEMI_MONTHLY", 47)):
        start, end = periods(frequency, 1, first, last)
        assert (start[1:] == end[:-1]).all()
        assert abs(len(start) - number) <= 1
    days = np.array(["2025-07-04", "2026-01-01", "2025-11-30", "2025-03-11"], "datetime64[D]")
    moved = ["2025-07-03", "2025-12-31", "2025-11-28", "2025-03-11"]
    assert list(map(str, last_open(days, "bank"))) == moved


def test_who_came_or_left_within_a_period_is_paid_for_the_days_there(stubs):
    salaried = stubs[stubs["basis"].isin(["SALARY", "COMMISSION"])]
    came = salaried["hire_date"] > salaried["pay_period_start_date"]
    whole = salaried[~came & salaried["termination_date"].isna()]
    usual = whole.groupby("staff_member_key")["regular_earnings"].max()
    part = salaried[came & salaried["staff_member_key"].isin(usual.index)]
    assert len(part) >= 2
    share = part["regular_earnings"] / part["staff_member_key"].map(usual)
    days = (part["pay_period_end_date"] - part["hire_date"]).dt.days
    length = (part["pay_period_end_date"] - part["pay_period_start_date"]).dt.days
    assert (share < 1).all()
    assert np.allclose(share, days / length, atol=0.25)


def test_pay_is_that_of_a_dealership(stubs):
    yearly = stubs.groupby("role")["gross_pay"].mean() * 25.5
    assert yearly["GEN_MGR"] == pytest.approx(300_000, rel=0.15)
    assert yearly["SALES_ASSOC"] == pytest.approx(85_000, rel=0.25)
    assert yearly["SERVICE_TECH"] == pytest.approx(68_000, rel=0.3)
    assert stubs["gross_pay"].mean() * 25.5 == pytest.approx(98_644, rel=0.15)
    assert 0.06 < stubs["federal_tax"].sum() / stubs["gross_pay"].sum() < 0.16


def test_high_earners_reach_the_wage_base(stubs):
    taxed = stubs[stubs["pay_date"].dt.year == 2025].groupby("staff_member_key")
    social = taxed["social_security_tax"].sum()
    assert social.max() == pytest.approx(176_100 * 0.062, abs=0.2)


@pytest.mark.parametrize("as_of", ["2025-01-18", "2025-04-17", "2025-07-02", "2025-12-30"])
def test_a_cut_leaves_payroll_right(as_of):
    plan = planned(ROWS, as_of=as_of)
    assert [said for (_, table), said in broken(plan, drawn(plan)).items() if table in HUMAN] == []


def test_the_plan_estimates_runs_and_stubs(rows):
    counts = {count.table: count for count in planned(ROWS).counts}
    for table in ("payroll_run", "payroll_stub", "payroll_component", "time_attendance"):
        assert counts[table].estimated
        assert counts[table].rows == pytest.approx(rows[table].num_rows, rel=0.35)


def test_a_stub_has_its_lines(rows):
    lines = frame(rows, "payroll_component")
    each = lines.groupby("pay_stub_key").size()
    assert each.quantile(0.02) >= 6
    assert each.max() <= 15
    assert each.mean() == pytest.approx(10, abs=1)
    last = lines.groupby(["pay_stub_key", "event_code"]).size()
    assert (last == 1).all()
    overtime = lines[lines["event_code"] == "OT"]
    regular = lines[lines["event_code"] == "REG"].set_index("pay_stub_key")
    ratio = overtime["rate"].to_numpy() / regular["rate"].loc[overtime["pay_stub_key"]].to_numpy()
    assert np.allclose(ratio, 1.5)
