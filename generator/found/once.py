"""Rows that are born under one parent never say the same: a customer has one visit a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from generator.found.distinct import LEAST_REPEATS
from generator.found.found import Found
from generator.found.side import Unit

Ints = NDArray[np.int64]
GLANCE = 5_000  # rows that are looked at first
MOST_TOGETHER = 12  # columns of which each pair is looked at


@dataclass(frozen=True)
class Once(Found):
    """``gives``, and ``further`` if there is one, never come twice under one parent, to which the
    columns ``parent`` lead."""

    gives: str
    parent: tuple[str, ...]
    further: str = ""

    kind = "once"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.further,) if self.further else ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.parent, *self.needs, self.gives)

    @property
    def text(self) -> str:
        return _text(self.columns)

    @property
    def texts(self) -> frozenset[str]:
        """All that the rule may be called, whichever column is named first."""
        return frozenset(_text(names) for names in permutations(self.columns))

    def ok(self, units: Mapping[str, Unit]) -> bool:
        del units  # of any kind
        return bool(self.parent) and len(set(self.columns)) == len(self.columns) <= 6

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        if len(document["parent"]) > 4:
            raise ValueError("a link of a rule")
        return super().read(document)


def _text(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]} never come twice together"


def once(
    parents: Ints, link: tuple[str, ...], values: Mapping[str, NDArray[Any]], k: int
) -> Iterator[Once]:
    """Columns, and pairs of few of them, that never repeat under a parent though by chance they
    would: ``parents`` (n,) say whose the rows are, ``values`` (n,) are those of columns without
    missing ones, as numbers."""
    n = len(parents)
    if n < max(k, 2):
        return
    codes = {name: np.unique(one, return_inverse=True)[1] for name, one in values.items()}
    under = np.unique(parents, return_inverse=True)[1]
    siblings, alone = _pairs(under), {name: _pairs(one) for name, one in codes.items()}
    pairs = n * (n - 1) / 2
    found = set()
    for name, one in codes.items():
        if siblings * alone[name] / pairs >= LEAST_REPEATS and _never(under, one):
            found.add(name)
            yield Once(name, link)
    few = [name for name in list(codes)[:MOST_TOGETHER] if name not in found]
    for first, second in combinations(few, 2):
        expected = siblings * alone[first] / pairs * alone[second] / pairs
        wide = int(codes[second].max()) + 1
        if expected >= LEAST_REPEATS and _never(under, codes[first] * wide + codes[second]):
            low, high = sorted((first, second), key=lambda name: int(codes[name].max()))
            yield Once(high, link, low)


def _pairs(codes: Ints) -> float:
    """Pairs of rows of one code."""
    rows = np.bincount(codes).astype(np.float64)
    return float((rows * (rows - 1)).sum()) / 2


def _never(under: Ints, codes: Ints) -> bool:
    keys = under * (int(codes.max()) + 1) + codes
    for rows in (keys[:GLANCE], keys):  # rows of one parent stand together
        both = np.sort(rows)
        if (both[1:] == both[:-1]).any():
            return False
    return True
