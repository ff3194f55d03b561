"""`import generator` is cheap, and what a command does not use is not imported."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import generator

HEAVY = (
    *("pandas", "scipy", "sklearn", "faker", "tqdm", "plotly", "threadpoolctl"),
    *("pyarrow.parquet", "pyarrow.dataset", "pyarrow.csv", "pyarrow.json"),
)
SAY = f"""
import json, sys
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
PLAN = """
import generator
profile = generator.open_profile("automotive")
recipe = generator.Recipe.from_dict({"rows": {"deal": 50}})
assert generator.plan(profile, recipe).count("deal") == 50
assert callable(generator.plan)
"""


def loaded(code: str) -> list[str]:
    """Heavy modules that are there after the code."""
    command = [sys.executable, "-c", code + SAY]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    names: list[str] = json.loads(ended.stdout)
    return names


def test_importing_the_engine_imports_nothing_heavy():
    assert loaded("import generator, sys; assert 'numpy' not in sys.modules") == []


def test_planning_imports_only_what_it_needs():
    assert loaded(PLAN) == []


def test_the_modules_of_the_public_names_are_said_once_for_people_and_once_for_python():
    tree = ast.parse(Path(generator.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname or alias.name: (node.module.removeprefix("generator."), alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert typed == generator._PLACES
    assert sorted(typed) == sorted(generator.__all__) == sorted(dir(generator))


@pytest.mark.parametrize("name", generator.__all__)
def test_every_public_name_is_there_and_no_module(name):
    value = getattr(generator, name)
    assert not isinstance(value, type(sys))
    assert getattr(generator, name) is value


def test_a_verb_stays_a_verb_when_its_module_is_imported():
    import generator.plan  # what others of the engine do

    assert callable(generator.plan)
    with pytest.raises(AttributeError, match="has no attribute plans"):
        _ = generator.plans
