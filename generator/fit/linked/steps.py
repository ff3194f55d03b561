"""Columns that follow from the row before: levels moved by an amount, times and counters that
never fall.  What is learnt is the step, so that the level is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Learning
from generator.fit.linked.context import as_number, labelled, numbers
from generator.fitted import MARK, PACE, Made
from generator.fitted.days import LAST, code_of, months_of
from generator.leaves.encode import day_steps
from generator.leaves.guide import UNIT
from generator.schema import Column, Kind, Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SIGNS = ("+", "-")
NEARLY_ALL = 0.98  # of the steps that a movement explains, where the order of rows is known
FINE = 50  # steps of the grid that a number moves by, for its own rounding not to matter
FEW_STEPS = 50  # steps that must agree before they make a rule
RARELY = 0.01  # of the rows of a level that may be below nothing, for none to be
FEW_CODES = 10  # rows for each day of the month that it takes to see a calendar
LEAST_DAYS = 90  # that the rows must span for one
FAR_FROM_EVEN = 0.1  # of the rows that would have to lie on another day for all to come alike
WITHIN = 0.999  # of the rows that lie within their parent's window


@dataclass
class Steps:
    """``made`` columns with how they follow, ``hidden`` ones to be learnt, with what they are
    learnt from, ``first`` those that are drawn before all others and ``last`` after them; ``state``
    is what rows know besides, ``anew`` are columns with another codec than they had."""

    made: dict[str, Made] = field(default_factory=dict)
    hidden: dict[str, Column] = field(default_factory=dict)
    learnt: dict[str, Learning | Floats] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    state: dict[str, Learning] = field(default_factory=dict)
    anew: dict[str, Learning] = field(default_factory=dict)


def steps_of(
    table: Table,
    own: Mapping[str, Learning],
    context: Mapping[str, tuple[Learning, float]],
    place: Ints,
    counts: Ints,
    time: str,
) -> Steps:
    """Of rows (n,) parent by parent: ``place`` from 0 under each, ``counts`` of its parent's rows.
    ``context`` are the moments of the parents' rows with their steps of a day, ``time`` is the
    column the rows are ordered by."""
    steps = Steps()
    if time:
        _time(table, own, context, place, counts, time, steps)
    for name, column in own.items():
        number = None if name == time or column.missing.any() else as_number(column)
        if number is not None:
            _rising(name, number, place, steps)
    for name, (amount, signed) in movements(own, place, skip={time, *steps.made}).items():
        if amount not in steps.made:
            _moved(name, amount, own, place, steps, signed=signed)
    return steps


def _time(
    table: Table,
    own: Mapping[str, Learning],
    context: Mapping[str, tuple[Learning, float]],
    place: Ints,
    counts: Ints,
    name: str,
    steps: Steps,
) -> None:
    column, day = own[name], day_steps(table.column(name), own[name].codec)
    at = column.numbers
    scale = column.codec.scale
    low, high = _ends(column) if scale is not None else (float(at.min()), float(at.max()))
    base, begins = _window(context, at[place == 0], place == 0, day, low, upwards=True)
    ends = np.append(place[1:] == 0, True)
    last, bounds = _window(context, at[ends], ends, day, high, upwards=False)
    if base[1] and last[1] and base[1] != last[1]:  # days and moments
        last, bounds = ("", 0.0), np.full(len(at), high)
    level = np.where(place > 0, np.append(0.0, at[:-1]), begins)
    window = Made(
        "step",
        base=base[0],
        last=last[0],
        factor=base[1] or last[1] or 1.0,
        start=low,
        most=high,
        paces=True,
    )
    if _by_calendar(at, level, day):
        months, code = f"{MARK}months{MARK}{name}", f"{MARK}code{MARK}{name}"
        steps.made[name] = replace(window, way="dated", of=months, by=code, day=day)
        moved = months_of(np.floor(at / day)) - months_of(np.floor(level / day))
        steps.learnt[months] = np.maximum(moved, 0).astype(np.float64)
        steps.learnt[code] = code_of(np.floor(at / day))
        steps.hidden |= {one: Column(one, Kind.FLOAT) for one in (months, code)}
        steps.first += [months, code, name]
    else:
        gap = f"{MARK}gap{MARK}{name}"
        steps.made[name] = replace(window, of=gap)
        steps.hidden[gap] = Column(gap, Kind.FLOAT)
        steps.learnt[gap] = np.maximum(at - level, 0.0)
        steps.first += [gap, name]
    steps.state[PACE] = numbers((bounds - level) / np.maximum(counts - place, 1))
    for by in ("month", "") if day >= 1 else ():
        part = f"{MARK}{by or 'weekday'}{MARK}{name}"
        steps.made[part] = Made("part", of=name, by=by, day=day)
        steps.hidden[part] = Column(part, Kind.FLOAT)
        steps.first.append(part)


def _by_calendar(at: Floats, level: Floats, day: float) -> bool:
    """Whether days are those of a calendar: whole days, over months, some days of the month far
    more often than others."""
    days = at / day
    if (days != np.floor(days)).any() or len(at) < FEW_CODES * LAST:
        return False
    if np.ptp(days) < LEAST_DAYS or (months_of(days) == months_of(level / day)).all():
        return False
    shares = np.bincount(code_of(days).astype(np.int64), minlength=LAST + 1)[1:] / len(days)
    usual = np.full(LAST, 1 / 30.4)
    usual[27] *= 7 / 12
    return float(np.abs(shares - usual).sum()) / 2 >= FAR_FROM_EVEN


def _ends(column: Learning) -> tuple[float, float]:
    """The outermost values that the column's scale keeps."""
    assert column.codec.scale is not None
    low, high = column.codec.scale.values(np.array([0.0, UNIT - 1.0])).tolist()
    return float(low), float(high)


