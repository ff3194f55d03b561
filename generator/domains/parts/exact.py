"""Exact numbers of children: as near to what is natural as the total of each dealer lets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.streams import apportion_within

Integers = NDArray[np.int64]


def settled(
    natural: Integers, dealer: Integers, totals: Integers, *, least: int, most: int
) -> Integers:
    """Children of each parent (n,), ``totals`` of each local ``dealer``, between ``least`` and
    ``most`` each; parents lie dealer by dealer.  Where more than the natural numbers are wanted
    all parents may get some; where fewer, those with most lose most."""
    counts = np.clip(natural, least, most)
    first = np.searchsorted(dealer, np.arange(len(totals) + 1))
    sums = np.add.reduceat(np.append(counts, 0), np.minimum(first[:-1], len(counts)))
    off = np.where(np.diff(first) > 0, sums, 0) != totals
    for at in np.flatnonzero(off):
        rows = slice(first[at], first[at + 1])
        usual, total = counts[rows], int(totals[at])
        n = len(usual)
        if total >= usual.sum():
            counts[rows] = apportion_within(np.ones(n), total, usual, np.full(n, most))
        else:
            weights = np.asarray(usual - least + 1e-9, dtype=np.float64)
            counts[rows] = apportion_within(weights, total, np.full(n, least), usual)
    return counts


def distinct(place: Integers, group: Integers, turn: Integers, size: Integers) -> Integers:
    """Places in lists with no repeats within a group: rows lie group by group, ``place`` does not
    fall within one, ``turn`` counts 0, 1, 2 …; ``size`` is the length of each row's list."""
    far = int(size.max(initial=0)) + 2 * int(turn.max(initial=0)) + 2  # no list is as long
    rising = np.maximum.accumulate(place - turn + group * far) - group * far + turn
    many = np.bincount(group, minlength=1)[group]
    return np.asarray(np.minimum(rising, size - (many - turn)))
