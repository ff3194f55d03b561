"""Rules that all rows of an extract keep: found, shown, kept by every new row, checked, and refused
in a file that somebody brought where they do not fit."""

import json
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.__main__ import main
from generator.errors import RequestError
from generator.fit import fit, found_rules
from generator.fitted import rules_document, rules_from, save_profile
from generator.summary import tables_of
from tests.crafted import DOCUMENT, changed_documents, packed
from tests.extracts import cars, random, ready
from tests.faults_drawn import FAULTS
from tests.ruled import RULES, orders


@pytest.fixture(scope="module")
def learnt():
    tables, schema = ready(orders(), "orders")
    return fit(tables, schema, name="orders", seed=1)


def rows_of(profile, rows=4000, seed=9):
    asked = {"rows": {"orders": rows}, "seed": seed}
    planned = generator.plan(profile, generator.Recipe.from_dict(asked))
    drawing = profile.world.open(planned)
    return pa.concat_tables([part for shard in planned.shards for _, part in drawing.draw(shard)])


@pytest.fixture(scope="module")
def made(learnt):
    return rows_of(learnt)


def texts(profile):
    return [rule.text.removesuffix(".") for rule in profile.rules]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_that_all_rows_keep_is_found(learnt, rule):
    assert rule in texts(learnt)


def test_every_new_row_keeps_every_rule(learnt, made):
    tables = tables_of(learnt.schema, {"orders": made})
    for rule in learnt.rules:
        assert rule.obeyed(tables).all(), rule.text


def test_the_rules_say_what_rows_show(made):
    """Held against the values themselves, not by the rules' own words."""
    frame = made.to_pandas()
    assert (frame.begun <= frame.ended).all()
    assert (frame.ended.dt.date == frame.paid_on).all()
    cents = {n: (frame[n].astype(float) * 100).round() for n in ("net", "tax", "fee", "shipping")}
    gross = (
        frame.gross.astype(str).str.strip("$").str.replace(",", "").astype(float) * 100
    ).round()
    assert (gross == cents["net"] + cents["tax"]).all()
    total = (frame.total.astype(float) * 100).round()
    assert (total == gross + cents["fee"] + cents["shipping"]).all()
    assert (frame.closed.isna() == frame.closed_by.isna()).all()
    assert 0.3 < frame.closed.isna().mean() < 0.5


def test_what_rules_are_about_keeps_its_figures(made):
    real, frame = orders().to_pandas(), made.to_pandas()
    for name in ("net", "minutes", "total"):
        true, drawn = real[name].astype(float), frame[name].astype(float)
        assert abs(drawn.mean() - true.mean()) < 0.12 * true.std(), name
        assert abs(drawn.std() / true.std() - 1) < 0.25, name


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rows_that_break_a_rule_are_told(learnt, made, rule):
    """The values of the column that keeps it, dealt out the other way round."""
    found = next(one for one in learnt.rules if one.text == f"{rule}.")
    gives = found.check.found.gives
    column = made.column(gives).combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    turned = pa.array(column.to_pylist()[::-1], column.type)
    broken = made.set_column(made.column_names.index(gives), gives, turned)
    kept = found.obeyed(tables_of(learnt.schema, {"orders": broken}))
    assert np.mean(~kept) > 0.03


def test_a_rule_by_chance_is_none():
    rng = random(5)
    first = rng.integers(0, 50, 400)
    apart = {"a": first, "b": first + 100 + rng.integers(0, 9, 400), "c": rng.integers(0, 50, 400)}
    table = pa.table({name: values.astype(str).tolist() for name, values in apart.items()})
    tables, schema = ready(table, "t")
    assert found_rules(tables, schema) == []  # a < b, but no a lies where a b could
    broken = orders(400).to_pylist()
    broken[7]["ended"] = "2001-01-01 00:00:00"
    tables, schema = ready(pa.Table.from_pylist(broken), "orders")
    assert "orders: begun <= ended" not in found_rules(tables, schema)


def test_a_rule_can_be_left_out():
    tables, schema = ready(orders(600), "orders")
    names = found_rules(tables, schema)
    assert "orders: gross = net + tax" in names
    without = fit(tables, schema, name="x", no_rules=["orders: begun <= ended"])
    assert "begun <= ended" not in texts(without)
    assert "ended <= shipped" in texts(without)


def test_the_same_rows_whatever_the_shards(learnt, monkeypatch):
    monkeypatch.setattr("generator.fitted.world.BLOCK_ROWS", 256)
    whole = rows_of(learnt)
    monkeypatch.setattr("generator.fitted.family.SHARD_ROWS", 768)
    assert rows_of(learnt).to_pylist() == whole.to_pylist()


