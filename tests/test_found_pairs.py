"""Two columns that never come twice together stay so, for any number of rows that have room."""

import json
import warnings
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile
from generator.found.distinct import distinct
from generator.summary import tables_of
from tests.crafted import DOCUMENT, changed_documents, packed
from tests.extracts import random, ready
from tests.faults_drawn import drawn

RULE = "dealer and day never come twice together"


def sales(*, seed: int = 3) -> pa.Table:
    """Dealers of different sizes, each with some days of two years and no day twice."""
    rng = random(seed)
    rows = []
    for dealer in range(12):
        days = np.sort(rng.choice(730, 40 + 35 * dealer, replace=False))
        sold = rng.poisson(3 + dealer, len(days))
        rows += [
            {
                "dealer": f"D{dealer:02}",
                "day": str(np.datetime64("2023-01-01") + day),
                "sold": str(n),
            }
            for day, n in zip(days.tolist(), sold.tolist(), strict=True)
        ]
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def profile():
    tables, schema = ready(sales(), "sales")
    return fit(tables, schema, name="sales")


def rows_of(profile, rows, **asked):
    recipe = generator.Recipe.from_dict({"seed": 4, "rows": {"sales": rows}, **asked})
    planned = generator.plan(profile, recipe)
    drawing = profile.world.open(planned)
    parts = [part for shard in planned.shards for _, part in drawing.draw(shard)]
    return pa.concat_tables(parts)


def told(rows):
    return rows.to_pandas().astype({"dealer": str, "day": str, "sold": int})


def test_the_rule_is_found_and_kept_for_few_rows_and_many(profile):
    assert [rule.text for rule in profile.rules] == [f"{RULE}."]
    for rows in (1, 50, 2790, 7000):
        made = rows_of(profile, rows)
        assert made.num_rows == rows
        assert not made.to_pandas().duplicated(["dealer", "day"]).any()


def test_what_the_columns_say_stays(profile):
    real, made = sales().to_pandas(), rows_of(profile, 2790).to_pandas()
    shares = (one.dealer.astype(str).value_counts(normalize=True) for one in (real, made))
    true, drawn_ = shares
    assert (true - drawn_).abs().max() < 0.005
    assert str(made.day.min()) >= "2022-12-20"
    assert str(made.day.max()) <= "2025-01-10"
    means = [
        one.astype({"sold": float, "dealer": str}).groupby("dealer").sold.mean()
        for one in (real, made)
    ]
    assert (means[0] - means[1]).abs().max() < 1.5


def test_the_same_rows_whatever_the_shards(profile, monkeypatch):
    monkeypatch.setattr("generator.fitted.world.BLOCK_ROWS", 256)
    whole = rows_of(profile, 3000)
    monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", 768)
    assert rows_of(profile, 3000).to_pylist() == whole.to_pylist()


def test_more_rows_than_there_are_pairs_are_refused(profile):
    with pytest.raises(RequestError, match="cannot all differ in dealer and day") as refused:
        rows_of(profile, 12 * 800)
    assert refused.value.field == "rows.sales"


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("sold > 9", lambda rows: rows.sold > 9),
        ("dealer == 'D03'", lambda rows: rows.dealer == "D03"),
        (
            "day > '2024-06-01' and sold > 6",
            lambda rows: (rows.day > "2024-06-01") & (rows.sold > 6),
        ),
    ],
)
def test_rows_that_meet_something_never_come_twice_either(profile, text, met, monkeypatch):
    plain = told(rows_of(profile, 2500))
    for shard in (65_536, 700):
        monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", shard)
        monkeypatch.setattr("generator.fitted.family.HELD_ROWS", shard)
        count = int(met(plain).sum() * 1.6)
        rows = told(rows_of(profile, 2500, where={"sales": {text: count}}))
        assert met(plain).sum() != count == met(rows).sum()
        assert len(rows) == 2500
        assert not rows.duplicated(["dealer", "day"]).any()
        days = rows.groupby("dealer").sold.mean()
        assert days["D11"] > days["D01"] + 5  # what depends on the pair follows


