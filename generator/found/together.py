"""Two columns are missing in the same rows, or one is wherever the other is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from generator.found.found import Found
from generator.found.side import Sides, Truth, Unit

LEAST_ROWS = 20  # that are missing, and that are not


@dataclass(frozen=True)
class Together(Found):
    """``gives`` is missing where ``other`` is; ``both``: and nowhere else."""

    gives: str
    other: str
    both: bool

    kind = "together"

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.other,)

    @property
    def text(self) -> str:
        if self.both:
            return f"{self.gives} and {self.other} are missing together"
        return f"{self.gives} is missing where {self.other} is"

    def ok(self, units: Mapping[str, Unit]) -> bool:
        del units  # of any kind
        return self.gives != self.other

    def kept(self, gives: Truth, other: Truth) -> Truth:
        """Which rows keep it, where these are missing (n,)."""
        return np.asarray(gives == other if self.both else gives | ~other)

    def holds(self, sides: Sides) -> Truth:
        return self.kept(~sides[self.gives].present, ~sides[self.other].present)


def together(missing: Mapping[str, Truth], k: int) -> Iterator[Together]:
    """Of columns missing in some rows (n,): each that is missing with an earlier one, or wherever
    one is."""
    least = max(k, LEAST_ROWS)
    some = {
        name: gone
        for name, gone in missing.items()
        if least <= np.count_nonzero(gone) <= len(gone) - least
    }
    leads: dict[bytes, str] = {}
    for name, gone in some.items():
        lead = leads.setdefault(np.packbits(gone).tobytes(), name)
        if lead != name:
            yield Together(name, lead, both=True)
    within = {
        (first, second)
        for first, second in permutations(leads.values(), 2)
        if _within(some[second], some[first], least)
    }
    for first, second in sorted(within):
        if not any((first, name) in within and (name, second) in within for name in some):
            yield Together(first, second, both=False)


def _within(inner: Truth, outer: Truth, least: int) -> bool:
    """Whether all rows of ``inner`` are rows of ``outer``, though by chance they would not be."""
    rows = np.count_nonzero(inner)
    if rows > np.count_nonzero(outer) or (inner & ~outer).any():
        return False
    return bool(rows * np.count_nonzero(~outer) >= least * len(outer))
