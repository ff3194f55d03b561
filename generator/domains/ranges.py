"""What is left of a number while counts are solved, and why it is no more and no less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from generator.domains.counts import Relation

End = tuple[str, bool]
"""An end of a range: whose, and whether the upper one."""


class Cause(NamedTuple):
    """Why a number cannot be less (or more): a relation and the numbers it follows from, or a
    number that was named, or a limit."""

    relation: Relation | None
    sources: tuple[End, ...]
    asked: bool = False


@dataclass
class Range:
    """From ``low`` to ``high`` (None: no end), and why."""

    low: int = 0
    high: int | None = None
    why_low: Cause | None = None
    why_high: Cause | None = None

    @property
    def empty(self) -> bool:
        return self.high is not None and self.low > self.high

    def reaches(self, count: int) -> bool:
        return self.high is None or count <= self.high

    @property
    def value(self) -> int | None:
        return self.low if self.low == self.high else None


class Empty(Exception):
    """No number is left for ``name``."""

    def __init__(self, name: str, ranges: Mapping[str, Range]) -> None:
        super().__init__(name)
        self.name = name
        self.ranges = ranges
