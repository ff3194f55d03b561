"""Columns that are one divided by another, times a power of ten, rounded."""

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.fit import fit, found_rules
from generator.found import NANO, Quotient, Unit, found_from
from generator.found.quotient import rounded
from generator.summary import tables_of
from tests.extracts import random, ready

COUNT, MONEY = Unit("number", NANO), Unit("number", NANO // 100)
FLOAT, TIME = Unit("number", NANO, whole=False), Unit("time", NANO)


def counties(rows=800, *, wrong=0, single=False):
    """People, crimes, and crimes for each 10,000 people: to two places, or in single precision,
    where numbers below a tenth have six places as a statistical package writes them."""
    rng = random(7)
    people = rng.integers(20_000, 900_000, rows)
    crimes = rng.poisson(people / 20_000)
    rate = crimes / people * 10_000
    said = [f"{one:.2f}" for one in rate]
    if single:
        exact = rate.astype(np.float32)
        said = [f"{one:.6f}" if 0 < one < 0.1 else f"{one:.7g}" for one in exact]
    said[:wrong] = ["9.99"] * wrong
    return pa.table({"people": people, "crimes": crimes, "rate": said})


@pytest.mark.parametrize("single", [False, True], ids=["places", "single"])
def test_rates_follow_from_what_they_are_rates_of(single):
    tables, schema = ready(counties(single=single), "counties")
    profile = fit(tables, schema, name="counties")
    (rule,) = (one for one in profile.rules if "10000" in one.text)
    assert rule.text == "rate = crimes / people * 10000."
    recipe = generator.Recipe.from_dict({"rows": {"counties": 500}, "seed": 2})
    planned = generator.plan(profile, recipe)
    drawing = profile.world.open(planned)
    (made,) = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    people, crimes, rate = (np.asarray(made[name], dtype=float) for name in made.column_names)
    assert np.abs(crimes / people * 10_000 - rate).max() <= (1e-6 if single else 0.005 + 1e-9)
    assert rule.obeyed(tables_of(profile.schema, {"counties": made})).all()


@pytest.mark.parametrize("single", [False, True], ids=["places", "single"])
def test_a_single_row_that_breaks_it_is_enough(single):
    tables, schema = ready(counties(wrong=1, single=single), "counties")
    assert not any("10000" in rule for rule in found_rules(tables, schema))


def test_what_a_product_says_is_not_said_twice():
    rng = random(3)
    pieces, price = rng.integers(1, 9, 400), rng.integers(100, 9_999, 400)
    cents = {"pieces": pieces, "price": price, "total": pieces * price}
    tables, schema = ready(pa.table(cents), "sales")
    assert [one for one in found_rules(tables, schema) if "=" in one and "<" not in one] == [
        "sales: total = pieces * price"
    ]


def test_numbers_are_rounded_to_digits():
    assert rounded(np.array([0.0, 123456.7, -0.0123456, 9.9996]), 4).tolist() == [
        *(0.0, 123500.0, -0.01235, 10.0),
    ]


RATE = Quotient("rate", "crimes", "people", 4, NANO // 100, 0)


@pytest.mark.parametrize(
    ("rule", "units"),
    [
        (Quotient("rate", "crimes", "crimes", 4, NANO, 0), {}),
        (Quotient("rate", "rate", "people", 4, NANO, 0), {}),
        (Quotient("rate", "crimes", "people", 99, NANO, 0), {}),
        (Quotient("rate", "crimes", "people", 4, 0, 0), {}),
        (Quotient("rate", "crimes", "people", 4, 0, 7), {}),  # of a column that has a step
        (Quotient("rate", "crimes", "people", 4, 0, 99), {"rate": FLOAT}),
        (Quotient("rate", "crimes", "people", 4, -1, 7), {"rate": FLOAT}),
        (RATE, {"people": TIME}),
    ],
)
def test_a_file_that_says_otherwise_is_refused(rule, units):
    assert found_from(rule.document()) == rule
    known = {"rate": MONEY, "crimes": COUNT, "people": COUNT}
    assert not rule.ok(known | units)
    assert RATE.ok(known)
    assert Quotient("rate", "crimes", "people", 4, 1000, 7).ok(known | {"rate": FLOAT})
