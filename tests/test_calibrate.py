"""An extract of a platform table calibrates the built-in profile."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import generator
from generator.calibrate import match, onto_platform
from generator.calibrate.count import calibrate
from generator.calibrated import Calibration
from generator.domains import calibrated
from generator.errors import ExtractError, ProfileError, RequestError
from generator.fitted import hash_of
from generator.leaves import Choice
from generator.leaves.entry import Entry
from generator.leaves.figures import figures
from generator.schema import Column, Kind, Schema, Table
from generator.summary import tables_of
from tests.other_figures import (
    FIGURES,
    LEAVES,
    OTHER_FIGURES,
    OTHER_LEAVES,
    accuracy,
    drawn,
    drawn_columns,
    other_profile,
)
from tests.world import broken
from tests.world import drawn as world_of

DEALS = 5_000
PLATFORM = generator.automotive().schema


@cache
def real(table: str = "deal", rows: int = DEALS, seed: int = 1) -> pa.Table:
    return drawn(other_profile(), {table: rows}, seed=seed, table=table)


@cache
def fitted(table: str = "deal", rows: int = DEALS) -> generator.Profile:
    """Through typed tables, as from a file."""
    return generator.fit(
        {table: real(table, rows)}, Schema((PLATFORM[table],)), name="ours", onto="automotive"
    )


def extract(**kinds: Kind) -> Schema:
    return Schema((Table("deal", tuple(Column(name, kind) for name, kind in kinds.items())),))


# --- matching --------------------------------------------------------------------------------


def half_of(table: str) -> dict[str, Kind]:
    columns = PLATFORM[table].columns
    return {column.name: column.kind for column in columns[: len(columns) // 2 + 1]}


def test_a_table_is_the_platforms_by_name_with_half_of_its_columns():
    assert generator.calibratable(extract(**half_of("deal"))) == ("deal",)
    few = dict(list(half_of("deal").items())[:10])
    assert generator.calibratable(extract(**few)) == ()


def test_a_single_table_of_another_name_is_found_by_its_columns():
    columns = tuple(Column(name, kind) for name, kind in half_of("sales_lead").items())
    assert generator.calibratable(Schema((Table("leads_2024", columns),))) == ("sales_lead",)


def test_kinds_that_cannot_be_read_do_not_count():
    texts = dict.fromkeys(half_of("deal"), Kind.BOOLEAN)
    assert generator.calibratable(extract(**texts)) == ()


def test_what_is_not_used_is_said_in_a_sentence_each():
    columns = half_of("deal") | {"colour": Kind.TEXT, "sale_price": Kind.BOOLEAN}
    said = match(extract(**columns), PLATFORM).said
    assert "deal.colour: the platform's deal has no such column; it is not used." in said
    assert "deal.sale_price is boolean and the platform's is decimal; it is not used." in said
    assert any("has no" in sentence and "down_payment" in sentence for sentence in said)


def test_an_extract_without_a_platform_table_is_refused():
    with pytest.raises(ExtractError, match=r"No table of the extract \(deal\)"):
        generator.matched(extract(a=Kind.TEXT))
    with pytest.raises(RequestError, match="Nothing can be fitted onto “boats”"):
        generator.matched(extract(**half_of("deal")), "boats")


def onto(values: dict[str, list[object]], **kinds: Kind) -> pa.Table:
    schema = extract(**(half_of("deal") | kinds))
    rows = len(next(iter(values.values())))
    columns = {c.name: values.get(c.name, [None] * rows) for c in schema["deal"].columns}
    typed = {
        name: pa.array(found, schema["deal"].column(name).arrow_type())
        for name, found in columns.items()
    }
    return onto_platform({"deal": pa.table(typed)}, match(schema, PLATFORM))["deal"]


def test_values_are_cast_to_the_platforms_kinds():
    made = onto(
        {
            "product_state_type": ["new", " Used ", None],
            "sale_price": [1234.5, 2.007, None],
            "occurrence_date_time": [date(2024, 1, 2)] * 3,
        },
        product_state_type=Kind.TEXT,
        sale_price=Kind.FLOAT,
        occurrence_date_time=Kind.DATE,
    )
    assert made["product_state_type"].to_pylist() == ["NEW", "USED", None]
    assert [str(price) for price in made["sale_price"].to_pylist()] == ["1234.50", "2.01", "None"]
    assert made.schema.field("occurrence_date_time").type == pa.timestamp("ms", tz="UTC")


def test_a_value_outside_a_closed_list_is_told_by_its_shape():
    with pytest.raises(ExtractError) as refusal:
        onto({"product_state_type": ["NEW", "Bob 42", "Eve 17"]}, product_state_type=Kind.TEXT)
    said = refusal.value.sentence
    assert "column product_state_type: 2 values (of the shape “XXX 99”)" in said.replace(
        "xxx", "XXX"
    )
    assert "allowed are NEW, USED" in said
    assert "Bob" not in said
    assert "BOB" not in said


def test_a_number_the_column_cannot_hold_is_refused_by_name():
    with pytest.raises(
        ExtractError, match=r"Table “deal”, column sale_price: a value is no decimal"
    ):
        onto({"sale_price": [1e15]}, sale_price=Kind.FLOAT)


# --- counting --------------------------------------------------------------------------------


def counted(rows: pa.Table, table: str = "deal", k: int = 20) -> dict[str, dict[str, object]]:
    columns = tuple(replace(c, nullable=True) for c in PLATFORM[table].columns)
    schema = Schema((replace(PLATFORM[table], columns=columns, links=()),))
    return calibrate(tables_of(schema, {table: rows}), figures(), k=k, source="extract x, 9 rows")


def test_figures_are_found_again():
    found = counted(real())["figures"]
    for name in ("new_financed_share", "used_financed_share", "lease_share_new", "abandoned_share"):
        assert found[name]["value"] == pytest.approx(OTHER_FIGURES[name], abs=0.01), name
    for name in ("trade_in_rate", "negative_equity_share", "money_down_share"):
        assert found[name]["value"] == pytest.approx(OTHER_FIGURES[name], abs=0.02), name


def test_leaves_are_found_again():
    found = counted(real())["leaves"]
    u = (np.arange(2000) + 0.5) / 2000
    for name in ("deal.term_months", "deal.product_state_type"):
        written = Entry.read(name, {**LEAVES[name], **OTHER_LEAVES[name]})
        for cell, leaf in written.cells.items():
            shares = Entry.read(name, found[name]).cells[cell].shares
            assert shares == pytest.approx(np.array(leaf.shares) / sum(leaf.shares), abs=0.02)
    ratio = Entry.read("x", found["deal.sale_price_to_msrp"]).cells[()].draw(u)
    assert (ratio.mean(), ratio.std()) == pytest.approx((0.92, 0.04), abs=0.003)


def test_what_is_counted_says_of_what():
    found = counted(real())
    for part in found.values():
        for document in part.values():
            assert document["source"] == "extract x, 9 rows"
            assert "assumption" not in document


def test_nothing_rests_on_fewer_than_k_rows():
    rows = real().slice(0, 300)
    found = counted(rows, k=400)
    assert found == {"leaves": {}, "figures": {}}
    few = counted(rows, k=100)["leaves"]["deal.term_months"]
    alike = {json.dumps(cell["shares"]) for cell in few["cells"] if cell["when"] != ["NEW"]}
    assert len(alike) < 3, "cells of few rows have the leaf of all rows"


def test_no_value_of_fewer_than_k_rows_is_kept():
    price, list_price = (real()[name].to_pylist() for name in ("sale_price", "msrp_price"))
    ratios = {float(f"{float(p) / float(m):.9g}") for p, m in zip(price, list_price, strict=True)}
    kept = counted(real())["leaves"]["deal.sale_price_to_msrp"]["values"]
    assert len(kept) > 50
    assert not ratios & set(kept)


def test_a_rare_label_is_shared_out_as_the_profile_has_it():
    states = ["NEW"] * 600 + ["USED"] * 385 + ["CERTIFIED"] * 15
    rows = pa.table({"product_state_type": states})
    schema = Schema((Table("deal", (PLATFORM["deal"].column("product_state_type"),)),))
    tables = tables_of(schema, {"deal": rows})
    found = calibrate(tables, figures(), k=20, source="x")["leaves"]["deal.product_state_type"]
    assert found["shares"] == pytest.approx({"NEW": 0.609, "USED": 0.391, "CERTIFIED": 0}, abs=1e-3)


def test_what_the_extract_lacks_stays():
    rows = real().drop_columns(["interest_rate", "trade_payoff"])
    columns = tuple(c for c in PLATFORM["deal"].columns if c.name in rows.column_names)
    schema = Schema((replace(PLATFORM["deal"], columns=columns, links=()),))
    found = calibrate(tables_of(schema, {"deal": rows}), figures(), k=20, source="x")
    assert "deal.interest_rate" not in found["leaves"]
    assert "negative_equity_share" not in found["figures"]
    assert "deal.term_months" in found["leaves"]


def shares_of(leaf: Choice) -> dict[str, float]:
    total = sum(leaf.shares)
    return {label: share / total for label, share in zip(leaf.labels, leaf.shares, strict=True)}


def test_the_platforms_own_rows_give_its_own_figures_back():
    """Every “of”, “where”, “by” says what the maker draws: a wrong one would be seen here."""
    world = drawn(generator.automotive(), {"deal": 4_000}, seed=3, table="deal")
    found = counted(world)
    for name, document in found["figures"].items():
        value = figures()[name]
        assert document["value"] == pytest.approx(value, abs=0.02), name
    u = (np.arange(2000) + 0.5) / 2000
    for name, document in found["leaves"].items():
        written, again = figures().entry(name), Entry.read(name, document)
        for cell, leaf in written.cells.items():
            other = again.cells[cell]
            if isinstance(leaf, Choice):
                rare = dict.fromkeys(other.labels, 0.0)
                assert shares_of(other) == pytest.approx({**rare, **shares_of(leaf)}, abs=0.02)
            else:
                mine, theirs = leaf.draw(u), other.draw(u)
                assert abs(mine.mean() - theirs.mean()) < 0.25 * mine.std(), (name, cell)


# --- the calibrated profile --------------------------------------------------------------------


def test_it_draws_the_extracts_distributions():
    profile, columns = fitted(), drawn_columns("deal")
    made = drawn(profile, {"deal": DEALS}, seed=3, table="deal")
    again = real(seed=2)
    reached = accuracy("deal", real(), made, columns)
    ceiling = accuracy("deal", real(), again, columns)
    before = accuracy(
        "deal",
        real(),
        drawn(generator.automotive(), {"deal": DEALS}, seed=3, table="deal"),
        columns,
    )
    for way, score in reached.items():
        assert score >= ceiling[way] - 0.01, way
        assert before[way] < ceiling[way] - 0.1, "the other figures are far away"


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("sales_lead", 4_000),
        ("customer", 4_000),
        ("vehicle", 3_000),
        ("staff_member", 1_500),
        ("vehicle_telemetry_event", 8_000),
    ],
)
def test_other_tables_calibrate_it_as_well(table, rows):
    found = counted(real(table, rows), table)
    profile = calibrated(Calibration("automotive", {table: rows}, found))
    made, columns = drawn(profile, {table: rows}, seed=3, table=table), drawn_columns(table)
    reached = accuracy(table, real(table, rows), made, columns)
    ceiling = accuracy(table, real(table, rows), real(table, rows, seed=2), columns)
    for way, score in reached.items():
        assert score >= ceiling[way] - 0.01, way


def test_its_rules_hold_and_its_counts_are_exact(tmp_path):
    profile = fitted()
    recipe = generator.Recipe.from_dict({"rows": {"deal": 400, "sales_lead": 450}, "seed": 5})
    plan = generator.plan(profile, recipe)
    rows = world_of(plan, profile)
    assert {name: rows[name].num_rows for name in plan.exact} == plan.exact
    assert rows["deal"].num_rows == 400
    assert broken(plan, rows) == {}


def test_its_file_is_the_same_profile(tmp_path):
    profile = fitted()
    generator.save_profile(profile, tmp_path / "a.profile")
    loaded = generator.load_profile(tmp_path / "a.profile")
    generator.save_profile(loaded, tmp_path / "b.profile")
    assert (tmp_path / "a.profile").read_bytes() == (tmp_path / "b.profile").read_bytes()
    assert (loaded.kind, loaded.hash) == ("calibrated", profile.hash)
    assert hash_of(loaded) == loaded.hash
    once, twice = (drawn(one, {"deal": 200}, seed=1, table="deal") for one in (profile, loaded))
    assert once.equals(twice)


def test_its_file_holds_no_key_and_no_row(tmp_path):
    generator.save_profile(fitted(), tmp_path / "a.profile")
    with zipfile.ZipFile(tmp_path / "a.profile") as packed:
        assert packed.namelist() == ["profile.json"]
        text = packed.read("profile.json").decode()
    for column in ("deal_key", "customer_key", "inventory_vehicle_key"):
        assert not any(value in text for value in real()[column].to_pylist()[:200])


def test_it_is_compared_with_the_extract():
    profile = fitted()
    assert set(profile.summary.tables) == {"deal"}
    assert "sale_price" in profile.summary.tables["deal"].columns
    assert "contract_date_time" not in profile.summary.tables["deal"].columns
    about_deals = [r for r in profile.references if r.table == "deal"]
    assert {r.confidence for r in about_deals} == {"rule"}
    assert any(r.table == "sales_lead" for r in profile.references)


def test_its_certificate_says_what_a_trial_reached():
    certificate = fitted().certificate
    assert certificate["rows"] == {"deal": [DEALS // 2, DEALS // 2]}
    assert certificate["scores"]["univariate"]["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"leaves": {"deal.hat": {"leaf": "constant", "value": 1}}}, "no such entry"),
        ({"leaves": {"deal.payoff_share": {}}}, "no leaf for some"),
        ({"leaves": {"deal.payoff_share": {"leaf": "choice", "shares": {"a": 1}}}}, "draw numbers"),
        ({"leaves": {"deal.payoff_share": {"leaf": "constant", "value": 1e300}}}, "beyond"),
        ({"leaves": {"deal.product_state_type": {"leaf": "choice", "shares": {"a": 1}}}}, "labels"),
        ({"leaves": {"deal.down_payment": {"leaf": "constant", "value": 1}}}, "by"),
        ({"figures": {"walk_in_share": {"value": 1.5}}}, "between 0 and 1"),
        ({"figures": {"walk_in_share": {"value": "x"}}}, "made like"),
        ({"figures": {"walk_in_share": {}}}, "made like"),
        ({"figures": {"trade_in_rate": {"value": {"NEW": 0.5}}}}, "made like"),
        ({"figures": {"luxury_makes": {"value": []}}}, "counted from nothing"),
        ({"leaves": {"commute_miles": {"leaf": "constant", "value": 0}}}, "counted from nothing"),
    ],
)
def test_entries_that_do_not_fit_are_refused_by_name(overlay, said):
    with pytest.raises(ProfileError, match=said):
        calibrated(Calibration("automotive", {}, overlay))


@pytest.mark.parametrize(
    "change",
    [
        {"base": "boats"},
        {"base": None},
        {"rows": []},
        {"rows": {"deal": -1}},
        {"entries": []},
        {"entries": {"leaves": []}},
        {"entries": {"leaves": {"deal.payoff_share": 1}}},
    ],
)
def test_a_crafted_file_is_refused_with_a_sentence(tmp_path, change):
    generator.save_profile(fitted(), tmp_path / "a.profile")
    with zipfile.ZipFile(tmp_path / "a.profile") as packed:
        document = json.loads(packed.read("profile.json"))
    document["calibration"] |= change
    with zipfile.ZipFile(tmp_path / "b.profile", "w") as packed:
        packed.writestr("profile.json", json.dumps(document))
    with pytest.raises(ProfileError, match=r"\.$"):
        generator.load_profile(tmp_path / "b.profile")


def test_the_command_line_fits_a_file_onto_it(tmp_path, capsys):
    from generator.__main__ import main

    rows = real().slice(0, 900)
    pa.csv.write_csv(rows.append_column("colour", pa.array(["red"] * 900)), tmp_path / "deal.csv")
    out = tmp_path / "ours.profile"
    assert main(["fit", str(tmp_path / "deal.csv"), "--onto", "automotive", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "deal is the platform's deal" in said
    assert "deal.colour: the platform's deal has no such column; it is not used." in said
    folder = tmp_path / "bundle"
    asked = ["--profile", str(out), "--rows", "deal=60", "--out", str(folder)]
    assert main(["sample", *asked]) == 0
    with (folder / "deal.csv").open(encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 61
    compared = json.loads((folder / "comparison.json").read_text("utf-8"))
    labels = {(e["table"], e["column"]): e["reference_label"] for e in compared["columns"]}
    assert labels["deal", "sale_price"] == "extract"
    assert labels["deal", "contract_date_time"] is None, "moments follow the recipe"
    assert labels["inventory_vehicle", "list_price"] is None
    assert ("deal", "dealer_key") not in labels, "a key is nothing to compare"
    about = {figure["table"] for figure in compared["references"]}
    assert {"sales_lead", "inventory_vehicle"} <= about
    assert compared["scores"]["univariate"]["accuracy"] > 0.9
    assert main(["validate", str(folder)]) == 0
    assert generator.open_bundle(folder).profile == "automotive", "its rules are the platform's"
    checked = {rule["id"] for rule in generator.validate_folder(folder)["rules"]}
    assert {rule.id for rule in generator.automotive().rules if rule.table == "deal"} <= checked


@pytest.mark.parametrize("share", [0.0652, 0.0676, 0.0836])
def test_every_number_of_deals_can_be_had_with_any_share(share):
    """2,500 × 0.0652 is 163, and a little less in floats: that must refuse nobody."""
    figured = {"abandoned_share": {**FIGURES["abandoned_share"], "value": share}}
    profile = calibrated(Calibration("automotive", {}, {"figures": figured}))
    recipe = generator.Recipe.from_dict({"rows": {"deal": 2_500}})
    assert generator.plan(profile, recipe).count("deal") == 2_500


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nobody_and_everybody_are_shares_too(share):
    """An extract without a financed car, or of nothing else."""
    figured = {
        name: {**document, "value": made_alike(document["value"], share)}
        for name, document in FIGURES.items()
        if "of" in document
    }
    for name, document in figured.items():
        profile = calibrated(Calibration("automotive", {}, {"figures": {name: document}}))
        assert drawn(profile, {"deal": 30}, seed=1, table="deal").num_rows == 30, name


def made_alike(value, share):
    return dict.fromkeys(value, share) if isinstance(value, dict) else share
