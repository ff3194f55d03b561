"""Numbers that shape data stand in TOML files with a source or an assumption, not in code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import generator

DOMAINS = Path(generator.__file__).parent / "domains"
CODES = set(range(-1, 11))  # places, label codes, decimals, "one more"
UNITS = {  # of time, money and what floats cannot tell apart
    *(12, 24, 60, 100, 365, 365.25, 1000, 1970, 3600, 5_000, 10_000, 50_000, 60_000),
    *(100_000, 1_000_000, 3_600_000, 10_000_000),
    *(0.5, 0.01, 1e-6, 1e-9, 1e-12, 1e6, 1e7, 1e10),
}
EXEMPT = {
    "adults": "a rule of the platform (R012)",
    "identifiers": "spaces of made-up numbers",
    "instruments": "check digits of cards and accounts",
    "mix": "a numerical method",
    "payment_method": "digits of card numbers",
    "pools": "sizes of the frozen lists",
    "vin": "ISO 3779",
}
FORMATS = {"numbered", "key", "arange", "full", "round"}  # digits of a text, sizes of an array
FILES = [
    path
    for path in sorted(DOMAINS.glob("*/*.py"))
    if path.stem not in EXEMPT and not path.stem.endswith("rules")  # the platform's own
]


def functions(tree: ast.Module):
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def numbers(node: ast.AST):
    """(line, number) of the literals below a node, but for those in calls that format."""
    if isinstance(node, ast.Call):
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if name in FORMATS:
            return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield node.lineno, node.value
        return
    for child in ast.iter_child_nodes(node):
        yield from numbers(child)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_number_that_shapes_data_stands_in_a_maker(path):
    tree = ast.parse(path.read_text("utf-8"))
    strange = [
        f"line {line}: {number}"
        for function in functions(tree)
        for line, number in numbers(function)
        if number not in CODES | UNITS
    ]
    assert not strange, (
        f"{path.name} calculates with {', '.join(strange)}; give the number a name in "
        "generator/profiles/automotive, with a source or an assumption"
    )


@pytest.mark.parametrize("name", EXEMPT)
def test_what_is_exempt_exists(name):
    assert list(DOMAINS.glob(f"*/{name}.py"))
