"""Rows of linked tables where something holds: exactly as many, whatever they hang under."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import generator
from generator.__main__ import main
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile
from generator.schema import Column, Kind, Link, Schema, Table

SHOPS, CARS, VISITS = 90, 600, 1500


@pytest.fixture(scope="module")
def profile():
    """Shops sell mostly one make; cars lead to a shop (any row of its kind will do) and have
    visits, each of which knows the one before it."""
    rng = np.random.default_rng(5)
    makes = np.array(["kia", "ford", "audi"])
    shop_make = rng.integers(0, 3, SHOPS)
    shop = {"shop": [f"S{n:04}" for n in range(SHOPS)], "sells": makes[shop_make]}
    at = rng.integers(0, SHOPS, CARS)
    make = np.where(rng.random(CARS) < 0.9, shop_make[at], rng.integers(0, 3, CARS))
    price = 10_000 + 8_000 * make + rng.integers(-2000, 2000, CARS)
    cars = {"car": [f"C{n:05}" for n in range(CARS)], "shop": [shop["shop"][n] for n in at]}
    cars |= {"make": makes[make], "price": price, "cost": [f"{n:,} €" for n in price]}
    car = np.sort(rng.integers(0, CARS, VISITS))
    first = np.append(True, car[1:] != car[:-1])
    count = np.arange(VISITS) - np.maximum.accumulate(np.where(first, np.arange(VISITS), 0))
    miles = 5000 * (count + 1) + rng.integers(0, 4000, VISITS)
    dear = (rng.random(VISITS) < np.where(make[car] == 2, 0.5, 0.1)).astype(int)
    day = np.datetime64("2023-01-01") + 60 * count + rng.integers(0, 30, VISITS)
    visit = {"visit": [f"V{n:06}" for n in range(VISITS)], "car": [cars["car"][n] for n in car]}
    visit |= {
        "day": day,
        "miles": miles,
        "bill": np.where(dear, 900, 200) + rng.integers(0, 99, VISITS),
    }
    text, whole = Kind.TEXT, Kind.INTEGER
    schema = Schema(
        (
            Table("shop", (Column("shop", text, unique=True), Column("sells", text)), "shop"),
            Table(
                "car",
                (
                    Column("car", text, unique=True),
                    Column("shop", text),
                    Column("make", text),
                    Column("price", whole),
                    Column("cost", text, form="code"),
                ),
                "car",
                (Link("shop", "shop", "shop", "lookup"),),
            ),
            Table(
                "visit",
                (
                    Column("visit", text, unique=True),
                    Column("car", text),
                    Column("day", Kind.DATE),
                    Column("miles", whole),
                    Column("bill", whole),
                ),
                "visit",
                (Link("car", "car", "car", "parent"),),
            ),
        )
    )
    return fit(
        {n: pa.table(t) for n, t in (("shop", shop), ("car", cars), ("visit", visit))},
        schema,
        name="s",
    )


def drawn(profile, **asked):
    planned = generator.plan(profile, generator.Recipe.from_dict({"seed": 3, **asked}))
    drawing, parts = profile.world.open(planned), {}
    for shard in planned.shards:
        for name, rows in drawing.draw(shard):
            parts.setdefault(name, []).append(rows.to_pandas())
    return planned, {n: pd.concat(rows, ignore_index=True) for n, rows in parts.items()}


def test_shares_of_a_parent_are_exact_and_children_follow(profile):
    _, plain = drawn(profile)
    planned, made = drawn(profile, shares={"car.make": {"audi": 0.9}})
    assert (made["car"].make == "audi").sum() == 540
    assert any("“audi” holds in" in note for note in planned.notes)
    dear = [(one["visit"].bill > 500).mean() for one in (plain, made)]
    assert dear[1] > dear[0] + 0.1
    assert made["car"].price.mean() > plain["car"].price.mean() + 4000
    assert len(made["visit"]) == len(plain["visit"])


def test_links_of_rows_that_meet_something_follow(profile):
    _, made = drawn(profile, where={"car": {"make == 'kia'": 500}}, rows={"car": 500})
    assert (made["car"].make == "kia").all()
    sells = made["car"].merge(made["shop"], on="shop").sells
    assert (sells == "kia").mean() > 0.7


def test_rows_that_know_those_before_them_are_exact_too(profile):
    asked = {"bill > 500": 600, "bill < 210": 70}
    _, made = drawn(profile, where={"visit": asked}, rows={"visit": 1500})
    visit = made["visit"]
    assert (visit.bill > 500).sum() == 600
    assert (visit.bill < 210).sum() == 70
    assert len(visit) == 1500
    assert visit.car.isin(made["car"].car).all()
    assert (visit.groupby("car").miles.diff().dropna() > -4000).mean() > 0.9
    of = visit.merge(made["car"], on="car")
    assert (of[of.make == "audi"].bill > 500).mean() > (of[of.make == "kia"].bill > 500).mean()


def test_rows_are_the_same_again(profile):
    asked = {
        "where": {"visit": {"bill > 500": 600}},
        "rows": {"visit": 1500},
        "shares": {"car.make": {"kia": 0.5}},
    }
    first, again = drawn(profile, **asked)[1], drawn(profile, **asked)[1]
    assert all(first[name].equals(again[name]) for name in first)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"where": {"car": {"price < 0": 5}}, "rows": {"car": 600}}, "no row that was tried"),
        ({"where": {"visit": {"bill > 500": 9000}}, "rows": {"visit": 600}}, "ask for more rows"),
        ({"where": {"visit": {"car == 'C00001'": 9}}}, "car"),
        ({"where": {"visit": {"pric > 9": 9}}}, "pric"),
        ({"shares": {"car.shop": {"S001": 0.5}}}, "columns that the table draws itself"),
    ],
)
def test_what_cannot_be_met_is_refused_in_a_sentence(profile, asked, said):
    with pytest.raises(RequestError) as refused:
        drawn(profile, **asked)
    assert said in refused.value.sentence
    assert refused.value.sentence.endswith(".")


def test_validate_counts_again_what_was_asked(profile, tmp_path, capsys):
    path, out = tmp_path / "s.profile", tmp_path / "out"
    save_profile(profile, path)
    asked = ["--where", "car: cost > 20000=100", "--rows", "car=400", "--progress", "none"]
    assert main(["sample", "--profile", str(path), "--out", str(out), *asked]) == 0
    said = generator.validate_folder(out)
    rules = {one["id"]: one for one in said["rules"]}
    assert rules["A001"]["checked"]
    assert not rules["A001"]["broken"]
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["recipe"]["where"]["car"]["cost > 20000"] = 99
    (out / "manifest.json").write_text(json.dumps(manifest))
    said = generator.validate_folder(out)
    assert {one["id"]: one for one in said["rules"]}["A001"]["broken"]
    assert not said["ok"]
