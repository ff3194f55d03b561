"""What a recipe asks of rows, held against a bundle: exactly so many rows meet each condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from generator.fitted.conditions import Conditions, conditions_of
from generator.forms import form_from
from generator.recipe import Recipe
from generator.rules import Rule, Whole
from generator.schema import Schema
from generator.sketch import Cells, Verdict
from generator.summary import Forms
from generator.tables import Tables

GROUP = "Asked for"


class Count:
    """Counts the rows that meet a condition, and none before it, for a rule about all rows."""

    def __init__(self, conditions: Conditions, at: int, forms: Forms) -> None:
        self._conditions, self._at, self._forms = conditions, at, forms

    def sketch(self, tables: Tables) -> Cells:
        met = self._conditions.met_in(self._forms, tables)
        return Cells.of((met == self._at)[tables.own(self._conditions.table)].astype(np.int8))

    def verdict(self, total: Cells) -> Verdict:
        wanted, have = self._conditions.counts[self._at], total.count(True)
        if have == wanted:
            return Verdict(0)
        return total.verdict(lambda holds: holds == (have > wanted))


def asked_rules(asked: Mapping[str, Sequence[Conditions]], forms: Forms) -> tuple[Rule, ...]:
    """A rule for each condition, A001 and so on."""
    rules: list[Rule] = []
    for conditions in (one for several in asked.values() for one in several):
        for at, text in enumerate(conditions.texts):
            said = f"{conditions.column} is {text}" if conditions.column else text
            count = Count(conditions, at, forms)
            rules.append(
                Rule(
                    f"A{len(rules) + 1:03}",
                    conditions.table,
                    f"{conditions.counts[at]:,} rows where {said}.",
                    Whole(count.sketch, count.verdict),
                    group=GROUP,
                    scope="whole",
                )
            )
    return tuple(rules)


def asked_document(asked: Mapping[str, Sequence[Conditions]], forms: Forms) -> dict[str, Any]:
    """How the texts of columns are read that conditions speak of, in plain JSON types: by table
    and column its form."""
    return {
        name: {
            column: form.document()
            for (table, column), form in forms.items()
            if table == name and any(column in one.read for one in conditions)
        }
        for name, conditions in asked.items()
    }


def asked_from(manifest: Mapping[str, Any], schema: Schema) -> tuple[Rule, ...]:
    """The rules about what the recipe of a bundle asks of rows, from its manifest.  Raises
    ValueError, TypeError, LookupError or RequestError for what no bundle's manifest says."""
    recipe, rows = Recipe.from_dict(manifest["recipe"]), manifest["rows"]
    where = {table: asked for table, asked in recipe.where.items() if table in schema}
    shares = {
        path: asked
        for path, asked in recipe.shares.items()
        if any(path.startswith(f"{name}.") for name in schema.names)
    }
    asked = conditions_of(where, shares, schema, lambda table: int(rows[table]))
    forms = {
        (table, column): form_from(document)
        for table, columns in manifest.get("asked", {}).items()
        for column, document in columns.items()
        if table in schema and column in schema[table].column_names
    }
    if not all(form.ok() for form in forms.values()):
        raise ValueError("forms of a manifest")
    return asked_rules(asked, forms)
