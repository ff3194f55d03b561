"""A column is the sum of others (or their difference), or lies a constant apart from one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from generator.found.found import Found, all_there
from generator.found.side import DAY, NANO, Floats, Sides, Truth, Unit, in_unit
from generator.stop import asking

PROBE = 12  # rows a sum is looked for in before all are looked at
MOST_PAIRED = 200  # columns of which each pair is added
MOST_PARTS = 12  # of a sum of many
FIT_ROWS = 400
NOTHING = 1e-9  # of the longest axis of some columns: what rounding leaves of one that is none
_EXACT = float(1 << 52)


@dataclass(frozen=True)
class Sum(Found):
    """``gives`` is the sum of ``parts``, each times its sign, and ``more``, in ticks."""

    gives: str
    parts: tuple[str, ...]
    signs: tuple[int, ...]
    more: int
    tick: int

    kind = "sum"

    @property
    def needs(self) -> tuple[str, ...]:
        return self.parts

    @property
    def text(self) -> str:
        said = " ".join(
            f"{'+' if sign > 0 else '-'} {part}"
            for part, sign in zip(self.parts, self.signs, strict=True)
        ).removeprefix("+ ")
        if self.more:
            said += f" {'+' if self.more > 0 else '-'} {self._said(abs(self.more))}"
        return f"{self.gives} = {said}"

    def _said(self, ticks: int) -> str:
        if self.tick >= DAY:
            return f"{ticks * (self.tick // DAY)} days"
        return f"{ticks * self.tick / NANO:.9f}".rstrip("0").rstrip(".")

    @property
    def works_out(self) -> bool:
        return True

    def ok(self, units: Mapping[str, Unit]) -> bool:
        if not set(self.columns) <= set(units) or not 1 <= len(self.parts) <= MOST_PARTS:
            return False
        if self.gives in self.parts or len(set(self.parts)) < len(self.parts):
            return False
        sorts = {units[name].sort for name in self.columns}
        alone = len(self.parts) == 1 and self.signs == (1,)
        return (
            len(self.signs) == len(self.parts)
            and set(self.signs) <= {1, -1}
            and len(sorts) == 1
            and (alone or sorts != {"time"})
            and 0 < self.tick <= DAY
            and abs(self.more) < _EXACT
            and all(
                units[name].step % self.tick == 0 or not units[name].whole for name in self.columns
            )
        )

    def holds(self, sides: Sides) -> Truth:
        apart = self._summed(sides) - sides[self.gives].ticks(self.tick)
        return np.asarray((apart == 0) | ~all_there(sides, self.columns))

    def _summed(self, sides: Sides) -> Floats:
        total = np.full(len(sides[self.parts[0]].numbers), float(self.more))
        for part, sign in zip(self.parts, self.signs, strict=True):
            total += sign * sides[part].ticks(self.tick)
        return total

    def worked(self, sides: Sides, unit: Unit) -> Floats:
        return in_unit(unit, self._summed(sides), self.tick)


def apart(sides: Sides, k: int, *, given: Collection[str] = ()) -> Iterator[Sum]:
    """Columns that are equal, or lie a constant apart in all rows; those ``given`` by other rules
    (that may grow meanwhile) are given by none here."""
    for one, other in asking(combinations(sides, 2), every=20):
        first, second = (one, other) if other not in given else (other, one)
        if second in given:
            continue
        tick = _common(sides, (first, second))
        if not tick or sides[first].unit.sort != sides[second].unit.sort:
            continue
        both = np.flatnonzero(sides[first].present & sides[second].present)
        if len(both) < k:
            continue
        probe = _spread(both)
        a, b = (sides[name].of(probe).ticks(tick) for name in (first, second))
        if np.ptp(b - a) or not np.ptp(a):
            continue
        a, b = (sides[name].of(both).ticks(tick) for name in (first, second))
        if not np.ptp(b - a) and len(np.unique(a)) >= k and np.abs(b).max() < _EXACT:
            yield Sum(second, (first,), (1,), int(b[0] - a[0]), tick)


def sums(sides: Sides, k: int) -> Iterator[Sum]:
    """Columns that are the sum of two others, then those that are the sum of more."""
    alike = {name: side for name, side in sides.items() if side.unit.sort != "time" and side.tick}
    for sort in ("number", "span"):
        mine = {name: side for name, side in alike.items() if side.unit.sort == sort}
        if len(mine) >= 3:
            pairs = list(_of_two(mine, k))
            yield from pairs
            given = {rule.gives for rule in pairs}
            left = {name: side for name, side in mine.items() if name not in given}
            if len(left) >= 4:
                yield from _of_more(left, k)


def _of_two(sides: Sides, k: int) -> Iterator[Sum]:
    names = tuple(sides)[:MOST_PAIRED]
    tick = _common(sides, names)
    rows = np.flatnonzero(all_there(sides, names))
    if len(rows) < k:  # few rows have all columns: look at what most rows have
        rows = np.flatnonzero(np.mean([sides[n].present for n in names], axis=0) >= 0.5)
    if len(rows) < k:
        return
    probe = _spread(rows)
    values = np.stack([sides[name].of(probe).ticks(tick) for name in names])
    place = {row.tobytes(): at for at, row in reversed(list(enumerate(values)))}
    done: set[str] = set()
    for first, second in combinations(range(len(names)), 2):
        at = place.get((values[first] + values[second]).tobytes())
        if at is None or at in (first, second) or names[at] in done:
            continue
        total, parts = names[at], (names[first], names[second])
        rule = Sum(total, parts, (1, 1), 0, _common(sides, (total, *parts)))
        if _sums_up(rule, sides, k):
            done.add(total)
            yield rule


def _sums_up(rule: Sum, sides: Sides, k: int) -> bool:
    """All rows, and k of them at least say something: no part is nought."""
    there = all_there(sides, rule.columns)
    if np.count_nonzero(there) < k or not rule.holds(sides).all():
        return False
    told = there.copy()
    for part in rule.parts:
        told &= sides[part].numbers != 0
        if len(np.unique(sides[part].numbers[there])) < 2:
            return False
    return bool(np.count_nonzero(told) >= k) or len(rule.parts) > 2


def _of_more(sides: Sides, k: int) -> Iterator[Sum]:
    """Totals of three parts and more: least squares whose weights are noughts and ones."""
    names = tuple(sides)[:MOST_PAIRED]
    tick = _common(sides, names)
    rows = np.flatnonzero(all_there(sides, names))
    if len(rows) < max(k, 3 * len(names)):
        return
    rows = rows[:: max(1, len(rows) // FIT_ROWS)]
    values = np.stack([sides[name].of(rows).ticks(tick) for name in names], axis=1)
    size = np.abs(values).max(axis=0)
    if not _dependent(values[:, size > 0] / size[size > 0]):
        return
    taken: set[str] = set()
    for at in np.argsort(-size, kind="stable").tolist():
        others = [one for one in range(len(names)) if one != at and names[one] not in taken]
        if not size[at] or len(others) < 3:
            continue
        scaled = values[:, others] / np.maximum(size[others], 1)
        weights = np.linalg.lstsq(scaled, values[:, at], rcond=1e-9)[0] / np.maximum(
            size[others], 1
        )
        near = np.rint(weights)
        parts = tuple(names[others[one]] for one in np.flatnonzero(near))
        if not 3 <= len(parts) <= MOST_PARTS or np.abs(weights - near).max() > 0.01:
            continue
        signs = tuple(int(sign) for sign in near[near != 0])
        if not set(signs) <= {1, -1}:
            continue
        rule = Sum(names[at], parts, signs, 0, _common(sides, (names[at], *parts)))
        if _sums_up(rule, sides, k):
            taken.add(names[at])
            yield rule


def _dependent(values: Floats) -> bool:
    """Whether any column is made of others, as a sum that holds exactly is: told once for all."""
    lengths = np.linalg.svd(values, compute_uv=False)
    return len(lengths) > 0 and bool(lengths[-1] <= NOTHING * lengths[0])


def _common(sides: Sides, names: tuple[str, ...]) -> int:
    """The finest tick of some columns; 0 where one of them lies on none."""
    return min(sides[name].tick for name in names)


def _spread(rows: np.ndarray) -> np.ndarray:
    return rows[:: max(1, len(rows) // PROBE)][:PROBE]
