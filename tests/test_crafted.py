"""A crafted profile gives a bundle or one sentence: no failure, no hang, no heap of memory, and no
file outside the folder that was asked for."""

import json
import warnings
from pathlib import Path

import pyarrow as pa
import pytest

import generator
from generator.__main__ import BAD_REQUEST, DONE, main
from generator.errors import RequestError
from generator.infer import infer
from tests.crafted import RENAMED, changed_documents, crafted, entries_of
from tests.memory import measured

EVERY = 47  # of the fields' values; all of them take four minutes, and found the same
MOST_MIB = 1000


@pytest.fixture(scope="module")
def cases():
    return list(crafted(entries_of(), every=EVERY))


def drawn(content: bytes, path: Path) -> str | None:
    """The sentence that refuses the profile, or None where its first rows can be drawn."""
    path.write_bytes(content)
    try:
        profile = generator.load_profile(path)
        recipe = generator.Recipe.from_dict({"rows": {"cars": 300}})
        generator.preview(profile, generator.plan(profile, recipe))
    except RequestError as refused:
        return refused.sentence
    return None


@pytest.fixture(scope="module")
def outcome(cases, tmp_path_factory):
    """(what was done, what makes the file, the sentence or None) of every case."""
    path = tmp_path_factory.mktemp("crafted") / "x.profile"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a number out of bounds is no failure of NumPy, but a mess
        return [(said, make, drawn(make(), path)) for said, make in cases]


def test_whatever_is_made_wrong_gives_rows_or_one_sentence(outcome):
    refusals = [(said, sentence) for said, _, sentence in outcome if sentence is not None]
    assert len(refusals) > 300
    for said, sentence in refusals:
        assert "\n" not in sentence, said
        assert len(sentence) < 400, said
        assert sentence.endswith("."), said


def test_a_bundle_is_made_of_what_can_be_drawn(outcome, tmp_path):
    """The whole way of the command line, for some of the profiles that pass."""
    path = tmp_path / "x.profile"
    passing = [(said, make) for said, make, sentence in outcome if sentence is None]
    assert len(passing) > 15
    for number, (said, make) in enumerate(passing[:: len(passing) // 3]):
        path.write_bytes(make())
        out = tmp_path / f"out-{number}"
        command = ["sample", "--profile", str(path), "--out", str(out), "--rows", "cars=50"]
        assert main([*command, "--progress", "none"]) == DONE, said
        assert (out / "comparison.json").is_file()


def test_no_name_of_a_table_leads_out_of_the_folder(cases, tmp_path, capsys):
    victim = tmp_path / "victim.csv"
    victim.write_text("mine")
    path = tmp_path / "x.profile"
    named = [case for case in cases if case[0].startswith(("a table named", "two tables"))]
    assert len(named) == len(RENAMED) + 1
    for _, make in named:
        path.write_bytes(make())
        out = tmp_path / "deep" / "out"
        command = ["sample", "--profile", str(path), "--out", str(out), "--rows", "cars=50"]
        assert main(command) == BAD_REQUEST
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "rename" in said
    assert victim.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [victim, path]


DRAW = """
from pathlib import Path
from tests.test_crafted import drawn
def run(folder):
    return [drawn(path.read_bytes(), path) for path in sorted(Path(folder).iterdir())]
"""


def test_bombs_take_less_than_a_gigabyte(cases, tmp_path):
    heavy = ("document", "bomb", "claim", "million", "many", "very long", "lies")
    chosen = [make for said, make in cases if any(word in said for word in heavy)]
    assert len(chosen) > 30
    for number, make in enumerate(chosen):
        (tmp_path / f"{number}.profile").write_bytes(make())
    _, memory = measured(DRAW, str(tmp_path))
    assert memory < MOST_MIB


TWO = {
    "owner": pa.table({"id": ["1", "2"], "name": ["Ann", "Bo"]}),
    "car": pa.table({"id": ["1", "2"], "owner": ["1", "1"], "price": ["1.5", "2.5"]}),
}
METADATA = {
    "SDV": {
        "tables": {
            "owner": {"primary_key": "id", "columns": {"name": {"sdtype": "name", "pii": True}}},
            "car": {"primary_key": "id", "columns": {"price": {"sdtype": "numerical"}}},
        },
        "relationships": [
            {
                "parent_table_name": "owner",
                "parent_primary_key": "id",
                "child_table_name": "car",
                "child_foreign_key": "owner",
            }
        ],
    },
    "Frictionless": {
        "resources": [
            {"name": "owner", "path": "owner.csv", "schema": {"primaryKey": "id"}},
            {
                "name": "car",
                "path": "../../car.csv",
                "schema": {
                    "fields": [{"name": "price"}],
                    "primaryKey": ["id"],
                    "foreignKeys": [
                        {
                            "fields": ["owner"],
                            "reference": {"resource": "owner", "fields": ["id"]},
                        }
                    ],
                },
            },
        ]
    },
}


@pytest.mark.parametrize("kind", METADATA)
def test_crafted_metadata_gives_a_schema_or_one_sentence(kind, tmp_path):
    path = tmp_path / "metadata.json"
    infer(TWO, _kept(path, json.dumps(METADATA[kind]).encode()))
    refusals = []
    for said, content in changed_documents(METADATA[kind]):
        try:
            schema = infer(TWO, _kept(path, content))
            assert schema.names == ("owner", "car"), said
        except RequestError as problem:
            refusals.append((said, problem.sentence))
    assert len(refusals) > 100
    for said, sentence in refusals:
        assert "\n" not in sentence, said
        assert len(sentence) < 600, said


def test_a_huge_metadata_file_is_refused_unread(tmp_path):
    with pytest.raises(RequestError, match="more than 16 MiB"):
        infer(TWO, _kept(tmp_path / "metadata.json", b" " * (17 << 20) + b"{}"))


def _kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
