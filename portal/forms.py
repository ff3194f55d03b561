"""What people fill in: kept as they typed it, checked field by field.

The sentences are the engine's own; a form only says which field each belongs to.
"""

from __future__ import annotations

import json
import re
import secrets
import shlex
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.http import QueryDict

import generator
from portal.limits import too_much
from portal.models import Profile
from portal.presets import Preset, default_values
from portal.templatetags.say import size, words

DAYS = ("from", "to", "as_of")
NAME_LIMIT = 100


def plain(text: str) -> str:
    """One line without control characters; PostgreSQL takes no text with a NUL in it."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text).strip()


class TableRow(NamedTuple):
    """One table of the form: what was typed, what follows, what is wrong."""

    name: str
    meaning: str
    typed: str
    follows: int | None
    why: str
    added: bool
    error: str


class Card(NamedTuple):
    """One domain of the form.  ``on`` is chosen whole, ``some`` holds tables of the plan."""

    domain: str
    title: str
    meaning: str
    on: bool
    some: bool
    tables: list[TableRow]


@dataclass
class Composition:
    """A bundle being composed.  ``check`` fills ``errors``, ``recipe`` and ``plan``.

    ``instead`` says why the profile is not the one that was chosen, if it is not.
    """

    profile: Profile
    document: Any
    name: str = ""
    domains: tuple[str, ...] = ()
    rows: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    seed: str = ""
    formats: tuple[str, ...] = ("csv",)
    instead: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    recipe: Any = None
    plan: Any = None

    # Ways to begin

    @classmethod
    def typed(
        cls, data: QueryDict, profile: Profile, document: Any, *, instead: str = ""
    ) -> Composition:
        """From a form that was sent."""
        known = set(document.schema.names)
        rows = {key[5:]: data[key].strip() for key in data if key.startswith("rows.")}
        return cls(
            profile,
            document,
            name=plain(data.get("name", "")),
            domains=tuple(data.getlist("domain")),
            rows={table: text for table, text in rows.items() if text and table in known},
            days={day: data.get(day, "").strip() for day in DAYS},
            seed=data.get("seed", "").strip(),
            formats=tuple(data.getlist("format")),
            instead=instead,
        )

    @classmethod
    def preset(cls, chosen: Preset, profile: Profile, document: Any, *, today: date) -> Composition:
        """From a preset; a fitted profile only takes the formats of it."""
        values = default_values(chosen, today=today)
        built_in = profile.kind == Profile.Kind.BUILTIN
        schema = document.schema
        domains = values["domains"] or schema.domains
        rows = {table: text for table, text in values["rows"].items() if table in schema}
        return cls(
            profile,
            document,
            name=chosen.title if built_in else profile.title,
            domains=tuple(domains) if built_in else schema.domains,
            rows=rows if built_in else {},
            days={day: values[day] for day in DAYS} if built_in else {},
            seed=str(new_seed()),
            formats=values["formats"],
        )

    @classmethod
    def recipe_of(
        cls, recipe: Mapping[str, Any], profile: Profile, document: Any, *, name: str
    ) -> Composition:
        """From the recipe of a bundle that is there already."""
        schema = document.schema
        asked = set(recipe.get("tables") or schema.names)
        whole = tuple(
            domain
            for domain in schema.domains
            if all(table.name in asked for table in schema if table.domain == domain)
        )
        rows = {table: f"{rows:,}" for table, rows in (recipe.get("rows") or {}).items()}
        return cls(
            profile,
            document,
            name=name,
            domains=whole,
            rows={table: text for table, text in rows.items() if table in schema},
            days={day: recipe.get(day) or "" for day in DAYS},
            seed=str(recipe.get("seed", 1)),
            formats=tuple(recipe.get("formats") or ("csv",)),
        )

    # Checking

    def check(self) -> Composition:
        """Every field by itself, then all together, then the plan."""
        self.errors = {}
        for part in self._parts():
            self._try(part)
        if not self.formats:
            self.errors["formats"] = "Choose at least one format."
        unknown = [name for name in self.domains if name not in self.document.schema.domains]
        if unknown:
            self.errors["domain"] = (
                f"There is no domain “{unknown[0][:40]}” in this profile; choose from "
                f"{', '.join(self.document.schema.domains)}."
            )
        if not self.domains and not self.rows:
            self.errors["domain"] = "Choose at least one domain, or type rows for one table."
        if len(self.name) > NAME_LIMIT:
            self.errors["name"] = f"The name may have {NAME_LIMIT} characters at most; shorten it."
        if self.instead:
            self.errors["profile"] = self.instead
        if self._countable():
            self._work_out()
        if self.errors:
            self.recipe = None
        return self

    def _countable(self) -> bool:
        """Whether the counts can be worked out: a wrong seed or name does not matter to them."""
        values = self.values()
        if "seed" in self.errors:
            values["seed"] = "1"
        if "formats" in self.errors:
            values["formats"] = []
        if set(self.errors) <= {"seed", "formats", "name", "profile"}:
            self.recipe = self._try(values)
        return self.recipe is not None

    def _parts(self) -> list[dict[str, Any]]:
        values = self.values()
        rows = [{"rows": {table: text}} for table, text in self.rows.items()]
        days = [{day: values[day]} for day in DAYS]
        return [{"seed": values["seed"]}, {"formats": values["formats"]}, *days, *rows]

    def _try(self, document: Mapping[str, Any]) -> Any:
        try:
            return generator.Recipe.from_dict(document)
        except generator.RecipeError as problem:
            self.errors.setdefault(problem.field or "", problem.sentence)
            return None

    def _work_out(self) -> None:
        try:
            self.plan = generator.plan(self.document, self.recipe)
        except generator.RequestError as problem:
            self.errors.setdefault(problem.field or "", problem.sentence)
            return
        if said := too_much(self.plan):
            self.errors.setdefault("", said)

    @property
    def ready(self) -> bool:
        return self.recipe is not None and self.plan is not None

    # What it comes to

    def values(self) -> dict[str, Any]:
        """The recipe as plain values, not checked yet."""
        return {
            "profile": self.profile.name,
            "seed": self.seed or "1",
            "tables": self.tables(),
            "rows": self.rows,
            **{day: self.days.get(day) or None for day in DAYS},
            "formats": list(self.formats),
        }

    def tables(self) -> list[str]:
        """Tables of the chosen domains and those with a typed count; none when it is all."""
        schema = self.document.schema
        chosen = [
            table.name
            for table in schema
            if table.domain in self.domains or table.name in self.rows
        ]
        return [] if len(chosen) == len(schema.names) else chosen

    def title(self) -> str:
        """The name, or one made of what was asked."""
        if self.name:
            return self.name
        asked = ", ".join(f"{self.recipe.rows[table]:,} {table}" for table in self.recipe.rows)
        return (asked or self.profile.title)[:NAME_LIMIT]

    def cards(self) -> list[Card]:
        """The domains and their tables as the form shows them."""
        return [self._card(domain) for domain in self.document.schema.domains]

    def _card(self, domain: str) -> Card:
        tables = [t for t in self.document.schema if t.domain == domain]
        rows = [self._row(table) for table in tables]
        return Card(
            domain=domain,
            title=DOMAIN_TITLES.get(domain) or words(domain) or self.document.title,
            meaning=self.document.meaning.get(domain, ""),
            on=domain in self.domains,
            some=domain not in self.domains and any(r.follows is not None for r in rows),
            tables=rows,
        )

    def _row(self, table: Any) -> TableRow:
        count = self.counts.get(table.name)
        chosen = table.domain in self.domains or table.name in self.rows
        return TableRow(
            name=table.name,
            meaning=table.meaning,
            typed=self.rows.get(table.name, ""),
            follows=None if count is None else count.rows,
            why="" if count is None or count.asked else count.why,
            added=count is not None and not chosen,
            error=self.errors.get(f"rows.{table.name}", ""),
        )

    @property
    def counts(self) -> dict[str, Any]:
        return {} if self.plan is None else {count.table: count for count in self.plan.counts}

    def asked(self) -> list[Any]:
        return [count for count in self.counts.values() if count.asked]

    def following(self) -> list[Any]:
        return [count for count in self.counts.values() if not count.asked]

    def added(self) -> list[str]:
        """Tables nobody chose that others need."""
        if self.plan is None:
            return []
        return [row.name for card in self.cards() for row in card.tables if row.added]

    def as_json(self) -> str:
        return json.dumps(self.recipe.to_dict(), indent=2, ensure_ascii=False)

    def as_command(self) -> str:
        """The same request for the command line; the recipe as a file where options would not
        say the same."""
        return command_line(self.recipe.to_dict(), self.document)


DOMAIN_TITLES = {
    "party_identity": "Party & identity",
    "vehicle_asset_mgt": "Vehicles & stock",
    "human_resources": "People at work",
    "marketing_loyalty": "Marketing",
    "sales_operations": "Sales",
    "finance": "Finance",
    "payment": "Credit & payments",
    "telematics_vehicle_events": "Telematics",
}


def new_seed() -> int:
    """A seed that is easy to read aloud."""
    return secrets.randbelow(1_000_000)


def command_line(recipe: Mapping[str, Any], document: Any) -> str:
    """A recipe as one call of ``python -m generator sample``."""
    name = recipe.get("profile", document.name)
    profile = name if document.kind == "builtin" else f"{name}.profile"
    parts = ["python -m generator sample", f"--profile {shlex.quote(profile)}"]
    domains = _whole_domains(recipe, document.schema)
    if domains is None:
        return f"{parts[0]} --recipe recipe.json --out bundle"
    parts += [f"--domains {','.join(domains)}"] if domains else []
    parts += [f"--rows {table}={rows}" for table, rows in (recipe.get("rows") or {}).items()]
    parts += [f"--{day.replace('_', '-')} {recipe[day]}" for day in DAYS if recipe.get(day)]
    parts += [f"--seed {recipe.get('seed', 1)}"]
    parts += [f"--format {kind}" for kind in recipe.get("formats") or ()]
    return " \\\n  ".join([*parts, "--out bundle"])


def _whole_domains(recipe: Mapping[str, Any], schema: Any) -> list[str] | None:
    """Domains that hold exactly the recipe's tables; None if there are none that do."""
    asked = set(recipe.get("tables") or ())
    domains = list(dict.fromkeys(schema[name].domain for name in asked if name in schema))
    held = {table.name for table in schema if table.domain in domains}
    return sorted(domains) if held == asked else None


