"""Groups: levels of a column taken together, as noisy counts of them allow.

Levels of numbers are cut into groups of about equal mass; of labels those that are told from noise
stand alone and the others are one.  Within a group levels come with the shares that the same noisy
counts give them.  Nothing here sees a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.private.levels import Levels
from generator.private.smooth import rare, smoothed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLD = 3.0  # standard deviations of noise beyond which a count is told from none
MOST_GROUPS = 64
LEAST_GROUPS = 4
COARSER = (32, 16, 8, 4)  # classes a column may be asked for in, instead of its groups
FINER = 3  # times less than a ``most``-th of the rows that a group may have


@dataclass(frozen=True)
class Groups:
    """``of`` (levels + 1,) is the group of each level, ``share`` (levels + 1,) its share within the
    group, ``mass`` (size,) rows of each group (never below 0); ``gone`` is the group of what is
    missing, -1 where nothing is.  ``coarser`` are further maps from groups to classes."""

    levels: Levels
    of: Ints
    share: Floats
    mass: Floats
    gone: int
    coarser: tuple[Ints, ...]

    @property
    def size(self) -> int:
        return len(self.mass)


def grouped(
    levels: Levels, noisy: Ints, sigma: float, *, most: int, enough: float = np.inf
) -> Groups:
    """Groups of a column by its noisy counts (levels + 1,); ``enough`` rows are so many that a
    stretch of numbers need not hold more."""
    counts, missing = noisy[:-1].astype(np.float64), float(noisy[-1])
    goes = not levels.required and missing > TOLD * sigma
    if levels.ordered:
        counts = smoothed(counts, sigma)
        of = _stretches(counts, TOLD * sigma, most, enough)
    else:
        of = _told(counts, sigma, most)
    size = int(of.max()) + 1
    share = _shares(counts, of, size, 0.0 if levels.ordered else sigma)
    mass = np.maximum(np.bincount(of, counts, minlength=size), 0.0)
    gone = size if goes else -1
    if goes:
        mass = np.append(mass, missing)
    whole = np.append(of, gone if goes else int(mass.argmax()))
    share = np.append(share, 1.0 if goes else 0.0)
    coarser = tuple(_nested(mass, gone, ordered=levels.ordered))
    return Groups(levels, whole, share, mass, gone, coarser)


def _told(counts: Floats, sigma: float, most: int) -> Ints:
    """Labels by their counts: the largest alone, the others together."""
    order = np.argsort(-counts, kind="stable")
    alone = order[: most - 1][counts[order[: most - 1]] > TOLD * sigma]
    if len(counts) == 1 or not len(alone):
        return np.zeros(len(counts), dtype=np.int64)
    if len(alone) == len(counts) - 1:
        alone = order  # the last one may as well stand alone
    of = np.full(len(counts), len(alone), dtype=np.int64)
    of[alone] = np.arange(len(alone))
    return of


def _stretches(counts: Floats, least: float, most: int, enough: float = np.inf) -> Ints:
    """Numbers in stretches: a value with a ``most``-th of the rows stands alone, and the others
    share what is left of ``most`` evenly, none with less than ``least``, nor with less than
    ``enough`` where that is little."""
    total = max(float(counts.sum()), 1.0)
    heavy = counts >= total / most
    rest = float(counts[~heavy].sum()) / max(1, most - int(heavy.sum()))
    enough = max(rest, min(total / (most * FINER), enough), least)
    of = np.zeros(len(counts), dtype=np.int64)
    group, begun, held = 0, 0, 0.0
    for at, count in enumerate(counts.tolist()):
        if at > begun and (held >= enough or (heavy[at] and held > least) or heavy[at - 1]):
            group, begun, held = group + 1, at, 0.0
        of[at] = group
        held += count
    if group and held < least:
        of[of == group] = group - 1  # too little is left for one of its own
    return of


def _shares(counts: Floats, of: Ints, size: int, sigma: float) -> Floats:
    """Shares within groups: counts where they are told from noise, what is to be expected of the
    others elsewhere."""
    told = counts > TOLD * sigma
    weight = np.where(told, counts, 0.0)
    if sigma > 0:
        for group in np.unique(of[~told]):
            there = ~told & (of == group)
            weight[there] = rare(counts[there], sigma)
    sums, levels = np.bincount(of, weight, minlength=size), np.bincount(of, minlength=size)
    shares: Floats = np.where(sums[of] > 0, weight / np.maximum(sums[of], 1e-300), 1 / levels[of])
    return shares


def _nested(mass: Floats, gone: int, *, ordered: bool) -> Iterator[Ints]:
    """Maps from groups to fewer and fewer classes, each made of those before it."""
    before = np.arange(len(mass))
    for classes in COARSER:
        sums: Floats = np.bincount(before, mass).astype(np.float64)
        if classes < len(sums):
            last = len(sums) - 1 if gone >= 0 else -1
            before = _coarser(sums, classes, last, ordered=ordered)[before]
        if classes < len(mass):
            yield before


def _coarser(mass: Floats, classes: int, gone: int, *, ordered: bool) -> Ints:
    """Groups in fewer classes: neighbours of about equal mass, heavy ones alone, or the largest
    alone."""
    there = mass if gone < 0 else mass[:gone]
    if ordered:
        of = _stretches(there, 0.0, classes)
        while of.max() >= classes:  # of light stretches between heavy ones the lightest goes
            sums = np.bincount(of, there)
            at = int((sums[1:] + sums[:-1]).argmin())
            of = np.where(of > at, of - 1, of)
    else:
        rank = np.argsort(np.argsort(-there, kind="stable"), kind="stable")
        of = np.minimum(rank, classes - 1).astype(np.int64)
    return of if gone < 0 else np.append(of, of.max() + 1)
