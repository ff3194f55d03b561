"""What workshops can do: so many repair orders, and lines of them, a technician's day."""

from __future__ import annotations

from collections.abc import Callable

from generator.domains.counts import Bound, Noun, Span
from generator.domains.human_resources.seats import FIXED, among_staff
from generator.domains.human_resources.technicians import days_at_work

TECHNICIAN = "SERVICE_TECH"
PARTS = 100  # of a row, in which a day's work of a part of a technician is told


def capacity(noun: Noun, figure: str) -> Callable[[str, Span], tuple[Bound, ...]]:
    """What technicians can do at most, a ``figure`` a day each: the one whom every dealer has, and
    their share of the other staff."""

    def bounds(name: str, span: Span) -> tuple[Bound, ...]:
        days, most = float(span.days), float(span.figures[figure])
        each = int(days_at_work(span.figures, days) * most)
        more = int(each * PARTS * among_staff(span.figures, TECHNICIAN, days))
        rule = (
            f"A technician does at most {noun.of(int(most))} a day, and of the staff beyond "
            f"{len(FIXED)} at a dealer one in {each * PARTS / max(more, 1):.0f} is one"
        )
        beyond = len(FIXED) * more - each * PARTS
        return (Bound(((name, PARTS), ("staff_member", -more), ("dealer", beyond)), 0, rule),)

    return bounds
