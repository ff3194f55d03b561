"""A masked copy as a bundle in its own right: same schema, links, dumps, dictionary, checks."""

import json
import sqlite3

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

import generator
from generator.__main__ import main
from generator.errors import PlanError
from generator.masked import masked_profile
from generator.plan import plan
from generator.recipe import Recipe

PEOPLE = pa.table(
    {
        "person_id": [f"P{n:03}" for n in range(60)],
        "email": [f"someone{n}@mail.example" for n in range(60)],
        "city": ["Springfield", "Riverside", "Fairview"] * 20,
    }
)
VISITS = pa.table(
    {
        "visit_id": [f"V{n:04}" for n in range(150)],
        "person_id": [f"P{n % 60:03}" for n in range(150)],
        "paid": [f"{n}.50" for n in range(150)],
        "email": [f"someone{n % 60}@mail.example" for n in range(150)],
    }
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masked")
    source = folder / "extract"
    source.mkdir()
    arrow_csv.write_csv(PEOPLE, source / "people.csv")
    arrow_csv.write_csv(VISITS, source / "visits.csv")
    out = folder / "copy"
    asked = ["anonymize", str(source), "--key-file", str(folder / "key"), "--make-key"]
    assert main([*asked, "--out", str(out), "--format", "csv,parquet,sqlite,postgres"]) == 0
    return out


def test_it_is_a_bundle_with_all_that_bundles_have(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    assert manifest["rows"] == {"people": 60, "visits": 150}
    assert manifest["profile"]["kind"] == "masked"
    names = {path.name for path in copy.iterdir()}
    assert names >= {
        "people.csv",
        "visits.parquet",
        "bundle.sqlite3",
        "postgres.sql",
        "datapackage.json",
        "dictionary.md",
        "diagram.svg",
        "validation.json",
        "comparison.json",
        "README.md",
    }
    assert generator.validate_folder(copy)["passed"]


def test_rows_links_and_other_values_are_those_of_the_extract(copy):
    visits = arrow_csv.read_csv(copy / "visits.csv")
    assert visits.column("paid").to_pylist() == [float(one) for one in VISITS["paid"].to_pylist()]
    with sqlite3.connect(copy / "bundle.sqlite3") as database:
        joined = database.execute("SELECT count(*) FROM visits JOIN people USING (person_id)")
        assert joined.fetchone() == (150,)
        same = "SELECT count(*) FROM visits v JOIN people p ON v.email = p.email"
        assert database.execute(same).fetchone() == (150,)  # tokens join as values did
        assert not database.execute("PRAGMA foreign_key_check").fetchall()


def test_no_personal_value_is_in_any_of_its_files(copy):
    mails = {one.encode() for one in PEOPLE["email"].to_pylist()}
    for path in copy.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(mail in content for mail in mails), path.name
    tokens = pq.read_table(copy / "people.parquet").column("email").to_pylist()
    assert all("@example." in token for token in tokens)
    assert len(set(tokens)) == 60


def test_it_says_who_may_receive_it(copy):
    told = json.loads((copy / "comparison.json").read_text())["privacy"]["sharing"]
    assert told["scope"] == "team"
    assert "somebody's real row" in told["sentence"]


def test_it_has_the_rows_of_its_extract_and_no_others():
    schema = generator.infer({"people": PEOPLE})
    profile = masked_profile(schema, {"people": PEOPLE}, name="people", mark="m")
    with pytest.raises(PlanError, match="60 of people, not 7"):
        plan(profile, Recipe.from_dict({"profile": "people", "rows": {"people": 7}}))