def test_no_more_rows_can_meet_it_than_there_are_pairs(profile):
    with pytest.raises(RequestError, match=r"about 7\d\d rows at most can meet"):
        rows_of(profile, 2500, where={"sales": {"dealer == 'D03'": 900}})
    rows = told(rows_of(profile, 700, where={"sales": {"dealer == 'D03'": 700}}))
    assert (rows.dealer == "D03").all()
    assert not rows.duplicated("day").any()


def test_a_pair_that_repeats_is_told(profile):
    made = rows_of(profile, 400)
    (rule,) = profile.rules
    assert rule.verdict(tables_of(profile.schema, {"sales": made})).broken == 0
    twice = pa.concat_tables([made, made.slice(7, 2)])
    assert rule.verdict(tables_of(profile.schema, {"sales": twice})).broken == 2


def test_the_composite_key_of_the_faults_is_kept():
    found = drawn("composite-key.csv")
    pairs = list(zip(found.made["dealer"], found.made["day"], strict=True))
    assert len(set(pairs)) == len(pairs) == 1200
    assert set(pairs) == set(zip(found.real["dealer"], found.real["day"], strict=True))


def test_a_rule_made_wrong_is_refused_or_drawn(profile, tmp_path):
    path = tmp_path / "x.profile"
    save_profile(profile, path)
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    document = json.loads(entries[DOCUMENT])
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (rule,) = document["tables"]["sales"]["rules"]
        for _, one in list(changed_documents(rule))[::3]:
            document["tables"]["sales"]["rules"] = ["@"]
            text = json.dumps(document).replace('"@"', one.decode(), 1)
            path.write_bytes(packed({**entries, DOCUMENT: text.encode()}))
            try:
                rows_of(generator.load_profile(path), rows=40)
            except RequestError:
                refused += 1
    assert refused > 12


@pytest.fixture(scope="module")
def three():
    """A price a make, a body and a month, each once; some makes build no vans."""
    rng = random(5)
    rows = []
    for make in range(8):
        for body in ("suv", "van", "coupe"):
            months = rng.choice(120, 0 if make > 5 and body == "van" else 60, replace=False)
            rows += [
                {
                    "make": f"m{make}",
                    "body": body,
                    "month": str(month),
                    "price": str(20 + make + month % 3),
                }
                for month in np.sort(months).tolist()
            ]
    tables, schema = ready(pa.Table.from_pylist(rows), "prices")
    return fit(tables, schema, name="prices")


def test_three_columns_never_come_twice_together(three, tmp_path):
    text = "body, make and month never come twice together"
    assert [rule.text for rule in three.rules] == [f"{text}."]
    path = tmp_path / "prices.profile"
    save_profile(three, path)
    for profile in (three, generator.load_profile(path)):
        for rows in (7, 1300, 2600):
            recipe = generator.Recipe.from_dict({"seed": 4, "rows": {"prices": rows}})
            planned = generator.plan(profile, recipe)
            drawing = profile.world.open(planned)
            parts = [part for shard in planned.shards for _, part in drawing.draw(shard)]
            made = pa.concat_tables(parts).to_pandas()
            assert len(made) == rows
            assert not made.duplicated(["make", "body", "month"]).any()
            assert not ((made.make.isin(["m6", "m7"])) & (made.body == "van")).any()
    with pytest.raises(RequestError, match=r"body, make and month"):
        generator.plan(three, generator.Recipe.from_dict({"rows": {"prices": 9000}}))


@pytest.mark.parametrize("twice", [False, True])
def test_one_row_that_comes_twice_among_many_is_enough(twice):
    chosen = random(6).choice(40**3, 20_000, replace=False)
    chosen[-1] = chosen[-2] if twice else chosen[-1]
    values = {"a": chosen % 40, "b": chosen // 40 % 40, "c": chosen // 1600}
    found = [rule for rule in distinct(values, 20) if rule.further]
    assert len(found) == (0 if twice else 1)
