"""Tables learnt and drawn along their links."""

import sqlite3

import numpy as np
import pytest

import generator
from generator.fit import fit, linked_halves
from generator.fitted import load_profile, save_profile
from generator.plan import plan
from generator.recipe import Recipe
from generator.schema import Column, Kind, Link, Schema, Table
from tests.shop import CUSTOMERS, shop_schema, shop_tables


@pytest.fixture(scope="module")
def extract():
    return shop_tables()


@pytest.fixture(scope="module")
def profile(extract):
    return fit(extract, shop_schema(), name="shop")


def drawn(profile, **recipe):
    planned = plan(profile, Recipe.from_dict({"seed": 3, **recipe}))
    drawing = profile.world.open(planned)
    parts = {}
    for shard in planned.shards:
        for name, rows in drawing.draw(shard):
            parts.setdefault(name, []).append(rows.to_pandas())
    import pandas as pd

    return {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}


@pytest.fixture(scope="module")
def made(profile):
    return drawn(profile)


@pytest.fixture(scope="module")
def real(extract):
    return {name: table.to_pandas() for name, table in extract.items()}


def test_every_table_has_exactly_its_rows(profile, made, real):
    assert {name: len(rows) for name, rows in made.items()} == {n: len(r) for n, r in real.items()}
    asked = drawn(profile, rows={"customer": 777, "movement": 4321, "wish": 1001})
    assert [len(asked[name]) for name in ("customer", "movement", "wish")] == [777, 4321, 1001]


def test_nobody_is_an_orphan_and_keys_are_unique(profile, made):
    for table in profile.schema:
        rows = made[table.name]
        assert not rows.duplicated(list(table.key_columns)).any(), table.name
        for link in table.links:
            held = rows[link.column].dropna()
            assert held.isin(made[link.parent][link.parent_column]).all(), link


def test_keys_keep_their_form(made):
    assert made["shop"]["shop"].str.fullmatch(r"S\d{5}").all()
    assert made["product"]["product"].str.fullmatch(r"P-\d{3}").all()
    assert made["movement"]["movement"].str.fullmatch(r"M\d{7}").all()


def test_children_depend_on_their_parents_columns(made, real):
    for tables in (real, made):
        joined = tables["customer"].merge(tables["shop"], on="shop")
        share = (joined["group"] == "trade").groupby(joined["size"]).mean()
        assert share["big"] == pytest.approx(0.9, abs=0.06)
        assert share["small"] == pytest.approx(0.2, abs=0.06)


def test_a_grandparents_columns_reach_the_grandchild(made, real):
    """Movements are many under big shops; the customer itself does not say which those are."""
    number = {}
    for side, tables in (("real", real), ("made", made)):
        held = tables["movement"].groupby("customer").size()
        rows = tables["customer"].assign(n=tables["customer"]["customer"].map(held).fillna(0))
        number[side] = rows.merge(tables["shop"], on="shop").groupby("size")["n"].mean()
    for size in ("big", "small"):
        assert number["made"][size] == pytest.approx(number["real"][size], rel=0.15)


def test_parents_without_children_come_as_often(made, real):
    none = [1 - t["movement"]["customer"].nunique() / len(t["customer"]) for t in (real, made)]
    assert none[1] == pytest.approx(none[0], abs=0.04)
    shops = [t["customer"].groupby("shop").size().median() for t in (real, made)]
    assert abs(shops[0] - shops[1]) <= 1


def test_one_to_one_stays_so_and_depends_on_its_parent(made, real):
    assert made["account"]["customer"].is_unique
    for tables in (real, made):
        joined = tables["account"].merge(tables["customer"], on="customer")
        assert (joined[joined["group"] == "trade"]["limit"] >= 5000).mean() > 0.98
        share = (
            len(joined[joined["group"] == "trade"]) / (tables["customer"]["group"] == "trade").sum()
        )
        assert share == pytest.approx(0.9, abs=0.06)


def test_many_to_many_combinations_are_unique_and_lean_on_both_sides(made):
    wish = made["wish"]
    assert not wish.duplicated(["customer", "product"]).any()
    joined = wish.merge(made["product"], on="product")
    assert (joined[joined["sort"] == "toy"]["stars"] == 4).mean() > 0.95
    assert (joined[joined["sort"] == "tool"]["stars"] == 4).mean() < 0.05


