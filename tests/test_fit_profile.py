"""The file of a fitted profile: what it holds is documented, what is damaged is refused."""

import io
import json
import pickle
import re
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from generator.cells import Tree, tree_ok
from generator.errors import ProfileError
from generator.fit import fit
from generator.fitted import load_profile, save_profile
from generator.fitted.packing import room_of
from tests.extracts import cars, ready

DOCUMENT = Path(__file__).parent.parent / "docs" / "profile-format.md"


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """The file's entries by name."""
    path = tmp_path_factory.mktemp("profile") / "cars.profile"
    save_profile(fit(*ready(cars(800)), name="cars"), path)
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _fields(part):
    return [(name, getattr(part, name)) for name in part.__dataclass_fields__]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same with every array whole, as older files have them."""
    path = tmp_path_factory.mktemp("profile") / "cars.profile"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("generator.fitted.file.kept", _fields)
        patch.setattr("generator.fitted.file.scale_kept", _fields)
        save_profile(fit(*ready(cars(800)), name="cars"), path)
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def refused(entries, tmp_path):
    """The one sentence that refuses a file of these entries."""
    path = tmp_path / "bad.profile"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    with pytest.raises(ProfileError) as problem:
        load_profile(path)
    assert "bad.profile" in problem.value.sentence or "summary" in problem.value.sentence
    assert "\n" not in problem.value.sentence
    return problem.value.sentence


def array(values):
    part = io.BytesIO()
    np.save(part, values)
    return part.getvalue()


def loaded(content):
    return np.load(io.BytesIO(content), allow_pickle=False)


def test_the_entries_themselves_are_a_profile(entries, tmp_path):
    path = tmp_path / "good.profile"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    assert load_profile(path).name == "cars"


@pytest.mark.parametrize("content", [b"", b"PK", b"no profile", b"\x80\x04K\x01."])
def test_another_file_is_refused(content, tmp_path):
    path = tmp_path / "x.profile"
    path.write_bytes(content)
    with pytest.raises(ProfileError, match=r"x\.profile"):
        load_profile(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "none.profile", tmp_path):
        with pytest.raises(ProfileError):
            load_profile(path)


def test_a_file_cut_anywhere_is_refused(entries, tmp_path):
    path = tmp_path / "cut.profile"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    whole = path.read_bytes()
    for share in (0.01, 0.3, 0.6, 0.9, 0.999):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ProfileError):
            load_profile(path)


def test_a_bit_turned_over_is_refused_or_harmless(entries, tmp_path):
    path = tmp_path / "turned.profile"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    whole = path.read_bytes()
    for at in range(17, len(whole), len(whole) // 150):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            load_profile(path)
        except ProfileError:
            continue


def first(entries, ending):
    return next(name for name in entries if name.endswith(ending))


def claiming(shape):
    """A header that claims a shape, and nothing behind it."""
    part = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        part, {"descr": "<i8", "fortran_order": False, "shape": shape}
    )
    return part.getvalue()


ARRAYS = {
    "a bomb of zeros": (".leaves.rises.npy", lambda _: bytes(300 << 20)),
    "a claim of terabytes": (".leaves.rises.npy", lambda _: claiming((1 << 40,))),
    "pickled objects": (".leaves.rises.npy", lambda _: array(np.array([{}], dtype=object))),
    "a pickle": (".leaves.rises.npy", lambda _: pickle.dumps([1])),
    "text": (".leaves.rises.npy", lambda _: array(np.array(["x"]))),
    "a wrong shape": (".leaves.rises.npy", lambda a: array(a[None])),
    "steps that fall": (".leaves.rises.npy", lambda a: array(-a)),
    "steps too many": (".leaves.rises.npy", lambda a: array(np.append(a, 0).astype(a.dtype))),
    "fractions of steps": (".leaves.rises.npy", lambda a: array(a.astype(np.float64))),
    "too short": (".leaves.ranks.npy", lambda a: array(a[:-1])),
    "not a number": (".leaves.ranks.npy", lambda a: array(a * np.nan)),
    "ranks that fall": (".leaves.ranks.npy", lambda a: array(a[::-1].copy())),
    "huge indices": (".leaves.code.npy", lambda a: array(a + 10**6)),
    "codes below zero": (".leaves.code.npy", lambda a: array(a - 5)),
    "cells of nothing": (".leaves.entries.npy", lambda a: array(a * 0)),
    "cells of less than nothing": (".leaves.entries.npy", lambda a: array(-a)),
    "too few entries": (".leaves.entries.npy", lambda a: array(a[:-1])),
    "nodes that all split": (".tree.splits.npy", lambda a: array(np.abs(a))),
    "nodes of which none splits": (".tree.splits.npy", lambda a: array(-np.abs(a) - 1)),
    "nodes behind the end": (".tree.splits.npy", lambda a: array(np.append(a, a).astype(a.dtype))),
    "nodes turned round": (".tree.splits.npy", lambda a: array(a[::-1].copy())),
    "features out of reach": (".tree.splits.npy", lambda a: array(np.where(a >= 0, 99, a))),
    "another kind of number": (".tree.edges.npy", lambda a: array(a.astype(np.float64))),
    "edges too few": (".tree.edges.npy", lambda a: array(a[:-1])),
    "a scale that goes back": (".scale.gains.npy", lambda a: array(-a)),
    "a scale beyond all": (".scale.gains.npy", lambda a: array(a + (1 << 62))),
    "a scale that falls": (".scale.value.npy", lambda a: array(a[::-1].copy())),
    "a map out of reach": (".map_to.npy", lambda a: array(a + 99)),
}
WHOLE = {
    "too short": (".leaves.value.npy", lambda a: array(a[:-1])),
    "not a number": (".leaves.value.npy", lambda a: array(a * np.nan)),
    "a wrong shape": (".leaves.at.npy", lambda a: array(a[None])),
    "cells out of order": (".leaves.first.npy", lambda a: array(a[::-1].copy())),
    "children before parents": (".tree.left.npy", lambda a: array(np.zeros_like(a))),
    "children out of reach": (".tree.right.npy", lambda a: array(np.where(a > 0, 30_000, a))),
    "features out of reach": (".tree.feature.npy", lambda a: array(np.where(a >= 0, 99, a))),
    "another kind of number": (".tree.threshold.npy", lambda a: array(a.astype(np.float64))),
}


def test_what_follows_is_left_out_and_comes_back(entries, whole, tmp_path):
    """Whole arrays, as older files have them, say the same in more room."""
    read = {}
    for name, some in (("kept", entries), ("whole", whole)):
        path = tmp_path / f"{name}.profile"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for entry, content in some.items():
                packed.writestr(entry, content)
        read[name] = load_profile(path).world.tables["cars"].columns
    assert any(".tree.left" in name for name in whole)
    assert not any(name.endswith((".leaves.at.npy", ".scale.at.npy")) for name in entries)
    assert (tmp_path / "kept.profile").stat().st_size < (tmp_path / "whole.profile").stat().st_size
    for name, column in read["kept"].items():
        for part in ("tree", "leaves", "absent_tree", "absent"):
            one, other = getattr(column, part), getattr(read["whole"][name], part)
            assert (one is None) == (other is None)
            for field in getattr(one, "__dataclass_fields__", ()):
                first, second = getattr(one, field), getattr(other, field)
                assert first.dtype == second.dtype
                assert np.array_equal(first, second), f"{name}.{part}.{field}"


@pytest.mark.parametrize("name", WHOLE)
def test_a_hostile_whole_array_is_refused(name, whole, tmp_path):
    ending, harm = WHOLE[name]
    entry = max((n for n in whole if n.endswith(ending)), key=lambda n: len(whole[n]))
    refused(whole | {entry: harm(loaded(whole[entry]))}, tmp_path)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_hostile_array_is_refused(name, entries, tmp_path):
    ending, harm = ARRAYS[name]
    entry = max((n for n in entries if n.endswith(ending)), key=lambda n: len(entries[n]))
    refused(entries | {entry: harm(loaded(entries[entry]))}, tmp_path)


def test_arrays_are_measured_as_they_are_in_memory(entries, tmp_path, monkeypatch):
    """Children that follow from the nodes take nine times the room of what the file holds."""
    sizes = {n[:-4]: len(content) for n, content in entries.items() if n.endswith(".npy")}
    assert room_of(sizes) > 1.5 * sum(sizes.values())
    monkeypatch.setattr("generator.fitted.file.MOST_ARRAYS", room_of(sizes) - 1)
    assert "larger than a profile" in refused(entries, tmp_path)


def without(entries, ending):
    gone = first(entries, ending)
    return {name: content for name, content in entries.items() if name != gone}


@pytest.mark.parametrize(
    "ending", [".leaves.entries.npy", ".tree.edges.npy", ".scale.gains.npy", "profile.json"]
)
def test_a_missing_entry_is_refused(ending, entries, tmp_path):
    refused(without(entries, ending), tmp_path)


def _circle(document):
    columns = document["tables"]["cars"]["columns"]
    columns[0]["predictors"] = [{"column": columns[-1]["column"], "centre": 0.0, "spread": 1.0}]


def _column(**fields):
    return lambda document: document["tables"]["cars"]["columns"][-1].update(fields)


DOCUMENTS = {
    "a later format": lambda d: d.update(format=99),
    "no tables": lambda d: d.pop("tables"),
    "a table the schema lacks": lambda d: d["tables"].update(x=d["tables"]["cars"]),
    "a circle of columns": _circle,
    "an unknown form": _column(form="pickle"),
    "labels that are lists": _column(form="labels", labels=[[1]]),
    "a pattern of nothing": _column(form="pattern", pattern=[""]),
    "no rows": lambda d: d["tables"]["cars"].update(rows="many"),
    "rows below zero": lambda d: d["tables"]["cars"].update(rows=-1),
    "no column": lambda d: d["tables"]["cars"]["columns"].pop(),
    "a summary of something else": lambda d: d.update(summary=[1]),
    "a certificate of text": lambda d: d.update(certificate="good"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused(name, entries, tmp_path):
    document = json.loads(entries["profile.json"])
    DOCUMENTS[name](document)
    refused(entries | {"profile.json": json.dumps(document)}, tmp_path)


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "[]", "1", '{"format":1e999}', "\udcff".encode("utf-8", "replace")]
)
def test_a_document_that_is_no_object_is_refused(content, entries, tmp_path):
    refused(entries | {"profile.json": content}, tmp_path)


def test_what_could_not_be_read_again_is_not_written(tmp_path, monkeypatch):
    profile = fit(*ready(cars(400)), name="cars")
    monkeypatch.setattr("generator.fitted.file.MOST_ARRAYS", 1 << 10)
    with pytest.raises(ProfileError, match="fit fewer columns, or a sample of the rows"):
        save_profile(profile, tmp_path / "x.profile")
    assert not list(tmp_path.iterdir())


def test_texts_too_long_to_be_labels_are_made_anew_and_read_again(tmp_path):
    table = pa.table(
        {"said": [f"{'long ' * 1000}{n % 3}" for n in range(90)], "n": ["1", "2"] * 45}
    )
    profile = fit(*ready(table, "t"), name="t")
    assert profile.world.tables["t"].columns["said"].codec.form == "pattern"
    save_profile(profile, tmp_path / "t.profile")
    assert load_profile(tmp_path / "t.profile").schema == profile.schema


def test_a_tree_deeper_than_any_is_refused(monkeypatch):
    """A chain: each node's left child is the next node, its right one a leaf."""
    nodes = 2 * 5000 + 1
    inner = np.arange(nodes - 1) % 2 == 0
    last = np.append(inner, False)
    parts = {
        "feature": np.where(last, 0, -1).astype(np.int16),
        "threshold": np.zeros(nodes, np.float32),
        "left": np.where(last, np.arange(nodes) + 2, -1).astype(np.int32),
        "right": np.where(last, np.arange(nodes) + 1, -1).astype(np.int32),
        "cell": np.where(last, -1, np.cumsum(~last) - 1).astype(np.int32),
    }
    assert not tree_ok(Tree(**parts), 1)
    monkeypatch.setattr("generator.cells.MOST_LEVELS", nodes)
    assert tree_ok(Tree(**parts), 1)


# Documentation is a test


def test_every_field_of_the_file_is_documented(entries):
    document = json.loads(entries["profile.json"])
    text = DOCUMENT.read_text("utf-8")
    table = next(iter(document["tables"].values()))
    names = {*document, *table, *(field for column in table["columns"] for field in column)}
    names |= {field for c in table["columns"] for p in c["predictors"] for field in p}
    names |= {field for c in table["columns"] if c["scale"] for field in c["scale"]}
    names |= {re.sub(r"^\d+\.\d+\.|\.npy$", "", n) for n in entries if n.endswith(".npy")}
    names = {re.sub(r"^p\d+$", "p0", name) for name in names}
    lacking = sorted(name for name in names if f"`{name}`" not in text)
    assert not lacking, f"docs/profile-format.md does not name {', '.join(lacking)}"
