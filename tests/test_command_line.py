"""What people type: exit codes, one sentence for a bad request, nothing half-made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import generator
from generator.__main__ import main

SMALL = ["--rows", "deal=12", "--rows", "vehicle_telemetry_event=200", "--seed", "3"]


def run(*words, capsys):
    """Exit code, standard output and standard error of one command."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as ended:  # argparse
        code = ended.code
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "bundle"
    formats = ["--format", "csv,parquet"]
    assert main(["sample", *SMALL, *formats, "--out", str(out), "--progress", "none"]) == 0
    return out


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "cars.csv"
    rows = [f"{2010 + n % 12},{5000 + 37 * n % 9000},{'AB'[n % 2]}" for n in range(300)]
    path.write_text("\n".join(["year,price,kind", *rows]) + "\n")
    return path


def test_sample_makes_what_plan_says(bundle, capsys):
    code, out, _ = run("plan", *SMALL, "--json", capsys=capsys)
    assert code == 0
    entries = json.loads(out)["counts"]
    counts = {entry["table"]: entry["rows"] for entry in entries if not entry["estimated"]}
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    made = {file["table"]: file["rows"] for file in files if file["format"] == "csv"}
    assert made.keys() == {entry["table"] for entry in entries}
    assert {table: made[table] for table in counts} == counts
    assert counts["deal"] == 12


def test_a_scale_multiplies_what_others_follow_from(capsys):
    def counts(*words):
        code, out, _ = run("plan", *words, "--json", capsys=capsys)
        assert code == 0
        return {entry["table"]: entry for entry in json.loads(out)["counts"]}

    usual, doubled = counts(), counts("--scale", "2")
    asked = {name: entry["rows"] for name, entry in doubled.items() if entry["asked"]}
    assert asked == {name: 2 * usual[name]["rows"] for name in ("deal", "vehicle_telemetry_event")}
    assert doubled["invoice"]["rows"] > 1.9 * usual["invoice"]["rows"]


def test_a_plan_says_the_memory_and_a_run_is_held_to_it(tmp_path, capsys, monkeypatch):
    _, said, _ = run("plan", *SMALL, capsys=capsys)
    assert re.search(r"about \d+ MB of memory, and \d+ MB for each further worker", said)
    _, said, _ = run("plan", *SMALL, "--json", capsys=capsys)
    document = json.loads(said)
    monkeypatch.setattr(generator, "free_memory", lambda: document["memory_estimate"])
    out = ["--out", tmp_path / "b", "--progress", "none"]
    code, _, err = run("sample", *SMALL, *out, "--workers", "2", capsys=capsys)
    assert code == 2
    assert err.startswith("This run needs about ")
    assert "take 1 worker, or use a machine with more." in err
    assert run("sample", *SMALL, *out, capsys=capsys)[0] == 0


def test_a_whole_bundle_is_valid(bundle, capsys):
    code, out, _ = run("validate", bundle, capsys=capsys)
    assert code == 0
    assert "0 orphans" in out


