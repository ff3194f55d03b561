import json
from dataclasses import replace

import numpy as np
import pytest

from generator.bundle import open_bundle
from generator.errors import BundleError
from generator.plan import plan
from generator.recipe import FORMATS, Recipe
from generator.sample import sample
from tests.small import NASTY, parent_rows, small_profile


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    profile = small_profile()
    out = tmp_path_factory.mktemp("made") / "b"
    sample(profile, plan(profile, Recipe(formats=FORMATS)), out)
    return out


@pytest.mark.parametrize("format_", ["csv", "csv.gz", "parquet", "jsonl"])
def test_every_format_gives_back_what_was_drawn(folder, format_):
    bundle = open_bundle(folder)
    chosen = {
        e["table"]: e for e in bundle.manifest["files"] if e["table"] and e["format"] == format_
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
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
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
        ("{}", "not a bundle's manifest"),
        (
            json.dumps(
                {
                    "schema": {"tables": []},
                    "files": [{"path": "../x", "sha256": "", "table": None, "format": "csv"}],
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
