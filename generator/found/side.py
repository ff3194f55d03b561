"""Columns of a table as quantities that can be compared, added and multiplied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.forms import Form, Mixed
from generator.leaves.codec import TEXT, Codec
from generator.leaves.places import places_of
from generator.schema import Column, Kind

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]

NANO = 1_000_000_000
DAY = 86_400 * NANO
MOST_PLACES = 6  # decimal places that floats are looked at in
_NEAR = 1e-6  # of a step: what binary fractions may leave over


@dataclass(frozen=True)
class Unit:
    """What numbers of a column count.  ``sort`` is "time" (since 1970), "span" (a length of time)
    or "number"; ``step`` is what 1 is worth, in thousand-millionths of a second or of one;
    ``whole``: there is nothing between two steps."""

    sort: str
    step: int
    whole: bool = True


def unit_of(column: Column, codec: Codec) -> Unit | None:
    """The unit of a column's numbers as they are learnt and drawn; None where it has none."""
    if codec.form not in ("labels", "number") or codec.long is not None or column.personal:
        return None
    return unit_told(column, codec.written)


def unit_told(column: Column, form: Form | None) -> Unit | None:
    """The unit of numbers as ``form`` tells them, or as the kind keeps them in memory."""
    if form is not None:
        return _unit_of_form(form)
    match column.kind:
        case Kind.DATE:
            return Unit("time", DAY)
        case Kind.TIMESTAMP:
            return Unit("time", NANO // 1000)
        case Kind.INTEGER:
            return Unit("number", NANO)
        case Kind.DECIMAL if (column.scale or 0) <= 9:
            return Unit("number", 10 ** (9 - (column.scale or 0)))
        case Kind.FLOAT:
            return Unit("number", NANO, whole=False)
    return None


def _unit_of_form(form: Form) -> Unit | None:
    if isinstance(form, Mixed) or form.family == "whole":
        return None
    if form.seconds:
        step = round(form.seconds * NANO)
        return Unit("time" if form.moment else "span", step) if step else None
    return Unit("number", 10 ** (9 - form.places)) if form.places <= 9 else None


def is_text(column: Column) -> bool:
    return column.kind in TEXT


@dataclass(frozen=True)
class Side:
    """A column's numbers (n,) in its unit, and which of them are there: a word (“unknown”,
    9999-12-31) is no number."""

    unit: Unit
    numbers: Floats
    present: Truth

    def plain(self) -> Floats:
        """In ones, or in seconds."""
        plain: Floats = self.numbers * (self.unit.step / NANO)
        return plain

    def ticks(self, tick: int) -> Floats:
        """In whole ticks, a day's moment being in that day; in ones where ``tick`` is 0."""
        if not tick:
            return self.plain()
        exact = self.numbers * (self.unit.step / tick)
        near = np.rint(exact)
        whole: Floats = np.where(np.abs(exact - near) < _NEAR, near, np.floor(exact))
        return whole

    @cached_property
    def tick(self) -> int:
        """The widest step that tells the numbers apart, as ``Unit.step``; 0: they lie on none."""
        if self.unit.whole:
            return self.unit.step
        places = places_of(self.numbers[self.present], MOST_PLACES)
        return 0 if places is None else NANO // int(10**places)

    def of(self, rows: NDArray[np.int64]) -> Side:
        return Side(self.unit, self.numbers[rows], self.present[rows])


Sides = Mapping[str, Side]


def in_unit(unit: Unit, ticks: Floats, tick: int) -> Floats:
    """Ticks as numbers of a unit."""
    if not tick:
        return np.asarray(ticks * (NANO / unit.step))
    if unit.step >= tick:
        return np.asarray(ticks / (unit.step // tick))
    return np.asarray(ticks * (tick // unit.step))
