"""Small extracts of awkward kinds: read, learnt, drawn in every format, checked and compared."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import generator
from generator.leaves.codec import Codec
from generator.leaves.long import Long, long_of
from generator.leaves.scale import between
from generator.schema import Column, Kind

FORMATS = ("csv", "jsonl", "parquet", "sqlite", "postgres")


@dataclass
class Made:
    """A bundle that was made of an extract, and what is said of it."""

    folder: Path
    comparison: dict

    @property
    def rows(self) -> list[list[str]]:
        """The header and the rows of the CSV file."""
        (path,) = self.folder.glob("*.csv")
        with path.open(newline="") as file:
            return list(csv.reader(file))

    def column(self, name: str) -> list[str]:
        header, *rows = self.rows
        return [row[header.index(name)] for row in rows]


@pytest.fixture
def made(tmp_path):
    def make(name: str, text: str, *, formats=("csv",)) -> Made:
        path = tmp_path / name
        path.write_text(text)
        raw = generator.read(path)
        schema = generator.infer(raw)
        profile = generator.fit(generator.typed(raw, schema), schema, name="awkward")
        file = tmp_path / "awkward.profile"
        generator.save_profile(profile, file)
        profile = generator.load_profile(file)
        recipe = generator.Recipe.from_dict({"seed": 3, "formats": list(formats)})
        out = tmp_path / "bundle"
        generator.sample(profile, generator.plan(profile, recipe), out)
        checked = generator.validate_folder(out)
        assert checked["passed"] == checked["total"]
        return Made(out, generator.compare_paths(path, out))

    return make


def csv_of(names: list[str], rows: list[list[object]]) -> str:
    quoted = [[str(cell).replace('"', '""') for cell in row] for row in (names, *rows)]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in quoted)


ODD = ["user.id", "user", ".", "a.b.", "Order Date", "100%s", 'say "so"', "it's", "x:y;z", "ü.ß"]
ODD += ["$price", "select", "a/b\\c", "`tick`", "[0]", "{x}", "-- ", "💶"]


def test_a_name_is_a_name_whatever_is_in_it(made):
    rows = [[(at * (place + 3)) % (7 + place) for place in range(len(ODD))] for at in range(120)]
    bundle = made("odd.csv", csv_of(ODD, rows), formats=FORMATS)
    assert bundle.rows[0] == ODD
    assert parquet.read_schema(bundle.folder / "odd.parquet").names == ODD
    first = (bundle.folder / "odd.jsonl").read_text().splitlines()[0]
    assert list(json.loads(first)) == ODD
    with sqlite3.connect(bundle.folder / "bundle.sqlite3") as database:
        told = database.execute('PRAGMA table_info("odd")').fetchall()
    assert [column[1] for column in told] == ODD
    dump = (bundle.folder / "postgres.sql").read_text()
    assert all('"' + name.replace('"', '""') + '"' in dump for name in ODD)


def test_flattened_objects_keep_their_names(made):
    lines = [
        {"id": at, "addr.city": ["Kia", "Ford"][at % 2], "addr.geo.zip": at % 5, "addr": at % 3}
        for at in range(120)
    ]
    bundle = made("flat.jsonl", "\n".join(map(json.dumps, lines)) + "\n", formats=("jsonl", "csv"))
    assert bundle.rows[0] == ["id", "addr.city", "addr.geo.zip", "addr"]
    assert set(bundle.column("addr.city")) == {"Kia", "Ford"}


def test_long_whole_numbers_keep_every_digit(made):
    """Close together, apart by a common step, at random over 60 bits, keys of few, 25 digits."""
    rows = [
        [
            900720207322315945 + 7919 * at,
            812345678901245671 + 10 * (at * 37 % 500),
            2**62 + at * 2654435761 % 997 * 4618868730134771,
            [9007199254740993, 9007199254740995, -9007199254740997][at % 3],
            1234567890123456789012345 + at * 97,
            at % 60,
        ]
        for at in range(120)
    ]
    names = ["near", "stepped", "far", "few", "longer", "amount"]
    bundle = made("long.csv", csv_of(names, rows), formats=FORMATS)
    near, stepped = (list(map(int, bundle.column(name))) for name in ("near", "stepped"))
    assert min(near) >= rows[0][0] - 7919
    assert max(near) <= rows[-1][0] + 7919
    assert len({number % 128 for number in near}) > 60  # floats have multiples of 128 only
    assert {number % 10 for number in stepped} == {1}
    assert all(len(text) == 19 for text in bundle.column("far"))
    assert len({int(text) % 1024 for text in bundle.column("far")}) > 60
    assert set(bundle.column("few")) == {str(row[3]) for row in rows}
    assert all(len(text) == 25 and text.isdecimal() for text in bundle.column("longer"))
    assert str(parquet.read_schema(bundle.folder / "long.parquet").field("near").type) == "int64"


def test_whole_numbers_with_exponents_come_as_plain_digits(made):
    rows = [[f"{8.0 + at * 0.0123457:.7f}E+17", f"{at}.5e3", 1.5e17 + at] for at in range(120)]
    bundle = made("ids.csv", csv_of(["author", "km", "odd"], [*rows, ["8E17", "0", "0.25"]]))
    assert not any(sign in text for row in bundle.rows[1:] for text in row for sign in "eE")
    assert all(len(text) == 18 and text.endswith("0" * 10) for text in bundle.column("author"))
    assert {int(text) % 500 for text in bundle.column("km")} == {0}


def test_a_profile_of_long_numbers_that_cannot_be_told_is_none():
    integer, text = Column("a", Kind.INTEGER), Column("a", Kind.TEXT)
    scale = between(0.0, 9.0, 1.0)
    assert Codec("number", scale=scale, long=Long(2**62, 1)).ok(integer)
    assert not Codec("number", scale=scale, long=Long(2**62, 1)).ok(text)
    for long in (Long(2**62, 0), Long(2**70, 1), Long(1.5, 1), Long(0, True), Long(0, 1, 7)):
        assert not Codec("number", scale=scale, long=long).ok(integer)
    edge = Long(2**63 - 5, 3, filled=True)
    assert edge.told(np.array([-1e300, 0.0, 1e300])).max() < 2**63


@pytest.mark.parametrize("low", [-(2**63), -(2**62), 0, 2**62])
@pytest.mark.parametrize("span", [0, 999, 2**52, 2**55, 2**62])
def test_long_numbers_come_back(low, span):
    values = np.array([low, low + span // 3, min(low + span, 2**63 - 1)], dtype=np.int64)
    long = long_of(values)
    if long is None:
        assert max(abs(low), abs(low + span)) <= 2**53
        return
    assert long.ok()
    assert long.origin not in values.tolist() or low % 2**20 == 0
    steps = long.steps(values)
    apart = np.abs(long.told(steps).astype(object) - values.astype(object))
    assert apart.max() == 0 if not long.filled else apart.max() < 2 * long.unit


def test_missing_values_of_a_table_of_one_column_survive(made):
    cells = ["" if at % 4 == 0 else str(at % 4) for at in range(120)]
    bundle = made("one.csv", "\n".join(["x", *cells]) + "\n", formats=("csv", "csv.gz"))
    lines = (bundle.folder / "one.csv").read_text().split("\n")
    assert len(lines) == 122
    assert 10 < lines[1:-1].count("") < 50
    read = generator.open_bundle(bundle.folder).tables()
    assert read.rows("one") == 120
    assert read.missing("one", "x").sum() == lines[1:-1].count("")


def test_a_line_that_says_the_delimiter_is_no_header(tmp_path):
    path = tmp_path / "export.csv"
    for line, mark in (("sep=;", ";"), ('"sep=|"', "|"), ("SEP=^", "^"), ("sep=\t", "\t")):
        rows = [mark.join(row) for row in (["a,b", "c"], ["1,5", "2"], ["3", "4"])]
        path.write_text("\r\n".join([line, *rows]) + "\r\n")
        (table,) = generator.read(path).values()
        assert table.to_pydict() == {"a,b": ["1,5", "3"], "c": ["2", "4"]}
    path.write_text("sep=;\nx\n1\n\n2\n")
    (table,) = generator.read(path).values()
    assert table.to_pydict() == {"x": ["1", "", "2"]}


def test_rows_behind_a_line_of_the_delimiter_are_counted_with_it(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("sep=;\na;b\n1;2\n1;2;3\n")
    with pytest.raises(generator.ExtractError, match="row 4"):
        generator.read(path)


@pytest.mark.parametrize("rows", [1, 40])
def test_a_table_of_few_rows_is_too_little_to_say(made, rows):
    bundle = made("few.csv", csv_of(["make", "km"], [["Kia", 10 * at] for at in range(rows)]))
    said = {entry["use"]: entry for entry in bundle.comparison["fit_for"]}
    for use in ("analytics", "machine learning"):
        assert not said[use]["fit"]
        assert f"{rows} row" in said[use]["why"]
        assert "too little to say" in said[use]["why"]
    assert said["functional tests"]["fit"]


def test_days_of_json_lines_stay_days(made):
    lines = [
        {
            "day": f"2023-{1 + at % 12:02}-{1 + at % 28:02}" if at % 5 else None,
            "at": f"2023-{1 + at % 12:02}-01T10:{at % 60:02}:00Z",
            "midnight": f"2023-{1 + at % 12:02}-01T00:00:00Z",
        }
        for at in range(120)
    ]
    bundle = made("days.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    assert {len(text) for text in bundle.column("day")} == {0, 10}
    assert {len(text) for text in bundle.column("at")} == {24}
    assert {len(text) for text in bundle.column("midnight")} == {24}


def test_nothing_is_drawn_between_the_dates_and_a_far_one(made):
    first = np.datetime64("2021-01-01")
    rows = [
        [
            "9999-12-31" if at % 3 == 0 else "1900-01-01" if at % 3 == 1 else first + at * 3,
            "9999-12-31 23:59:59" if at % 4 == 0 else f"{first + at * 3} 10:{at % 60:02}:00",
        ]
        for at in range(190)
    ]
    bundle = made("far.csv", csv_of(["valid_to", "closed_at"], rows))
    for name, near in (("valid_to", 20), ("closed_at", 100)):
        years = [int(text[:4]) for text in bundle.column(name)]
        assert set(years) <= {1900, 2020, 2021, 2022, 2023, 9999}
        assert sum(2020 <= year <= 2023 for year in years) > near
        assert years.count(9999) > 20
    assert "9999-12-31 23:59:59" in bundle.column("closed_at")
    assert {"9999-12-31", "1900-01-01"} < set(bundle.column("valid_to"))


def test_times_of_day_are_times_that_exist(made):
    rows = [
        [f"{8 + at % 11:02}:{at * 7 % 60:02}:00", f"{at % 24:02}:{at % 60:02}"] for at in range(150)
    ]
    bundle = made("hours.csv", csv_of(["opened", "shut"], rows))
    assert all(re.fullmatch(r"(0[89]|1[0-9]):[0-5]\d:[0-5]\d", t) for t in bundle.column("opened"))
    assert all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) for text in bundle.column("shut"))


def test_times_of_parquet_are_learnt(tmp_path):
    path = tmp_path / "hours.parquet"
    seconds = pa.array([28_800 + 77 * at for at in range(150)] + [None], pa.int32())
    times = seconds.cast(pa.time32("s"))
    parquet.write_table(pa.table({"tm": times.cast(pa.time64("us")), "n": range(151)}), path)
    raw = generator.read(path)
    schema = generator.infer(raw)
    assert schema["hours"].key is None
    rows = generator.typed(raw, schema)["hours"].column("tm").to_pylist()
    assert rows[:2] == ["08:00:00", "08:01:17"]
    assert rows[-1] is None
