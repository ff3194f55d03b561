"""How a fit chooses, table by table, how closely it is learnt."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.fit import LEAF_ROWS, K, fit
from generator.fit.choosing import ORDERS, STEPS, chosen_way
from generator.fit.likeness import Look, nearer
from generator.fit.table import learn_table
from generator.fit.way import Way
from generator.schema import Column, Kind, Schema, Table
from tests.extracts import random, ready


def series(rows):
    """What is paid in twelve months, each like the month before it, three in ten nothing."""
    rng = random(1)
    level = rng.normal(0, 1, rows)
    columns = {}
    for month in range(12):
        level = 0.95 * level + 0.3 * rng.normal(size=rows)
        paid = np.where(rng.random(rows) < 0.3, 0, 100 * np.exp(1.2 * level))
        columns[f"month_{month:02d}"] = [f"{one:.2f}" for one in paid]
    return ready(pa.table(columns), "t")


def chosen(tables, schema, tried=None):
    def learner(rows, floor):
        def learn(way):
            if tried is not None:
                tried.append((rows.num_rows, way))
            return learn_table(schema["t"], rows, seed=1, tell=lambda _: None, way=way)

        return learn

    return chosen_way(schema["t"], tables["t"], learner, seed=1)


def test_columns_of_a_series_are_learnt_in_the_order_of_the_extract():
    tables, schema = series(3_000)
    tried = []
    way = chosen(tables, schema, tried)
    assert way.order == "extract"
    assert len(tried) == 1 + len(ORDERS) + len(STEPS)
    assert {rows for rows, _ in tried} == {1_500}
    order = list(fit(tables, schema, name="t").world.tables["t"].columns)
    assert order == sorted(order)


def test_labels_of_few_values_come_first_where_they_tell_more():
    """Nine clusters whose name stands behind their coordinates."""
    rng = random(6)
    kind = rng.integers(0, 9, 4_000)
    heart = rng.permutation(9)
    columns = {
        "east": [f"{one:.3f}" for one in 3 * kind + rng.normal(0, 0.5, 4_000)],
        "north": [f"{one:.3f}" for one in 3 * heart[kind] + rng.normal(0, 0.5, 4_000)],
        "up": [f"{one:.3f}" for one in 3 * heart[heart[kind]] + rng.normal(0, 0.5, 4_000)],
        "kind": [f"cluster {one}" for one in kind],
    }
    assert chosen(*ready(pa.table(columns), "t")).order == "few first"


def test_no_way_goes_below_the_floor_of_privacy():
    assert Way().leaf >= K
    assert all(step.get("leaf", LEAF_ROWS) >= K for step in STEPS)


def test_a_table_too_short_for_a_trial_is_learnt_in_the_usual_way():
    tried = []
    assert chosen(*series(600), tried) == Way()
    assert tried == []


def test_rows_are_held_against_rows():
    tables, schema = series(2_000)
    parts = [tables["t"].slice(at, 1_000) for at in (0, 1_000)]
    look = Look.of(schema["t"], parts[0])
    learnt, unseen = map(look.at, parts)
    mixed = pa.table(
        {
            name: tables["t"][name].take(random(at).permutation(2_000)[:1_000])
            for at, name in enumerate(tables["t"].column_names)
        }
    )
    assert learnt.likeness(learnt) == 1.0
    assert 0.88 < learnt.likeness(unseen) < 1.0
    assert look.at(mixed).likeness(unseen) < 0.8
    assert learnt.learning(unseen) > 0.15
    assert look.at(mixed).learning(unseen) < 0.05
    assert nearer(learnt, learnt, unseen) > 0.9
    assert nearer(unseen, learnt, unseen) < 0.1
    assert abs(nearer(look.at(mixed), learnt, unseen) - 0.5) < 0.06


@pytest.mark.parametrize(("rows", "trials"), [(4_000, [2_000]), (3_000, [1_500, 3_000])])
def test_a_profile_is_learnt_as_its_certificate_measured_where_half_the_rows_tell_enough(
    rows, trials, monkeypatch
):
    rng = random(8)
    columns = {name: [f"{one:.2f}" for one in rng.normal(size=rows)] for name in "ab"}
    tried, learnt = [], []
    table = import_module("generator.fit.table")
    learn = table.learn_column

    def chosen(table, some, learner, *, seed, floor):
        tried.append(some.num_rows)
        return Way(gain=1.0 + len(tried))

    def noted(lesson, *rest):
        learnt.append(lesson.way.gain)
        return learn(lesson, *rest)

    monkeypatch.setattr(import_module("generator.fit.choosing"), "TRIAL_ROWS", 1_000)
    monkeypatch.setattr(table, "chosen_way", chosen)
    monkeypatch.setattr(table, "learn_column", noted)
    generator.fit(*ready(pa.table(columns), "t"), name="t")
    assert tried == trials
    assert learnt[0] == 2.0  # the trial's
    assert learnt[-1] == 1.0 + len(trials)


def test_a_table_of_one_column_is_learnt():
    sort = np.random.default_rng(2).choice(["a", "b"], 2000, p=[0.7, 0.3])
    schema = Schema((Table("one", (Column("sort", Kind.TEXT),)),))
    profile = generator.fit({"one": pa.table({"sort": sort})}, schema, name="one")
    assert profile.certificate["scores"]["univariate"]["accuracy"] > 0.95
