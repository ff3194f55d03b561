"""Which of the rules that were found are kept by construction, and by which column each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar, cast

import numpy as np

from generator.found.digits import Digits
from generator.found.distinct import Distinct
from generator.found.elapsed import Elapsed
from generator.found.found import Found
from generator.found.once import Once
from generator.found.order import Order
from generator.found.part import Part
from generator.found.product import Product
from generator.found.quotient import Quotient
from generator.found.side import Floats, Side, Sides, Truth
from generator.found.sums import Sum
from generator.found.together import Together

R = TypeVar("R", bound=Found)
HABIT = 1.5  # times as often as its distances values of a column are equal, if it has habits
NARROW = 0.5  # of the spread of a column: a distance that is narrower is drawn in its place


@dataclass(frozen=True)
class Kept:
    """Rules of a table that its columns keep, in any order."""

    rules: tuple[Found, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """All columns that a rule speaks about."""
        return frozenset(name for rule in self.rules for name in rule.columns)

    @cached_property
    def worked(self) -> dict[str, Found]:
        """By column the rule it is worked out by."""
        return {rule.gives: rule for rule in self.rules if rule.works_out}

    @cached_property
    def gaps(self) -> frozenset[str]:
        """Columns in whose place their distance to the nearest of others is drawn."""
        return frozenset(rule.gives for rule in self._orders if rule.way == "gap")

    @cached_property
    def bounds(self) -> dict[str, tuple[Order, ...]]:
        """By column all rules that bound it, on one side."""
        return _by_column(self._orders)

    @cached_property
    def missing(self) -> dict[str, tuple[Together, ...]]:
        """By column the rules about where it is missing."""
        return _by_column(rule for rule in self.rules if isinstance(rule, Together))

    @cached_property
    def distinct(self) -> Distinct | None:
        """The rule about columns that never come twice together."""
        return next((rule for rule in self.rules if isinstance(rule, Distinct)), None)

    @cached_property
    def once(self) -> Once | None:
        """The rule about what never comes twice under one parent."""
        return next((rule for rule in self.rules if isinstance(rule, Once)), None)

    @property
    def _orders(self) -> list[Order]:
        return [rule for rule in self.rules if isinstance(rule, Order)]

    @cached_property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """By column those that are drawn before it."""
        by_column = _by_column(self.rules)
        return {
            name: tuple(dict.fromkeys(need for rule in rules for need in rule.needs))
            for name, rules in by_column.items()
        }


def _by_column(rules: Iterable[R]) -> dict[str, tuple[R, ...]]:
    found: dict[str, tuple[R, ...]] = {}
    for rule in rules:
        found[rule.gives] = (*found.get(rule.gives, ()), rule)
    return found


class _Before:
    """What is drawn before what, without circles."""

    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        self._needs = {name: set(others) for name, others in needs.items()}

    def takes(self, name: str, needs: Iterable[str]) -> bool:
        """Let ``needs`` come before ``name``, unless one of them needs it."""
        if any(need == name or self._reaches(need, name) for need in needs):
            return False
        self._needs.setdefault(name, set()).update(needs)
        return True

    def _reaches(self, start: str, goal: str) -> bool:
        seen, open_ = {start}, [start]
        while open_:
            for need in self._needs.get(open_.pop(), ()):
                if need == goal:
                    return True
                if need not in seen:
                    seen.add(need)
                    open_.append(need)
        return False


_FIRST = (Part, Digits, Sum, Elapsed, Product, Quotient)


def worked_out(rules: Iterable[Found]) -> list[Found]:
    """Of the rules that work a column out those that are used: one a column, no circle; what is
    plain before what is rounded."""
    before = _Before({})
    taken: dict[str, Found] = {}
    able = [rule for rule in rules if rule.works_out]
    for rule in sorted(able, key=_place):
        if rule.gives not in taken and before.takes(rule.gives, rule.needs):
            taken[rule.gives] = rule
    return list(taken.values())


def _place(rule: Found) -> tuple[int, int]:
    alone = isinstance(rule, Sum) and len(rule.needs) == 1
    return (0 if alone else _FIRST.index(cast(type[Part], type(rule))) + 1, len(rule.needs))


def arranged(
    rules: Iterable[Found],
    sides: Sides,
    *,
    maps: Mapping[str, str],
    as_labels: Collection[str] = (),
    fixed: Collection[str] = (),
    labels: Collection[str] = (),
    on_grid: Collection[str] = (),
    key: Collection[str] = (),
) -> Kept:
    """All rules that can be kept, each with the column that keeps it.

    ``rules`` that work a column out are those of ``worked_out``.  ``maps`` names columns that
    another determines exactly, ``as_labels`` those that stay labels because they determine others:
    neither keeps a rule of order; nor does what is ``fixed`` otherwise.  What never comes twice
    together are ``labels`` but for one column, or two columns of numbers ``on_grid``; one such rule
    is kept, about the table's ``key`` if there is one.
    """
    rules = list(rules)
    kept = [rule for rule in rules if rule.works_out]
    worked = {rule.gives for rule in kept}
    before = _Before({rule.gives: rule.needs for rule in kept})
    for name, by in maps.items():
        before.takes(name, (by,))
    for rule in rules:
        free = isinstance(rule, Together) and rule.gives not in {*maps, *fixed}
        if free and before.takes(rule.gives, rule.needs):
            kept.append(rule)
    held: dict[str, list[Order]] = {}
    for rule in _reduced([rule for rule in rules if isinstance(rule, Order)]):
        for gives in _givers(rule, sides):
            if gives in {*worked, *maps, *as_labels, *fixed}:
                continue
            mine = replace(rule, gives=gives, unit=_own_step(sides[gives]))
            # what is to lie above one column and below another could find no room
            alike = all(other.sign == mine.sign for other in held.get(gives, ()))
            if alike and before.takes(gives, mine.needs):
                held.setdefault(gives, []).append(mine)
                break
    given = {*worked, *maps, *held}
    apart = [rule for rule in rules if isinstance(rule, Distinct)]
    for rule in sorted(apart, key=lambda rule: set(rule.columns) != set(key)):
        of_numbers = not rule.further and rule.other in on_grid
        dealt = of_numbers or set(rule.needs) <= set(labels)
        if dealt and not given & set(rule.columns):
            kept.append(rule)
            break
    for same in held.values():
        way = "bound" if _habits(same, sides) else "gap"
        kept += [replace(rule, way=way) for rule in same]
    return Kept(tuple(kept))


def _reduced(rules: list[Order]) -> list[Order]:
    """Without those that follow from two others."""
    pairs = {(rule.low, rule.high): rule for rule in rules}
    middles = {name for pair in pairs for name in pair}
    return [
        rule
        for (low, high), rule in pairs.items()
        if not any((low, name) in pairs and (name, high) in pairs for name in middles)
    ]


def _givers(rule: Order, sides: Sides) -> tuple[str, str]:
    """Which of the two rather follows the other: the one that is missing more often."""
    low, high = (np.count_nonzero(sides[name].present) for name in (rule.low, rule.high))
    return (rule.low, rule.high) if low < high else (rule.high, rule.low)


def _own_step(side: Side) -> int:
    return side.unit.step if side.unit.whole else side.tick


def _habits(rules: list[Order], sides: Sides) -> bool:
    """Whether values come again (round prices) that distances would not: then they are drawn as
    they are.  A distance far narrower than the values is drawn all the same."""
    there, gap = distances(rules, sides)
    gap, values = gap[there], sides[rules[0].gives].numbers[there]
    if _width(gap) < NARROW * _width(values):
        return False
    return _alike(values) > HABIT * _alike(gap)


def distances(rules: Sequence[Order], sides: Sides) -> tuple[Truth, Floats]:
    """How far ``gives`` lies from the nearest of the others (n,), in its own steps, and in which
    rows there is one."""
    side, rule = sides[rules[0].gives], rules[0]
    own = side.ticks(rule.unit) if rule.unit and not side.unit.whole else side.numbers
    reached, told = reach(rules, sides)
    return told & side.present, rule.sign * (own - reached)


def reach(rules: Sequence[Order], sides: Sides) -> tuple[Floats, Truth]:
    """Where the nearest of the columns lies that bound ``gives`` (n,), in its own steps, and in
    which rows one of them is there; where none is, the first one's hidden number."""
    first, *others = rules
    reached, told = first.bound(sides), sides[first.needs[0]].present
    for rule in others:
        bound, there = rule.bound(sides), sides[rule.needs[0]].present
        nearer = np.maximum(reached, bound) if rule.sign > 0 else np.minimum(reached, bound)
        reached = np.where(told & there, nearer, np.where(there, bound, reached))
        told = told | there
    return reached, told


def _width(values: Floats) -> float:
    """Between the 5 % and the 95 % of values (n,), n > 0."""
    low, high = np.quantile(values, [0.05, 0.95])
    return float(high - low)


def _alike(values: Floats) -> float:
    """The chance that two of the values (n,) are equal."""
    shares = np.unique(values, return_counts=True)[1] / len(values)
    return float((shares**2).sum())
