"""A column is one divided by another, times a power of ten, rounded: a rate for each 10,000."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Side, Sides, Truth, Unit, in_unit
from generator.stop import asking

MOST_PAIRED = 60  # columns of which each is divided by each
PROBE = 12
LEAST_VALUES = 5  # different ones of each column
POWERS = 9  # of ten, up or down, at most
DIGITS = range(5, 13)  # that numbers of no step may be rounded to: 7 of single precision
TELLING = 1000  # ticks that numbers are large, rather
_NEAR = 1e-9
_BINARY = 1e-12  # of a number: what reading may leave over


@dataclass(frozen=True)
class Quotient(Found):
    """``gives`` is ``over`` divided by ``under``, times 10 to the ``power``, and 0 if divided by 0:
    rounded to a tick, or to so many ``digits`` from the first one on that is not 0 (then a tick
    says that small numbers may be rounded to that)."""

    gives: str
    over: str
    under: str
    power: int
    tick: int
    digits: int

    kind = "quotient"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.over, self.under)

    @property
    def text(self) -> str:
        times = f" * {10**self.power}" if self.power > 0 else ""
        by = f" / {10**-self.power}" if self.power < 0 else ""
        return f"{self.gives} = {self.over} / {self.under}{times}{by}"

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        return (
            len(set(self.columns)) == 3
            and set(self.columns) <= set(units)
            and abs(self.power) <= POWERS
            and (self._of_digits(units) if self.digits else 0 < self.tick <= DAY)
            and all(units[name].sort != "time" for name in self.columns)
        )

    def _of_digits(self, units: Mapping[str, Unit]) -> bool:
        return self.digits in DIGITS and 0 <= self.tick < NANO and not units[self.gives].whole

    def holds(self, sides: Sides) -> Truth:
        there = all_there(sides, self.columns)
        return np.asarray(near(self, self._exact(sides), sides[self.gives]) | ~there)

    def _exact(self, sides: Sides) -> Floats:
        """Unrounded."""
        over, under = (sides[name].plain() for name in self.needs)
        exact = np.zeros(len(over))
        np.divide(over, under, out=exact, where=under != 0)
        return np.asarray(exact * 10.0**self.power)

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        exact = self._exact(sides)
        if self.digits:
            return in_unit(unit, rounded(exact, self.digits), 0)
        exact *= NANO / self.tick
        away = np.sign(exact) * np.floor(np.abs(exact) * (1 + _NEAR) + 0.5)
        return in_unit(unit, away, self.tick)


def near(rule: Quotient, exact: Floats, side: Side) -> Truth:
    """Whether numbers (n,) are those of the column, as rounded as it is."""
    if rule.digits:
        given = side.plain()
        # single precision adds a little to what rounding takes
        last = 10.0 ** (_first(np.maximum(np.abs(exact), np.abs(given))) + 1 - rule.digits)
        return np.asarray(np.abs(exact - given) <= np.maximum(last, rule.tick / NANO))
    given, exact = side.ticks(rule.tick), exact * (NANO / rule.tick)
    return np.asarray(np.abs(exact - given) <= 0.5 + 10 * _NEAR * np.maximum(np.abs(exact), 1))


def rounded(values: Floats, digits: int) -> Floats:
    """Values (n,) to so many digits from the first one on that is not 0."""
    places = digits - 1 - _first(values)
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    return np.asarray(np.rint(values * up / down) * down / up)


def _first(values: Floats) -> Floats:
    """The power of ten of the first digit that is not 0, (n,); of 0 that of 1."""
    sizes = np.abs(values)
    return np.asarray(np.floor(np.log10(np.where(sizes > 0, sizes, 1.0))))


def quotients(sides: Sides, k: int) -> Iterator[Quotient]:
    """Columns that are, in all rows, one of the others divided by another one."""
    told = {name: side for name, side in sides.items() if side.unit.sort != "time"}
    names = [n for n in told if len(np.unique(told[n].numbers[told[n].present])) >= LEAST_VALUES]
    for name in asking(names[:MOST_PAIRED], every=1):
        others = [other for other in names[:MOST_PAIRED] if other != name]
        rules = (_quotient(told, name, others, way, k) for way in _rounding(told[name]))
        if len(others) > 1 and (rule := next(filter(None, rules), None)) is not None:
            yield rule


def _rounding(side: Side) -> Iterator[tuple[int, int]]:
    """How a column may be rounded: to a tick; or to the fewest digits that tell all its numbers,
    and where small ones are written with no more places than those of 1 to 10 as well."""
    if side.tick:
        yield side.tick, 0
        return
    values = side.plain()[side.present & (side.numbers != 0)]
    few = values[:: max(1, len(values) // 256)]
    for digits in DIGITS:
        if all(_are_rounded(some, digits) for some in (few, values)):
            yield 0, digits
            tick = NANO // 10 ** min(digits - 1, 9)
            if np.median(np.abs(values)) >= TELLING * tick / NANO:
                yield tick, digits
            return


def _are_rounded(values: Floats, digits: int) -> bool:
    return bool((np.abs(rounded(values, digits) - values) <= _BINARY * np.abs(values)).all())


def _quotient(
    sides: Sides, name: str, others: list[str], way: tuple[int, int], k: int
) -> Quotient | None:
    side = sides[name]
    rows = np.flatnonzero(side.present & (side.numbers != 0))
    if len(rows) < max(k, PROBE):
        return None
    rows = rows[:: max(1, len(rows) // PROBE)][:PROBE]
    some = side.of(rows)
    values = np.stack([sides[other].of(rows).plain() for other in others])
    there = np.stack([sides[other].of(rows).present for other in others]) & (values != 0)
    values[~there] = np.nan
    quotient = values[:, None] / values[None]
    powers = np.rint(np.log10(np.abs(some.plain() / quotient)[:, :, 0]))
    able = np.isfinite(quotient).all(axis=2) & (np.abs(powers) <= POWERS)
    able &= ~np.eye(len(others), dtype=bool)
    for over, under in np.argwhere(able).tolist():
        power = int(powers[over, under])
        rule = Quotient(name, others[over], others[under], power, *way)
        if not near(rule, quotient[over, under] * 10.0**power, some).all():
            continue
        if _told(rule, sides, k):
            return rule
    return None


def _told(rule: Quotient, sides: Sides, k: int) -> bool:
    """All rows keep it, and enough of them say something."""
    there = all_there(sides, rule.columns) & (sides[rule.over].numbers != 0)
    given = sides[rule.gives].numbers[there]
    enough = len(given) >= max(k, PROBE) and len(np.unique(given)) >= LEAST_VALUES
    return bool(enough and rule.holds(sides).all())
