"""A snapshot with dated increments: applied one after another they give the later cut, exactly."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import generator
from generator.__main__ import main
from generator.domains import PLATFORM
from generator.domains.increments import between
from generator.sample import sample
from generator.write import FORMATS

ROWS = {"dealer": 3, "deal": 30, "vehicle_telemetry_event": 1500}
FIRST, DAYS = "2025-05-10", ("2025-07-01", "2025-11-20")


def recipe(as_of, increments=(), **more):
    return generator.Recipe.from_dict(
        {
            "rows": ROWS,
            "from": "2025-01-01",
            "to": "2025-12-31",
            "as_of": as_of,
            "increments": list(increments),
            "formats": ["parquet"],
            **more,
        }
    )


def made(folder, asked, workers=1):
    profile = generator.automotive()
    sample(profile, generator.plan(profile, asked), folder, workers=workers)
    return json.loads((folder / "manifest.json").read_text())


def rows_of(folder, table, name, way):
    path = folder / name
    if not path.exists():
        return {}
    declared = PLATFORM.schema[table]
    rows = FORMATS[way].read(path, declared, declared.column_names)
    return {row[declared.key]: row for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    folder = tmp_path_factory.mktemp("later") / "bundle"
    made(folder, recipe(DAYS[-1]))
    return folder


def applied(folder, table, way):
    ending = FORMATS[way].ending
    rows = rows_of(folder, table, f"{table}{ending}", way)
    for day in DAYS:
        place = f"increments/{day}/{table}"
        came = rows_of(folder, table, f"{place}.insert{ending}", way)
        changed = rows_of(folder, table, f"{place}.update{ending}", way)
        gone = rows_of(folder, table, f"{place}.delete{ending}", way)
        assert not came.keys() & rows.keys()
        assert changed.keys() | gone.keys() <= rows.keys()
        assert all(rows[key] != row for key, row in changed.items())
        assert all(rows[key] == row for key, row in gone.items())
        rows = {key: row for key, row in (rows | came | changed).items() if key not in gone}
    return rows


@pytest.mark.parametrize(("workers", "way"), [(1, "parquet"), (3, "csv")])
def test_applied_in_order_they_are_the_later_cut(tmp_path, later, workers, way):
    folder = tmp_path / "bundle"
    manifest = made(folder, recipe(FIRST, DAYS, formats=[way]), workers)
    assert {entry["as_of"] for entry in manifest["increments"]} == set(DAYS)
    listed = [file for entry in manifest["increments"] for file in entry["files"]]
    assert {file["path"] for file in listed} <= {file["path"] for file in manifest["files"]}
    assert {"insert", "update"} <= {file["change"] for file in listed}
    assert "vehicle_telemetry_event" in {file["table"] for file in listed}
    for table in manifest["rows"]:
        wanted = rows_of(later, table, f"{table}.parquet", "parquet")
        assert applied(folder, table, way) == wanted, table
    assert generator.open_bundle(folder).manifest["rows"] == manifest["rows"]


def test_the_snapshot_is_that_of_the_as_of_date(tmp_path):
    with_, without = tmp_path / "with", tmp_path / "without"
    first = made(with_, recipe(FIRST, DAYS))
    second = made(without, recipe(FIRST))
    hashes = [
        {f["path"]: f["sha256"] for f in one["files"] if f["table"]} for one in (first, second)
    ]
    assert hashes[0] == hashes[1]


def test_what_came_changed_and_went():
    before = pa.table({"k": ["a", "b", "c", "d"], "v": pa.array([1, None, 3, 4])})
    after = pa.table({"k": ["b", "c", "d", "e"], "v": pa.array([2, None, 4, 5])})
    found = {what: rows.to_pylist() for what, rows in between(before, after, "k")}
    assert found == {
        "insert": [{"k": "e", "v": 5}],
        "update": [{"k": "b", "v": 2}, {"k": "c", "v": None}],
        "delete": [{"k": "a", "v": 1}],
    }
    assert not list(between(before, before, "k"))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"increments": ["2025-04-01"]}, "later days"),
        ({"increments": ["2025-07-01", "2025-07-01"]}, "later days"),
        ({"increments": ["2026-02-01"]}, "after the span"),
        ({"increments": ["soon"]}, "is not a date"),
        ({"increments": 3}, "list of dates"),
    ],
)
def test_increments_that_cannot_be_are_refused(document, said):
    with pytest.raises(generator.RecipeError, match=said) as refused:
        generator.Recipe.from_dict(
            {"from": "2025-01-01", "to": "2025-12-31", "as_of": FIRST, **document}
        )
    assert refused.value.field == "increments"


@pytest.mark.parametrize("way", [name for name, one in FORMATS.items() if one.whole])
def test_formats_of_one_file_are_refused(way):
    with pytest.raises(generator.RecipeError, match="one table each"):
        generator.plan(generator.automotive(), recipe(FIRST, DAYS, formats=[way]))


def test_a_recipe_keeps_them():
    asked = recipe(FIRST, DAYS)
    assert generator.Recipe.from_dict(asked.to_dict()) == asked


def test_the_command_line_takes_them(capsys):
    days = [part for day in DAYS for part in ("--increment", day)]
    span = ["--from", "2025-01-01", "--to", "2025-12-31", "--as-of", FIRST]
    assert main(["plan", *span, *days, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"]["increments"] == list(DAYS)
    assert main(["plan", *span, *days, "--format", "sqlite"]) == 2
    assert "one table each" in capsys.readouterr().err
