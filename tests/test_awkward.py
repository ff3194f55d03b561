"""Small extracts of awkward kinds: read, learnt, drawn in every format, checked and compared."""

from __future__ import annotations

import csv
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyarrow import parquet

import generator

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
