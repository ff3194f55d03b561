"""What tables tell of a car's life, or of a customer's: said beside the tables, in plain words.

A story says by which links rows of its table belong to a life, at which moments of a row something
happened, and the sentence for it.  ``{column}`` in a sentence is a value, of the row or over links
(``{dealer_key.dealer_name}``); what stands in brackets is left out where one of its values is
missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from generator.schema import Kind, Link, Schema, Table

Value = Callable[[str], Any]
"""The value at the end of a path; None where it is missing."""

_FIELD = re.compile(r"\{([a-z0-9_.]+)(?::([a-z$%_]+))?(?:\?([^|{}]*)\|([^{}]*))?\}")


@dataclass(frozen=True)
class _Field:
    path: str
    style: str
    yes: str | None = None
    no: str | None = None

    def said(self, value: Any) -> str:
        if self.yes is not None:
            return self.yes if value else self.no or ""
        return _STYLES[self.style](value)


@dataclass(frozen=True)
class _Maybe:
    """Left out where a value in it is missing."""

    parts: tuple[str | _Field, ...]


@dataclass(frozen=True)
class Sentence:
    parts: tuple[str | _Field | _Maybe, ...]

    @classmethod
    def read(cls, text: str) -> Sentence:
        """Raises ValueError for brackets that do not close or a style nobody knows."""
        parts: list[str | _Field | _Maybe] = []
        for at, piece in enumerate(re.split(r"\[([^\[\]]*)\]", text)):
            inner = tuple(_pieces(piece))
            parts += [_Maybe(inner)] if at % 2 else inner
        return cls(tuple(parts))

    @property
    def paths(self) -> tuple[str, ...]:
        flat = (
            p for part in self.parts for p in (part.parts if isinstance(part, _Maybe) else [part])
        )
        return tuple(part.path for part in flat if isinstance(part, _Field))

    def said(self, value: Value) -> str:
        text = "".join(filter(None, (_said(part, value) for part in self.parts)))
        return text[:1].upper() + text[1:]


def _pieces(text: str) -> Iterator[str | _Field]:
    at = 0
    for found in _FIELD.finditer(text):
        if before := text[at : found.start()]:
            yield _plain(before)
        path, style, yes, no = found.groups()
        if (style or "") not in _STYLES:
            raise ValueError(f"no value is said as “{style}”")
        yield _Field(path, style or "", yes, no)
        at = found.end()
    if rest := text[at:]:
        yield _plain(rest)


def _plain(text: str) -> str:
    if set(text) & set("{}[]"):
        raise ValueError(f"“{text}” has a bracket that does not belong")
    return text


def _said(part: str | _Field | _Maybe, value: Value) -> str:
    match part:
        case str():
            return part
        case _Field():
            held = value(part.path)
            return "unknown" if held is None and part.yes is None else part.said(held)
        case _Maybe():
            fields = [inner for inner in part.parts if isinstance(inner, _Field)]
            if any(value(one.path) in (None, "") for one in fields):
                return ""
            return "".join(_said(inner, value) for inner in part.parts)


def _as_it_is(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float() | Decimal():
            return f"{value:,.2f}".rstrip("0").rstrip(".")
        case datetime() | date():
            return day(value)
    return str(value)


def _money(value: Any) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}${abs(value):,.2f}".removesuffix(".00")


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


_KEPT = ("SMS", "EV", "PTO", "OEM", "DTC", "SUV", "MSRP", "ACH")


def _words(value: Any) -> str:
    words = str(value).split("_")
    return " ".join(word if word in _KEPT else word.lower() for word in words)


_STYLES: Mapping[str, Callable[[Any], str]] = {
    "": _as_it_is,
    "plain": str,
    "$": _money,
    "%": lambda value: f"{float(value) * 100:.2f}".rstrip("0").rstrip(".") + " %",
    "words": _words,
    "quoted": lambda value: f"“{str(value).rstrip('.')}”",
}


@dataclass(frozen=True)
class Told:
    """Something that happened to a row at the moment in ``at``: ``says`` with ``money``, where
    each column of ``when`` has one of its values (none given: any value).  Rows of a month are
    told together: ``{column.rows}``, ``.different``, ``.last`` and ``.span`` (since the month
    before) are then what the column comes to."""

    at: str
    says: Sentence
    money: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def paths(self) -> set[str]:
        return {self.at, *self.says.paths, *self.when, *filter(None, [self.money])}


@dataclass(frozen=True)
class Suggestion:
    """Lives worth a look: those that ``key`` of some rows names, ``times`` of them, rows where
    the ``filled`` columns are neither missing nor 0, and that ``also`` columns of other tables
    (``table.column``) name."""

    life: str
    key: str
    says: str
    times: int = 1
    filled: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """What one table tells.  ``routes`` says, by life, how its rows belong to one: ``column`` is
    a link of theirs to rows that belong to it, ``column>table`` the same where the schema has no
    such link, ``<table.column`` a key of theirs that such rows name.  ``place`` leads to the
    state whose clocks they go by, ``others`` to further cars and customers they speak of.

    A table whose rows have lives themselves has a ``name`` of them, and the columns in which they
    are searched.
    """

    table: str
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    monthly: tuple[Told, ...] = ()
    place: str = ""
    others: tuple[str, ...] = ()
    name: Sentence | None = None
    noun: str = ""
    search: tuple[str, ...] = ()
    suggest: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class Stories:
    """The stories of a platform's tables, and by state the clocks its places go by."""

    of: Mapping[str, Story]
    clocks: Mapping[str, str]

    @property
    def lives(self) -> tuple[str, ...]:
        """The tables whose rows have lives."""
        return tuple(name for name, story in self.of.items() if story.name is not None)


