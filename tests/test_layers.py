"""Imports go one way; the list is that of docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    {"errors"},
    {"names", "stop"},
    {"streams", "schema", "document", "fingerprint", "sketch", "forms", "holders"},
    {
        "extent",
        "frame",
        "tables",
        "register",
        "leaves",
        "privacy",
        "narrative",
        "dictionary",
        "diagram",
    }
    | {"personal"},
    {
        "cells",
        "rules",
        "summary",
        "expressions",
        "calibrated",
        "write",
        "trial",
        "staging",
        "attack",
    }
    | {"targets", "found"},
    {"recipe", "profile", "scenarios", "messes", "stories"},
    {"plan", "casting", "bundle", "fitted", "fanout", "masked"},
    {
        "read",
        "infer",
        "anonymize",
        "fit",
        "private",
        "calibrate",
        "sample",
        "preview",
        "load",
        "validate",
        "compare",
        "life",
    },
    {"domains"},
    {"onto"},
    {"commands", "machine"},
    {"__init__", "command_line"},
    {"__main__"},
)
NOUNS_OF_ONE_LAYER = {
    # May know each other in this order; the others of a layer are strangers.
    "profile": {"recipe"},
    "plan": {"casting"},
    "tables": {"frame"},
    "diagram": {"dictionary"},
    "register": {"tables"},
    "found": {"rules"},
    "leaves": {"frame"},
    "narrative": {"frame"},
}
STRANGERS_TO_THE_ENGINE = {"django", "rq", "redis", "portal"}


def modules(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path, path.relative_to(ROOT).with_suffix("").parts


def imports(path, parts):
    """(line, dotted name) of everything a module imports."""
    package = parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            origin = ".".join(filter(None, (base, node.module)))
            for alias in node.names:
                yield node.lineno, f"{origin}.{alias.name}"


def layer(module):
    return next((level for level, names in enumerate(LAYERS) if module in names), None)


FORBIDDEN = {
    *("os.environ", "os.getenv"),
    *("datetime.now", "datetime.utcnow", "date.today", "time.time"),
}
FRONT_DOOR = ROOT / "generator" / "__init__.py"
PUBLIC = {name.split(".")[-1] for _, name in imports(FRONT_DOOR, ("generator", "__init__"))}
ENGINE = [pytest.param(path, parts, id="/".join(parts)) for path, parts in modules("generator")]
PORTAL = [pytest.param(path, parts, id="/".join(parts)) for path, parts in modules("portal")]


@pytest.mark.parametrize(("path", "parts"), ENGINE)
def test_the_engine_imports_downwards(path, parts):
    own = parts[1]
    assert layer(own) is not None, f"{own} is in no layer; name it in docs/architecture.md and here"
    for line, name in imports(path, parts):
        other = name.split(".")[1] if name.startswith("generator.") else own
        if layer(other) is None or other == own:
            continue
        allowed = layer(other) < layer(own) or other in NOUNS_OF_ONE_LAYER.get(own, ())
        assert allowed, f"{'/'.join(parts)}.py, line {line}: {own} must not import {other}"


@pytest.mark.parametrize(("path", "parts"), ENGINE)
def test_the_engine_knows_no_portal_no_clock_and_no_environment(path, parts):
    for line, name in imports(path, parts):
        where = f"{'/'.join(parts)}.py, line {line}"
        assert name.split(".")[0] not in STRANGERS_TO_THE_ENGINE, f"{where} imports {name}"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            said = f"{node.value.id}.{node.attr}"
            assert said not in FORBIDDEN, f"{'/'.join(parts)}.py, line {node.lineno}: {said}"


@pytest.mark.parametrize(("path", "parts"), PORTAL)
def test_the_portal_reaches_the_engine_through_its_front_door(path, parts):
    for line, name in imports(path, parts):
        steps = name.split(".")
        public = steps[0] != "generator" or len(steps) == 1 or set(steps[1:]) <= PUBLIC
        assert public, (
            f"{'/'.join(parts)}.py, line {line} imports {name}, which generator/__init__.py does "
            "not publish"
        )
