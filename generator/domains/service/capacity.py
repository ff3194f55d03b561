"""What workshops can do: so many repair orders, and lines of them, a technician's day."""

from __future__ import annotations

from collections.abc import Callable

from generator.domains.counts import Bound, Noun, Span
from generator.domains.human_resources.seats import FIXED, among_staff
from generator.domains.human_resources.technicians import days_at_work

TECHNICIAN = "SERVICE_TECH"


def capacity(noun: Noun, figure: str) -> Callable[[str, Span], tuple[Bound, ...]]:
    """What technicians can do at most, a ``figure`` a day each: the one whom every dealer has, and
    their share of the other staff."""

    def bounds(name: str, span: Span) -> tuple[Bound, ...]:
        days, most = float(span.days), float(span.figures[figure])
        each = int(days_at_work(span.figures, days) * most)
        more = int(each * among_staff(span.figures, TECHNICIAN, days))
        rule = (
            f"A technician does at most {noun.of(int(most))} a day, and of the staff beyond "
            f"{len(FIXED)} at a dealer one in {each / max(more, 1):.0f} is one"
        )
        beyond = len(FIXED) * more - each
        return (Bound(((name, 1), ("staff_member", -more), ("dealer", beyond)), 0, rule),)

    return bounds
