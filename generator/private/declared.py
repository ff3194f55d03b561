"""What is declared of an extract before anybody looks at it: a Frictionless data package.

A private fit knows of the tables what this file says: names, types, categories (``enum``), bounds
(``minimum``, ``maximum``), ``required``, ``unique``, keys.  A file may say besides, field by field,
``step`` (how far apart numbers lie) and ``personal`` (its values are made anew).  What the file
leaves open of bounds and categories is paid for out of the budget.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from generator.document import MOST_BYTES
from generator.errors import RequestError, printable, shown
from generator.names import table_name
from generator.schema import Column, Kind, Link, Schema, Table

_KINDS = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "number": Kind.FLOAT,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.TIMESTAMP,
}
_STEPS = {Kind.INTEGER: 1.0, Kind.DATE: 1.0, Kind.TIMESTAMP: 1000.0, Kind.BOOLEAN: 1.0}
MOST_LABELS = 5000
MOST_ROWS = 100_000  # of one unit
_SIZES = 1e6  # steps between the bounds of a number of which no step is declared, about
_FURTHEST = 1e15


@dataclass(frozen=True)
class Declaration:
    """One column as it is declared.  ``labels`` of text, ``low``, ``high`` and ``step`` of what is
    ordered, in the memory form of its kind; None where they must be paid for.  A column that is
    ``anew`` is not learnt."""

    column: Column
    labels: tuple[str, ...] | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    anew: bool = False

    @property
    def ordered(self) -> bool:
        return self.column.kind is not Kind.TEXT and self.column.kind is not Kind.ENUM

    @property
    def paid(self) -> bool:
        """Whether something of it has to be paid for."""
        if self.anew:
            return False
        return (self.low is None or self.high is None) if self.ordered else self.labels is None

    def document(self) -> dict[str, Any]:
        """What the ledger says was declared."""
        if self.anew:
            return {"made anew": True}
        if not self.ordered:
            return {"categories": None if self.labels is None else len(self.labels)}
        return {"low": self.low, "high": self.high, "step": self.step}


@dataclass(frozen=True)
class Declared:
    """All tables as they are declared."""

    schema: Schema
    columns: Mapping[tuple[str, str], Declaration]
    most: Mapping[str, int] = field(default_factory=dict)
    """Rows that one unit has of a table beneath the root, at most."""
    looked: Mapping[str, int] = field(default_factory=dict)
    """As many of these as are looked at, at most: the noise is as many times as wide."""

    def of(self, table: str) -> tuple[Declaration, ...]:
        return tuple(self.columns[table, name] for name in self.schema[table].column_names)

    def document(self) -> dict[str, Any]:
        return {
            f"{table}.{name}": one.document() | {"paid": one.paid}
            for (table, name), one in self.columns.items()
        }


def read_declared(path: Path) -> Declared:
    """What a file declares.  Raises RequestError with one sentence for whatever does not fit."""
    named = f"The declaration “{printable(path.name)}”"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RequestError(f"{named} has more than {MOST_BYTES >> 20} MiB; declare less.")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise RequestError(
            f"{named} cannot be opened ({problem.strerror}); name a file that exists.",
            field="declared",
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise RequestError(
            f"{named} is not JSON that can be read; write a Frictionless data package.",
            field="declared",
        ) from problem
    return declared_from(document, named)


def declared_from(document: Any, named: str = "The declaration") -> Declared:
    """What a data package declares, already read; see ``read_declared``."""
    resources = document.get("resources") if isinstance(document, dict) else None
    if not isinstance(resources, list) or not resources:
        raise _fault(named, "it has no resources; write a Frictionless data package")
    tables: list[Table] = []
    most: dict[str, int] = {}
    looked: dict[str, int] = {}
    columns: dict[tuple[str, str], Declaration] = {}
    for at, entry in enumerate(resources, 1):
        here = f"{named}, resource {at}"
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise _fault(here, "it has no name")
        name = table_name(entry["name"])
        said = entry.get("schema")
        fields = said.get("fields") if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(fields, list) or not fields:
            raise _fault(here, "its schema has no fields")
        found = [_field(field, f"{named}, table “{shown(name)}”") for field in fields]
        table = _table(name, found, said, here)
        keys = {table.key, *(link.column for link in table.links)}
        found = [_key(one, table) if one.column.name in keys else one for one in found]
        tables.append(replace(table, columns=tuple(one.column for one in found)))
        columns |= {(name, one.column.name): one for one in found}
        most[name], looked[name] = _most(entry, table, here)
    schema = Schema(tuple(tables))
    for table in schema:
        for link in table.links:
            if link.parent not in schema or link.parent_column != schema[link.parent].key:
                raise _fault(
                    f"{named}, table {table.name}", "a foreign key leads to no primary key"
                )
    return Declared(schema, columns, most, looked)


def _table(name: str, found: list[Declaration], said: Mapping[str, Any], where: str) -> Table:
    names = [one.column.name for one in found]
    key = said.get("primaryKey")
    key = key[0] if isinstance(key, list) and len(key) == 1 else key
    if key is not None and key not in names:
        raise _fault(where, "its primaryKey is no field of it; name one field")
    links = []
    for entry in said.get("foreignKeys") or []:
        reference = entry.get("reference") if isinstance(entry, dict) else None
        own = _sole(entry.get("fields")) if isinstance(entry, dict) else None
        there = _sole(reference.get("fields")) if isinstance(reference, dict) else None
        if own not in names or there is None or not isinstance(reference, dict):
            raise _fault(where, "a foreign key must lead from one of its fields to one field")
        parent = table_name(str(reference.get("resource") or name))
        links.append(Link(str(own), parent, there, "parent"))
    return Table(name, tuple(one.column for one in found), key=key, links=tuple(links))


def _key(one: Declaration, table: Table) -> Declaration:
    """A key or a link: numbered anew, and never missing."""
    column = one.column
    if column.kind not in (Kind.TEXT, Kind.INTEGER):
        raise _fault(f"table {table.name}, column {column.name}", "a key must be string or integer")
    return Declaration(replace(column, nullable=False, unique=column.name == table.key), anew=True)


def _most(entry: Mapping[str, Any], table: Table, where: str) -> tuple[int, int]:
    most = entry.get("most", 1 if not table.links else None)
    if type(most) is not int or not 1 <= most <= MOST_ROWS:
        raise _fault(
            where,
            "a table that belongs to another must say how many rows one unit has at most "
            f"(“most”, 1 to {MOST_ROWS:,})",
        )
    looked = entry.get("looked", most)
    if type(looked) is not int or not 1 <= looked <= most:
        raise _fault(where, "“looked” must be a number of rows from 1 to what it has at “most”")
    return most, looked


def _sole(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None


def _field(field: Any, where: str) -> Declaration:
    name = field.get("name") if isinstance(field, dict) else None
    if not isinstance(name, str):
        raise _fault(where, "a field has no name")
    here = f"{where}, column “{shown(name)}”"
    kind = _KINDS.get(field.get("type"))
    if kind is None:
        raise _fault(here, f"its type must be one of {', '.join(_KINDS)}")
    said = field.get("constraints") or {}
    if not isinstance(said, dict):
        raise _fault(here, "its constraints must be an object")
    personal = field.get("personal")
    if personal is not None and not isinstance(personal, str | bool):
        raise _fault(here, "“personal” must be true or a class of personal data")
    word = "personal" if personal is True else personal or None
    column = Column(
        name,
        kind,
        nullable=not said.get("required"),
        unique=bool(said.get("unique")),
        personal=word,
    )
    if word or column.unique:
        return _anew(column, here)
    if kind is Kind.TEXT:
        return Declaration(column, labels=_labels(said.get("enum"), here))
    return _ordered(column, field, said, here)


def _anew(column: Column, where: str) -> Declaration:
    if column.kind not in (Kind.TEXT, Kind.INTEGER):
        raise _fault(where, "a personal or unique column must be declared as string or integer")
    return Declaration(column, anew=True)


def _labels(said: Any, where: str) -> tuple[str, ...] | None:
    if said is None:
        return None
    fits = isinstance(said, list) and 0 < len(said) <= MOST_LABELS
    if not fits or not all(isinstance(one, str) and len(one) <= 4000 for one in said):
        raise _fault(where, f"its enum must be a list of 1 to {MOST_LABELS:,} texts")
    return tuple(sorted(set(said)))


def _ordered(
    column: Column, field: Mapping[str, Any], said: Mapping[str, Any], where: str
) -> Declaration:
    if column.kind is Kind.BOOLEAN:
        return Declaration(column, low=0.0, high=1.0, step=1.0)
    low, high = (_bound(said.get(name), column.kind, where) for name in ("minimum", "maximum"))
    step = _STEPS.get(column.kind)
    if "step" in field:
        step = _bound(field["step"], Kind.FLOAT, where)
        if step is None or not step > 0 or (column.kind is Kind.INTEGER and step % 1):
            raise _fault(where, "its step must be a number above 0, of integers a whole one")
    if low is None or high is None:
        return Declaration(column, step=step)
    if low >= high:
        raise _fault(where, "its minimum must lie below its maximum")
    return Declaration(column, low=low, high=high, step=step or fine_step(low, high))


def fine_step(low: float, high: float) -> float:
    """A power of ten that parts the range into a million steps or so."""
    return float(10.0 ** max(-9, math.floor(math.log10((high - low) / _SIZES))))


def _bound(value: Any, kind: Kind, where: str) -> float | None:
    if value is None:
        return None
    try:
        if kind is Kind.DATE:
            return float((date.fromisoformat(value) - date(1970, 1, 1)).days)
        if kind is Kind.TIMESTAMP:
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return float(round(moment.timestamp() * 1000))
    except (TypeError, ValueError, OverflowError) as problem:
        raise _fault(where, "its bounds must be days or moments as 2024-01-31 says them") from (
            problem
        )
    if type(value) not in (int, float) or not abs(value) <= _FURTHEST:
        raise _fault(where, f"its bounds must be numbers up to {_FURTHEST:.0e}")
    if kind is Kind.INTEGER and value % 1:
        raise _fault(where, "its bounds must be whole numbers")
    return float(value)


def _fault(where: str, what: str) -> RequestError:
    return RequestError(f"{where}: {what}.", field="declared")
