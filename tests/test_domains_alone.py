"""A request for one domain brings what its tables point at, or keeps the keys only."""

import json
import sqlite3

import pytest

import generator
from generator.__main__ import main
from generator.bundle import open_bundle
from generator.errors import RecipeError
from generator.recipe import Recipe

FEW = ["--rows", "deal=8", "--rows", "vehicle_telemetry_event=200"]
SPAN = ["--from", "2025-01-01", "--to", "2025-12-31", "--progress", "none"]
SCHEMA = generator.automotive().schema


def of_domain(domain):
    return {table.name for table in SCHEMA if table.domain == domain}


def planned(domain, **fields):
    asked = Recipe(tables=tuple(sorted(of_domain(domain))), **fields)
    return generator.plan(generator.automotive(), asked)


@pytest.mark.parametrize("domain", SCHEMA.domains)
def test_what_a_domain_points_at_comes_along_and_is_said_before(domain):
    plan = planned(domain)
    present = {count.table for count in plan.counts}
    for name in present:
        assert {link.parent for link in SCHEMA[name].links} <= present
    for count in plan.counts:
        if count.table not in of_domain(domain):
            assert "points at it" in count.why


@pytest.mark.parametrize("domain", SCHEMA.domains)
def test_or_only_its_keys_remain_and_that_is_said_before(domain):
    plan = planned(domain, references="keys")
    assert {count.table for count in plan.counts} == of_domain(domain)
    links = {link.parent for name in of_domain(domain) for link in SCHEMA[name].links}
    [note] = [note for note in plan.notes if note.startswith("Keys only")] or [""]
    assert all(name in note for name in links - of_domain(domain))


def made(folder, *options):
    out = ["--domains", "payment", "--format", "csv", "--out", str(folder)]
    assert main(["sample", "--rows", "payment=50", *SPAN, *out, *options]) == 0
    return json.loads((folder / "manifest.json").read_text())


def test_rows_are_the_same_whether_what_they_point_at_comes_along(tmp_path, capsys):
    whole, alone = made(tmp_path / "whole"), made(tmp_path / "alone", "--keys-only")
    assert set(alone["rows"]) == of_domain("payment")
    assert alone["recipe"]["references"] == "keys"
    assert "references" not in whole["recipe"]
    hashes = {file["path"]: file["sha256"] for file in whole["files"]}
    for file in alone["files"]:
        if file["table"]:
            assert hashes[file["path"]] == file["sha256"]
    assert main(["validate", str(tmp_path / "alone")]) == 0
    assert "rules hold; 0 orphans" in capsys.readouterr().out
    checks = json.loads((tmp_path / "alone" / "validation.json").read_text())["rules"]
    left = {rule["reason"] for rule in checks if not rule["checked"]}
    assert "Not checked: the data has no invoice." in left


def test_databases_take_keys_that_lead_nowhere(tmp_path):
    options = ["--format", "sqlite", "--keys-only", "--domains", "service", *FEW, *SPAN]
    assert main(["sample", *options, "--out", str(tmp_path / "b")]) == 0
    with sqlite3.connect(tmp_path / "b" / "bundle.sqlite3") as database:
        links = database.execute("PRAGMA foreign_key_list(repair_order)").fetchall()
        assert {row[2] for row in links} == {"service_appointment", "service_order"}
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_other_words_are_refused():
    assert Recipe.from_dict({"references": "keys"}).references == "keys"
    with pytest.raises(RecipeError, match=r"choose rows .* or keys") as refused:
        Recipe.from_dict({"references": "none"})
    assert refused.value.field == "references"


def test_a_bundle_of_keys_is_read_back(tmp_path):
    made(tmp_path / "b", "--keys-only")
    tables = open_bundle(tmp_path / "b").tables()
    assert tables.rows("payment") == 50
    assert "invoice" not in tables
