"""What never comes twice under one parent stays so, however many rows are asked for."""

import json

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import load_profile, save_profile
from generator.schema import Column, Kind, Link, Schema, Table
from tests.rows import drawn, drawn_of

SHOPS, RULE = 240, "shop and model never come twice together"


def extract():
    """Each shop has some models, each once, at prices of that kind; and counts of some days, in
    their order, none of them twice."""
    rng = np.random.default_rng(1)
    stock, count = [], []
    for shop in range(SHOPS):
        models = rng.choice(12, rng.integers(2, 9), replace=False)
        stock += [(shop, f"m{model:02}", 100 + 10 * (model // 2)) for model in models.tolist()]
        days = np.sort(rng.choice(60, rng.integers(2, 9), replace=False))
        count += [(shop, np.datetime64("2024-01-01") + int(day), int(day) % 7) for day in days]
    return {
        "shop": pa.table({"shop": np.arange(SHOPS), "size": ["big", "small"] * (SHOPS // 2)}),
        "stock": pa.table(
            dict(zip(("shop", "model", "price"), zip(*stock, strict=True), strict=True))
        ),
        "count": pa.table(
            {
                "shop": [one[0] for one in count],
                "day": pa.array(np.array([one[1] for one in count])),
                "left": [one[2] for one in count],
            }
        ),
    }


def schema():
    whole, text = Kind.INTEGER, Kind.TEXT
    link = (Link("shop", "shop", "shop", "parent"),)
    shop = Table("shop", (Column("shop", whole, unique=True), Column("size", text)), "shop")
    stock = (Column("shop", whole), Column("model", text), Column("price", whole))
    count = (Column("shop", whole), Column("day", Kind.DATE), Column("left", whole))
    return Schema((shop, Table("stock", stock, None, link), Table("count", count, None, link)))


@pytest.fixture(scope="module")
def profile():
    return fit(extract(), schema(), name="shops")


def test_rules_are_found_and_kept_for_few_rows_and_many(profile, tmp_path):
    assert f"{RULE}." in [rule.text for rule in profile.rules]
    assert "shop and day never come twice together." in [rule.text for rule in profile.rules]
    path = tmp_path / "shops.profile"
    save_profile(profile, path)
    for rows in (400, 1200, 1900):
        made = drawn(load_profile(path), shop=SHOPS, stock=rows, count=rows)
        assert len(made["stock"]) == len(made["count"]) == rows
        assert not made["stock"].duplicated(["shop", "model"]).any()
        assert not made["count"].duplicated(["shop", "day"]).any()


def test_what_the_columns_say_stays(profile):
    made, real = drawn(profile), extract()["stock"].to_pandas()
    stock = made["stock"]
    shares = [one.model.astype(str).value_counts(normalize=True) for one in (real, stock)]
    assert shares[0].sub(shares[1], fill_value=0).abs().max() < 0.03
    assert (stock.price == 100 + 10 * (stock.model.astype(str).str[1:].astype(int) // 2)).all()
    assert drawn(profile)["stock"].equals(stock)


def test_more_rows_than_there_are_values_are_refused(profile):
    with pytest.raises(RequestError, match="at most 2,880 of them"):
        drawn(profile, shop=SHOPS, stock=12 * SHOPS + 1)


def test_the_rule_can_be_left_out_and_bundles_are_checked(profile, tmp_path):
    two = Schema((schema()["shop"], schema()["stock"]))
    tables = {name: table for name, table in extract().items() if name in two}
    freed = fit(tables, two, name="s", no_rules=[f"stock: {RULE}"])
    assert f"{RULE}." not in [rule.text for rule in freed.rules]
    made = drawn(freed)["stock"]
    assert made.duplicated(["shop", "model"]).any()  # it takes the rule
    recipe = generator.Recipe.from_dict({"seed": 1})
    generator.sample(profile, generator.plan(profile, recipe), tmp_path / "out")
    found = json.loads((tmp_path / "out" / "manifest.json").read_text())["found"]
    assert "once" in [one["rule"]["kind"] for one in found]
    assert generator.validate_folder(tmp_path / "out")["ok"]


@pytest.mark.parametrize(
    ("table", "text", "met", "both"),
    [
        ("stock", "price > 130", lambda rows: rows.price > 130, ["shop", "model"]),
        ("stock", "model == 'm03'", lambda rows: rows.model == "m03", ["shop", "model"]),
        ("count", "left == 2", lambda rows: rows.left == 2, ["shop", "day"]),
    ],
)
def test_rows_that_meet_something_never_come_twice_either(profile, table, text, met, both):
    plain = drawn(profile)[table]
    count = min(int(met(plain).sum() * 1.7), SHOPS - 30)
    made = drawn_of(
        profile, {"seed": 3, "where": {table: {text: count}}, "rows": {table: len(plain)}}
    )
    rows = made[table]
    assert met(plain).sum() != count == met(rows).sum()
    assert len(rows) == len(plain)
    assert not rows.duplicated(both).any()
    assert rows.shop.isin(made["shop"].shop).all()
    if table == "stock":
        assert (rows.price == 100 + 10 * (rows.model.astype(str).str[1:].astype(int) // 2)).all()


def test_what_shops_have_once_bounds_how_many_rows_can_meet_it(profile):
    with pytest.raises(RequestError, match=r"about 2\d\d rows at most can meet") as refused:
        drawn_of(
            profile,
            {"where": {"stock": {"model == 'm03'": SHOPS + 60}}, "rows": {"stock": 1200}},
        )
    assert refused.value.field == "where.stock"
