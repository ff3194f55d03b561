"""What is known at a moment: states come to legally, and cuts that are views of one world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.domains import PLATFORM
from generator.domains.courses import Stage, Steps
from generator.domains.graph import Platform
from generator.domains.machines import machine
from generator.domains.sales_operations.deal import DEAL
from generator.frame import Coded
from tests.world import drawn, planned

ROWS = {"deal": 120, "dealer": 3}


def moments(*days):
    return np.array(days, dtype="datetime64[D]").astype("datetime64[ms]")


def test_the_way_to_a_state_is_the_shortest_legal_one():
    deal = machine("deal")
    assert deal.path("FUNDED") == ("IN_PROGRESS", "ACCEPTED", "POSTED", "FUNDED")
    assert deal.path("IN_PROGRESS") == ("IN_PROGRESS",)
    assert not deal.allows("FUNDED", "ACCEPTED")
    with pytest.raises(ValueError, match="No way leads from IN_PROGRESS to LOST of deal"):
        deal.path("LOST")


def test_steps_go_through_what_is_said_and_lie_between():
    status = Coded(np.array([1, 0, 1], dtype=np.int32), ("ABANDONED", "FUNDED"))
    begin = moments("2025-01-01", "2025-02-01", "2025-03-01")
    end = moments("2025-01-31", "2025-02-03", "2025-03-31")
    accepted = moments("2025-01-11", "2025-02-02", "2025-03-02")
    steps = Steps.along("deal", status, begin=begin, end=end, at={"ACCEPTED": accepted})
    assert steps.row.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]
    assert steps.status.text().tolist()[:6] == [
        *("IN_PROGRESS", "ACCEPTED", "POSTED", "FUNDED"),
        *("IN_PROGRESS", "ABANDONED"),
    ]
    days = steps.at.astype("datetime64[D]").astype(str).tolist()
    assert days[:4] == ["2025-01-01", "2025-01-11", "2025-01-21", "2025-01-31"]
    assert steps.first.tolist() == [True, False, False, False, True, False, True] + [False] * 3


def test_the_state_at_a_moment_is_the_last_until_then():
    begin = moments("2025-01-01", "2025-06-01")
    steps = Steps.of(
        Stage("NEW", begin),
        Stage("GONE", begin + np.timedelta64(5, "D"), np.array([True, False])),
    )

    def at(day):
        return steps.at_moment(2, np.datetime64(day, "ms")).text().tolist()

    assert at("2024-01-01") == ["NEW", "NEW"]
    assert at("2025-01-05") == ["NEW", "NEW"]
    assert at("2025-01-06") == ["GONE", "NEW"]


def test_no_step_comes_before_the_one_before():
    late, early = moments("2025-01-10"), moments("2025-01-02")
    steps = Steps.of(Stage("NEW", late), Stage("OPEN", early), Stage("GONE", late))
    assert (np.diff(steps.at) >= np.timedelta64(0)).all()


def test_a_course_names_columns_there_are_and_hides_what_may_be_missing():
    def with_deal(**changes):
        return Platform(
            tuple(
                replace(
                    domain,
                    tables=tuple(
                        replace(DEAL, **changes) if one.name == "deal" else one
                        for one in domain.tables
                    ),
                )
                for domain in PLATFORM.domains
            )
        )

    with pytest.raises(ValueError, match=r"No maker of deal makes _birth"):
        with_deal(born="_birth")
    with pytest.raises(ValueError, match=r"deal\.sale_price is never missing"):
        with_deal(reveals={"sale_price": "_signed"})
    with pytest.raises(ValueError, match="has a state and no steps"):
        with_deal(steps=None)


@pytest.fixture(scope="module")
def worlds():
    return {
        day: drawn(planned(ROWS, as_of=day)) for day in ("2025-04-10", "2025-08-20", "2025-12-31")
    }


def test_a_cut_is_the_same_world_less_far_on(worlds):
    for table, key, still in (
        ("deal", "deal_key", ("customer_key", "sale_price", "occurrence_date_time")),
        ("sales_lead", "lead_key", ("customer_key", "create_date_time", "lead_source_type")),
    ):
        rows = {
            day: {row[key]: tuple(row[name] for name in still) for row in world[table].to_pylist()}
            for day, world in worlds.items()
        }
        early, later, last = rows.values()
        assert len(early) < len(later) < len(last)
        assert early.items() <= later.items() <= last.items()


def test_nothing_of_a_cut_lies_after_it(worlds):
    for day in ("2025-04-10", "2025-08-20"):
        end = np.datetime64(day, "D") + 1
        deals, leads = worlds[day]["deal"], worlds[day]["sales_lead"]
        for rows, columns in (
            (deals, ("occurrence_date_time", "contract_date_time", "funded_date_time")),
            (leads, ("create_date_time", "first_contact_date_time", "close_date_time")),
        ):
            for column in columns:
                there = rows[column].drop_null().to_numpy().astype("datetime64[ms]")
                assert (there < end).all(), column
        open_ = deals["deal_status"].to_pylist().count("IN_PROGRESS")
        unsigned = deals["contract_date_time"].null_count
        assert leads["close_date_time"].null_count > 0
        assert unsigned == open_ + deals["deal_status"].to_pylist().count("ABANDONED")


def test_states_of_a_cut_are_those_until_then(worlds):
    later = {row["deal_key"]: row for row in worlds["2025-12-31"]["deal"].to_pylist()}
    for row in worlds["2025-08-20"]["deal"].to_pylist():
        if row["deal_status"] == "FUNDED":
            assert later[row["deal_key"]]["deal_status"] in ("FUNDED", "REVERSED")
        if row["deal_status"] == "POSTED":
            assert later[row["deal_key"]]["deal_status"] != "ABANDONED"


def test_the_plan_estimates_a_cut_and_is_exact_at_the_end():
    whole, cut = planned(ROWS), planned(ROWS, as_of="2025-07-01")
    assert whole.exact["deal"] == 120
    assert "deal" not in cut.exact
    assert 55 <= cut.count("deal") <= 65
    assert drawn(cut)["deal"].num_rows == pytest.approx(60, abs=15)