def test_popular_rows_are_pointed_at_as_often(made, real):
    for child, column in (("wish", "product"), ("movement", "via")):
        share = []
        for tables in (real, made):
            held = tables[child][column].value_counts(normalize=True)
            share.append(held.head(24).sum())
        assert share[1] == pytest.approx(share[0], abs=0.08), child


def test_a_link_within_a_table_has_no_circle(made):
    shop = made["shop"]
    assert shop["head"].isna().mean() == pytest.approx(0.1, abs=0.05)
    place = dict(zip(shop["shop"], range(len(shop)), strict=True))
    heads = shop["head"].dropna().map(place)
    assert (heads < heads.index).all()


def test_a_running_balance_is_exact_and_never_broken(made):
    rows = made["movement"]
    before = rows.groupby("customer")["balance"].shift(fill_value=0)
    sign = np.where(rows["sort"] == "in", 1, -1)
    assert (rows["balance"] == before + sign * rows["amount"]).all()
    assert (rows["balance"] >= 0).all()


def test_times_go_on_within_the_window_of_the_parent(made, real):
    rows = made["movement"].merge(made["customer"], on="customer")
    assert (rows["day"] >= rows["since"]).all()
    gaps = []
    for tables in (real, made):
        day = tables["movement"]["day"].astype("datetime64[s]")
        gap = day.groupby(tables["movement"]["customer"]).diff().dropna().dt.days
        assert (gap >= 0).all()
        gaps.append(gap.value_counts(normalize=True).reindex([1, 7, 30]).to_numpy())
    assert np.abs(gaps[0] - gaps[1]).max() < 0.05


def test_lines_count_on_under_each_parent(made):
    rows = made["movement"]
    assert (rows["line"] == rows.groupby("customer").cumcount() + 1).all()


def test_a_link_may_be_missing_where_the_extract_says_so(made):
    rows = made["movement"]
    assert rows[rows["sort"] == "in"]["via"].isna().mean() > 0.98
    assert rows[rows["sort"] == "out"]["via"].notna().mean() > 0.98


def test_shards_may_come_in_any_order_and_from_any_process(profile, monkeypatch):
    monkeypatch.setattr("generator.fitted.family.FAMILY_ROWS", 1500)
    monkeypatch.setattr("generator.fitted.family.HELD_ROWS", 100)
    planned = plan(profile, Recipe.from_dict({"seed": 3}))
    assert len(planned.shards) > 8
    alone, together = [], profile.world.open(planned)
    for shard in reversed(planned.shards):
        drawing = profile.world.open(planned)
        alone.append((drawing.starts(shard), list(drawing.draw(shard))))
    for shard, (starts, parts) in zip(planned.shards, reversed(alone), strict=True):
        again = list(together.draw(shard))
        assert together.starts(shard) == starts
        assert [name for name, _ in again] == [name for name, _ in parts]
        assert all(one.equals(other) for (_, one), (_, other) in zip(again, parts, strict=True))
    rows = drawn(profile)
    assert {name: len(rows[name]) for name in rows} == {c.table: c.rows for c in planned.counts}
    for table in profile.schema:
        assert not rows[table.name].duplicated(list(table.key_columns)).any(), table.name
        for link in table.links:
            held = rows[table.name][link.column].dropna()
            assert held.isin(rows[link.parent][link.parent_column]).all(), link


def test_the_seed_alone_says_which_rows_of_every_table(profile, made):
    again, other = drawn(profile), drawn(profile, seed=4)
    for name, rows in made.items():
        assert rows.equals(again[name]), name
        keys = set(profile.schema[name].key_columns)
        drawn_ones = [c for c in rows.columns if c not in keys]
        assert not rows[drawn_ones].equals(other[name][drawn_ones]), name


def test_the_file_holds_all_of_it(profile, tmp_path):
    path = tmp_path / "shop.profile"
    save_profile(profile, path)
    again = load_profile(path)
    assert again.hash == profile.hash
    first, second = drawn(profile), drawn(again)
    assert all(first[name].equals(second[name]) for name in first)


