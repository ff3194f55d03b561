"""Coverage of cars, and the claims for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.domains.warranty_insurance.cover import COMPONENT, IN_COVER, MILES, TIME, cover_of
from generator.domains.warranty_insurance.domain import DOMAIN
from generator.domains.warranty_insurance.warranty import TABLE, months_after
from generator.domains.warranty_insurance.warranty_claim import SHARED
from generator.errors import PlanError
from generator.frame import Frame
from generator.leaves.figures import figures
from tests.world import broken, drawn, frame, planned

TABLES = [one.name for one in DOMAIN.tables]


@pytest.fixture(scope="module")
def cuts():
    """Enough repairs for claims, seen at the end of the span and twice before."""
    rows = {"deal": 60, "repair_order": 1_500}
    found = {}
    for day in ("2025-05-15", "2025-09-10", "2025-12-31"):
        plan = planned(rows, as_of=day)
        found[day] = (plan, drawn(plan))
    return found


@pytest.fixture(scope="module")
def claims(cuts):
    rows = cuts["2025-12-31"][1]
    return frame(rows, "warranty_claim").merge(frame(rows, "warranty"), on="warranty_key")


def test_rules_hold_at_every_cut(cuts):
    for plan, made in cuts.values():
        assert {r: s for r, s in broken(plan, made).items() if r[1] in TABLES} == {}


def test_every_car_that_was_sold_is_covered_by_its_maker(cuts):
    rows = cuts["2025-12-31"][1]
    cover = frame(rows, "warranty").merge(frame(rows, "vehicle"), on="vehicle_key")
    cars = frame(rows, "vehicle")
    assert set(cover.vehicle_key) == set(cars[cars.original_sold_date.notna()].vehicle_key)
    cover = cover.merge(frame(rows, "vehicle_specification"), on="vehicle_specification_key")
    terms = figures()["coverage_terms"]
    whole = cover[cover.warranty_term_type == "BUMPER_TO_BUMPER"]
    for make, few in whole.groupby("make"):
        if make in terms:
            assert set(few.term_months) == {terms[make]["basic"][0]}
            assert set(few.end_mileage - few.start_odometer) == {terms[make]["basic"][1]}


def test_old_or_far_driven_cars_are_not_covered_any_more(cuts):
    cover = frame(cuts["2025-12-31"][1], "warranty")
    over = pd.to_datetime(cover.warranty_expiration_date) < "2025-12-31"
    assert (cover[over].warranty_status_type == "EXPIRED").all()
    rest = cover[~over].warranty_status_type.value_counts()
    assert 0 < rest["EXPIRED"] < rest["ACTIVE"]


def test_most_claims_are_paid_within_weeks(claims):
    assert len(claims) > 60
    known = claims[claims.adjudicated_date_time.notna()]
    denied = known.claim_status == "REJECTED"
    assert 0 < denied.mean() < 0.15
    days = (known.paid_date_time - known.submitted_date_time).dt.total_seconds() / 86_400
    assert 7 < days.median() < 14
    assert known[denied].denial_reason.notna().all()


def test_what_is_approved_was_claimed_for_what_was_done(cuts, claims):
    rows = cuts["2025-12-31"][1]
    lines = claims.merge(
        frame(rows, "repair_order_line"), on="repair_order_line_key", suffixes=("", "_line")
    )
    assert (lines.pay_type == "WARRANTY").all()
    assert np.allclose(lines.labor_claim_amount, lines.labor_amount)
    assert np.allclose(lines.parts_claim_amount, lines.parts_amount)
    cut = claims[(claims.denied_amount > 0) & (claims.claim_status != "REJECTED")]
    assert (cut.approved_amount > 0).all()
    assert cut.denial_reason.notna().all()


def test_claims_of_a_cut_wait_for_answers(cuts):
    early = frame(cuts["2025-05-15"][1], "warranty_claim")
    last = frame(cuts["2025-12-31"][1], "warranty_claim").set_index("warranty_claim_key")
    waits = early[early.claim_status.isin(["SUBMITTED", "UNDER_REVIEW"])]
    assert len(waits) > 0
    assert waits.approved_amount.isna().all()
    assert waits.adjudicated_date_time.isna().all()
    assert set(early.warranty_claim_key) < set(last.index)
    then = last.loc[early.warranty_claim_key]
    assert (then.claim_amount.to_numpy() == early.claim_amount.to_numpy()).all()


def test_claims_follow_from_lines_and_are_not_asked_for():
    with pytest.raises(PlanError, match=r"repair.order"):
        planned({"warranty_claim": 40})


def _warranties(*rows):
    kinds = ("BUMPER_TO_BUMPER", "POWERTRAIN", "EXTENDED_SERVICE_CONTRACT")
    made = Frame(TABLE, start=0, rows=len(rows))
    car, kind, start, end, miles = zip(*rows, strict=True)
    made.set("_vehicle_key", np.array(car))
    made.set("warranty_term_type", np.array([kinds[at] for at in kind], dtype=object))
    made.set("start_date", np.array(start, dtype="datetime64[D]"))
    made.set("warranty_expiration_date", np.array(end, dtype="datetime64[D]"))
    made.set("end_mileage", np.array(miles))
    return made


@pytest.mark.parametrize(
    ("day", "miles", "system", "row", "why"),
    [
        ("2023-01-01", 10_000, "body", 0, IN_COVER),
        ("2023-01-01", 40_000, "engine", 1, IN_COVER),
        ("2025-06-01", 40_000, "engine", 1, IN_COVER),
        ("2023-01-01", 40_000, "body", 0, MILES),
        ("2028-01-01", 10_000, "engine", 1, TIME),
        ("2025-06-01", 30_000, "body", 0, TIME),
    ],
)
def test_a_repair_goes_to_the_coverage_that_holds(day, miles, system, row, why):
    made = _warranties(
        (7, 0, "2022-01-01", "2025-01-01", 36_000),
        (7, 1, "2022-01-01", "2027-01-01", 60_000),
        (9, 1, "2022-01-01", "2027-01-01", 60_000),
    )
    found = cover_of(
        made,
        car=np.array([7]),
        day=np.array([day], dtype="datetime64[D]"),
        miles=np.array([miles]),
        system=np.array([system], dtype=object),
    )
    assert (int(found[0][0]), int(found[1][0])) == (row, why)


def test_makers_pay_before_contracts():
    made = _warranties(
        (7, 0, "2022-01-01", "2025-01-01", 36_000),
        (7, 2, "2022-01-01", "2029-01-01", 100_000),
    )
    days = np.array(["2023-01-01", "2026-01-01"], dtype="datetime64[D]")
    row, why = cover_of(
        made,
        car=np.array([7, 7]),
        day=days,
        miles=np.array([9_000, 40_000]),
        system=np.array(["body", "body"], dtype=object),
    )
    assert row.tolist() == [0, 1]
    assert why.tolist() == [IN_COVER, IN_COVER]


def test_what_no_coverage_is_for_is_refused_for_its_component():
    made = _warranties((9, 1, "2022-01-01", "2027-01-01", 60_000))
    _, why = cover_of(
        made,
        car=np.array([9]),
        day=np.array(["2023-01-01"], dtype="datetime64[D]"),
        miles=np.array([100]),
        system=np.array(["body"], dtype=object),
    )
    assert why.tolist() == [COMPONENT]


def test_months_end_with_the_month():
    days = np.array(["2024-01-31", "2024-02-29"], dtype="datetime64[D]")
    later = months_after(days, np.array([1, 12]))
    assert later.tolist() == [
        np.datetime64("2024-02-29").item(),
        np.datetime64("2025-02-28").item(),
    ]


def test_customers_pay_the_deductible_of_their_contract():
    rows = drawn(planned({"deal": 120}))
    claims = frame(rows, "warranty_claim")
    cover = frame(rows, "warranty")[["warranty_key", "deductible_amount"]]
    claims = claims.merge(cover, on="warranty_key")
    contract = claims[(claims.deductible_amount > 0) & claims.approved_amount.notna()]
    shared = contract[contract.denial_reason == SHARED]
    assert len(shared) >= 3
    assert (shared.denied_amount == shared.deductible_amount).all()
    assert not (claims[claims.deductible_amount == 0].denial_reason == SHARED).any()
    items = frame(rows, "invoice_item")
    asked = items[items.description == "Deductible of the service contract"]
    bills = frame(rows, "invoice").merge(asked[["invoice_key", "base_amount"]], on="invoice_key")
    assert not bills.repair_order_key.duplicated().any()
    assert set(shared.repair_order_key) <= set(bills.repair_order_key)
    owed = bills.repair_order_key.map(claims.groupby("repair_order_key").deductible_amount.max())
    sent = owed.notna()  # the last claims are not yet
    assert sent.mean() > 0.5
    assert (bills.base_amount == owed)[sent].all()
