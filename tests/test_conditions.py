"""Rows where something holds, and other shares of a column: exactly as many as are asked for."""

import json

import pyarrow as pa
import pytest

import generator
from generator.__main__ import main
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile
from tests.extracts import cars, ready


@pytest.fixture(scope="module")
def profile():
    tables, schema = ready(cars(3000))
    return fit(tables, schema, name="cars")


def rows_of(profile, **asked):
    planned = generator.plan(profile, generator.Recipe.from_dict({"seed": 3, **asked}))
    drawing = profile.world.open(planned)
    parts = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    return planned, pa.concat_tables(parts).to_pandas()


CHEAP = "make == 'kia' and price < 12000"


def test_all_rows_meet_what_is_asked_where_no_more_are(profile):
    _, rows = rows_of(profile, where={"cars": {CHEAP: 500}})
    assert len(rows) == 500
    assert ((rows.make == "kia") & (rows.price < 12000)).all()
    assert rows.model.isin(["Ceed", "Niro", "Rio"]).all()  # what depends on it follows


def test_exactly_so_many_of_more_rows_do(profile):
    planned, rows = rows_of(profile, rows={"cars": 9000}, where={"cars": {CHEAP: 700}})
    assert len(rows) == 9000
    assert ((rows.make == "kia") & (rows.price < 12000)).sum() == 700
    assert any("holds in" in note and "are drawn to choose from" in note for note in planned.notes)


def test_shares_of_labels_are_exact_and_the_others_keep_theirs(profile):
    _, plain = rows_of(profile, rows={"cars": 6000})
    asked = {"cars.make": {"kia": 0.5, "audi": "10 %"}}
    _, rows = rows_of(profile, rows={"cars": 6000}, shares=asked)
    share = rows.make.value_counts(normalize=True)
    assert share["kia"] == 0.5
    assert share["audi"] == 0.1
    left = plain[plain.make.isin(["ford", "skoda"])].make.value_counts(normalize=True)
    assert share["ford"] / 0.4 == pytest.approx(left["ford"], abs=0.03)
    for make in ("kia", "ford"):
        true, drawn = (one[one.make == make].price for one in (plain, rows))
        assert drawn.mean() == pytest.approx(true.mean(), rel=0.06)


def test_shares_of_two_columns_and_statements_are_met_together(profile):
    asked = {
        "rows": {"cars": 4001},
        "shares": {"cars.make": {"kia": 0.4, "audi": 0.2}, "cars.year": {"2019": 0.3}},
        "where": {"cars": {"price < 12000": 1203}},
    }
    planned, rows = rows_of(profile, **asked)
    assert len(rows) == 4001
    assert (rows.make == "kia").sum() == 1600
    assert (rows.make == "audi").sum() == 801
    assert (rows.year == 2019).sum() == 1200
    assert (rows.price < 12000).sum() == 1203
    _, plain = rows_of(profile, rows={"cars": 4001})
    odds = [  # what comes together by itself does so still
        {make: (of[of.make == make].price < 12000).mean() for make in ("kia", "audi")}
        for of in (plain, rows)
    ]
    assert [odd["audi"] > odd["kia"] + 0.04 for odd in odds] == [True, True]
    texts = [rule.text for rule in profile.world.asked(planned)]
    assert "1,600 rows where make is kia." in texts
    assert "1,203 rows where price < 12000." in texts
    assert rows_of(profile, **asked)[1].equals(rows)


def test_numbers_are_labels_too(profile):
    _, rows = rows_of(profile, rows={"cars": 1000}, shares={"cars.year": {"2019": 0.75}})
    assert (rows.year == 2019).sum() == 750


def test_rows_are_the_same_whatever_the_shards(profile, monkeypatch):
    asked = {"rows": {"cars": 9001}, "where": {"cars": {CHEAP: 2000}}}
    _, whole = rows_of(profile, **asked)
    monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", 3000)
    planned, parts = rows_of(profile, **asked)
    assert len(planned.shards) > 1
    assert parts.equals(whole)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"where": {"cars": {"price < 0": 5}}}, "no row that was tried"),
        ({"where": {"cars": {"price > 0": 5}}, "rows": {"cars": 9}}, "other rows cannot be drawn"),
        ({"where": {"cars": {CHEAP: 50}}, "rows": {"cars": 9}}, "ask for more rows"),
        ({"where": {"cars": {"pric < 5": 5}}}, "pric"),
        ({"where": {"cars": {"price + 5": 5}}}, "no statement"),
        ({"where": {"cars": {"__import__('os')": 5}}}, "calls a function"),
        ({"where": {"cars": {CHEAP: "many"}}}, "whole number"),
        ({"where": {"cars": CHEAP}}, "must map"),
        ({"where": {"boats": {CHEAP: 5}}}, "no table"),
        ({"shares": {"cars.make": {"kia": 0.7, "audi": 0.6}}}, "come to 1.3"),
        ({"shares": {"cars.make": {"lada": 0.5}}}, "no row that was tried"),
        ({"shares": {"cars.wheels": {"4": 0.5}}}, "is no column"),
        ({"shares": {"cars.make": {"kia": 1.5}}}, "from 0 to 1"),
        (
            {"shares": {"cars.make": {"kia": 0.0}}, "where": {"cars": {CHEAP: 5}}},
            "cannot all be met",
        ),
    ],
)
def test_what_cannot_be_met_is_refused_in_a_sentence(profile, asked, said):
    with pytest.raises(RequestError) as refused:
        rows_of(profile, **asked)
    assert said in refused.value.sentence
    assert refused.value.sentence.endswith(".")


def test_the_platform_names_what_it_has_instead():
    recipe = generator.Recipe.from_dict({"where": {"deal": {"sale_price > 5": 5}}})
    with pytest.raises(RequestError, match="What if"):
        generator.plan(generator.automotive(), recipe)


def test_a_recipe_keeps_what_is_asked():
    document = {"where": {"cars": {CHEAP: 5}}, "shares": {"cars.make": {"kia": 0.5}}}
    kept = generator.Recipe.from_dict(document).to_dict()
    assert {name: kept[name] for name in document} == document
    assert generator.Recipe.from_dict(kept).to_dict() == kept


def test_the_command_line_asks_and_the_bundle_shows_it(profile, tmp_path, capsys):
    path, out = tmp_path / "cars.profile", tmp_path / "out"
    save_profile(profile, path)
    asked = ["--rows", "cars=600", "--where", "cars: make == 'kia'=200", "--progress", "none"]
    assert main(["sample", "--profile", str(path), "--out", str(out), *asked]) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["recipe"]["where"] == {"cars": {"make == 'kia'": 200}}
    rules = {one["id"]: one for one in json.loads((out / "validation.json").read_text())["rules"]}
    assert rules["A001"]["text"] == "200 rows where make == 'kia'."
    assert rules["A001"]["checked"]
    assert not rules["A001"]["broken"]
    shares = ["--share", "cars.make: kia=0.5", "--rows", "cars=100"]
    assert main(["plan", "--profile", str(path), *shares]) == 0
    assert "kia" in capsys.readouterr().out
    assert main(["plan", "--profile", str(path), "--where", "cars make"]) == 2
