"""A scenario: rare or broken rows that somebody asks for, with their exact number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.staging.scene import Scene


@dataclass(frozen=True)
class Span:
    """The days of a recipe, both inclusive."""

    start: date
    stop: date

    def days(self, told: Callable[[date], bool]) -> list[date]:
        """The days that something is told of."""
        every = (self.start + timedelta(n) for n in range((self.stop - self.start).days + 1))
        return [day for day in every if told(day)]


def _anywhere(span: Span) -> str:
    del span
    return ""


@dataclass(frozen=True)
class Scenario:
    """``stage(scene, n)`` chooses ``n`` rows of ``table`` in the scene, changes them and what goes
    with them, and lists every row that is changed or breaks a rule by it.

    ``needs`` are the other tables it reads or changes, ``breaks`` the ids of the rules that it
    breaks on purpose.  At most ``share`` of the rows of ``room`` (a count of the plan, the table's
    own if not named) may be asked for, so that every shard has enough of them; all in the shard
    with the most of them, where they belong ``together``.  ``fits`` says why
    a span has no place for it, or nothing.
    """

    name: str
    title: str
    meaning: str
    table: str
    stage: Callable[[Scene, int], None]
    needs: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    share: float = 0.1
    room: str = ""
    together: bool = False
    fits: Callable[[Span], str] = _anywhere
