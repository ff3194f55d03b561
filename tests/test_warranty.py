"""Coverage of cars."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.domains.warranty_insurance.domain import DOMAIN
from generator.domains.warranty_insurance.warranty import months_after
from generator.leaves.figures import figures
from tests.world import broken, drawn, frame, planned

TABLES = [one.name for one in DOMAIN.tables]


@pytest.fixture(scope="module")
def cuts():
    found = {}
    for day in ("2025-05-15", "2025-12-31"):
        plan = planned({"deal": 60}, as_of=day)
        found[day] = (plan, drawn(plan))
    return found


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


def test_months_end_with_the_month():
    days = np.array(["2024-01-31", "2024-02-29"], dtype="datetime64[D]")
    later = months_after(days, np.array([1, 12]))
    assert later.tolist() == [
        np.datetime64("2024-02-29").item(),
        np.datetime64("2025-02-28").item(),
    ]
