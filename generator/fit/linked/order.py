"""The order of the rows under one parent: by time where they have one, else as in the file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Learning
from generator.leaves.encode import day_steps
from generator.schema import Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
IN_ORDER = 0.95  # of neighbours in the file that a time does not fall between, to be their order
LONG = 3  # rows a parent on average from which the only time a table has is its order
LARGEST_TIE = 12  # rows of one time that are put in the order of their levels
MOST_TIMES = 5_000  # different times of a parent up to which that is tried


def time_of(table: Table, columns: Mapping[str, Learning], parents: Ints) -> str:
    """The column whose time orders the rows (n,) of each parent, "" where there is none."""
    order = np.argsort(parents, kind="stable")
    same = parents[order][1:] == parents[order][:-1]
    found: dict[str, float] = {}
    for name, column in columns.items():
        if not day_steps(table.column(name), column.codec) or column.missing.any():
            continue
        if table.column(name).personal is None:
            step = np.diff(column.numbers[order])[same]
            found[name] = float((step >= 0).mean()) if len(step) else 1.0
    best = max(found, key=lambda name: found[name], default="")
    if best and found[best] >= IN_ORDER:
        return best
    many = len(parents) >= LONG * len(np.unique(parents))
    return best if len(found) == 1 and many else ""


def in_order(parents: Ints, time: Floats | None) -> Ints:
    """Rows (n,) parent by parent, by time, then as in the file."""
    if time is None:
        return np.argsort(parents, kind="stable")
    return np.lexsort((time, parents))


def chained(parents: Ints, time: Floats, level: Floats, amount: Floats, near: float) -> Ints:
    """The order of sorted rows (n,) in which rows of one time follow from each other: the level
    before, plus or minus the amount, is the level after."""
    n = len(parents)
    new_tie = np.append(True, (parents[1:] != parents[:-1]) | (time[1:] != time[:-1]))
    starts = np.flatnonzero(new_tie)
    sizes = np.diff(np.append(starts, n))
    new_parent = np.append(True, parents[starts][1:] != parents[starts][:-1])
    first = np.flatnonzero(new_parent)
    count = np.diff(np.append(first, len(starts)))
    order = np.arange(n)
    if not len(count) or count.max() > MOST_TIMES:
        return order
    now = np.zeros(len(first))
    for turn in range(int(count.max())):
        open_ = np.flatnonzero(count > turn)
        tie = first[open_] + turn
        now[open_] = _chain(starts[tie], sizes[tie], now[open_], level, amount, near, order)
    return order


def unchained(parents: Ints, chain: Ints, level: Floats) -> Floats:
    """The level after each of sorted rows (n,) as they stand, if each moves it by as much as it
    does in the order of the ``chain``: after the last row of one time it is the same."""
    first = np.append(True, parents[1:] != parents[:-1])
    moved = np.diff(level[chain], prepend=0.0)
    moved[first] = level[chain[first]]
    step = np.empty(len(level))
    step[chain] = moved
    running = np.cumsum(step)
    start = np.maximum.accumulate(np.where(first, np.arange(len(level)), 0))
    return np.asarray(running - running[start] + step[start])


def _chain(
    starts: Ints,
    sizes: Ints,
    now: Floats,
    level: Floats,
    amount: Floats,
    near: float,
    order: Ints,
) -> Floats:
    """Order the rows of one tie of each parent in place; gives the level after the last."""
    many = np.flatnonzero((sizes > 1) & (sizes <= LARGEST_TIE))
    ended: Floats = level[order[starts + sizes - 1]]
    if not len(many):
        return ended
    start, size, at = starts[many], sizes[many], now[many].copy()
    width = int(size.max())
    places = start[:, None] + np.arange(width)
    free = np.arange(width) < size[:, None]
    places = np.where(free, places, start[:, None])
    levels, amounts = level[places], np.abs(amount[places])
    chosen = np.zeros((len(many), width), dtype=np.int64)
    each = np.arange(len(many))
    for turn in range(width):
        fits = free & (np.abs(np.abs(levels - at[:, None]) - amounts) <= near)
        pick = np.where(fits.any(axis=1), fits.argmax(axis=1), free.argmax(axis=1))
        live = turn < size
        chosen[:, turn] = places[each, pick]
        free[each, pick] = False
        at = np.where(live, levels[each, pick], at)
    for turn in range(width):
        live = turn < size
        order[start[live] + turn] = chosen[live, turn]
    ended[many] = at
    return ended
