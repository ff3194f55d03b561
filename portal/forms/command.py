"""A recipe as one call of the command line."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import generator

DAYS = ("from", "to", "as_of")


def command_line(recipe: Mapping[str, Any], document: generator.Profile) -> str:
    """``python -m generator sample …``; with the recipe as a file where options would not say
    the same."""
    name = recipe.get("profile", document.name)
    profile = name if document.kind == "builtin" else f"{name}.profile"
    parts = ["python -m generator sample", f"--profile {shlex.quote(profile)}"]
    domains = _whole_domains(recipe, document.schema)
    if domains is None:
        return f"{parts[0]} --recipe recipe.json --out bundle"
    parts += [f"--domains {','.join(domains)}"] if domains else []
    parts += ["--keys-only"] if recipe.get("references") == "keys" else []
    parts += [f"--rows {table}={rows}" for table, rows in (recipe.get("rows") or {}).items()]
    parts += [f"--{day.replace('_', '-')} {recipe[day]}" for day in DAYS if recipe.get(day)]
    parts += [f"--set {name}={value:g}" for name, value in (recipe.get("set") or {}).items()]
    parts += [f"--scenario {name}={n}" for name, n in (recipe.get("scenarios") or {}).items()]
    parts += [f"--messy {name}={rate:g}" for name, rate in (recipe.get("messy") or {}).items()]
    parts += list(_asked("where", recipe.get("where") or {}))
    parts += list(_asked("share", recipe.get("shares") or {}))
    parts += [f"--moves {shlex.quote(column)}" for column in recipe.get("moves") or ()]
    parts += [f"--increment {day}" for day in recipe.get("increments") or ()]
    parts += [f"--seed {recipe.get('seed', 1)}"]
    parts += [f"--format {kind}" for kind in recipe.get("formats") or ()]
    return " \\\n  ".join([*parts, "--out bundle"])


def _asked(option: str, asked: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What is asked of rows, an option each."""
    for of, each in asked.items():
        for what, number in each.items():
            yield f"--{option} {shlex.quote(f'{of}: {what}={number:.12g}')}"


def _whole_domains(recipe: Mapping[str, Any], schema: generator.Schema) -> list[str] | None:
    """Domains that hold exactly the recipe's tables; None if there are none that do."""
    asked = set(recipe.get("tables") or ())
    domains = list(dict.fromkeys(schema[name].domain for name in asked if name in schema))
    held = {table.name for table in schema if table.domain in domains}
    return sorted(domains) if held == asked else None
