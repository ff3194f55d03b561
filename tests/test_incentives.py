"""Incentives: programmes in their windows, exact counts, money that adds up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import generator
from generator.domains.incentives_programs.offers import kinds, offers, period_of
from generator.errors import PlanError
from tests.world import broken, drawn, frame, planned


@pytest.fixture(scope="module")
def world():
    plan = planned({"deal": 600, "vehicle_telemetry_event": 0})
    return plan, drawn(plan)


@pytest.fixture(scope="module")
def applied(world):
    incentive, program, deal = (
        frame(world[1], name) for name in ("deal_incentive", "incentive_program", "deal")
    )
    both = incentive.merge(program, on="incentive_program_key", suffixes=("", "_of_program"))
    return both.merge(deal, on="deal_key")


def test_rebates_are_what_makers_give(world):
    """7 % of the price of new cars, four of five of them; used cars hardly ever."""
    deal = frame(world[1], "deal")
    sold = deal[deal["deal_status"].isin(["POSTED", "FUNDED", "ACCEPTED"])]
    new = sold["product_state_type"] == "NEW"
    share = sold["rebate_price_total"] / sold["sale_price"]
    assert share[new].mean() == pytest.approx(0.07, abs=0.012)
    assert (share[new] > 0).mean() == pytest.approx(0.82, abs=0.06)
    assert (share[~new] > 0).mean() < 0.06


def test_what_a_buyer_is_not_is_not_given(applied):
    leases = applied["rebate_code"].str.startswith("LC")
    assert (applied["payment_type"][leases] == "LEASE").all()
    loans = applied["rebate_code"].str.startswith(("FC", "CP"))
    assert (applied["payment_type"][loans] == "FINANCED_PURCHASE").all()


def test_month_end_money_is_given_at_the_end_of_months(applied):
    last = applied[applied["rebate_code"].str.startswith("ME")]
    assert (last["contract_date_time"].dt.day >= 22).all()


def test_a_claim_is_paid_within_the_month(applied):
    waited = applied["reimbursed_date"].dropna().index
    days = [
        (applied["reimbursed_date"][row] - applied["submitted_date"][row]).days for row in waited
    ]
    own = applied["incentive_type"][waited] == "DEALER"
    assert max(days) <= 31
    assert np.array(days)[~own].min() >= 6
    assert not np.array(days)[own].any()


@pytest.mark.parametrize(
    "rows",
    [
        {"deal_incentive": 40},
        {"deal": 30, "deal_incentive": 0},
        {"deal": 30, "invoice": 25, "deal_incentive": 75},
        {"deal": 30, "invoice": 25, "payment": 30, "deal_incentive": 12},
        {"deal": 40, "incentive_program": 9, "deal_incentive": 60},
    ],
)
def test_exact_counts(rows):
    plan = planned({**rows, "vehicle_telemetry_event": 0})
    found = drawn(plan)
    assert {name: found[name].num_rows for name in rows} == rows
    assert broken(plan, found) == {}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"deal": 10, "deal_incentive": 31}, "three"),
        ({"invoice": 20, "payment": 20, "deal_incentive": 5}, "rebates are one more"),
        ({"incentive_program": 3}, "incentive programmes in a span"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(rows, words):
    with pytest.raises(PlanError) as refused:
        planned(rows)
    assert words in str(refused.value).replace("one to 3", "three")


def test_a_period_is_the_one_whose_window_holds_the_day():
    """Whatever the kind: days between the first and the last lead back to the period."""
    every = offers(date(2024, 3, 1), date(2025, 2, 1))
    for number, kind in enumerate(kinds()):
        mine = np.flatnonzero((every.kind == number) & (every.make <= 0))
        for day in (every.start[mine], every.end[mine]):
            shift = every.start[mine] - every.start[mine]
            if kind.window in ("year", "quarter"):
                shift = shift + np.timedelta64(1, "D")
            assert (period_of(kind, day - shift) == every.period[mine]).all(), kind.name


def test_programmes_that_the_dealers_can_use_come_first(world):
    programs, dealers = (frame(world[1], name) for name in ("incentive_program", "dealer"))
    named = set(programs["eligible_make"].dropna())
    assert set(dealers["primary_make"]) <= named
    assert len(named) < len(generator.automotive().world.figures["make_share"])
    assert programs["rebate_code"].is_unique


@pytest.mark.parametrize("as_of", ["2025-03-02", "2025-09-03"])
def test_a_cut_shows_claims_as_they_stand(as_of):
    plan = planned({"deal": 200, "vehicle_telemetry_event": 0}, as_of=as_of)
    rows = drawn(plan)
    mine = {"deal_incentive", "incentive_program"}
    assert {rule: said for rule, said in broken(plan, rows).items() if rule[1] in mine} == {}
    assert ("R047.rebates", "deal") not in broken(plan, rows)
    states = set(frame(rows, "deal_incentive")["reimbursement_status"])
    assert states <= {"PENDING", "ACTIVE", "COMPLETED", "CANCELLED"}
