"""What moved between two versions of a profile, and what one learnt, told from summaries alone."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from generator.compare import difference, learnt
from generator.compare.learnt import bond
from generator.schema import Column, Kind, Link, Schema, Table
from generator.summary import Summary, summarize, tables_of

CARS = Table(
    "cars",
    (
        Column("plate", Kind.TEXT, personal="plate"),
        Column("body", Kind.TEXT),
        Column("price", Kind.INTEGER, nullable=True),
        Column("sold", Kind.DATE),
        Column("fuel", Kind.TEXT),
    ),
)
SCHEMA = Schema((CARS,))
SHOPS = Schema(
    (
        Table("shop", (Column("shop", Kind.TEXT, unique=True),), key="shop"),
        Table(
            "visit",
            (Column("shop", Kind.TEXT),),
            links=(Link("shop", "shop", "shop", "parent"),),
        ),
    )
)


def summary(*, suv=0.4, dearer=0, missing=0.0, seed=1, rows=2000, lack=()):
    rng = np.random.default_rng(seed)
    body = rng.choice(["SUV", "sedan", "van"], rows, p=[suv, 0.9 - suv, 0.1])
    price = np.round(rng.normal(20_000, 3_000, rows)) + dearer
    sold = np.datetime64("2025-01-01") + rng.integers(0, 365, rows)
    columns = {
        "plate": pa.array([f"P{n}" for n in range(rows)]),
        "body": pa.array(body),
        "price": pa.array(price.astype(np.int64), mask=rng.random(rows) < missing),
        "sold": pa.array(sold.astype("datetime64[D]")),
        "fuel": pa.array(np.where(body == "van", "diesel", "petrol")),
    }
    kept = {name: column for name, column in columns.items() if name not in lack}
    schema = Schema((Table("cars", tuple(c for c in CARS.columns if c.name in kept)),))
    return summarize(tables_of(schema, {"cars": pa.table(kept)}), k=20)


def of(moved, column):
    return next(one for one in moved.columns if one.column == column)


def test_two_extracts_of_one_world_are_as_before():
    moved = difference(summary(seed=1), summary(seed=2))
    assert {one.level for one in moved.columns} == {"same"}
    assert all(one.drift <= max(0.01, 2 * one.chance) for one in moved.columns)


def test_chance_is_about_what_two_samples_differ_by():
    pairs = [difference(summary(seed=n), summary(seed=n + 100)) for n in range(20)]
    for column in ("body", "price"):
        drift = np.mean([of(pair, column).drift for pair in pairs])
        assert drift == pytest.approx(of(pairs[0], column).chance, rel=0.35)


def test_a_version_is_no_other_than_itself():
    moved = difference(summary(), summary())
    assert {one.column for one in moved.columns} == {"body", "price", "sold", "fuel"}
    assert {(one.drift, one.told) for one in moved.columns} == {(0.0, ())}


def test_shares_that_moved_are_told_the_farthest_first():
    moved = difference(summary(), summary(suv=0.6, seed=2))
    assert moved.columns[0].column == "body"
    body = of(moved, "body")
    assert body.level == "far"
    assert body.drift == pytest.approx(0.2, abs=0.03)
    assert [said.split()[0] for said in body.told] == ["sedan", "SUV"]  # vans stayed
    assert body.told[0] == "sedan 49.5 % → 29.8 %"


def test_numbers_that_moved_are_told_by_mean_and_quantiles():
    price = of(difference(summary(), summary(dearer=1500, seed=2)), "price")
    assert price.level == "far"
    assert price.drift == pytest.approx(0.197, abs=0.03)  # of two normals half a deviation apart
    assert price.told[0].startswith("mean 20,")
    assert [said.split(" ")[0] for said in price.told] == ["mean", "a", "half", "a"]


def test_missing_values_are_held_against_what_chance_makes_of_them():
    price = of(difference(summary(missing=0.3), summary(missing=0.4, seed=2)), "price")
    assert price.drift == pytest.approx(0.1, abs=0.03)
    assert price.chance == pytest.approx(2 * (0.3 * 0.7 / (1000 * 2 * np.pi)) ** 0.5, rel=0.1)


def test_missing_values_that_moved_are_told():
    price = of(difference(summary(), summary(missing=0.3)), "price")
    assert price.level == "far"
    assert price.told[-1].startswith("missing 0.0 % → 3") or price.told[-1].startswith(
        "missing 0.0"
    )


def test_columns_come_and_go():
    moved = difference(summary(), summary(lack=("fuel",)))
    assert (moved.new, moved.gone) == ((), ("cars.fuel",))
    assert difference(summary(lack=("fuel",)), summary()).new == ("cars.fuel",)
    assert moved.rows == (("cars", 2000, 2000),)


def test_charts_have_both_sides_in_the_same_bins():
    moved = difference(summary(), summary(dearer=9000, seed=3))
    for entry in moved.comparison["columns"]:
        places = len(entry.get("labels") or entry["edges"][1:])
        assert len(entry["synthetic"]) == len(entry["reference"]) == places
        assert sum(entry["synthetic"]) == pytest.approx(1, abs=0.01)
        assert sum(entry["reference"]) == pytest.approx(1, abs=0.01)
    json.dumps(moved.comparison)


def test_a_summary_that_was_kept_in_a_file_says_the_same():
    old, new = summary(), summary(suv=0.6, seed=2)
    again = [Summary.from_dict(json.loads(json.dumps(one.to_dict()))) for one in (old, new)]
    assert difference(*again) == difference(old, new)


def test_what_was_learnt_is_told_without_a_personal_value():
    [cars] = learnt(SCHEMA, summary(missing=0.05))
    said = dict(cars.columns)
    assert cars.says == "2,000 rows."
    assert said["plate"] == "Personal: every value is made anew, none was learnt."
    assert said["body"].startswith("sedan (49.5 %), SUV (40.2 %)")
    assert "on average; half of the rows lie from 1" in said["price"]
    assert "are missing." in said["price"]
    assert said["sold"].startswith("Half of the days lie from 2025-0")
    assert cars.together[0] == "body and fuel go together closely."


def test_children_are_told_of_their_parents():
    shops = pa.table({"shop": [f"S{n}" for n in range(50)]})
    visits = pa.table({"shop": [f"S{n % 50}" for n in range(150)]})
    tables = tables_of(SHOPS, {"shop": shops, "visit": visits})
    kept = summarize(tables, k=10)
    assert learnt(SHOPS, kept)[0].says == "50 rows. A row has 3 of visit on average."
    assert difference(kept, kept).children == (("shop", "visit", 3.0, 3.0),)


@pytest.mark.parametrize(
    ("counts", "strength"),
    [([[10, 0], [0, 10]], 1.0), ([[5, 5], [5, 5]], 0.0), ([[7, 3], [3, 7]], 0.4), ([[5, 5]], 0.0)],
)
def test_bonds_are_those_of_cramer(counts, strength):
    assert bond(np.array(counts)) == pytest.approx(strength)