def test_a_bundle_that_breaks_a_rule_ends_with_1(bundle, tmp_path, capsys):
    """A file changed on purpose, with its new hash in the manifest."""
    import hashlib
    import shutil

    broken = shutil.copytree(bundle, tmp_path / "broken")
    (broken / "customer.parquet").unlink()
    path = broken / "customer.csv"
    path.write_bytes(path.read_bytes().replace(b"PA-00", b"PA-99"))
    manifest = json.loads((broken / "manifest.json").read_text())
    manifest["files"] = [f for f in manifest["files"] if f["path"] != "customer.parquet"]
    for file in manifest["files"]:
        if file["path"] == "customer.csv":
            file["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (broken / "manifest.json").write_text(json.dumps(manifest))
    code, out, _ = run("validate", broken, capsys=capsys)
    assert code == 1
    assert "R007 customer" in out
    assert "(rows of the table, counted from 1: 1, 2" in out
    code, out, _ = run("validate", broken, "--json", capsys=capsys)
    assert code == 1
    assert json.loads(out)["ok"] is False


def test_a_changed_file_is_no_bundle(bundle, tmp_path, capsys):
    import shutil

    other = shutil.copytree(bundle, tmp_path / "other")
    with (other / "deal.csv").open("a") as file:
        file.write("x\n")
    code, _, err = run("validate", other, capsys=capsys)
    assert code == 2
    assert "deal.csv is not the one that was made" in err


def test_fit_sample_compare(extract, tmp_path, capsys):
    profile = tmp_path / "cars.profile"
    assert run("fit", extract, "--out", profile, capsys=capsys)[0] == 0
    code, out, _ = run(
        *("sample", "--profile", profile, "--seed", 5, "--out", tmp_path / "b"), capsys=capsys
    )
    assert code == 0
    assert "300 rows" in out
    code, out, _ = run(
        *("compare", "--real", extract, "--synthetic", tmp_path / "b" / "cars.csv"),
        *("--json", tmp_path / "c.json"),
        capsys=capsys,
    )
    assert code == 0
    assert json.loads((tmp_path / "c.json").read_text())


BAD = {
    "an unknown table": (["--rows", "deals=5"], "did you mean deal"),
    "rows that are text": (["--rows", "deal=many"], "it must be a whole number"),
    "rows below zero": (["--rows", "deal=-5"], "it must lie between 0 and"),
    "rows without a count": (["--rows", "deal"], "write TABLE=N"),
    "a huge count": (["--rows", "deal=99999999999"], "it must lie between 0 and"),
    "a seed that is text": (["--seed", "seven"], "The seed is “seven”"),
    "an unknown format": (["--format", "xlsx"], "“xlsx” is not a format; choose from csv"),
    "a span backwards": (["--from", "2025-02-01", "--to", "2025-01-01"], "before it starts"),
    "a span long ago": (["--from", "1980-01-01", "--to", "1980-12-31"], "from 1990-01-01 on"),
    "a span far ahead": (["--from", "2060-01-01", "--to", "2060-12-31"], "reaches to 2038-12-31"),
    "a span of a life": (["--from", "1990-01-01", "--to", "2030-01-01"], "longer than 20 years"),
    "an early as-of day": (
        ["--from", "2025-01-01", "--to", "2025-12-31", "--as-of", "2024-06-30"],
        "before the span starts",
    ),
    "no date": (["--from", "01/02/2025"], "is not a date; write year-month-day"),
    "an unknown domain": (["--domains", "finanse"], "it has core, party_identity"),
    "an unknown profile": (["--profile", "nowhere"], "There is no profile “nowhere”"),
    "a scale of nothing": (["--scale", "0"], "it must lie above 0"),
    "deals without cars": (["--rows", "deal=10", "--rows", "vehicle=5"], "at least 10"),
    "more invoices than deals": (
        ["--rows", "deal=10", "--rows", "invoice=20"],
        "10 signed deals allow at most 10 invoices; 20 were asked",
    ),
    "a pair of two sizes": (
        ["--rows", "dealer=3", "--rows", "payroll_cycle=4"],
        "exactly one payroll cycle",
    ),
    "no dealer": (["--rows", "dealer=0"], "Ask for at least 1 dealer"),
    "a recipe that is not there": (["--recipe", "nowhere.json"], "cannot be read"),
    "a recipe of no name": (["--recipe", "x" * 300], "cannot be read (File name too long)"),
    "rows of nothing": (["--rows", "deal="], "--rows is “deal=”; write TABLE=N"),
    "rows given twice": (["--rows", "deal=5", "--rows", "deal=6"], "gives deal twice (5 and 6)"),
    "rows with an underscore": (["--rows", "deal=1_0"], "must be a whole number"),
    "too many rows": (
        ["--rows", "deal=1000000000"],
        "and a bundle has at most 2,000,000,000; ask for at most ",
    ),
    "no domain": (["--domains", ""], "has no domain “”"),
    "no profile": (["--profile", ""], "--profile is empty"),
    "no day": (["--from", ""], "--from is empty"),
    "a long profile": (["--profile", "x" * 5000], "There is no profile “xxx"),
    "a profile with a NUL": (["--profile", "a\0b"], "There is no profile “a\ufffdb”"),
    "a scale in Arabic": (["--scale", "٣"], "“٣” is not a number"),
    "a scale with an underscore": (["--scale", "1_0"], "“1_0” is not a number"),
    "a scale that is none": (["--scale", "nan"], "“nan” is not a number"),
    "a long value": (["--rows", "deal=" + "x" * 5000], "xxx…”; it must be a whole number"),
    "a long table": (["--rows", "x" * 5000 + "=5"], "xxx…”; it has"),
    "a long option": (["--" + "x" * 5000], "xxx…; see"),
    "a long domain": (["--domains", "x" * 5000], "xxx…”; it has"),
}


@pytest.mark.parametrize("command", ["plan", "sample"])
@pytest.mark.parametrize("words", BAD.values(), ids=BAD)
def test_a_bad_request_is_one_sentence_and_makes_nothing(command, words, tmp_path, capsys):
    options, sentence = words
    out = ["--out", tmp_path / "b"] if command == "sample" else []
    code, said, err = run(command, *options, *out, capsys=capsys)
    assert (code, said) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert len(err) < 900
    assert list(tmp_path.iterdir()) == []


RECIPES = {
    '{"tables": 5}': "“tables” is “5”; it must be a list",
    '{"formats": true}': "“formats” is “true”; it must be a list",
    '{"formats": []}': "“formats” is empty",
    '{"rows": null}': "“rows” is “null”; it must map table names",
    '{"rows": [5]}': "“rows” is “[5]”; it must map table names",
    '{"rows": "deal"}': "“rows” is “deal”; it must map table names",
    '{"rows": {"deal": 5, "deal": 6}}': "it gives “deal” twice",
    '{"rows": {"deal": NaN}}': "NaN is not a number",
    '{"seed": null}': "The seed is “null”",
    '{"seed": ' + "9" * 5000 + "}": "is not JSON (the number 999",
    '{"profile": "' + "x" * 5000 + '"}': "There is no profile “xxx",
    '{"profile": "a\\u0000b"}': "There is no profile",
    '{"rowz": {}}': "did you mean rows",
    "[" * 100_000: "it is nested too deeply",
    "[]": "must be one JSON object",
}


@pytest.mark.parametrize("also", [(), ("--rows", "deal=5")], ids=["alone", "with --rows"])
@pytest.mark.parametrize(("text", "sentence"), RECIPES.items(), ids=[k[:30] for k in RECIPES])
def test_a_recipe_that_cannot_be_used_is_one_sentence(text, sentence, also, tmp_path, capsys):
    (tmp_path / "r.json").write_text(text)
    code, said, err = run("plan", "--recipe", tmp_path / "r.json", *also, capsys=capsys)
    assert (code, said) == (2, "")
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert len(err) < 400


def test_rows_typed_go_before_those_of_the_recipe(tmp_path, capsys):
    (tmp_path / "r.json").write_text('{"rows": {"deal": 30, "sales_lead": 40}}')
    code, said, _ = run(
        *("plan", "--recipe", tmp_path / "r.json", "--rows", "deal=35", "--json"), capsys=capsys
    )
    assert code == 0
    assert json.loads(said)["recipe"]["rows"] == {"deal": 35, "sales_lead": 40}


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_a_folder_that_cannot_be_named_ends_with_2(name, tmp_path, capsys):
    code, _, err = run("sample", *SMALL, "--out", tmp_path / name, capsys=capsys)
    assert code == 2
    assert "choose another --out" in err
    assert list(tmp_path.iterdir()) == []


TARGETS = ["", "x" * 300, "nowhere/x", "file/x", "folder", "a\0b"]


@pytest.mark.parametrize("target", TARGETS, ids=[name[:10] or "empty" for name in TARGETS])
@pytest.mark.parametrize(
    "words",
    [("fit", "cars.csv", "--out"), ("compare", "--real", "x", "--synthetic", "y", "--json"),
     ("compare", "--real", "x", "--synthetic", "y", "--html")],
    ids=["fit", "json", "html"],
)  # fmt: skip
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    words, target, tmp_path, monkeypatch, capsys
):
    def worked(*_, **__):
        raise AssertionError("the work began")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(generator, "read", worked)
    monkeypatch.setattr(generator, "compare_paths", worked)
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    code, said, err = run(*words, target, capsys=capsys)
    assert (code, said) == (2, "")
    assert f"{words[-1]} is “" in err
    assert len(err.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_profile_that_is_there_is_kept_when_the_fit_fails(tmp_path, capsys):
    (tmp_path / "x.profile").write_text("mine")
    code, _, _ = run("fit", tmp_path / "nowhere", "--out", tmp_path / "x.profile", capsys=capsys)
    assert code == 2
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.profile", "mine")]


def test_fit_prints_what_is_personal(tmp_path, capsys):
    lines = [f"p{n}@example.com,{n % 7 or ''}" for n in range(60)]
    (tmp_path / "people.csv").write_text("\n".join(["email,visits", *lines]) + "\n")
    code, said, _ = run(
        *("fit", tmp_path / "people.csv", "--out", tmp_path / "x.profile"), capsys=capsys
    )
    assert code == 0
    printed = [line.split(maxsplit=1) for line in said.splitlines()]
    assert ["email", "text, personal: email"] in printed
    assert ["visits", "integer or missing"] in printed


def test_a_fault_is_one_sentence_and_its_traceback_when_asked(monkeypatch, capsys):
    def fault(*_, **__):
        raise ZeroDivisionError("x" * 5000)

    monkeypatch.setattr(generator, "plan", fault)
    code, _, err = run("plan", capsys=capsys)
    assert code == 3
    assert err.startswith("It failed (ZeroDivisionError: xxx")
    assert "Please report it" in err
    assert len(err.splitlines()) == 1
    assert len(err) < 400
    code, _, err = run("plan", "--traceback", capsys=capsys)
    assert code == 3
    assert err.startswith("Traceback")
    assert "Please report it" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("sing",),
        ("sample",),
        ("sample", "--workers", "two", "--out", "x"),
        ("plan", "--scale", "big"),
        ("validate",),
        ("compare", "--real", "x"),
    ],
)
def test_words_it_does_not_know_end_with_2(words, capsys):
    code, _, err = run(*words, capsys=capsys)
    assert code == 2
    assert "--help" in err


