"""The rules of a fitted profile: as validation checks them, and as a bundle's manifest has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.fitted.leaves import TableLeaves
from generator.forms import form_from
from generator.found import (
    Checked,
    Distinct,
    Found,
    Once,
    Together,
    Told,
    checked_of,
    found_from,
    rule_of,
    unit_told,
)
from generator.rules import Rule
from generator.schema import Schema

MOST_RULES = 10_000  # of a bundle


def rules_of(tables: Mapping[str, TableLeaves]) -> tuple[Rule, ...]:
    """All rules that rows of the tables keep."""
    checks = [
        Checked(name, rule, _all_told(leaves, rule))
        for name, leaves in tables.items()
        for rule in leaves.rules
    ]
    return tuple(rule_of(number, check) for number, check in enumerate(checks, 1))


def _all_told(leaves: TableLeaves, rule: Found) -> dict[str, Told]:
    """Of the columns of a rule that are drawn; links hold keys."""
    return {one: _told(leaves, one) for one in rule.columns if one in leaves.columns}


def _told(leaves: TableLeaves, column: str) -> Told:
    codec = leaves.columns[column].codec
    return Told(codec.written, codec.words)


def rules_document(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """Those rules that were found, in plain JSON types: what they say, and how their columns are
    read."""
    return [
        {
            "id": rule.id,
            "table": rule.table,
            "rule": check.found.document(),
            "told": {
                name: {
                    "written": None if told.form is None else told.form.document(),
                    "words": list(told.words),
                }
                for name, told in check.told.items()
                if told != Told()
            },
        }
        for rule in rules
        if (check := checked_of(rule)) is not None
    ]


def rules_from(document: Any, schema: Schema) -> tuple[Rule, ...]:
    """The rules of a manifest whose table is there.  Raises ValueError, TypeError or LookupError
    for what ``rules_document`` did not write."""
    if not isinstance(document, list) or len(document) > MOST_RULES:
        raise ValueError("rules of a manifest")
    return tuple(
        rule_of(number, _checked(entry, schema))
        for number, entry in enumerate(document, 1)
        if entry["table"] in schema
    )


def _checked(entry: Mapping[str, Any], schema: Schema) -> Checked:
    found = found_from(entry["rule"])
    table = schema[entry["table"]]
    told = {str(name): _told_from(one) for name, one in entry["told"].items()}
    units = {}
    for name in found.columns:
        unit = unit_told(table.column(name), told.get(name, Told()).form)
        if unit is not None:
            units[name] = unit
    plain = isinstance(found, Together | Distinct | Once)
    if not found.ok(units) or (not plain and set(found.columns) - set(units)):
        raise ValueError("a rule of a manifest")
    return Checked(table.name, found, told)


def _told_from(entry: Mapping[str, Any]) -> Told:
    form = None if entry["written"] is None else form_from(entry["written"])
    words = tuple(entry["words"])
    if (form is not None and not form.ok()) or not all(
        isinstance(word, str if form is not None else (int, float)) for word in words
    ):
        raise ValueError("words of a column")
    return Told(form, words)