def test_the_file_keeps_the_rules(learnt, made, tmp_path):
    path = tmp_path / "x.profile"
    save_profile(learnt, path)
    again = generator.load_profile(path)
    assert texts(again) == texts(learnt)
    assert rows_of(again).equals(made)


def test_rules_made_wrong_are_refused_or_drawn(learnt, tmp_path):
    path = tmp_path / "x.profile"
    save_profile(learnt, path)
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    document = json.loads(entries[DOCUMENT])
    rules = document["tables"]["orders"]["rules"]
    kinds = {rule["kind"]: rule for rule in rules}
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in kinds:
            for _, one in list(changed_documents(kinds[kind]))[::16]:
                text = json.dumps([*(r for r in rules if r["kind"] != kind), "@"])
                document["tables"]["orders"]["rules"] = []
                whole = json.dumps(document).replace(
                    '"rules": []', f'"rules": {text.replace(json.dumps("@"), one.decode())}', 1
                )
                path.write_bytes(packed({**entries, DOCUMENT: whole.encode()}))
                try:
                    rows_of(generator.load_profile(path), rows=50)
                except RequestError:
                    refused += 1
    assert refused > 25


def test_a_rule_about_columns_in_the_wrong_order_is_refused(learnt, tmp_path):
    leaves = learnt.world.tables["orders"]
    turned = replace(leaves, columns=dict(reversed(leaves.columns.items())))
    path = tmp_path / "x.profile"
    save_profile(replace(learnt, world=replace_tables(learnt, turned)), path)
    with pytest.raises(RequestError):
        generator.load_profile(path)


def replace_tables(profile, leaves):
    return type(profile.world)(profile.schema, {"orders": leaves})


def test_a_manifest_keeps_its_rules(learnt):
    document = json.loads(json.dumps(rules_document(learnt.rules)))
    again = rules_from(document, learnt.schema)
    assert [(rule.id, rule.text) for rule in again] == [(r.id, r.text) for r in learnt.rules]
    for _, one in changed_documents(document[-1]):
        try:
            rules_from([json.loads(one)], learnt.schema)
        except (ValueError, TypeError, LookupError, AttributeError):
            continue


@pytest.fixture(scope="module")
def folder(learnt, tmp_path_factory):
    out = tmp_path_factory.mktemp("bundle")
    save_profile(learnt, out / "x.profile")
    command = ["sample", "--profile", str(out / "x.profile"), "--out", str(out / "b")]
    assert main([*command, "--rows", "orders=300", "--progress", "none"]) == 0
    return out / "b"


def test_a_bundle_is_validated_by_the_rules_of_its_extract(folder, learnt, capsys):
    document = json.loads((folder / "validation.json").read_text())
    mine = [one for one in document["rules"] if one["id"].startswith("F")]
    assert len(mine) == len(learnt.rules)
    assert all(one["checked"] and not one["broken"] for one in mine)
    assert main(["validate", str(folder)]) == 0
    assert f"{len(mine) + 3} of {len(mine) + 3} rules hold" in capsys.readouterr().out


def test_a_bundle_that_was_changed_breaks_them(folder, tmp_path, capsys):
    report = generator.validate_folder(folder)
    assert report["ok"]
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["found"] = [{"table": "orders"}]
    changed = tmp_path / "b"
    changed.mkdir()
    for file in folder.iterdir():
        (changed / file.name).write_bytes(file.read_bytes())
    (changed / "manifest.json").write_text(json.dumps(manifest))
    assert main(["validate", str(changed)]) == 2
    assert "rules that cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("start-end.csv", ["due = day(end_at)", "start_at <= end_at", "end_at <= shipped"]),
        ("sums.csv", ["gross = net + tax", "tax = net * 0.2", "net = qty * unit"]),
    ],
)
def test_the_faults_that_are_rules_are_found(name, rules, tmp_path, capsys):
    path = tmp_path / "x.profile"
    assert main(["fit", str(FAULTS / name), "--out", str(path)]) == 0
    said = capsys.readouterr().out
    table = name.removesuffix(".csv").replace("-", "_")
    for rule in rules:
        assert f"{table}: {rule}" in said
    profile = generator.load_profile(path)
    assert [f"{table}: {rule}" for rule in rules] == profile.certificate["rules"]


def test_what_is_left_out_must_be_a_rule(tmp_path, capsys):
    command = ["fit", str(FAULTS / "sums.csv"), "--out", str(tmp_path / "x.profile")]
    assert main([*command, "--no-rule", "sums: nonsense"]) == 2
    assert "sums: gross = net + tax" in capsys.readouterr().err


def test_a_table_without_rules_has_none():
    tables, schema = ready(cars(400))
    assert fit(tables, schema, name="cars").rules == ()