def _window(
    context: Mapping[str, tuple[Learning, float]],
    at: Floats,
    rows: NDArray[np.bool_],
    day: float,
    otherwise: float,
    *,
    upwards: bool,
) -> tuple[tuple[str, float], Floats]:
    """The parent's moment that the first or the last of its rows never passes, if there is one:
    its name and factor, and the bound of all rows (n,)."""
    best: tuple[str, float] = ("", 0.0)
    nearest, found = np.inf, np.full(len(rows), otherwise)
    for name, (column, steps) in context.items():
        factor = day / steps
        if column.missing[rows].any():
            continue
        bound = column.numbers[rows] * factor
        apart = at - bound if upwards else bound - at
        if len(at) >= FEW_STEPS and (apart >= 0).mean() >= WITHIN and np.median(apart) < nearest:
            nearest, best, found = float(np.median(apart)), (name, factor), column.numbers * factor
    return best, found


def _rising(name: str, column: Learning, place: Ints, steps: Steps) -> None:
    """Numbers that never fall under a parent, or never rise, and do move."""
    step = np.diff(column.numbers)[place[1:] > 0]
    if len(step) < FEW_STEPS or not step.any() or not ((step >= 0).all() or (step <= 0).all()):
        return
    sign = 1 if (step >= 0).all() else -1
    first = column.numbers[place == 0]
    if (step == step[0]).all() and (first == first[0]).all():
        steps.made[name] = Made("place", sign=int(step[0]), start=float(first[0]))
        steps.first.append(name)
        steps.anew[name] = column
        return
    low, high = _ends(column)
    start = low if sign > 0 else high
    level = np.where(place > 0, np.append(0.0, column.numbers[:-1]), start)
    gap = f"{MARK}gap{MARK}{name}"
    steps.made[name] = Made("step", of=gap, sign=sign, start=start)
    steps.hidden[gap] = Column(gap, Kind.FLOAT)
    steps.learnt[gap] = np.maximum(sign * (column.numbers - level), 0.0)
    steps.anew[name] = column
    steps.first += [gap, name]


def movements(
    own: Mapping[str, Learning], place: Ints, skip: set[str], rows: NDArray[np.bool_] | None = None
) -> dict[str, tuple[str, bool]]:
    """Levels by the amount that moves them, and whether that has a sign of its own.  Only ``rows``
    (n,) whose place is sure are looked at, if given."""
    told = {
        name: column
        for name, column in own.items()
        if column.codec.form == "number" and name not in skip and not column.missing.any()
    }
    after = place[1:] > 0
    if rows is not None:
        after = after & rows[1:] & rows[:-1]
    found: dict[str, tuple[str, bool]] = {}
    if after.sum() < FEW_STEPS:
        return found
    for name, level in told.items():
        step = np.diff(level.numbers)[after]
        near = nearness(level)
        if not (np.abs(step) > near).mean() > 0.5:
            continue
        for other, amount in told.items():
            if other == name or other in found:
                continue
            moved = amount.numbers[1:][after]
            if (np.abs(step - moved) <= near).mean() >= NEARLY_ALL:
                found[name] = (other, True)
            elif (np.abs(np.abs(step) - np.abs(moved)) <= near).mean() >= NEARLY_ALL:
                found[name] = (other, False)
            if name in found:
                break
    return found


def nearness(level: Learning) -> float:
    """How far apart two numbers of a level are that count as one."""
    grid = level.codec.scale.grid if level.codec.scale is not None else 0.0
    if not grid:
        return 1e-9 * float(np.abs(level.numbers).max(initial=1.0))
    fine = float(np.median(np.abs(np.diff(level.numbers)))) > FINE * grid
    return (1.6 if fine else 0.6) * grid  # where steps are fine, both numbers may be rounded


def _moved(
    name: str,
    amount: str,
    own: Mapping[str, Learning],
    place: Ints,
    steps: Steps,
    *,
    signed: bool,
) -> None:
    """A level that its row's amount moves; before the first row it is nothing."""
    level, moved = own[name].numbers, own[amount].numbers
    before = np.where(place > 0, np.append(0.0, level[:-1]), 0.0)
    first = place == 0
    near = nearness(own[name])
    opening = np.abs(np.abs(level[first]) - np.abs(moved[first])) <= near
    if opening.mean() < NEARLY_ALL:
        return  # it begins somewhere else, which only its own leaves tell
    steps.last.append(name)
    if signed:
        steps.made[name] = Made("step", of=amount, sign=1)
        return
    sign = f"{MARK}sign{MARK}{name}"
    up = np.abs(before + moved - level) <= near
    falls = np.where(up, 0, np.where(np.abs(before - moved - level) <= near, 1, level < before))
    least = 0.0 if (level < 0).mean() < RARELY else None
    steps.made[name] = Made("moved", of=amount, by=sign, least=least)
    steps.hidden[sign] = Column(sign, Kind.TEXT)
    steps.learnt[sign] = labelled(falls.astype(np.int64), SIGNS)