def test_a_bundle_is_checked_and_its_dump_loads_with_foreign_keys_on(profile, tmp_path):
    recipe = Recipe.from_dict({"seed": 3, "formats": ["csv", "sqlite"], "rows": {"customer": 300}})
    planned = plan(profile, recipe)
    generator.sample(profile, planned, tmp_path / "out", workers=1)
    checked = generator.validate_folder(tmp_path / "out")
    assert checked["ok"], [rule for rule in checked["rules"] if rule["broken"]]
    assert checked["links"]["orphans"] == 0
    with sqlite3.connect(tmp_path / "out" / "bundle.sqlite3") as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_preview_shows_rows_that_meet(profile):
    planned = plan(profile, Recipe.from_dict({"seed": 3}))
    glance = generator.preview(profile, planned, rows=10)
    assert {name: rows.num_rows for name, rows in glance.items()} == dict.fromkeys(glance, 10)


def test_what_cannot_be_met_is_refused_with_a_sentence(profile):
    with pytest.raises(generator.PlanError, match="at most"):
        plan(profile, Recipe.from_dict({"rows": {"customer": 10, "account": 20}}))
    with pytest.raises(generator.PlanError, match="none are asked for"):
        plan(profile, Recipe.from_dict({"rows": {"customer": 0, "movement": 20}}))


def test_a_certificate_holds_families_against_families(extract):
    profile = generator.fit(extract, shop_schema(), name="shop")
    certificate = profile.certificate
    assert certificate["rows"]["customer"][0] == pytest.approx(CUSTOMERS / 2, rel=0.2)
    assert certificate["scores"]["links"]["joins"]["score"] > 0.8
    assert "product" not in certificate["rows"]  # it stands on both sides


def test_the_halves_share_no_family_and_nobody_is_an_orphan(extract):
    schema = shop_schema()
    first, second = linked_halves(schema, extract, seed=2, most=400)
    for part in (first, second):
        assert 0 < part["movement"].num_rows < 800
        for table in schema:
            for link in table.links:
                if link.parent == table.name:
                    continue  # whoever is above a row may be in the other half
                held = set(part[table.name][link.column].drop_null().to_pylist())
                assert held <= set(part[link.parent][link.parent_column].to_pylist()), link
    keys = [set(part["customer"]["customer"].to_pylist()) for part in (first, second)]
    assert not keys[0] & keys[1]


def test_what_cannot_be_learnt_of_a_link_is_said(extract):
    import pyarrow as pa

    account = extract["account"]
    keys = account["customer"].to_pylist()
    nobody = pa.array([10_000 + key if at < 7 else key for at, key in enumerate(keys)])
    broken = {**extract, "account": account.set_column(0, "customer", nobody)}
    said = generator.not_learnt(broken, shop_schema())
    assert any(
        sentence.startswith("account.customer: 7 of ") and "lead to no row of customer" in sentence
        for sentence in said
    )
    assert not any("10000" in sentence for sentence in said)
    rows = drawn(fit(broken, shop_schema(), name="broken"))
    assert rows["account"]["customer"].isin(rows["customer"]["customer"]).all()
    assert generator.not_learnt(extract, shop_schema()) == ()


def test_links_that_go_round_in_a_circle_are_said_and_lead_somewhere():
    import pyarrow as pa

    draw = np.random.default_rng(1)
    desks = pa.table(
        {
            "desk": [f"D{at:04d}" for at in range(300)],
            "chief": pa.array([f"W{at:04d}" for at in draw.integers(0, 900, 300)]),
        }
    )
    workers = pa.table(
        {
            "worker": [f"W{at:04d}" for at in range(900)],
            "desk": [f"D{at:04d}" for at in draw.integers(0, 300, 900)],
        }
    )
    text = Kind.TEXT
    schema = Schema(
        (
            Table(
                "desk",
                (Column("desk", text, unique=True), Column("chief", text, nullable=True)),
                "desk",
                (Link("chief", "worker", "worker"),),
            ),
            Table(
                "worker",
                (Column("worker", text, unique=True), Column("desk", text)),
                "worker",
                (Link("desk", "desk", "desk"),),
            ),
        )
    )
    tables = {"desk": desks, "worker": workers}
    (said,) = generator.not_learnt(tables, schema)
    assert "circle" in said
    rows = drawn(fit(tables, schema, name="circle"))
    assert rows["desk"]["chief"].dropna().isin(rows["worker"]["worker"]).all()
    assert rows["worker"]["desk"].isin(rows["desk"]["desk"]).all()
