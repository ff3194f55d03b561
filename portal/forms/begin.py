"""What the compose form holds before anybody typed: a preset, or the recipe of a bundle."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import generator
from portal.forms.command import DAYS
from portal.forms.fields import as_days
from portal.forms.wishes import typed_lines
from portal.presets import Preset, default_values


def new_seed() -> int:
    """A seed that is easy to read aloud."""
    return secrets.randbelow(1_000_000)


def as_preset(chosen: Preset, document: generator.Profile, *, today: date) -> dict[str, Any]:
    """A preset as if it had been typed; a fitted profile only takes the formats of it."""
    begun = {"seed": str(new_seed()), "formats": list(chosen.formats)}
    schema = document.schema
    if not document.has_span:
        return {"name": document.title, "domain": list(schema.domains), **begun}
    values = default_values(chosen, today=today)
    return {
        "name": chosen.title,
        "domain": list(values["domains"] or schema.domains),
        **_rows({table: rows for table, rows in values["rows"].items() if table in schema}),
        **{day: values[day] for day in DAYS},
        **begun,
    }


def as_recipe(
    recipe: Mapping[str, Any], document: generator.Profile, *, name: str
) -> dict[str, Any]:
    """A recipe as if it had been typed; tables the profile does not have are left out."""
    schema = document.schema
    asked = set(recipe.get("tables") or schema.names)
    rows = (recipe.get("rows") or {}).items()
    return {
        "name": name,
        "domain": [
            domain
            for domain in schema.domains
            if all(table.name in asked for table in schema if table.domain == domain)
        ],
        **_rows({table: f"{count:,}" for table, count in rows if table in schema}),
        **{day: recipe.get(day) or "" for day in DAYS},
        **({"increments": as_days(days)} if (days := recipe.get("increments")) else {}),
        **({"keys_only": "on"} if recipe.get("references") == "keys" else {}),
        **{f"set.{name}": f"{value:g}" for name, value in (recipe.get("set") or {}).items()},
        **_named("scenarios", recipe, [one.name for one in document.scenarios]),
        **_named("messy", recipe, [one.name for one in document.messes]),
        **(typed_lines(recipe) if document.kind == "fitted" else {}),
        **({"moves": ", ".join(moves)} if (moves := recipe.get("moves")) else {}),
        "seed": str(recipe.get("seed", 1)),
        "formats": list(recipe.get("formats") or ("csv",)),
    }


def _named(section: str, recipe: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """A section of the recipe, without what the profile does not have."""
    asked = recipe.get(section) or {}
    return {f"{section}.{name}": f"{asked[name]:g}" for name in names if name in asked}


def _rows(typed: Mapping[str, str]) -> dict[str, str]:
    return {f"rows.{table}": text for table, text in typed.items()}
