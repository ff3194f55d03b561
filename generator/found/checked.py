"""Rules of an extract held against rows that were drawn, or that a file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from generator.forms import Form
from generator.found.distinct import Distinct
from generator.found.found import Found
from generator.found.once import Once
from generator.found.side import Side, Truth, unit_told
from generator.found.together import Together
from generator.leaves.codec import TEXT
from generator.rules import Rule, Whole, no_repeats
from generator.schema import JOIN, Column, Kind
from generator.tables import Tables

GROUP = "Found in the extract"


@dataclass(frozen=True)
class Told:
    """How the values of a column are read as numbers: the ``form`` its texts are written in, and
    the ``words`` among them that are none."""

    form: Form | None = None
    words: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Checked:
    """The check of a rule of scope “row”: which rows of ``table`` keep ``found``."""

    table: str
    found: Found
    told: Mapping[str, Told]

    def __call__(self, tables: Tables) -> Truth:
        if isinstance(self.found, Together):
            gone = (tables.missing(self.table, n) for n in (self.found.gives, self.found.other))
            return self.found.kept(*gone)
        sides = {name: self._side(tables, name) for name in self.found.columns}
        return self.found.holds(sides)

    def _side(self, tables: Tables, name: str) -> Side:
        column, told = tables.schema[self.table].column(name), self.told.get(name, Told())
        unit = unit_told(column, told.form)
        if unit is None:
            raise ValueError(f"{self.table}.{name} has no numbers")
        missing = tables.missing(self.table, name)
        if told.form is None:
            numbers = _memory(column, tables, self.table)
            words = np.isin(numbers, [float(word) for word in told.words])
            return Side(unit, numbers, ~missing & np.isfinite(numbers) & ~words)
        texts, codes = _texts(column, tables, self.table)
        read = [None if text in told.words else told.form.read(text) for text in texts]
        numbers = np.array([*(0 if one is None else one for one in read), 0], dtype=np.float64)
        there = np.array([*(one is not None for one in read), False])
        return Side(unit, numbers[codes], there[codes] & ~missing)


def _memory(column: Column, tables: Tables, table: str) -> np.ndarray:
    values = tables.values(table, column.name)
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        values = values.astype(np.int64)
    return np.asarray(values, dtype=np.float64)


def _texts(column: Column, tables: Tables, table: str) -> tuple[list[str], np.ndarray]:
    """Different texts, and which of them each row has; whole numbers may be said in a form."""
    if column.kind in TEXT:
        held = tables.codes(table, column.name)
        return list(held.labels), held.codes
    distinct, codes = np.unique(tables.values(table, column.name), return_inverse=True)
    return [str(int(one)) for one in distinct], codes


@dataclass(frozen=True)
class CheckedWhole(Whole):
    """The check of a rule about all rows together."""

    checked: Checked | None = None


def checked_of(rule: Rule) -> Checked | None:
    """What a rule that was found checks; None for any other rule."""
    if isinstance(rule.check, CheckedWhole):
        return rule.check.checked
    return rule.check if isinstance(rule.check, Checked) else None


def rule_of(number: int, check: Checked) -> Rule:
    """The rule of that number, from 1, as validation tells it."""
    if isinstance(check.found, Distinct | Once):
        path, table = JOIN.join(check.found.columns), check.table
        once = no_repeats(table, lambda tables: tables.fingerprints(table, path))
        whole = CheckedWhole(once.sketch, once.verdict, once.add, checked=check)
        said = f"{check.found.text}."
        return Rule(f"F{number:03}", table, said, whole, group=GROUP, scope="whole")
    return Rule(f"F{number:03}", check.table, f"{check.found.text}.", check, group=GROUP)
