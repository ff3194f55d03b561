"""In linked tables one parent's sixty odd rows are one person's where its key is the unit; where no
unit is named they are sixty, and it is said who could be named."""

import io
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.__main__ import main
from generator.fitted import save_profile
from generator.personal import Findings, likely_units
from generator.schema import Column, Kind, Link, Schema, Table

PARENTS, ODD, NUMBER = 300, "Vexbury", 271_828
KEY = Column("id", Kind.INTEGER, unique=True)


@pytest.fixture(scope="module")
def schema():
    movement = (
        KEY,
        Column("boat_id", Kind.INTEGER),
        Column("kind", Kind.TEXT),
        Column("amount", Kind.INTEGER),
    )
    return Schema(
        (
            Table("boat", (KEY, Column("age", Kind.INTEGER)), "id"),
            Table("trip", movement, "id", (Link("boat_id", "boat", "id", kind="parent"),)),
        )
    )


@pytest.fixture(scope="module")
def rows():
    draw = np.random.default_rng(2)
    of = np.sort(np.append(draw.integers(0, PARENTS, 1500), np.full(60, 7)))
    odd = (of == 7) & (np.arange(len(of)) < np.flatnonzero(of == 7)[0] + 60)
    kind = np.where(odd, ODD, draw.choice(["fishing", "ferry"], len(of)))
    amount = np.where(odd, NUMBER, draw.integers(1, 4000, len(of)))
    ids = np.arange(PARENTS)
    return {
        "boat": pa.table({"id": ids, "age": draw.integers(1, 40, PARENTS)}),
        "trip": pa.table({"id": np.arange(len(of)), "boat_id": of, "kind": kind, "amount": amount}),
    }


def told(schema, rows, path, unit):
    """Whether the odd word, the odd number, are anywhere in the file of a fit."""
    save_profile(generator.fit(rows, schema, name="boats", unit=unit), path)
    with zipfile.ZipFile(path) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    arrays = [np.load(io.BytesIO(p)) for n, p in parts.items() if n.endswith(".npy")]
    numbers = np.concatenate([one.astype(np.float64).ravel() for one in arrays])
    text = b"\n".join(parts.values())
    return ODD.encode() in text, NUMBER in numbers or str(NUMBER).encode() in text


def test_rows_of_one_parent_are_one_persons_where_its_key_is_the_unit(schema, rows, tmp_path):
    assert told(schema, rows, tmp_path / "a.profile", "boat.id") == (False, False)


def test_without_a_unit_they_are_as_many_as_they_are(schema, rows, tmp_path):
    assert told(schema, rows, tmp_path / "a.profile", "") == (True, True)


def test_a_key_that_all_hangs_on_is_suggested_but_not_as_people(schema):
    (boat,) = likely_units(schema, Findings())
    assert (boat.column, boat.of_people) == ("boat.id", False)
    assert boat.why == "the key of boat, which rows of trip lead to"


def test_a_fit_without_a_unit_says_who_could_be_named(rows, tmp_path, capsys):
    folder = tmp_path / "boats"
    folder.mkdir()
    rows["boat"].to_pandas().to_csv(folder / "boat.csv", index=False)
    rows["trip"].to_pandas().to_csv(folder / "trip.csv", index=False)
    words = ["fit", str(folder), "--out", str(tmp_path / "b.profile")]
    assert main(words) == 0
    assert "say whose they are: --unit boat.id (the key of boat" in capsys.readouterr().out
    assert main([*words[:-1], str(tmp_path / "c.profile"), "--unit", "boat.id"]) == 0
    assert "Each row counts as a person." not in capsys.readouterr().out
