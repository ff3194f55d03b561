"""Imports go one way; the list is that of docs/architecture.md."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    {"errors"},
    {"streams", "schema", "expressions"},
    {"frame", "tables", "leaves", "privacy"},
    {"cells", "rules", "summary"},
    {"recipe", "profile"},
    {"plan", "bundle", "fitted"},
    {"read", "infer", "anonymize", "fit", "sample", "write", "load", "validate", "compare"},
    {"domains"},
    {"__init__", "__main__"},
)
VERBS = LAYERS[6]
NOUNS_OF_ONE_LAYER = {
    # May know each other in this order; the others of a layer are strangers.
    "profile": {"recipe"},
    "tables": {"frame"},
}
STRANGERS_TO_THE_ENGINE = {"django", "rq", "redis", "portal", "os.environ"}


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


ENGINE = [pytest.param(path, parts, id="/".join(parts)) for path, parts in modules("generator")]
PORTAL = [pytest.param(path, parts, id="/".join(parts)) for path, parts in modules("portal")]


@pytest.mark.parametrize(("path", "parts"), ENGINE)
def test_the_engine_imports_downwards(path, parts):
    own = parts[1]
    assert layer(own) is not None, f"{own} is in no layer; name it in docs/architecture.md and here"
    for line, name in imports(path, parts):
        if not name.startswith("generator."):
            continue
        other = name.split(".")[1]
        if layer(other) is None or other == own:
            continue
        allowed = layer(other) < layer(own) or other in NOUNS_OF_ONE_LAYER.get(own, ())
        assert allowed, f"{'/'.join(parts)}.py, line {line}: {own} must not import {other}"


@pytest.mark.parametrize(("path", "parts"), ENGINE)
def test_the_engine_knows_no_portal_no_clock_and_no_environment(path, parts):
    for line, name in imports(path, parts):
        where = f"{'/'.join(parts)}.py, line {line}"
        assert name.split(".")[0] not in STRANGERS_TO_THE_ENGINE, f"{where} imports {name}"
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            said = f"{node.value.id}.{node.attr}"
            assert said not in FORBIDDEN, f"{'/'.join(parts)}.py, line {node.lineno}: {said}"


FORBIDDEN = {
    *("os.environ", "os.getenv"),
    *("datetime.now", "datetime.utcnow", "date.today", "time.time"),
}


@pytest.mark.parametrize(("path", "parts"), PORTAL)
def test_the_portal_reaches_the_engine_through_its_front_door(path, parts):
    for line, name in imports(path, parts):
        steps = name.split(".")
        if steps[0] != "generator":
            continue
        where = f"{'/'.join(parts)}.py, line {line}"
        assert len(steps) <= 2, f"{where} imports {name}; only `import generator` is allowed"
        assert (
            not (ROOT / "generator" / f"{steps[-1]}.py").exists()
            or len(steps) == 1
            or hasattr(sys.modules.get("generator"), steps[-1])
        ), f"{where} imports the module {name}, which is not public"


def test_modules_exist_for_what_the_list_names():
    """A name nobody has is a leftover, unless a later issue brings it."""
    later = {"expressions", "privacy", "anonymize", "load"}
    there = {parts[1] for _, parts in modules("generator")}
    assert set().union(*LAYERS) - later <= there | later
