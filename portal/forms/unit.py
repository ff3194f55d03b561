"""Whose the rows of an extract are: the column or link that persons are counted by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

import generator
from portal.forms.confirm_table import TableForm

EACH_ROW = "each row is somebody else's"


class LeastField(forms.IntegerField):
    """How many persons must share what a profile keeps."""

    def __init__(self, **options: Any) -> None:
        said = (
            f"Write how many persons must share what is kept, a whole number from "
            f"{generator.LEAST_K} to {generator.MOST_K:,}; {generator.K} is usual."
        )
        super().__init__(
            min_value=generator.LEAST_K,
            max_value=generator.MOST_K,
            widget=forms.TextInput({"inputmode": "numeric", "size": 6}),
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), said),
            **options,
        )


def units_of(inferred: Mapping[str, Any], schema: generator.Schema) -> tuple[generator.Unit, ...]:
    """What is suggested, the likeliest first."""
    findings = generator.Findings.from_dict(inferred.get("findings", {"columns": []}))
    return generator.likely_units(schema, findings)


def offer(
    field: forms.Field,
    schema: generator.Schema,
    likely: Sequence[generator.Unit],
    chosen: str | None,
) -> None:
    """The likely columns first, then all others; the likeliest of people is chosen until somebody
    decides."""
    assert isinstance(field, forms.ChoiceField)
    first = [(one.column, f"{one.column}: {one.why}") for one in likely]
    told = {one.column for one in likely}
    every = (f"{table.name}.{name}" for table in schema for name in table.column_names)
    field.choices = [("", EACH_ROW), *first, *((one, one) for one in every if one not in told)]
    people = (one.column for one in likely if one.of_people)
    field.initial = chosen if chosen is not None else next(people, "")
    field.error_messages["invalid_choice"] = (
        "“%(value).100s” is no column of the extract; choose one that tells whose a row is."
    )


def faults(unit: str, tables: Sequence[TableForm], *, least: int, onto: str) -> Iterator[str]:
    """Why rows cannot be counted by the column that was chosen, or so many asked for."""
    if onto and least != generator.K:
        yield (
            f"Calibrating the built-in profile counts {generator.K} rows at least; leave how many "
            "persons must share what is kept empty."
        )
    if not unit:
        return
    if onto:
        yield "Calibrating the built-in profile counts rows; say that each row is somebody else's."
    table, _, name = unit.partition(".")
    for form in tables:
        gone = (one for one in form.columns.forms if one.name == name and one.left_out)
        if form.was == table and next(gone, None) is not None:
            yield (
                f"{unit} tells whose a row is, and is left out; choose another column, or leave it "
                "in: its values are made anew."
            )