# An extract

# What a column may be read as instead of what was found: only wider kinds, which always work.
KINDS = {
    "integer": ("integer", "float", "text"),
    "decimal": ("decimal", "float", "text"),
    "float": ("float", "text"),
    "boolean": ("boolean", "text"),
    "date": ("date", "text"),
    "timestamp": ("timestamp", "text"),
    "enum": ("enum", "text"),
    "text": ("text",),
}
UPLOAD_ENDINGS = (".csv", ".csv.gz", ".parquet", ".jsonl", ".zip")


class ExtractForm(forms.Form):
    """A file and a name for the profile that will be fitted from it."""

    name = forms.CharField(
        max_length=NAME_LIMIT,
        required=False,
        error_messages={"max_length": "The name may have 100 characters at most; shorten it."},
    )
    file = forms.FileField(
        error_messages={
            "required": "Choose a file to upload.",
            "empty": "The file is empty; choose one with a header line and rows.",
            "invalid": "The file did not arrive whole; choose it again.",
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(UPLOAD_ENDINGS):
            raise forms.ValidationError(
                f"“{safe_file_name(file.name)}” is not a file this portal reads; choose one that "
                f"ends in {', '.join(UPLOAD_ENDINGS)}."
            )
        if file.size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(too_large(file.size))
        return file


def too_large(claimed: int) -> str:
    return (
        f"The file has {size(claimed)}; this portal takes up to {size(settings.UPLOAD_LIMIT)}. "
        "Upload a sample of its rows."
    )


def safe_file_name(name: str) -> str:
    """The last part of a name in letters and digits of any script, dot, dash and underscore."""
    last = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    ending = next((end for end in UPLOAD_ENDINGS if last.lower().endswith(end)), "")
    stem = last[: len(last) - len(ending)]
    clean = re.sub(r"[^\w.\-]+", "_", stem).lstrip("._")[:80]
    clean = clean.encode()[:200].decode(errors="ignore")  # a name may have 255 bytes
    return f"{clean or 'extract'}{last[len(stem) :]}"


class FoundColumn(NamedTuple):
    """One column of an extract on the confirm page."""

    field: str
    name: str
    kind: str
    kinds: tuple[str, ...]
    personal: bool
    facts: str


class FoundTable(NamedTuple):
    field: str
    name: str
    key: str
    columns: list[FoundColumn]


class Confirmation:
    """The inferred schema, as an administrator confirms or changes it.

    ``schema`` is the document that goes into the fit; ``errors`` maps fields to sentences.
    """

    def __init__(
        self, found: Mapping[str, Any], *, title: str, data: QueryDict | None = None
    ) -> None:
        self.data = data
        self.errors: dict[str, str] = {}
        self.title = title if data is None else plain(data.get("title", ""))
        self.schema = json.loads(json.dumps(found))
        if data is not None:
            self._check_title()
            for number, table in enumerate(self.schema["tables"]):
                self._take(table, number)

    def _check_title(self) -> None:
        if not self.title:
            self.errors["title"] = "Give the profile a name; people will choose it by that."
        elif len(self.title) > NAME_LIMIT:
            self.errors["title"] = "The name may have 100 characters at most; shorten it."

    def _take(self, table: dict[str, Any], number: int) -> None:
        """What was sent for one table, into its document."""
        assert self.data is not None
        names = [column["name"] for column in table["columns"]]
        key = self.data.get(f"key.{number}", "")
        if key and key not in names:
            self.errors[f"key.{number}"] = f"{table['name']} has no column “{key}”; choose another."
        table["key"] = key or None
        for at, column in enumerate(table["columns"]):
            self._take_column(table, column, f"{number}.{at}")

    def _take_column(self, table: dict[str, Any], column: dict[str, Any], at: str) -> None:
        assert self.data is not None
        kind = self.data.get(f"kind.{at}", column["kind"])
        if kind not in KINDS[column["kind"]]:
            self.errors[f"kind.{at}"] = (
                f"{table['name']}.{column['name']} was found to be {column['kind']}; it can be "
                f"read as {' or '.join(KINDS[column['kind']])}."
            )
            return
        if kind != column["kind"]:
            for stale in ("precision", "scale", "length", "values", "enum"):
                column.pop(stale, None)
        column["kind"] = kind
        if f"personal.{at}" in self.data:
            column["personal"] = column.get("personal") or "personal"
        else:
            column.pop("personal", None)

    def tables(self) -> list[FoundTable]:
        return [
            FoundTable(
                field=str(number),
                name=table["name"],
                key=table.get("key") or "",
                columns=[
                    FoundColumn(
                        field=f"{number}.{at}",
                        name=column["name"],
                        kind=column["kind"],
                        kinds=KINDS.get(column["kind"], (column["kind"],)),
                        personal=bool(column.get("personal")),
                        facts=column_facts(column),
                    )
                    for at, column in enumerate(table["columns"])
                ],
            )
            for number, table in enumerate(self.schema["tables"])
        ]


def column_facts(column: Mapping[str, Any]) -> str:
    """What was found about a column, without any value of it."""
    found = ["may be missing" if column.get("nullable") else "always filled"]
    found += ["every value once"] if column.get("unique") else []
    found += [f"{len(column['values'])} categories"] if column.get("values") else []
    if column.get("scale") is not None and column["kind"] == "decimal":
        places = column["scale"]
        found.append(f"{places} decimal place{'s' * (places != 1)}")
    found += [f"up to {column['length']} characters"] if column.get("length") else []
    found += [f"looks like {words(column['personal']).lower()}"] if column.get("personal") else []
    return ", ".join(found)
