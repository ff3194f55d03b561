"""Nothing lists tables: a module says a table's name if it is the table's own, links to the table
or reads it.  What else is to be said of a table (prefix, title, counts) its declaration says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import generator
from generator.domains import PLATFORM

ROOT = Path(generator.__file__).parent.parent
DOMAINS = ROOT / "generator" / "domains"
MODULES = sorted(
    path
    for package in ("generator", "portal")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
OF_A_DOMAIN = [path for path in MODULES if path.parent.parent == DOMAINS]
GENERIC = [path for path in MODULES if path.parent.parent != DOMAINS]
TABLES = {one.name for one in PLATFORM.tables}
# Starting points of the form: recipes, which name counts as anybody's recipe does.
RECIPES = {ROOT / "portal" / "presets.py"}
# A scenario or mess changes rows of the tables it names.
STAGED = {path for path in MODULES if path.parent.name in ("scenarios", "messes")}
FREE = {*RECIPES, DOMAINS / "headings.py"}  # a heading of rules may be called as a domain is

# An element of these is read: frames of a shard, rows under its dealers, numbers of the solver.
ELEMENT_OF = {"frames", "counts", "starts", "per_dealer", "given", "lay", "asked"}
# An argument of these is read or linked to: keys, streams, links, counts, needs of a rule.
ARGUMENT_OF = {"key", "rows_of", "Stream", "Link", "Pieces", "fixed"}
ARGUMENT_OF |= {"each", "one", "free", "sum_of", "share_of", "rest_of", "some_of", "Bound"}
ARGUMENT_OF |= {"consequence", "happens", "Caused", "one_of", "several_of", "caused_key"}
# So is what is asked of the tables of a bundle: ``tables.values("deal", …)``, ``_is(tables, …)``.
TABLES_OF = "tables"


class Module:
    """The strings of a file, each with what it is said in."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self._around = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def strings(self) -> Iterator[ast.Constant]:
        """All but docstrings, which explain to people, and the names of domains."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match self._around[node]:
                    case ast.Expr() | ast.keyword(arg="domain") | ast.Call(func=ast.Name("Domain")):
                        continue
                    case _:
                        yield node

    def said_in(self, node: ast.AST) -> Iterator[ast.AST]:
        """What the string is part of, from the inside out."""
        while node in self._around:
            node = self._around[node]
            yield node

    def own(self) -> set[str]:
        """Tables declared here."""
        return {
            str(node.args[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and _name(node.func) == "Table"
            if isinstance(node.args[0], ast.Constant)
        }

    def reads(self) -> set[str]:
        """Strings in a place that says: this is read here, or linked to."""
        return {node.value for node in self.strings() if any(map(_reads, self.said_in(node)))}


def _reads(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value, attr="get")):
            return _name(value) in ELEMENT_OF
        case ast.keyword(arg="needs" | "without"):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=verb)):
            return name == TABLES_OF or verb in ARGUMENT_OF
        case ast.Call(func=func, args=[ast.Name(id=first), *_]):
            return first == TABLES_OF or _name(func) in ARGUMENT_OF
        case ast.Call(func=func):
            return _name(func) in ARGUMENT_OF
    return False


def _name(node: ast.AST) -> str:
    """``frames`` of ``draw.frames``, of ``frames`` and of ``plan.world["frames"]``."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", GENERIC, ids=relative)
def test_what_is_about_all_tables_names_none(path):
    """But for what is read of the dealers, under whom everything lies: their hours, say."""
    module = Module(path.read_text("utf-8"))
    said = {node.value for node in module.strings()}
    found = {text for text in said if text.partition(".")[0] in TABLES}
    if path.parent == DOMAINS:
        found -= module.reads()
    assert path in RECIPES | STAGED or not found


@pytest.mark.parametrize("path", OF_A_DOMAIN, ids=relative)
def test_a_table_is_named_where_it_is_linked_to_or_read(path):
    """What is a table's is in a file of its name, whatever follows: ``deal_price``, say."""
    module = Module(path.read_text("utf-8"))
    found = {node.value for node in module.strings()} & TABLES
    own = {name for name in TABLES if f"{path.stem}_".startswith(f"{name}_")}
    assert found <= own | module.own() | module.reads()


def test_a_list_of_tables_would_be_found():
    listed = Module('STAGES = ("deal", "party")\nread = frames["dealer"]\n')
    assert {node.value for node in listed.strings()} & TABLES == {"deal", "party", "dealer"}
    assert listed.own() | listed.reads() == {"dealer"}


def test_pages_name_no_table():
    named = re.compile("|".join(rf"\b{name}\b" for name in sorted(TABLES) if "_" in name))
    for folder in ("templates", "static"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in (".html", ".css", ".js"):
                assert not named.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("path", [path for path in GENERIC if path not in FREE], ids=relative)
def test_what_is_said_of_a_table_is_said_by_its_declaration(path):
    said = {node.value for node in Module(path.read_text("utf-8")).strings()}
    prefixes = {one.prefix for one in PLATFORM.tables} & said
    assert len(prefixes) < 3  # one or two are a word or a state by chance
    assert not said & {one.table.meaning for one in PLATFORM.tables}
    for domain in PLATFORM.domains:
        assert not said & {domain.title, domain.meaning, domain.name} or domain.name in TABLES
