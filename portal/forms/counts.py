"""The domains of a profile and their tables, as the compose form shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

import generator
from portal.templatetags.say import count, words


class TableRow(NamedTuple):
    """One table: the field its count is typed in, what follows, and why."""

    name: str
    meaning: str
    field: BoundField
    follows: int | None
    estimated: bool
    why: str
    added: bool  # by what others need; nobody chose it

    def input(self) -> SafeString:
        """The field, with the count that follows where nothing is typed."""
        about = "about " if self.estimated else ""
        return self.field.as_widget(attrs={"placeholder": f"{about}{count(self.follows)}"})

    @property
    def error(self) -> str:
        return str(next(iter(self.field.errors), ""))


class Card(NamedTuple):
    """One domain.  ``on`` is chosen whole, ``some`` holds tables of the plan."""

    domain: str
    title: str
    meaning: str
    on: bool
    some: bool
    tables: Sequence[TableRow]


def card(document: generator.Profile, domain: str, rows: Sequence[TableRow], *, on: bool) -> Card:
    return Card(
        domain=domain,
        title=document.titles.get(domain) or words(domain) or document.title,
        meaning=document.meaning.get(domain, ""),
        on=on,
        some=any(row.follows is not None for row in rows),
        tables=rows,
    )


def table_row(
    table: generator.Table, field: BoundField, planned: generator.TableCount | None, *, chosen: bool
) -> TableRow:
    return TableRow(
        name=table.name,
        meaning=table.meaning,
        field=field,
        follows=None if planned is None else planned.rows,
        estimated=planned is not None and planned.estimated,
        why="" if planned is None or planned.asked else planned.why,
        added=planned is not None and not chosen,
    )