def test_no_worker_is_refused(tmp_path, capsys):
    code, _, err = run("sample", "--workers", 0, "--out", tmp_path / "b", capsys=capsys)
    assert code == 2
    assert "--workers is 0" in err


def test_an_existing_folder_is_kept(tmp_path, capsys):
    (tmp_path / "mine").write_text("x")
    code, _, err = run("sample", *SMALL, "--out", tmp_path, capsys=capsys)
    assert code == 2
    assert "exists already" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_ends_with_3(tmp_path, capsys):
    """A file stands where the parent folder should be (permissions do not bind root)."""
    (tmp_path / "file").write_text("x")
    code, _, err = run("sample", *SMALL, "--out", tmp_path / "file" / "b", capsys=capsys)
    assert code == 3
    assert len(err.strip().splitlines()) == 1
    assert "nothing half-written was kept" in err


@pytest.mark.parametrize("words", [("validate",), ("fit", "--out", "x.profile")])
def test_a_path_that_is_not_there_ends_with_2(words, tmp_path, capsys):
    command, *options = words
    code, _, err = run(command, tmp_path / "nowhere", *options, capsys=capsys)
    assert code == 2
    assert "nowhere" in err


def test_a_broken_extract_ends_with_2(tmp_path, capsys):
    path = tmp_path / "cars.csv"
    path.write_text("year,price\n2010,5\n2011,5,7\n")
    code, _, err = run("fit", path, "--out", tmp_path / "x.profile", capsys=capsys)
    assert code == 2
    assert "cars.csv" in err
    assert not (tmp_path / "x.profile").exists()


def test_the_installed_command_prints_progress_as_json(tmp_path):
    """In a process of its own, as people call it."""
    done = subprocess.run(
        [sys.executable, "-m", "generator", "sample", *SMALL, "--out", str(tmp_path / "b"),
         "--progress", "json", "--workers", "2"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "error"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"draw", "write", "validation", "comparison"} <= {step["stage"] for step in steps}
    assert "bundle" not in done.stdout
    assert "deal.csv" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_failure():
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "plan", *SMALL],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_a_target_that_a_recipe_contradicts_is_told_and_is_no_fault(tmp_path, capsys):
    rows = ["--rows", "sales_lead=100", "--rows", "deal=10", "--seed", "3"]
    assert run("sample", *rows, "--out", tmp_path / "b", capsys=capsys)[0] == 0
    code, said, _ = run("validate", tmp_path / "b", capsys=capsys)
    assert code == 0
    assert "do not reach the target “Three quarters of leads" in said
