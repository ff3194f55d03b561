"""A column is the day, or the year, of another one's moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Side, Sides, Truth, Unit

PARTS = ("day", "year", "month", "quarter", "weekday", "hour")
_LEAST_VALUES = 2


@dataclass(frozen=True)
class Part(Found):
    """``gives`` is a part of ``of``: its day, or the number of its year, month, quarter, weekday (1
    is a Monday) or hour."""

    gives: str
    of: str
    part: str

    kind = "part"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of,)

    @property
    def text(self) -> str:
        return f"{self.gives} = {self.part}({self.of})"

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        if not {self.gives, self.of} <= set(units) or self.gives == self.of:
            return False
        sort = "time" if self.part == "day" else "number"
        return (
            self.part in PARTS and units[self.of].sort == "time" and units[self.gives].sort == sort
        )

    def holds(self, sides: Sides) -> Truth:
        gives = sides[self.gives]
        return np.asarray(
            (self.worked(sides, gives.unit) == gives.numbers) | ~all_there(sides, self.columns)
        )

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        days = sides[self.of].ticks(DAY)
        if self.part == "day":
            return np.asarray(days * (DAY / unit.step))
        return np.asarray(_numbers(self.part, sides[self.of], days) * (NANO / unit.step))


def _numbers(part: str, of: Side, days: Floats) -> Floats:
    day = np.clip(days, -719_162, 2_932_896).astype(np.int64).astype("datetime64[D]")
    match part:
        case "year":
            return day.astype("datetime64[Y]").astype(np.float64) + 1970
        case "month" | "quarter":
            month = np.mod(day.astype("datetime64[M]").astype(np.int64), 12)
            return np.asarray((month if part == "month" else month // 3) + 1.0)
        case "weekday":
            return np.asarray(np.mod(day.astype(np.int64) + 3, 7) + 1.0)
    return np.asarray(np.mod(of.ticks(3600 * NANO), 24))


def parts(sides: Sides, k: int) -> Iterator[Part]:
    """Columns that are a part of a moment in every row."""
    for of, moments in sides.items():
        if moments.unit.sort != "time":
            continue
        for gives, side in sides.items():
            for part in PARTS if gives != of else ():
                if (side.unit.sort == "time") != (part == "day"):
                    continue
                rule = Part(gives, of, part)
                if _told(rule, sides, k):
                    yield rule
                    break


def _told(rule: Part, sides: Sides, k: int) -> bool:
    there = np.flatnonzero(all_there(sides, rule.columns))
    if len(there) < max(k, 20):
        return False
    for rows in (there[:: max(1, len(there) // 100)], there):
        few = {name: sides[name].of(rows) for name in rule.columns}
        if not rule.holds(few).all():
            return False
    days = rule.part == "day" and sides[rule.of].unit.step >= DAY
    return not days and len(np.unique(few[rule.gives].numbers)) >= _LEAST_VALUES
