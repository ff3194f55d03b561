"""What is asked of the rows of a fitted profile's tables, as lines of the compose form: “exactly N
rows of TABLE where CONDITION”, and “LABEL in COLUMN has p %”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

import generator
from portal.forms.fields import TextField

LINES = 4  # of each that are offered, and one more than are filled in
MOST_LINES = 50
MOST_LISTED = 300  # columns that a list offers; more are typed
WHERE, SHARES = "where", "shares"
PARTS = {WHERE: ("table", "text", "rows"), SHARES: ("column", "label", "share")}


def fields(
    document: generator.Profile, typed: Mapping[str, Any]
) -> Iterator[tuple[str, forms.Field]]:
    """The fields of all lines, by name: ``where.0.table`` and so on."""
    if document.kind != "fitted":
        return
    tables = document.schema.names
    columns = [
        f"{table.name}.{column.name}" for table in document.schema for column in table.columns
    ]
    for line in range(lines(typed, WHERE)):
        yield f"{WHERE}.{line}.table", _choice(tables, f"table of condition {line + 1}")
        yield (
            f"{WHERE}.{line}.text",
            TextField(
                placeholder="price < 20000 and make == 'Kia'",
                **{"class": "mono", "aria-label": f"condition {line + 1}"},
            ),
        )
        yield (
            f"{WHERE}.{line}.rows",
            TextField(
                inputmode="numeric",
                placeholder="rows",
                **{"class": "num", "aria-label": f"rows of condition {line + 1}"},
            ),
        )
    for line in range(lines(typed, SHARES)):
        yield f"{SHARES}.{line}.column", _choice(columns, f"column of share {line + 1}")
        yield (
            f"{SHARES}.{line}.label",
            TextField(placeholder="value", **{"aria-label": f"value of share {line + 1}"}),
        )
        yield (
            f"{SHARES}.{line}.share",
            TextField(
                inputmode="decimal",
                placeholder="%",
                **{"class": "num", "aria-label": f"per cent of share {line + 1}"},
            ),
        )


def _choice(names: Any, label: str) -> forms.Field:
    attrs = {"aria-label": label}
    if len(names) > MOST_LISTED:
        return TextField(placeholder="table.column", **attrs)
    return forms.CharField(
        required=False,
        widget=forms.Select(attrs=attrs, choices=[("", "–"), *((one, one) for one in names)]),
    )


def lines(typed: Mapping[str, Any], section: str) -> int:
    """How many lines of a section the form has."""
    filled = [
        int(number)
        for name in typed
        for head, _, rest in [str(name).partition(".")]
        for number, _, part in [rest.partition(".")]
        if head == section and part in PARTS[section] and number.isdecimal() and len(number) < 3
    ]
    return min(max([LINES, *(number + 1 for number in filled)]), MOST_LINES)


class Lines:
    """The filled lines of a form: ``where`` and ``shares`` as a recipe has them, and on which
    field what is wrong is said."""

    def __init__(self, typed: Mapping[str, Any]) -> None:
        self.where: dict[str, dict[str, str]] = {}
        self.shares: dict[str, dict[str, str]] = {}
        self.wrong: dict[str, str] = {}  # by field, a sentence
        self.field_of: dict[str, str] = {}  # of the form, by that of a recipe
        for section, into in ((WHERE, self.where), (SHARES, self.shares)):
            for line in range(lines(typed, section)):
                self._take(typed, section, line, into)

    def __bool__(self) -> bool:
        return bool(self.where or self.shares or self.wrong)

    def _take(
        self, typed: Mapping[str, Any], section: str, line: int, into: dict[str, dict[str, str]]
    ) -> None:
        names = [f"{section}.{line}.{part}" for part in PARTS[section]]
        of, what, number = (str(typed.get(name, "")).strip() for name in names)
        if not (of or what or number):
            return
        for name, text in zip(names, (of, what, number), strict=True):
            if not text:
                self.wrong[name] = _MISSING[name.rsplit(".", 1)[1]]
                return
        if what in into.get(of, ()):
            self.wrong[names[1]] = "This is asked in another line already; leave one of them empty."
            return
        if section == SHARES and not number.endswith("%"):
            number += " %"
        into.setdefault(of, {})[what] = number
        self.field_of.setdefault(f"{section}.{of}", names[1])
        problem = _refused({section: {of: {what: number}}})
        if problem is not None:
            self.wrong[names[2]] = problem


_MISSING = {
    "table": "Choose the table that the condition is about.",
    "text": "Write a condition, for example price < 20000.",
    "rows": "Say how many rows meet it.",
    "column": "Choose the column that the share is about.",
    "label": "Write the value that is to have the share, as the column has it.",
    "share": "Say what per cent of the rows have it.",
}


def _refused(document: dict[str, Any]) -> str | None:
    try:
        generator.Recipe.from_dict(document)
    except generator.RecipeError as problem:
        return problem.sentence
    return None


def typed_lines(recipe: Mapping[str, Any]) -> dict[str, str]:
    """The lines of a recipe as if they had been typed."""
    typed = {}
    for section, write in ((WHERE, "{:,}".format), (SHARES, lambda share: f"{share * 100:.9g}")):
        asked = [
            (of, what, write(number))
            for of, each in (recipe.get(section) or {}).items()
            for what, number in each.items()
        ]
        for line, values in enumerate(asked):
            for part, text in zip(PARTS[section], values, strict=True):
                typed[f"{section}.{line}.{part}"] = text
    return typed
