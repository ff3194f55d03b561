"""One column is never above another: an end is not before its start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Side, Sides, Truth, Unit
from generator.stop import asking

LEAST_SURPRISE = 20  # rows that would break it if the columns had nothing to do with each other
LEAST_SHARE = 0.02  # of rows that would
FEW_ROWS = 1000  # a pair is tried on before all rows are looked at
NEAR = 3  # ticks; that no row is nearer than one says the columns are never equal


@dataclass(frozen=True)
class Order(Found):
    """``low`` is at most ``high`` (``strict``: below it), both told in ticks: a day and a moment
    are compared by days.

    ``gives`` is one of them.  ``way`` "gap": the distance to the other is drawn; "bound": it is
    drawn as any column, from what lies on the right side of the other.  ``unit``: in which of its
    own steps it is drawn, 0 for none.
    """

    low: str
    high: str
    strict: bool
    tick: int
    way: str
    unit: int
    gives: str

    kind = "order"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.low if self.gives == self.high else self.high,)

    @property
    def text(self) -> str:
        return f"{self.low} {'<' if self.strict else '<='} {self.high}"

    @property
    def sign(self) -> int:
        """Where ``gives`` lies: 1 above the other, -1 below it."""
        return 1 if self.gives == self.high else -1

    def ok(self, units: Mapping[str, Unit]) -> bool:
        if self.low not in units or self.high not in units or self.low == self.high:
            return False
        low, high = units[self.low], units[self.high]
        steps = self.tick >= 0 and self.unit >= 0 and max(self.tick, self.unit) <= DAY * 400
        return (
            steps
            and low.sort == high.sort
            and self.gives in (self.low, self.high)
            and self.way in ("gap", "bound")
            and (not units[self.gives].whole or self.unit == units[self.gives].step)
            and (self.tick > 0 or not (low.whole and high.whole))
        )

    def holds(self, sides: Sides) -> Truth:
        low, high = sides[self.low].ticks(self.tick), sides[self.high].ticks(self.tick)
        kept = low < high if self.strict else low <= high
        return np.asarray(kept | ~all_there(sides, self.columns))

    def bound(self, sides: Sides) -> Floats:
        """The furthest ``gives`` may lie (n,), in its own steps (``unit``)."""
        other = sides[self.needs[0]]
        exact = other.numbers * (other.unit.step / (self.unit or NANO))
        if not self.unit:
            return np.asarray(exact)
        if self.tick > other.unit.step:  # the other is a moment, of which the day counts
            exact = np.floor(exact + 1e-6)
        elif self.tick > self.unit:  # the other is a day, and any moment of it will do
            exact = exact + (self.tick // self.unit - 1 if self.sign < 0 else 0)
        strict = self.sign * (max(self.tick // self.unit, 1) if self.strict else 0)
        near = np.rint(exact)
        toward = np.ceil(exact) if self.sign > 0 else np.floor(exact)
        return np.asarray(np.where(np.abs(exact - near) < 1e-6, near, toward) + strict)


def orders(sides: Sides, k: int) -> Iterator[Order]:
    """Pairs of columns of which one is never above the other, though it would be by chance."""
    for first, second in asking(combinations(sides, 2), every=20):
        if sides[first].unit.sort != sides[second].unit.sort:
            continue
        for low, high in ((first, second), (second, first)):
            if (rule := _order(sides, low, high, k)) is not None:
                yield rule
                break


def _order(sides: Sides, low: str, high: str, k: int) -> Order | None:
    tick = _tick(sides[low], sides[high])
    rule = Order(low, high, False, tick, "bound", 0, high)
    n = len(sides[low].numbers)
    few = np.arange(0, n, max(1, n // FEW_ROWS))
    if not rule.holds({name: sides[name].of(few) for name in (low, high)}).all():
        return None
    both = sides[low].present & sides[high].present
    a, b = sides[low].ticks(tick)[both], sides[high].ticks(tick)[both]
    if len(a) < k or (a > b).any() or not _surprising(a, b):
        return None
    gap = b - a
    strict = bool(tick) and bool((gap > 0).all()) and np.count_nonzero(gap <= NEAR) >= k
    return Order(low, high, bool(strict), tick, "bound", 0, high)


def _tick(low: Side, high: Side) -> int:
    steps = (low.unit.step, high.unit.step)
    if low.unit.sort == "time" and max(steps) >= DAY:
        return max(steps)
    ticks = low.tick, high.tick
    return min(ticks)


def _surprising(low: Floats, high: Floats) -> bool:
    """Whether enough rows would break the rule, were the values of one column dealt out anew."""
    crossing = (low > high.min()).mean() * (high < low.max()).mean()
    if crossing < LEAST_SHARE:  # at most so many would, which is told without sorting
        return False
    ordered = np.sort(high)
    below = np.searchsorted(ordered, low, side="left") / len(high)
    return bool(below.sum() >= LEAST_SURPRISE and below.mean() >= LEAST_SHARE)
