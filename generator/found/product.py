"""A column is the product of two others, or a constant times one, rounded to its own step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Sides, Truth, Unit, in_unit
from generator.stop import asking

MOST_PAIRED = 60  # columns of which each pair is multiplied
PROBE = 12
LEAST_VALUES = 5  # different ones of each factor
_NEAR = 1e-9
LARGEST_RATE = 1e9


@dataclass(frozen=True)
class Product(Found):
    """``gives`` is ``rate`` times its ``factors``, rounded to a tick."""

    gives: str
    factors: tuple[str, ...]
    rate: float
    tick: int

    kind = "product"

    @property
    def needs(self) -> tuple[str, ...]:
        return self.factors

    @property
    def text(self) -> str:
        rate = [] if self.rate == 1 and len(self.factors) > 1 else [f"{self.rate:.9g}"]
        return f"{self.gives} = {' * '.join((*self.factors, *rate))}"

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        return (
            set(self.columns) <= set(units)
            and 1 <= len(self.factors) <= 2
            and self.gives not in self.factors
            and 0 < self.tick <= DAY
            and 0 < abs(self.rate) <= LARGEST_RATE
            and all(units[name].sort != "time" for name in self.columns)
        )

    def holds(self, sides: Sides) -> Truth:
        given = sides[self.gives].ticks(self.tick)
        exact = self._exact(sides)
        near = np.abs(exact - given) <= 0.5 + _NEAR * np.maximum(np.abs(exact), 1) * 10
        return np.asarray(near | ~all_there(sides, self.columns))

    def _exact(self, sides: Sides) -> Floats:
        """In ticks, unrounded."""
        product = np.full(len(sides[self.factors[0]].numbers), self.rate * (NANO / self.tick))
        for factor in self.factors:
            product *= sides[factor].plain()
        return product

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        exact = self._exact(sides)
        away = np.sign(exact) * np.floor(np.abs(exact) * (1 + _NEAR) + 0.5)
        return in_unit(unit, away, self.tick)


def products(sides: Sides, k: int) -> Iterator[Product]:
    """Constant ratios, then products of two columns, that all rows keep."""
    told = {n: s for n, s in sides.items() if s.unit.sort != "time"}
    names = [n for n in told if len(np.unique(told[n].numbers[told[n].present])) >= LEAST_VALUES]
    for name in asking(names[:MOST_PAIRED], every=1):
        if told[name].tick:
            for other in names[:MOST_PAIRED]:
                if other != name and (rule := _ratio(told, name, other, k)) is not None:
                    yield rule
                    break
    for name in asking(names[:MOST_PAIRED], every=1):
        if told[name].tick and (rule := _product(told, name, names[:MOST_PAIRED], k)):
            yield rule


def _ratio(sides: Sides, name: str, other: str, k: int) -> Product | None:
    """The one constant that every row allows, if there is one: the shortest such number."""
    tick = sides[name].tick
    there = np.flatnonzero(all_there(sides, (name, other)) & (sides[other].numbers != 0))
    if len(there) < k:
        return None
    for rows in (there[:: max(1, len(there) // 200)], there):
        base = sides[other].of(rows).plain() * (NANO / tick)
        given = sides[name].of(rows).ticks(tick)
        ends = (given + 0.5) / base, (given - 0.5) / base
        low, high = np.minimum(*ends).max(), np.maximum(*ends).min()
        if low > high + 1e-15:
            return None
    rate = _shortest(low, high)
    if rate is None or not 1e-6 <= abs(rate) <= 1e6 or len(np.unique(given)) < LEAST_VALUES:
        return None
    rule = Product(name, (other,), rate, tick)
    return rule if rate != 1 and rule.holds(sides).all() else None


def _shortest(low: float, high: float) -> float | None:
    """The number of fewest digits in between, of seven at most."""
    middle = (low + high) / 2
    for digits in range(1, 8):
        rate = float(f"{middle:.{digits}g}")
        if low - 1e-12 <= rate <= high + 1e-12:
            return rate
    return None


def _product(sides: Sides, name: str, names: list[str], k: int) -> Product | None:
    tick = sides[name].tick
    others = [other for other in names if other != name]
    pairs = np.array(list(combinations(range(len(others)), 2)))
    if not len(pairs):
        return None
    rows = np.flatnonzero(sides[name].present & (sides[name].numbers != 0))
    if len(rows) < k:
        return None
    rows = rows[:: max(1, len(rows) // PROBE)][:PROBE]
    values = np.stack([sides[other].of(rows).plain() for other in others]) * 1.0
    values[~np.stack([sides[other].of(rows).present for other in others])] = np.nan
    given = sides[name].of(rows).ticks(tick)
    exact = values[pairs[:, 0]] * values[pairs[:, 1]] * (NANO / tick)
    wrong = np.abs(exact - given) > 0.5 + 1e-8 * np.maximum(np.abs(exact), 1)
    for first, second in pairs[~wrong.any(axis=1)].tolist():
        rule = Product(name, (others[first], others[second]), 1.0, tick)
        there = all_there(sides, rule.columns)
        told = there & (sides[name].numbers != 0)
        if np.count_nonzero(told) >= max(k, PROBE) and rule.holds(sides).all():
            return rule
    return None
