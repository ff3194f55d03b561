import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from generator.bundle import open_bundle
from generator.errors import BundleError
from generator.plan import plan
from generator.recipe import Recipe
from generator.sample import sample
from generator.write import FORMATS
from tests.small import NASTY, parent_rows, small_profile


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    profile = small_profile()
    out = tmp_path_factory.mktemp("made") / "b"
    sample(profile, plan(profile, Recipe(formats=tuple(FORMATS))), out)
    return out


@pytest.mark.parametrize("format_", ["csv", "csv.gz", "parquet", "jsonl"])
def test_every_format_gives_back_what_was_drawn(folder, format_):
    bundle = open_bundle(folder)
    chosen = {
        e["table"]: [e] for e in bundle.manifest["files"] if e["table"] and e["format"] == format_
    }
    tables = replace(bundle, files=chosen).tables()
    drawn = parent_rows(0, 100)
    for name in drawn.column_names:
        wanted = drawn.column(name).cast(bundle.schema["parent"].column(name).arrow_type())
        assert tables.arrow("parent", name).to_pylist() == wanted.to_pylist(), name
    assert tables.values("parent", "said")[: len(NASTY)].tolist() == list(NASTY)
    assert np.array_equal(tables.row_of("child", "p") < 0, np.arange(200) % 9 == 0)


def test_a_changed_file_is_named(folder, tmp_path):
    copy = tmp_path / "b"
    copy.mkdir()
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    (copy / "child.csv").write_text("k,p\n")
    with pytest.raises(BundleError, match=r"child\.csv is not the one that was made"):
        open_bundle(copy)
    (copy / "child.csv").unlink()
    with pytest.raises(BundleError, match=r"child\.csv is missing"):
        open_bundle(copy)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (None, "not a bundle"),
        ("[]", "not a bundle's manifest"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read .it is nested too deeply"),
        ('{"files": [], "files": []}', "it gives “files” twice"),
        ("{}", "not a bundle's manifest"),
        (
            json.dumps(
                {
                    "schema": {"tables": []},
                    "files": [
                        {"path": "../x", "sha256": "", "table": None, "format": "csv", "rows": 0}
                    ],
                }
            ),
            "outside the bundle",
        ),
    ],
)
def test_what_is_no_bundle_says_so(tmp_path, manifest, words):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BundleError, match=words):
        open_bundle(tmp_path)


def copied(folder, target, change):
    """A copy of the bundle whose manifest ``change`` edited."""
    shutil.copytree(folder, target)
    path = target / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    return target


def entry_of(manifest, path):
    return next(entry for entry in manifest["files"] if entry["path"] == path)


DAMAGES = {
    "no profile": lambda m: m.pop("profile"),
    "no plan": lambda m: m.pop("plan"),
    "no schema": lambda m: m.pop("schema"),
    "no files": lambda m: m.pop("files"),
    "a profile that is a list": lambda m: m.update(profile=[]),
    "a plan that is a list": lambda m: m.update(plan=[]),
    "files that are a number": lambda m: m.update(files=5),
    "a day that is none": lambda m: m["plan"].update(as_of="2025-99-99"),
    "a day that is a number": lambda m: m["plan"].update(as_of=5),
    "a file without a format": lambda m: m["files"][0].pop("format"),
    "a file without a table": lambda m: m["files"][0].pop("table"),
    "a file without rows": lambda m: m["files"][0].pop("rows"),
    "rows that are text": lambda m: m["files"][0].update(rows="x"),
    "rows below zero": lambda m: m["files"][0].update(rows=-1),
    "a path that is a number": lambda m: m["files"][0].update(path=5),
    "a path with a NUL": lambda m: m["files"][0].update(path="a\0b"),
    "a table nobody declared": lambda m: m["files"][0].update(table="x"),
    "an entry that is text": lambda m: m["files"].append("x"),
}


@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES)
def test_a_manifest_that_lacks_something_says_so(folder, tmp_path, change):
    with pytest.raises(BundleError, match="is not a bundle's manifest; make the bundle again"):
        open_bundle(copied(folder, tmp_path / "b", change))


