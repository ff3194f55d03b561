"""A bundle being composed: its fields, the recipe they make, and the plan of that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.http import QueryDict

import generator
from portal.forms.command import DAYS, command_line
from portal.forms.counts import Card, TableRow, card, table_row
from portal.forms.fields import CountField, DaysField, FormatField, TextField
from portal.forms.line import NAME_LIMIT, NameField
from portal.forms.wishes import PARTS, SHARES, WHERE, Lines, fields, lines
from portal.limits import too_much
from portal.models import Profile
from portal.plans import planned

ROWS = "rows."  # and the table's name: the field of its count
SET = "set."  # and the target's name: the field of its value
SCENARIOS, MESSY = "scenarios.", "messy."  # and a name: the field of its number, of its rate
UNCOUNTED = {"seed", "formats", "name", "profile"}  # may be wrong, and counts still be worked out


class ComposeForm(forms.Form):
    """Checked as soon as it is made: ``recipe`` is there if nothing is wrong, ``plan`` also while
    only a seed, a name or a format is.  ``instead`` says why the profile is not the one chosen."""

    profile = forms.ChoiceField(required=False)
    name = NameField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    domain = forms.MultipleChoiceField(required=False)
    keys_only = forms.BooleanField(required=False)
    moves = DaysField(placeholder="sales.sold_on, sales.delivered_on")
    increments = DaysField(placeholder="2025-07-01, 2025-10-01")
    seed = TextField(inputmode="numeric", **{"class": "mono"})
    formats = FormatField(
        choices=lambda: [(way.name, way.title) for way in generator.FORMATS.values()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one format."},
    )

    def __init__(
        self,
        data: QueryDict | Mapping[str, Any],
        profile: Profile,
        document: generator.Profile,
        *,
        profiles: Sequence[Profile] = (),
        instead: str = "",
    ) -> None:
        self.row, self.document, self.instead = profile, document, instead
        self.recipe: generator.Recipe | None = None
        self.plan: generator.Plan | None = None
        typed = data.copy() if isinstance(data, QueryDict) else {**data}
        typed["profile"] = str(profile.pk)
        super().__init__(typed, auto_id="%s")
        self._add_fields(profiles or [profile])
        self.fields.update(fields(document, typed))
        self._lines = {
            name: lines(typed, name)
            for name in PARTS
            if f"{name}.0.{PARTS[name][0]}" in self.fields
        }
        self.domains = tuple(self["domain"].value() or ())
        self.rows = {
            table: text
            for table in document.schema.names
            if (text := str(typed.get(ROWS + table, "")).strip())
        }
        self.set = _typed(typed, SET, document.targets)
        self.scenarios = _typed(typed, SCENARIOS, document.scenarios)
        self.messy = _typed(typed, MESSY, document.messes)
        self.lines = Lines(typed if document.kind == "fitted" else {})
        self.full_clean()

    def _add_fields(self, profiles: Sequence[Profile]) -> None:
        """A field for each day and each table, and what may be chosen."""
        for day in DAYS:
            self.fields[day] = TextField(type="date")
        for table in self.document.schema.names:
            self.fields[ROWS + table] = CountField(table)
        for one in self.document.targets:
            self.fields[SET + one.name] = TextField(
                inputmode="decimal", placeholder=one.said(one.present), **{"class": "num"}
            )
        for scenario in self.document.scenarios:
            self.fields[SCENARIOS + scenario.name] = TextField(
                inputmode="numeric", placeholder="0", **{"class": "num"}
            )
        for mess in self.document.messes:
            self.fields[MESSY + mess.name] = TextField(
                inputmode="decimal", placeholder="0 %", **{"class": "num"}
            )
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("aria-describedby", f"{name}-says")
        domains = self.document.schema.domains
        self._offer("profile", [(str(one.pk), f"{one.title} · v{one.version}") for one in profiles])
        self._offer("domain", [(name, name) for name in domains])
        self.fields["domain"].error_messages["invalid_choice"] = (
            f"There is no domain “%(value).40s” in this profile; choose from {', '.join(domains)}."
        )

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    # Checking

    def clean(self) -> dict[str, Any]:
        """Every part by itself, then all together, then the plan."""
        for part in self._parts():
            self._read(part)
        for name, sentence in self.lines.wrong.items():
            self.add_error(name, sentence)
        if self.instead:
            self.add_error("profile", self.instead)
        if not self.domains and not self.rows:
            self.add_error("domain", "Choose at least one domain, or type rows for one table.")
        if set(self.errors) <= UNCOUNTED:
            self._work_out(self._read(self.values()))
        return self.cleaned_data

    def _parts(self) -> Iterator[dict[str, Any]]:
        values = self.values()
        yield {"seed": values["seed"]}
        yield {"formats": values["formats"]}
        yield from ({day: values[day]} for day in DAYS)
        yield from ({"rows": {table: text}} for table, text in values["rows"].items())
        for section in ("set", "scenarios", "messy"):
            yield from ({section: {name: text}} for name, text in values[section].items())

    def _read(self, document: Mapping[str, Any]) -> generator.Recipe | None:
        try:
            return generator.Recipe.from_dict(document)
        except generator.RecipeError as problem:
            self._refuse(problem)
            return None

    def _work_out(self, recipe: generator.Recipe | None) -> None:
        if recipe is None:
            return
        try:
            self.plan = planned(self.document, recipe)
        except generator.RequestError as problem:
            self._refuse(problem)
            return
        if said := too_much(self.plan):
            self.add_error(None, said)
        if not self.errors:
            self.recipe = recipe

    def _refuse(self, problem: generator.RequestError) -> None:
        """The engine's sentence on the field it names."""
        field = self.lines.field_of.get(problem.field or "", problem.field)
        self.add_error(field if field in self.fields else None, problem.sentence)

    @property
    def ready(self) -> bool:
        return self.recipe is not None

    # What it comes to

    def values(self) -> dict[str, Any]:
        """The recipe as plain values; what is wrong is left out."""
        return {
            "profile": self.row.name,
            "seed": self.cleaned_data.get("seed") or "1",
            "tables": self.tables(),
            "rows": self.rows,
            "references": "keys" if self.cleaned_data.get("keys_only") else "rows",
            **{day: self.cleaned_data.get(day) or None for day in DAYS},
            "increments": self.cleaned_data.get("increments") or [],
            "moves": self.cleaned_data.get("moves") or [] if self.fitted else [],
            "set": self.set,
            "scenarios": self.scenarios,
            "messy": self.messy,
            "where": self.lines.where,
            "shares": self.lines.shares,
            "formats": self.cleaned_data.get("formats") or [],
        }

    def tables(self) -> list[str]:
        """Tables of the chosen domains and those with a typed count; none when it is all."""
        schema = self.document.schema
        chosen = [table.name for table in schema if self._chosen(table)]
        return [] if len(chosen) == len(schema.names) else chosen

    def _chosen(self, table: generator.Table) -> bool:
        return table.domain in self.domains or table.name in self.rows

    def title(self) -> str:
        """The name, or one made of what was asked."""
        if name := self.cleaned_data.get("name"):
            return str(name)
        rows = self.recipe.rows if self.recipe is not None else {}
        asked = ", ".join(f"{rows[table]:,} {table}" for table in rows)
        return (asked or self.row.title)[:NAME_LIMIT]

    def as_json(self) -> str:
        assert self.recipe is not None  # asked for when ready
        return json.dumps(self.recipe.to_dict(), indent=2, ensure_ascii=False)

    def as_command(self) -> str:
        assert self.recipe is not None
        return command_line(self.recipe.to_dict(), self.document)

    # The page

    def sentences(self) -> list[str]:
        """Everything that is wrong, field by field."""
        return [str(said) for errors in self.errors.values() for said in errors]

    @property
    def takes_keys_only(self) -> bool:
        """Whether tables bring others along: those of a fitted profile never do."""
        return self.document.has_span and any(table.links for table in self.document.schema)

    def lone_fields(self) -> list[BoundField]:
        """Fields that are no table's; a fitted profile has days of its own, which may move."""
        days = [*DAYS, "increments"] if self.document.has_span else []
        days = ["from", "to", "moves"] if self.fitted else days
        asked = [
            *(SET + one.name for one in self.document.targets),
            *(SCENARIOS + one.name for one in self.document.scenarios),
            *(MESSY + one.name for one in self.document.messes),
            *(name for name in self.fields if name.startswith((f"{WHERE}.", f"{SHARES}."))),
        ]
        return [self[name] for name in ("profile", *days, "seed", "formats", "name", *asked)]

    def targets(self) -> list[tuple[generator.Target, BoundField]]:
        """What-if: the profile's targets, each with its field."""
        return [(one, self[SET + one.name]) for one in self.document.targets]

    def offered_scenarios(self) -> list[tuple[generator.Scenario, BoundField]]:
        """The profile's scenarios, each with the field of its number."""
        return [(one, self[SCENARIOS + one.name]) for one in self.document.scenarios]

    def offered_messes(self) -> list[tuple[generator.Mess, BoundField]]:
        """The profile's messes, each with the field of its rate."""
        return [(one, self[MESSY + one.name]) for one in self.document.messes]

    @property
    def fitted(self) -> bool:
        return self.document.kind == "fitted"

    def spans(self) -> bool:
        """Whether another span than the extract's is asked for."""
        return any(str(self[name].value() or "") for name in ("from", "to", "moves"))

    def where_lines(self) -> list[dict[str, BoundField]]:
        """Rows where something holds, a line each."""
        return self._of(WHERE)

    def share_lines(self) -> list[dict[str, BoundField]]:
        """Other shares of values, a line each."""
        return self._of(SHARES)

    def _of(self, section: str) -> list[dict[str, BoundField]]:
        numbers = range(self._lines.get(section, 0))
        return [{one: self[f"{section}.{at}.{one}"] for one in PARTS[section]} for at in numbers]

    @property
    def counts(self) -> dict[str, generator.TableCount]:
        return {} if self.plan is None else {count.table: count for count in self.plan.counts}

    @property
    def memory(self) -> int:
        """What making it takes here."""
        return 0 if self.plan is None else self.plan.memory_estimate(settings.SAMPLE_PROCESSES)

    def asked(self) -> list[generator.TableCount]:
        return [count for count in self.counts.values() if count.asked]

    def following(self) -> list[generator.TableCount]:
        return [count for count in self.counts.values() if not count.asked]

    def added(self) -> list[str]:
        """Tables nobody chose that others need."""
        return [row.name for card in self.cards() for row in card.tables if row.added]

    def cards(self) -> list[Card]:
        """The domains and their tables as the form shows them."""
        schema = self.document.schema
        return [
            card(
                self.document,
                domain,
                [self._row(table) for table in schema if table.domain == domain],
                on=domain in self.domains,
            )
            for domain in schema.domains
        ]

    def _row(self, table: generator.Table) -> TableRow:
        planned = self.counts.get(table.name)
        return table_row(table, self[ROWS + table.name], planned, chosen=self._chosen(table))


def _typed(
    typed: Mapping[str, Any],
    section: str,
    offered: Sequence[generator.Target | generator.Scenario | generator.Mess],
) -> dict[str, str]:
    """What was typed for each that the profile has, by its name."""
    return {
        one.name: text
        for one in offered
        if (text := str(typed.get(section + one.name, "")).strip())
    }
