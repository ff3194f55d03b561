"""The world is declared completely, and the documentation says what is declared."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import generator
from generator.domains import PLATFORM
from generator.leaves.figures import figures
from generator.validate import general_rules
from tests.world import AS_OF

DECLARATIONS = PLATFORM.tables

PAGE = (Path(__file__).parent.parent / "docs" / "platform.md").read_text("utf-8")
DOCUMENTS = figures().documents
ENTRIES = {
    f"{name}.{part}.{entry}": content
    for name, document in DOCUMENTS.items()
    for part in ("figures", "leaves")
    for entry, content in document.get(part, {}).items()
}
SOURCES = DOCUMENTS["sources"]["sources"]


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda one: one.table.name)
def test_every_column_has_exactly_one_maker(declaration):
    made = Counter(column for maker in declaration.makers for column in maker.columns)
    assert set(made.values()) == {1}
    public = [column for column in made if not column.startswith("_")]
    assert sorted(public) == sorted(declaration.table.column_names)


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda one: one.table.name)
def test_makers_are_of_the_four_kinds(declaration):
    kinds = {maker.kind for maker in declaration.makers}
    assert kinds <= {"key", "link", "drawn", "derived"}


@pytest.mark.parametrize("name", ENTRIES)
def test_every_figure_has_a_source_or_says_assumption(name):
    entry = ENTRIES[name]
    assert ("source" in entry) != ("assumption" in entry)
    if "source" in entry:
        assert entry["source"] == "platform" or entry["source"] in SOURCES
    else:
        assert len(entry["assumption"]) > 10


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_can_be_found(name):
    assert SOURCES[name]["title"]
    assert SOURCES[name]["publisher"]


def used_names() -> str:
    folder = Path(generator.__file__).parent / "domains"
    return "\n".join(path.read_text("utf-8") for path in folder.rglob("*.py"))


def test_every_figure_is_used():
    code = used_names()
    assert [name for name in ENTRIES if f'"{name.split(".", 2)[2]}"' not in code] == []


def test_the_page_says_what_every_count_follows_from():
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (\w*) ?\|$", PAGE, re.MULTILINE)
    assert rows == [(declaration.name, _for_the_root(declaration)) for declaration in DECLARATIONS]


def _for_the_root(declaration) -> str:
    back = declaration.count.back
    if back is not None:
        return back.kind
    return "root" if declaration.count.scaled else ""


def test_the_page_lists_every_check_under_its_rule():
    rows = re.findall(r"^\| (R\d{3}) \| .+? \| (.+) \|$", PAGE, re.MULTILINE)
    listed = {check for _, checks in rows for check in re.findall(r"`([^`]+)`", checks)}
    profile = generator.automotive()
    checks = {rule.id for rule in (*profile.rules, *general_rules(profile.schema, as_of=AS_OF))}
    checks = {re.sub(r"^R106\..+", "R106.…", check) for check in checks}  # one for each table
    assert listed | {"G001"} == checks
    for rule in profile.rules:
        assert rule.id[:4] in dict(rows), rule.id
