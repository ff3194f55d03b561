"""Another span than the extract's: moments move onto the right days, and all else stays."""

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

ROWS = 1600
YEAR = {"from": "2030-01-01", "to": "2030-12-31"}


def ordered(seed=1):
    """Never on Sundays, more on Saturdays and in summer; delivered within days, told in another
    form; prices double in the last year."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2022-01-01"), np.datetime64("2024-01-01"))
    weekday = (days.astype(int) + 3) % 7
    month = days.astype("datetime64[M]").astype(int) % 12 + 1
    busy = np.array([1, 1, 1, 1, 1, 3, 0])[weekday] * np.where(np.isin(month, (6, 7, 8)), 3, 1)
    at = np.sort(rng.choice(len(days), ROWS, p=busy / busy.sum()))
    day, later = days[at], rng.integers(0, 9, ROWS)
    return {
        "day": day,
        "summer": np.where(np.isin(month[at], (6, 7, 8)), "yes", "no"),
        "price": np.where(day >= np.datetime64("2023-01-01"), 200, 100) + rng.integers(0, 20, ROWS),
        "sent": pd.Series(day + later).dt.strftime("%d/%m/%Y").to_numpy(),
        "year": day.astype("datetime64[Y]").astype(int) + 1970,
        "birth_date": np.datetime64("1960-01-01") + rng.integers(0, 15000, ROWS),
    }


@pytest.fixture(scope="module")
def profile():
    kinds = {"day": Kind.DATE, "summer": Kind.TEXT, "price": Kind.INTEGER, "sent": Kind.TEXT}
    kinds |= {"year": Kind.INTEGER, "birth_date": Kind.DATE}
    columns = tuple(Column(name, kind) for name, kind in kinds.items())
    return fit({"sale": pa.table(ordered())}, Schema((Table("sale", columns),)), name="sales")


def drawn(profile, **asked):
    planned = generator.plan(profile, generator.Recipe.from_dict({"seed": 3, **asked}))
    drawing, parts = profile.world.open(planned), {}
    for shard in planned.shards:
        for name, rows in drawing.draw(shard):
            parts.setdefault(name, []).append(rows.to_pandas())
    return planned, {n: pd.concat(rows, ignore_index=True) for n, rows in parts.items()}


@pytest.fixture(scope="module")
def moved(profile):
    planned, made = drawn(profile, **YEAR)
    return planned, made["sale"]


def days(rows, column="day"):
    return pd.to_datetime(rows[column], dayfirst=True)


def test_all_rows_fall_into_the_span_on_the_right_days(moved):
    rows = moved[1]
    assert len(rows) == ROWS
    assert days(rows).min() >= pd.Timestamp("2030-01-01")
    assert days(rows, "sent").max() <= pd.Timestamp("2030-12-31")
    shares = days(rows).dt.day_of_week.value_counts(normalize=True)
    assert 6 not in shares
    assert shares[5] == pytest.approx(3 / 8, abs=0.05)
    summer = days(rows).dt.month.isin((6, 7, 8))
    assert summer.mean() == pytest.approx(0.5, abs=0.06)
    assert ((rows.summer == "yes") == summer).mean() > 0.95


def test_gaps_stay_the_level_is_the_last_and_births_do_not_move(moved):
    planned, rows = moved
    gap = (days(rows, "sent") - days(rows)).dt.days
    assert gap.min() >= 0
    assert gap.max() <= 9
    assert rows.price.min() > 190  # those of the last year
    assert (rows.year == 2030).all()  # worked out again
    assert days(rows, "birth_date").max() < pd.Timestamp("2002-01-01")
    said = " ".join(planned.notes)
    assert "sale.day, sale.sent move into 2030-01-01 to 2030-12-31" in said
    assert "sale.birth_date" in said
    assert "trends go no further" in said
    assert "of rows fall into the span" in said


def test_longer_and_shorter_spans_are_filled(profile):
    _, long = drawn(profile, **{"from": "2030-01-01", "to": "2032-12-31"})
    years = days(long["sale"]).dt.year.value_counts(normalize=True)
    assert years.min() > 0.25
    _, short = drawn(profile, rows={"sale": 300}, **{"from": "2031-07-01", "to": "2031-07-31"})
    assert (short["sale"].summer == "yes").mean() > 0.95
    assert days(short["sale"]).dt.month.eq(7).all()
    assert len(short["sale"]) == 300


def test_rows_are_the_same_whatever_the_shards(profile, moved, monkeypatch):
    monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", 700)
    planned, made = drawn(profile, **YEAR)
    assert len(planned.shards) > 1
    assert made["sale"].equals(moved[1])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (YEAR | {"moves": ["sale.price"]}, "no column of moments"),
        ({"moves": ["sale.day"]}, "to another span only"),
        (YEAR | {"moves": ["sale.day"]}, "sale.sent"),
        (YEAR | {"where": {"sale": {"day < '2029-05-01'": 5}}}, "no row that was tried"),
        ({"from": "2031-01-05", "to": "2031-01-05"}, "fall into the span"),
    ],
)
def test_what_cannot_move_is_refused_in_a_sentence(profile, asked, said):
    with pytest.raises(RequestError) as refused:
        drawn(profile, **asked)
    assert said in refused.value.sentence
    assert refused.value.sentence.endswith(".")


def test_rows_are_asked_for_by_where_they_lie_in_the_span(profile, monkeypatch):
    late = "day > '2030-10-01' and price > 205"
    asked = YEAR | {"rows": {"sale": 3000}, "where": {"sale": {late: 900}}}
    rows = drawn(profile, **asked)[1]["sale"]
    met = (days(rows) > "2030-10-01") & (rows.price > 205)
    assert met.sum() == 900
    assert len(rows) == 3000
    assert days(rows).between("2030-01-01", "2030-12-31").all()
    assert (days(rows).dt.year == rows.year).all()  # worked out of a day that moved
    year = drawn(profile, **YEAR, shares={"sale.year": {"2030": 1.0}})[1]["sale"]
    assert (year.year == 2030).all()
    monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", 700)
    assert drawn(profile, **asked)[1]["sale"].equals(rows)


def test_a_bundle_is_checked_and_compared_by_patterns(profile, tmp_path, capsys):
    path, out = tmp_path / "sales.profile", tmp_path / "out"
    save_profile(profile, path)
    text = "sale: price > 205 and day > '2030-04-30'=400"
    asked = ["--from", "2030-01-01", "--to", "2030-12-31", "--where", text]
    asked += ["--rows", "sale=800", "--progress", "none"]
    assert main(["sample", "--profile", str(path), "--out", str(out), *asked]) == 0
    assert generator.validate_folder(out)["ok"]
    compared = json.loads((out / "comparison.json").read_text())
    names = {one["column"]: one for one in compared["columns"]}
    assert {"day (weekday)", "day (month)"} <= set(names)
    assert not {"day", "sent", "year"} & set(names)
    assert names["day (weekday)"]["accuracy"] > 0.93
    assert "birth_date" in names


@pytest.fixture(scope="module")
def linked():
    """Customers since a day, with visits after it; each knows the one before."""
    rng = np.random.default_rng(2)
    since = np.datetime64("2022-01-01") + rng.integers(0, 300, 300)
    at = np.sort(rng.integers(0, 300, 1200))
    place = np.arange(1200) - np.searchsorted(at, at)
    day = since[at] + 5 + 40 * place + rng.integers(0, 20, 1200)
    customer = {"customer": np.arange(1, 301), "since": since}
    visit = {"visit": np.arange(1, 1201), "customer": at + 1, "day": day}
    whole = Kind.INTEGER
    schema = Schema(
        (
            Table(
                "customer",
                (Column("customer", whole, unique=True), Column("since", Kind.DATE)),
                "customer",
            ),
            Table(
                "visit",
                (
                    Column("visit", whole, unique=True),
                    Column("customer", whole),
                    Column("day", Kind.DATE),
                ),
                "visit",
                (Link("customer", "customer", "customer", "parent"),),
            ),
        )
    )
    return fit({"customer": pa.table(customer), "visit": pa.table(visit)}, schema, name="c")


def test_histories_move_as_a_whole(linked):
    _, plain = drawn(linked)
    planned, made = drawn(linked, **{"from": "2030-01-01", "to": "2032-12-31"})
    for name, column in (("customer", "since"), ("visit", "day")):
        assert days(made[name], column).between("2030-01-01", "2032-12-31").all()
        later = (days(made[name], column) - days(plain[name], column)).dt.days
        assert (later % 7 == 0).all()
    both = made["visit"].merge(made["customer"], on="customer")
    assert (days(both) >= days(both, "since")).all()
    own = plain["visit"].groupby("customer").day.apply(lambda one: (one.max() - one.min()).days)
    now = made["visit"].groupby("customer").day.apply(lambda one: (one.max() - one.min()).days)
    assert own.equals(now)
    assert any("whole histories move" in note for note in planned.notes)
    with pytest.raises(RequestError, match="histories of customer"):
        drawn(linked, **{"from": "2030-01-01", "to": "2030-03-31"})


def test_linked_rows_are_asked_for_by_where_they_lie_in_the_span(linked):
    span = {"from": "2030-01-01", "to": "2032-12-31"}
    plain = drawn(linked, **span)[1]["visit"]
    count = int((days(plain) > "2031-10-01").sum()) + 8
    asked = {"visit": {"day > '2031-10-01'": count}, "customer": {"since > '2031-03-01'": 250}}
    rows = {"visit": len(plain), "customer": 300}
    for where in ({"visit": asked["visit"]}, {"customer": asked["customer"]}):
        made = drawn(linked, **span, where=where, rows=rows)[1]
        if "visit" in where:
            assert (days(made["visit"]) > "2031-10-01").sum() == count
        else:
            assert (days(made["customer"], "since") > "2031-03-01").sum() == 250
        both = made["visit"].merge(made["customer"], on="customer")
        assert len(both) == len(plain)
        assert (days(both) >= days(both, "since")).all()
        assert days(both).between("2030-01-01", "2032-12-31").all()