def test_a_path_too_long_says_so(folder, tmp_path):
    changed = copied(folder, tmp_path / "b", lambda m: m["files"][0].update(path="x" * 300))
    with pytest.raises(BundleError, match="cannot be read") as refused:
        open_bundle(changed)
    assert len(refused.value.sentence) < 150


@pytest.mark.parametrize("name", ["parent.csv", "parent.csv.gz", "parent.parquet", "parent.jsonl"])
def test_rows_that_are_not_in_the_file_are_named(folder, tmp_path, name):
    def change(manifest):
        entry_of(manifest, name)["rows"] = 5
        manifest["files"] = [
            entry
            for entry in manifest["files"]
            if entry["table"] != "parent" or entry["path"] == name
        ]

    tables = open_bundle(copied(folder, tmp_path / "b", change)).tables()
    with pytest.raises(BundleError, match="has 100 rows, the manifest says 5"):
        tables.arrow("parent", "k")


@pytest.mark.parametrize("name", ["parent.csv", "parent.parquet"])
def test_a_file_that_is_not_its_table_is_named(folder, tmp_path, name):
    def change(manifest):
        manifest["files"] = [
            entry
            for entry in manifest["files"]
            if entry["table"] != "child" or entry["path"] == name.replace("parent", "child")
        ]
        entry = entry_of(manifest, name.replace("parent", "child"))
        entry |= {key: entry_of(manifest, name)[key] for key in ("path", "sha256", "rows")}

    tables = open_bundle(copied(folder, tmp_path / "b", change)).tables()
    with pytest.raises(BundleError, match="cannot be read as the table child"):
        tables.arrow("child", "p")


def test_a_table_of_the_manifest_has_a_name_it_may_have(folder, tmp_path):
    def change(manifest):
        manifest["schema"]["tables"][0]["name"] = "../../x"

    with pytest.raises(BundleError, match=r"manifest\.json: A table cannot be named “\.\./\.\./x”"):
        open_bundle(copied(folder, tmp_path / "x", change))


@pytest.fixture
def in_parts(tmp_path, monkeypatch):
    """A bundle whose tables are longer than a Parquet file may be."""
    monkeypatch.setitem(FORMATS, "parquet", replace(FORMATS["parquet"], longest=150))
    profile = small_profile()
    sample(profile, plan(profile, Recipe(formats=("csv", "parquet"))), tmp_path / "b", workers=2)
    return tmp_path / "b"


def test_a_long_table_is_a_folder_of_parquet_files(in_parts):
    manifest = json.loads((in_parts / "manifest.json").read_text())
    parts = [e for e in manifest["files"] if e["table"] == "child" and e["format"] == "parquet"]
    assert [e["path"] for e in parts] == [f"child.parquet/part-{n:05d}.parquet" for n in range(10)]
    assert sum(e["rows"] for e in parts) == 200
    assert (in_parts / "parent.parquet").is_file()
    assert len(list((in_parts / "child.parquet").iterdir())) == 10
    frame = pd.read_parquet(in_parts / "child.parquet")
    assert frame["k"].tolist() == [f"C-{row:06d}" for row in range(200)]


def test_a_bundle_in_parts_is_described_read_and_held_to_its_manifest(in_parts):
    tables = open_bundle(in_parts).tables()
    assert tables.rows("child") == 200
    assert tables.arrow("child", "k").to_pylist()[-1] == "C-000199"
    package = json.loads((in_parts / "datapackage.json").read_text())
    paths = {resource["name"]: resource["path"] for resource in package["resources"]}
    assert paths["child-csv"] == "child.csv"
    assert len(paths["child-parquet"]) == 10
    readme = (in_parts / "README.md").read_text()
    assert "| child.parquet/ (10 files) | child | 200 |" in readme
    (in_parts / "child.parquet" / "part-00003.parquet").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"part-00003\.parquet is not the one that was made"):
        open_bundle(in_parts)
