"""What an extract seems to be, as an administrator confirms or changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

import generator
from portal.forms.budget import BudgetForm
from portal.forms.confirm_column import Document
from portal.forms.confirm_links import links_of
from portal.forms.confirm_table import TableForm, said_of
from portal.forms.line import NameField
from portal.forms.region import RegionField
from portal.forms.unit import LeastField, faults, offer, units_of

BUILT_IN = "automotive"


class ConfirmForm(forms.Form):
    """The inferred schema with a name for its profile.  ``confirmed`` is the document that goes
    into the fit; its ``onto`` names the built-in profile to calibrate, if that is what was chosen.

    ``matching`` are the built-in profile's tables that the extract has rows of, ``unused`` says
    what else the extract has."""

    title = NameField(
        error_messages={"required": "Give the profile a name; people will choose it by that."}
    )
    onto = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    unit = forms.ChoiceField(required=False)
    least = LeastField(required=False)
    region = RegionField(required=False)
    rules = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    rules_shown = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, inferred: Mapping[str, Any], *, title: str, data: QueryDict | None = None
    ) -> None:
        self.inferred = inferred
        schema = generator.Schema.from_dict(inferred)
        self.matching = generator.calibratable(schema)
        self.unused = generator.matched(schema, BUILT_IN).said if self.matching else ()
        super().__init__(
            data,
            auto_id="%s",
            initial={
                "title": title,
                "onto": inferred.get("onto", ""),
                "rules_shown": True,
                "least": inferred.get("k", generator.K),
                "region": inferred.get("region", ""),
            },
        )
        self.budget = BudgetForm(data, inferred, title=title)
        offer(self.fields["unit"], schema, units_of(inferred, schema), inferred.get("unit"))
        self._offer_rules([str(rule) for rule in inferred.get("rules", ())])
        names, sole = [table["name"] for table in inferred["tables"]], inferred.get("sole", {})
        self.tables = [
            TableForm(
                data,
                table,
                prefix=str(number),
                tables=names,
                sole=sole.get(table["name"]),
                found=self._found(table["name"]),
            )
            for number, table in enumerate(inferred["tables"])
        ]
        self._offer_calibration()

    def _found(self, table: str) -> dict[str, Document]:
        """What looks personal of a table, by column."""
        found = self.inferred.get("findings", {}).get("columns", ())
        return {one["column"]: one for one in found if one["table"] == table}

    @property
    def together(self) -> list[Document]:
        """Combinations of columns that single rows out."""
        found = self.inferred.get("findings", {}).get("together", ())
        return [one for one in found if one["rows"]]

    @property
    def settled(self) -> list[Document]:
        """What was said against findings, with its reasons."""
        return [
            {"table": table.was, **column.settled}
            for table in self.tables
            for column in table.columns.forms
            if column.settled is not None
        ]

    def _offer_rules(self, rules: list[str]) -> None:
        """Each rule that all rows keep, to be kept unless its tick is taken away."""
        if not rules:
            del self.fields["rules"], self.fields["rules_shown"]
            return
        field = self.fields["rules"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(rule, rule) for rule in rules]
        left_out = self.inferred.get("no_rules", ())
        field.initial = [rule for rule in rules if rule not in left_out]

    def _no_rules(self) -> list[str]:
        """Rules that are not to be kept; none where the page did not show them."""
        if not self.cleaned_data.get("rules_shown"):
            return []
        kept = set(self.cleaned_data["rules"])
        return [rule for rule in self.inferred["rules"] if rule not in kept]

    def _offer_calibration(self) -> None:
        """Only where there is a table to calibrate."""
        if not self.matching:
            del self.fields["onto"]
            return
        field = self.fields["onto"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "A profile of its own"),
            (BUILT_IN, f"Calibrate the built-in profile {BUILT_IN}"),
        ]

    @property
    def room(self) -> list[Document]:
        """How many tokens there are of each kind, for how many values, and whether enough."""
        return list(self.inferred.get("room", ()))

    @property
    def tight(self) -> bool:
        return not all(one["enough"] for one in self.room)

    @property
    def said(self) -> list[str]:
        """What cannot be learnt of the links that were found, a sentence each."""
        return [str(one) for one in self.inferred.get("said", ())]

    def is_valid(self) -> bool:
        parts = (self.budget, *self.tables)
        filled = all([super().is_valid(), *(part.is_valid() for part in parts)])
        if filled:
            for said in self._faults():
                self.add_error(None, said)
        return filled and not self.errors

    def _faults(self) -> Iterator[str]:
        """What is wrong between tables."""
        names = [table.called for table in self.tables]
        if clash := generator.first_clash(names):
            yield f"Two tables would be called “{clash[0]}”, capitals not counting; rename one."
        yield from links_of(self.tables).said
        told = self.cleaned_data
        unit, onto = told.get("unit", ""), told.get("onto", "")
        counted = "" if self.budget.asked else onto  # a private fit counts by its unit either way
        yield from faults(unit, self.tables, least=self._least, onto=counted)
        yield from self.budget.faults(self.tables, onto=onto, unit=unit)

    @property
    def _least(self) -> int:
        return int(self.cleaned_data.get("least") or generator.K)

    def sentences(self) -> list[str]:
        """Everything that is wrong."""
        return [
            *said_of(self),
            *said_of(self.budget),
            *(said for table in self.tables for said in table.sentences()),
        ]

    def confirmed(self) -> Document:
        links = links_of(self.tables).of
        tables = []
        for form in self.tables:
            told = form.confirmed()
            if "links" in told or links[form.was]:
                told["links"] = links[form.was]
            tables.append(told)
        onto, no_rules = self.cleaned_data.get("onto", ""), self._no_rules()
        unit = self.cleaned_data.get("unit", "")
        told = {**self.inferred, "tables": tables, "onto": onto, "unit": unit}
        told["region"] = self.cleaned_data.get("region", "")
        told = {**told, **({"no_rules": no_rules} if no_rules else {})}
        told = {name: value for name, value in told.items() if name not in ("private", "k")}
        if self._least != generator.K:
            told["k"] = self._least
        return {**told, **self.budget.confirmed()}
