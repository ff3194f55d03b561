"""Subscriptions, warehouses and shipments: exact counts, terms by the calendar, cuts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.domains.lives import Track
from generator.domains.subscriptions.terms import months_on, terms_at, terms_begun
from generator.errors import PlanError
from tests.world import broken, drawn, frame, planned

MINE = (
    "subscription_plan",
    "subscription_agreement",
    "subscription_service",
    "warehouse",
    "shipment",
)


def tried(both: pd.DataFrame) -> pd.Series:
    """The day each trial ends."""
    return pd.to_datetime(both["start_date"]) + pd.to_timedelta(both["trial_days"], "D")


def days(*said: str):
    return np.array(said, dtype="datetime64[D]")


@pytest.fixture(scope="module")
def world():
    plan = planned({"deal": 500, "vehicle_telemetry_event": 0})
    return plan, drawn(plan)


def test_a_month_on_is_the_same_day_or_the_last_one():
    begin = days("2025-01-31", "2024-01-31", "2025-03-15")
    assert (
        months_on(begin, np.array([1, 1, 12])).tolist()
        == days("2025-02-28", "2024-02-29", "2026-03-15").tolist()
    )


def test_terms_begin_on_their_day():
    anchor, month = days("2025-01-31"), np.array([1])
    counted = [
        terms_begun(anchor, month, days(on))[0]
        for on in ("2025-01-30", "2025-01-31", "2025-02-27", "2025-02-28", "2025-03-30")
    ]
    assert counted == [0, 1, 1, 2, 2]


def test_a_trial_comes_first_and_terms_follow():
    start, anchor, never = days("2025-01-01"), days("2025-04-01"), days("2100-01-01")
    trial = terms_at(start, anchor, np.array([1]), never, days("2025-03-31"))
    assert (trial.end[0], trial.renewals[0]) == (anchor[0], 0)
    third = terms_at(start, anchor, np.array([1]), never, days("2025-06-01"))
    assert (str(third.end[0]), third.renewals[0]) == ("2025-07-01", 3)
    left = terms_at(start, anchor, np.array([1]), days("2025-05-10"), days("2025-12-01"))
    assert (str(left.end[0]), left.renewals[0]) == ("2025-06-01", 2)
    plain = terms_at(start, start, np.array([12]), never, days("2025-12-01"))
    assert (str(plain.end[0]), plain.renewals[0]) == ("2026-01-01", 0)


def test_a_value_holds_until_the_next_breakpoint():
    track = Track.of(
        2,
        (np.array([0, 0]), days("2025-01-01", "2025-02-01"), np.array([5, 6])),
        (np.array([1]), days("2025-01-10"), np.array([7])),
    )
    until = track.until(np.array([0, 0, 1]), days("2025-01-05", "2025-03-01", "2025-01-20"))
    assert until.astype("datetime64[D]").astype(str).tolist() == [
        *("2025-02-01", "2199-01-01", "2199-01-01")
    ]


def test_cars_that_share_their_data_have_an_agreement_about_it(world):
    """Of the cars that were sold here."""
    cars, deals, agreements, plans, stays = (
        frame(world[1], name)
        for name in (
            "connected_vehicle",
            "deal",
            "subscription_agreement",
            "subscription_plan",
            "inventory_vehicle",
        )
    )
    sold = deals[deals["deal_status"].isin(["ACCEPTED", "POSTED", "FUNDED"])]
    sold = sold.merge(stays[["inventory_vehicle_key", "vehicle_key"]], on="inventory_vehicle_key")
    sharing = cars[cars["data_sharing_consent_indicator"]]
    wanted = set(sharing["vehicle_key"]) & set(sold["vehicle_key"])
    data = plans[plans["plan_name"] == "Connected Access"]["subscription_plan_key"]
    mine = agreements[agreements["subscription_plan_key"].isin(data)]
    assert wanted
    assert wanted <= set(mine["vehicle_key"])


def test_three_of_ten_go_on_after_their_trial(world):
    agreements, plans = (frame(world[1], name) for name in MINE[1::-1])
    both = agreements.merge(plans, on="subscription_plan_key", suffixes=("", "_of_plan"))
    over = both["trial_days"].between(1, 180)
    over &= tried(both) < pd.Timestamp(world[0].recipe.stop)
    went_on = both["auto_renew_indicator"] | both["cancel_date"].notna()
    assert went_on[over].mean() == pytest.approx(0.3, abs=0.15)


@pytest.mark.parametrize(
    "rows",
    [
        {"subscription_agreement": 30},
        {"deal": 20, "subscription_agreement": 0},
        {"deal": 20, "subscription_agreement": 34, "subscription_plan": 3},
        {"deal": 30, "connected_vehicle": 0, "subscription_agreement": 25},
        {"warehouse": 3},
        {"dealer": 4, "warehouse": 8},
        {"part_order": 30, "shipment": 60},
        {"shipment": 12},
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
        ({"deal": 10, "subscription_agreement": 21}, "at most 2 agreements with its owner"),
        ({"dealer": 2, "warehouse": 5}, "at most one parts store"),
        ({"part_order": 10, "shipment": 21, "vehicle_transfer_order": 0}, "at most 2 shipments"),
        ({"subscription_service": 5}, "subscription agreements"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(rows, words):
    with pytest.raises(PlanError) as refused:
        planned(rows)
    assert words in str(refused.value)


@pytest.mark.parametrize("as_of", ["2025-02-10", "2025-09-30"])
def test_a_cut_shows_agreements_as_they_stand(as_of):
    plan = planned({"deal": 300, "vehicle_telemetry_event": 0}, as_of=as_of)
    rows = drawn(plan)
    assert {rule: said for rule, said in broken(plan, rows).items() if rule[1] in MINE} == {}
    assert rows["subscription_agreement"].num_rows > 0


def test_nobody_goes_on_before_the_trial_is_over(world):
    agreements, plans = (frame(world[1], name) for name in MINE[1::-1])
    both = agreements.merge(plans, on="subscription_plan_key", suffixes=("", "_of_plan"))
    later = tried(both) > pd.Timestamp(world[0].recipe.stop)
    assert not both["auto_renew_indicator"][later].any()


def test_what_flies_is_rushed_and_costs_more(world):
    shipments, orders = (frame(world[1], name) for name in ("shipment", "part_order"))
    both = shipments.merge(orders, on="part_order_key")
    flown = both["service_level_type"].isin(["OVERNIGHT", "TWO_DAY_AIR"])
    assert (both["order_type"][flown] == "RUSH").all()
    pound = both["shipment_cost"] / both["shipment_weight_lb"]
    ground = both["service_level_type"] == "GROUND"
    assert pound[flown].median() > 1.5 * pound[ground].median()
    late = both["actual_delivery_date_time"] > both["estimated_delivery_date_time"]
    assert 0.05 < late.mean() < 0.25