def read_story(name: str, entry: Mapping[str, Any], lives: Sequence[str]) -> Story:
    """The story of a table as its file says it.  Raises KeyError, TypeError or ValueError."""
    known = {"told", "monthly", "place", "others", "name", "noun", "search", "suggest", *lives}
    if unknown := entry.keys() - known:
        raise ValueError(f"{name} has {', '.join(sorted(unknown))}")
    return Story(
        name,
        routes={life: tuple(entry[life]) for life in lives if life in entry},
        told=tuple(_told(one) for one in entry.get("told", ())),
        monthly=tuple(_told(one) for one in entry.get("monthly", ())),
        place=entry.get("place", ""),
        others=tuple(entry.get("others", ())),
        name=Sentence.read(entry["name"]) if "name" in entry else None,
        noun=entry.get("noun", name),
        search=tuple(entry.get("search", ())),
        suggest=tuple(_suggestion(one) for one in entry.get("suggest", ())),
    )


def _told(entry: Mapping[str, Any]) -> Told:
    when = {column: tuple(values) for column, values in entry.get("when", {}).items()}
    return Told(entry["at"], Sentence.read(entry["says"]), entry.get("money", ""), when)


def _suggestion(entry: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        entry["life"],
        entry["key"],
        entry["says"],
        entry.get("times", 1),
        tuple(entry.get("filled", ())),
        tuple(entry.get("also", ())),
    )


def untold(table: Table, lives: Sequence[str]) -> Story:
    """Of a table that says nothing of itself: what it is, from its first moment on."""
    routes = {
        life: tuple(link.column for link in table.links if link.parent == life) for life in lives
    }
    moments = [
        column
        for kind in (Kind.TIMESTAMP, Kind.DATE)
        for column in table.columns
        if column.kind is kind and not column.planned
    ]
    says = Sentence((table.meaning or table.name.replace("_", " "),))
    told = (Told(moments[0].name, says),) if moments else ()
    return Story(table.name, routes={k: v for k, v in routes.items() if v}, told=told)


def link_of(schema: Schema, table: str, column: str) -> Link | None:
    """The link of a column, ``column>table`` read as one to that table's key."""
    name, mark, parent = column.partition(">")
    if not mark:
        return schema[table].link(name)
    if parent not in schema or name not in schema[table].column_names:
        return None
    return Link(name, parent, str(schema[parent].key))
