"""Dealing rows of one table out to rows of another: exact numbers, like to like."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generator.leaves.packed import Words
from generator.streams import apportion, apportion_within

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_ROUNDS = 30


def slots_of(weights: Floats, total: int, *, unique: bool, phase: float = 0.5) -> Ints:
    """``total`` row numbers, each row as often as its weight says; ``unique``: once at most.
    Weights of nothing are all alike."""
    weights = np.maximum(weights, 0.0)
    if not weights.any():
        weights = np.ones(len(weights))
    if unique:
        ones = np.ones(len(weights), dtype=np.int64)
        times = apportion_within(weights, total, 0 * ones, ones, phase)
    else:
        times = apportion(weights, total, phase)
    return np.repeat(np.arange(len(weights)), times)


def dealt(
    slots: Ints,
    wanted: Ints,
    classes: Ints,
    groups: tuple[Ints, Ints] | None,
    words: Words,
) -> Ints:
    """A slot's row for each of the rows (n,) that ask for the class ``wanted``: of the class where
    there is one left, and of the row's own group before (``groups``: of the rows, -1 for any, and
    of all rows of the parent).  ``classes`` are those of all rows of the parent; as many ``slots``
    as rows; ``words`` (n,) shuffle."""
    slots = slots[np.argsort(words, kind="stable")]
    given = np.full(len(wanted), -1, dtype=np.int64)
    rows, left = np.arange(len(wanted)), np.arange(len(slots))
    for ask, have, may in _passes(slots, wanted, classes, groups):
        open_ = rows[may[rows]]
        asked, had = ask[open_], have[left]
        taker, taken = _matched(asked, had)
        given[open_[taker]] = slots[left[taken]]
        rows = np.flatnonzero(given < 0)
        left = np.delete(left, taken)
        if not len(rows):
            break
    return given


def _passes(
    slots: Ints, wanted: Ints, classes: Ints, groups: tuple[Ints, Ints] | None
) -> Iterator[tuple[Ints, Ints, NDArray[np.bool_]]]:
    """What rows ask for and slots have, from the strictest to nothing at all."""
    every = np.ones(len(wanted), dtype=bool)
    have = classes[slots]
    if groups is not None:
        mine, theirs = groups[0], groups[1][slots]
        width = int(max(classes.max(initial=0), wanted.max(initial=0))) + 1
        yield mine * width + wanted, theirs * width + have, mine >= 0
        yield mine, theirs, mine >= 0
    yield wanted, have, every
    yield np.zeros_like(wanted), np.zeros_like(have), every


def _matched(asked: Ints, had: Ints) -> tuple[Ints, Ints]:
    """Places in ``asked`` and in ``had`` of equal values, each used once."""
    mine, theirs = np.argsort(asked, kind="stable"), np.argsort(had, kind="stable")
    a, b = _numbered(asked[mine]), _numbered(had[theirs])
    keys = np.unique(np.concatenate([asked, had]))
    span = max(len(asked), len(had), 1)
    first = np.searchsorted(keys, asked[mine]) * span + a
    second = np.searchsorted(keys, had[theirs]) * span + b
    at = np.searchsorted(second, first)
    if not len(second):
        return mine[:0], theirs[:0]
    hit = (at < len(second)) & (second[np.minimum(at, len(second) - 1)] == first)
    return mine[hit], theirs[at[hit]]


def _numbered(ordered: Ints) -> Ints:
    """The place of each entry among its equals, of sorted values."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(starts, len(ordered)))
    numbered: Ints = np.arange(len(ordered)) - np.repeat(starts, counts)
    return numbered


def apart(first: Ints, second: Ints, size: int, words: Words) -> Ints:
    """``second`` (n,) with as few changes as it takes for no pair of (first, second) to come twice.
    Rows that repeat a pair change partners with others; what is left after some rounds takes a
    partner its first has not.  ``second`` lies below ``size``; negative ones are left alone."""
    second = second.copy()
    for turn in range(MOST_ROUNDS):
        twice = _repeated(first, second, size)
        if not len(twice):
            return second
        offset = words[(turn * 7919 + np.arange(len(twice))) % len(words)]
        other = (offset % np.uint64(len(second))).astype(np.int64)
        # each other row once, none that is itself to change
        other, at = np.unique(other, return_index=True)
        keep = ~np.isin(other, twice) & (second[other] >= 0)
        other, mine = other[keep], twice[at[keep]]
        swapped = second.copy()
        swapped[mine], swapped[other] = second[other], second[mine]
        if len(_repeated(first, swapped, size)) < len(twice):
            second = swapped
    return _filled(first, second, size)


def _repeated(first: Ints, second: Ints, size: int) -> Ints:
    """Rows whose pair came before."""
    rows = np.flatnonzero(second >= 0)
    _, at = np.unique(first[rows] * size + second[rows], return_index=True)
    return np.delete(rows, at)


def _filled(first: Ints, second: Ints, size: int) -> Ints:
    """The few rows that still repeat a pair get the next partner that is free."""
    taken = set((first * size + second).tolist())
    for row in _repeated(first, second, size).tolist():  # a handful at most
        for step in range(1, size):
            partner = (int(second[row]) + step) % size
            if int(first[row]) * size + partner not in taken:
                taken.add(int(first[row]) * size + partner)
                second[row] = partner
                break
    return second


def earlier(wanted: Ints, classes: Ints, weights: Floats, u: Floats) -> Ints:
    """For each row (n,) the number of a row before it, by ``weights`` and of the class it asks for
    where there is one, else of any; -1 for rows that ask for none (negative) and for the first."""
    n = len(wanted)
    weights = np.maximum(weights, 0) + 1e-9
    given = _before(wanted, classes, weights, u)
    open_ = np.flatnonzero((given < 0) & (wanted >= 0))
    alike = _before(np.zeros(n, np.int64), np.zeros(n, np.int64), weights, u)
    given[open_] = alike[open_]
    return given


def _before(wanted: Ints, classes: Ints, weights: Floats, u: Floats) -> Ints:
    order = np.argsort(classes, kind="stable")  # by class, then by row
    running = np.concatenate([[0.0], np.cumsum(weights[order])])
    width = len(wanted)
    places = classes[order] * width + order
    first = np.searchsorted(places, wanted * width)
    last = np.searchsorted(places, wanted * width + np.arange(width))
    low, high = running[first], running[last]
    at = np.searchsorted(running, low + u * (high - low), side="right") - 1
    at = np.clip(at, first, np.maximum(last - 1, first))
    found: Ints = np.where((last > first) & (wanted >= 0), order[np.minimum(at, width - 1)], -1)
    return found
