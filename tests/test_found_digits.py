"""Columns that are two others one behind the other: times written as 1435."""

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.fit import fit, found_rules
from generator.found import found_from
from generator.found.digits import Digits
from generator.found.side import NANO, Unit
from tests.extracts import random, ready

COUNT, MONEY = Unit("number", NANO), Unit("number", NANO // 100)


def flights(rows=600, *, wrong=0):
    rng = random(4)
    hour, minute = rng.integers(5, 23, rows), 5 * rng.integers(0, 12, rows)
    left = hour * 100 + minute
    minute[:wrong] = (minute[:wrong] + 1) % 60
    return pa.table({"left_at": left, "hour": hour, "minute": minute})


def test_times_follow_from_hours_and_minutes():
    tables, schema = ready(flights(), "flights")
    profile = fit(tables, schema, name="flights")
    assert "left_at = hour * 100 + minute." in {rule.text for rule in profile.rules}
    recipe = generator.Recipe.from_dict({"rows": {"flights": 500}, "seed": 2})
    planned = generator.plan(profile, recipe)
    drawing = profile.world.open(planned)
    (made,) = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    left, hour, minute = (np.asarray(made[name]) for name in ("left_at", "hour", "minute"))
    assert (left == 100 * hour + minute).all()
    assert minute.max() < 60


def test_a_single_row_that_breaks_it_is_enough():
    tables, schema = ready(flights(wrong=1), "flights")
    assert not any("100" in rule for rule in found_rules(tables, schema))


@pytest.mark.parametrize(
    ("rule", "units"),
    [
        (Digits("left_at", "hour", "minute", 60), {}),
        (Digits("left_at", "hour", "hour", 100), {}),
        (Digits("left_at", "left_at", "minute", 100), {}),
        (Digits("left_at", "hour", "minute", 100), {"minute": MONEY}),
    ],
)
def test_a_file_that_says_otherwise_is_refused(rule, units):
    assert found_from(rule.document()) == rule
    known = {"left_at": COUNT, "hour": COUNT, "minute": COUNT}
    assert not rule.ok(known | units)
    assert Digits("left_at", "hour", "minute", 100).ok(known)
