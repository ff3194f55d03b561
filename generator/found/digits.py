"""A column is two others written one behind the other: 1435 of hour 14 and minute 35."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import NANO, Floats, Side, Sides, Truth, Unit

POWERS = (10, 100, 1000, 10_000)
LEAST_VALUES = 5  # different ones that each part takes
MOST_PAIRED = 60  # columns of which each pair is looked at
PROBE = 100
_EXACT = float(1 << 52)


@dataclass(frozen=True)
class Digits(Found):
    """``gives`` is ``high`` times ``unit`` and ``low``, which is below the ``unit``."""

    gives: str
    high: str
    low: str
    unit: int

    kind = "digits"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.high, self.low)

    @property
    def text(self) -> str:
        return f"{self.gives} = {self.high} * {self.unit} + {self.low}"

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        return (
            len(set(self.columns)) == 3
            and set(self.columns) <= set(units)
            and self.unit in POWERS
            and all(_counts(units[name]) for name in self.columns)
        )

    def holds(self, sides: Sides) -> Truth:
        told = self.worked(sides, sides[self.gives].unit)
        return np.asarray((told == sides[self.gives].numbers) | ~all_there(sides, self.columns))

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        del unit  # in ones, as all that count
        return np.asarray(sides[self.high].numbers * self.unit + sides[self.low].numbers)


def _counts(unit: Unit) -> bool:
    return unit.sort == "number" and unit.whole and unit.step == NANO


def digits(sides: Sides, k: int) -> Iterator[Digits]:
    """Columns of whole numbers whose digits are two others in every row."""
    some = [name for name, side in sides.items() if _counts(side.unit) and _whole(side)]
    some = some[:MOST_PAIRED]
    for of in some:
        rule = next((one for unit in POWERS for one in _made_of(sides, of, some, unit, k)), None)
        if rule is not None:
            yield rule


def _made_of(sides: Sides, of: str, names: list[str], unit: int, k: int) -> Iterator[Digits]:
    others = [name for name in names if name != of]
    for high in others:
        if not _alike(sides, of, high, lambda numbers: np.floor(numbers / unit)):
            continue
        for low in others:
            if low == high or not _alike(sides, of, low, lambda numbers: np.mod(numbers, unit)):
                continue
            rule = Digits(of, high, low, unit)
            there = all_there(sides, rule.columns)
            values = [len(np.unique(sides[name].numbers[there])) for name in (high, low)]
            enough = np.count_nonzero(there) >= max(k, PROBE) and min(values) >= LEAST_VALUES
            if enough and rule.holds(sides).all():
                yield rule


def _alike(sides: Sides, of: str, name: str, part: Callable[[Floats], Floats]) -> bool:
    """Whether some rows of a column are that part of the other."""
    rows = np.arange(0, len(sides[of].numbers), max(1, len(sides[of].numbers) // PROBE))
    one, other = sides[of].of(rows), sides[name].of(rows)
    both = one.present & other.present
    return bool(both.any() and (part(one.numbers[both]) == other.numbers[both]).all())


def _whole(side: Side) -> bool:
    numbers = side.numbers[side.present]
    return bool(len(numbers) and numbers.min() >= 0 and numbers.max() < _EXACT)
