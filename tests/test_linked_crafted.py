"""A crafted profile of linked tables gives rows or one sentence, never a failure."""

import json
import tempfile
import warnings
import zipfile
from copy import deepcopy
from pathlib import Path

import pytest

import generator
from generator.errors import RequestError
from generator.fit import fit
from generator.fitted import save_profile
from tests.crafted import DOCUMENT, VALUES, _changed, packed
from tests.shop import shop_schema, shop_tables

EVERY = 23  # of the values of each field; one in five takes half a minute, and found the same


@pytest.fixture(scope="module")
def entries():
    tables = {name: rows.slice(0, 400) for name, rows in shop_tables().items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.profile"
        save_profile(fit(tables, shop_schema(), name="shop"), path)
        with zipfile.ZipFile(path) as zipped:
            return {name: zipped.read(name) for name in zipped.namelist()}


def paths(document):
    """One of each field of links, hidden columns and columns that follow from others."""
    seen = set()
    for table, entry in document["tables"].items():
        for part in ("links", "hidden"):
            for at, one in enumerate(entry.get(part, ())):
                for name in one:
                    if (part, name) not in seen or part == "links":
                        seen.add((part, name))
                        yield "tables", table, part, at, name
        for at, column in enumerate(entry["columns"]):
            for name in column.get("made", ()):
                key = (column["made"]["way"], name)
                if key not in seen:
                    seen.add(key)
                    yield "tables", table, "columns", at, "made", name


def outcome(content, path):
    path.write_bytes(content)
    try:
        profile = generator.load_profile(path)
        recipe = generator.Recipe.from_dict({"rows": {"customer": 60, "wish": 50}})
        generator.preview(profile, generator.plan(profile, recipe))
    except RequestError as refused:
        return refused.sentence
    return None


def test_whatever_is_made_wrong_of_links_gives_rows_or_one_sentence(entries, tmp_path):
    document = json.loads(entries[DOCUMENT])
    cases = [(path, said, value) for path in paths(document) for said, value in VALUES.items()]
    refused = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path, said, value in cases[::EVERY]:
            sentence = outcome(_changed(entries, document, path, value), tmp_path / "x.profile")
            refused += sentence is not None
            assert sentence is None or sentence.endswith("."), (path, said)
    assert refused > 0.6 * len(cases[::EVERY])


def test_links_that_cannot_be_drawn_are_refused(entries, tmp_path):
    document = json.loads(entries[DOCUMENT])

    def wrong(change):
        changed = deepcopy(document)
        change(changed["tables"])
        content = packed({**entries, DOCUMENT: json.dumps(changed).encode()})
        return outcome(content, tmp_path / "x.profile")

    def link(tables, table, parent):
        return next(one for one in tables[table]["links"] if one["parent"] == parent)

    assert wrong(lambda tables: None) is None
    for change in (
        lambda t: link(t, "customer", "shop").update(way="itself"),
        lambda t: link(t, "customer", "shop").update(parent="movement"),
        lambda t: link(t, "movement", "customer").update(count="nowhere"),
        lambda t: link(t, "wish", "product").update(chosen=""),
        lambda t: link(t, "wish", "product").update(way="born"),
        lambda t: t["wish"].update(links=[]),
        lambda t: t["customer"].update(hidden=[]),
        lambda t: t["movement"]["columns"].reverse(),
    ):
        assert wrong(change) is not None
