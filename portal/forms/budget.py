"""The budget of a private fit, as an administrator enters it where an extract is confirmed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

import generator
from portal import budget
from portal.forms.confirm_table import TableForm
from portal.forms.line import LineField
from portal.models import Source

MOST_LETTERS = 1_000_000  # of a declaration


class BudgetForm(forms.Form):
    """Without an epsilon the fit is an ordinary one and nothing else here counts."""

    epsilon = forms.FloatField(
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"invalid": "Write epsilon as a number, such as 1 or 0.5."},
    )
    delta = forms.FloatField(
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages={"invalid": "Write delta as a number, such as 1e-9."},
    )
    source = LineField(required=False)
    declared = forms.CharField(
        required=False, max_length=MOST_LETTERS, widget=forms.Textarea({"rows": 6})
    )

    def __init__(self, data: QueryDict | None, inferred: Mapping[str, Any], *, title: str) -> None:
        before = inferred.get("private") or {}
        self._unit = "row"
        super().__init__(
            data,
            auto_id="%s",
            initial={
                "epsilon": before.get("epsilon"),
                "delta": before.get("delta", 1e-9),
                "source": before.get("source", title),
                "declared": json.dumps(before["declared"]) if "declared" in before else "",
            },
        )
        self.sources = list(Source.objects.values_list("name", flat=True)[:200])

    @property
    def asked(self) -> bool:
        return self.cleaned_data.get("epsilon") is not None

    def faults(self, tables: Sequence[TableForm], *, onto: str, unit: str) -> Iterator[str]:
        """What does not fit a private fit of these tables."""
        if not self.asked:
            return
        self._unit = self._called(unit, tables)
        try:
            generator.check_budget(self._budget())
            declared = generator.declared_from(self._document())
            self._check(declared, tables)
            generator.check_unit(declared, self._unit)
            if onto:
                generator.matched(declared.schema, onto)
        except (generator.RequestError, generator.ExtractError) as problem:
            yield problem.sentence
        if not self.cleaned_data.get("source"):
            yield "Name the source of the data: private fits of one source add up."
        elif said := budget.refusal(self.cleaned_data["source"][:100], self._budget().epsilon):
            yield said

    @staticmethod
    def _called(unit: str, tables: Sequence[TableForm]) -> str:
        """The unit by the names of tables that were chosen; "row" where each row is somebody's."""
        table, _, column = unit.partition(".")
        names = {form.was: form.called for form in tables}
        return f"{names.get(table, table)}.{column}" if unit else "row"

    def _check(self, declared: generator.Declared, tables: Sequence[TableForm]) -> None:
        """Raises RequestError where the declaration and what is confirmed differ."""
        there = {form.called: form for form in tables}
        for name in {*there, *declared.schema.names}:
            if name not in there or name not in declared.schema:
                raise generator.RequestError(
                    f"The table “{name}” is {'not ' if name in there else ''}declared, and is "
                    f"{'' if name in there else 'not '}in the extract; declare what it has."
                )
            wanted = {one.name for one in there[name].columns.forms if not one.left_out}
            said = set(declared.schema[name].column_names)
            if wanted != said:
                odd = sorted(wanted ^ said)[0]
                raise generator.RequestError(
                    f"The column {name}.{odd} must be declared and in the extract, or neither; "
                    "declare it, or leave it out."
                )

    def _document(self) -> Any:
        try:
            return json.loads(self.cleaned_data.get("declared") or "null")
        except (ValueError, RecursionError) as problem:
            raise generator.RequestError(
                "The declaration is not JSON that can be read; write a Frictionless data package."
            ) from problem

    def _budget(self) -> generator.Budget:
        delta = self.cleaned_data.get("delta")
        delta = 1e-9 if delta is None else delta
        return generator.Budget(self.cleaned_data["epsilon"], delta, self._unit)

    def confirmed(self) -> dict[str, Any]:
        """What goes into the fit; nothing for an ordinary one."""
        if not self.asked:
            return {}
        asked = self._budget()
        return {
            "private": {
                **vars(asked),
                "source": self.cleaned_data["source"][:100],
                "declared": self._document(),
            }
        }
