"""A number is the time from one moment to another: nights of a stay, minutes of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Sides, Truth, Unit, in_unit

LENGTHS = {
    "days": DAY,
    "hours": 3600 * NANO,
    "minutes": 60 * NANO,
    "seconds": NANO,
    "weeks": 7 * DAY,
}
ROUNDINGS = ("down", "near", "up")
MOST_TIMES = 12  # columns of which each pair is looked at
LEAST_VALUES = 5


@dataclass(frozen=True)
class Elapsed(Found):
    """``gives`` is the time from ``start`` to ``end`` in ``length``, rounded to a tick."""

    gives: str
    start: str
    end: str
    length: str
    rounding: str
    tick: int

    kind = "elapsed"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.start, self.end)

    @property
    def text(self) -> str:
        return f"{self.gives} = {self.length} from {self.start} to {self.end}"

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        return (
            len(set(self.columns)) == 3
            and set(self.columns) <= set(units)
            and units[self.start].sort == units[self.end].sort == "time"
            and units[self.gives].sort != "time"
            and self.length in LENGTHS
            and self.rounding in ROUNDINGS
            and 0 < self.tick <= DAY
        )

    def holds(self, sides: Sides) -> Truth:
        worked = self._ticks(sides)
        return np.asarray(
            (worked == sides[self.gives].ticks(self.tick)) | ~all_there(sides, self.columns)
        )

    def _ticks(self, sides: Sides) -> Floats:
        fine = min(sides[self.start].unit.step, sides[self.end].unit.step)
        apart = sides[self.end].ticks(fine) - sides[self.start].ticks(fine)
        sort_span = LENGTHS[self.length] * (self.tick / NANO)
        exact = apart * (fine / sort_span)
        match self.rounding:
            case "down":
                return np.asarray(np.floor(exact + 1e-9))
            case "up":
                return np.asarray(np.ceil(exact - 1e-9))
        return np.asarray(np.sign(exact) * np.floor(np.abs(exact) + 0.5 + 1e-9))

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        return in_unit(unit, self._ticks(sides), self.tick)


def elapsed(sides: Sides, k: int) -> Iterator[Elapsed]:
    """Numbers that are the time between two moments in every row."""
    times = [name for name, side in sides.items() if side.unit.sort == "time"][:MOST_TIMES]
    numbers = [name for name, side in sides.items() if side.unit.sort == "number"]
    for gives in numbers:
        found = (
            Elapsed(gives, start, end, length, rounding, sides[gives].tick)
            for start, end in permutations(times, 2)
            for length in _lengths(sides, gives, start, end)
            for rounding in ROUNDINGS
        )
        rule = next((rule for rule in found if _told(rule, sides, k)), None)
        if rule is not None:
            yield rule


def _lengths(sides: Sides, gives: str, start: str, end: str) -> list[str]:
    """In which lengths a number may be the time between two moments, told by a few rows: it lies
    within a tick of that, however it is rounded."""
    rule = Elapsed(gives, start, end, "", "", sides[gives].tick)
    there = np.flatnonzero(all_there(sides, rule.columns)) if rule.tick else np.zeros(0, np.int64)
    few = {name: sides[name].of(there[:: max(1, len(there) // 30)]) for name in rule.columns}
    if not len(there):
        return []
    fine = min(few[start].unit.step, few[end].unit.step)
    apart = few[end].ticks(fine) - few[start].ticks(fine)
    number = few[gives].ticks(rule.tick)
    spans = {name: span * (rule.tick / NANO) / fine for name, span in LENGTHS.items()}
    return [name for name, span in spans.items() if (np.abs(apart / span - number) < 1.001).all()]


def _told(rule: Elapsed, sides: Sides, k: int) -> bool:
    there = np.flatnonzero(all_there(sides, rule.columns)) if rule.tick else np.zeros(0, np.int64)
    if len(there) < max(k, 20):
        return False
    for rows in (there[:: max(1, len(there) // 30)], there):
        few = {name: sides[name].of(rows) for name in rule.columns}
        if not rule.holds(few).all():
            return False
    return len(np.unique(few[rule.gives].numbers)) >= LEAST_VALUES
