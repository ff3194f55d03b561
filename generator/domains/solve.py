"""Solves the counts of all tables: ranges spread over the relations until nothing changes, then
each number is chosen within its range, by need, and the ranges spread again.

An empty range is refused with the chain of rules that emptied it, and with what would fit: the
range that each named count would have if only it were left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil

from generator.domains.counts import (
    SLACK,
    Backed,
    Bound,
    Count,
    Floor,
    Needs,
    Relation,
    Span,
    part_of,
)
from generator.domains.ranges import Cause, Empty, End, Range
from generator.domains.story import Story
from generator.errors import PlanError
from generator.leaves.figures import Figures

DAYS_A_MONTH = 365.25 / 12
ENDLESS = 100_000  # visits to numbers; a wish that can be met takes some hundreds
GAP = 64  # how far from an impossible number a possible one is looked for
Asked = Mapping[str, int]


@dataclass
class Solved:
    """Numbers of all tables and parts, why, and what is worth reading."""

    rows: dict[str, int]
    why: dict[str, str]
    notes: list[str]
    more: dict[str, int] = field(default_factory=dict)  # beside the counted rows, about


class Counts:
    """The counts of a platform's tables, ready to be solved.

    Raises ValueError for relations in which a number would have to be larger than itself.
    """

    def __init__(self, counts: Mapping[str, Count]) -> None:
        self.tables = dict(counts)
        self.numbers: dict[str, Count] = dict(counts)
        for count in counts.values():
            self.numbers |= {part.name: part.count for part in count.parts}
        self.relations = tuple(
            relation for name, count in self.numbers.items() for relation in count.relations(name)
        )
        self.relations += _implied(self.relations, self.tables)
        self.relations += _shorter(self.relations)
        for relation in self.relations:
            for name in _names(relation):
                if name not in self.numbers:
                    raise ValueError(f"“{relation.rule}” is about {name}, which nobody counts.")
        _check_gains(self.relations)

    def within(self, span: Span) -> tuple[Relation, ...]:
        """All relations, those that follow from the span too."""
        capacities = (
            bound for name, count in self.numbers.items() for bound in count.capacity(name, span)
        )
        return (*self.relations, *capacities)

    def solve(self, asked: Asked, *, start: date, stop: date, figures: Figures) -> Solved:
        """The numbers of all tables and parts.

        Raises PlanError (field ``rows.<table>``) where the asked counts cannot be met together.
        """
        self._refuse_consequences(asked)
        try:
            return _Solution(self, asked, start, stop, figures).all()
        except Empty as nothing:
            raise self._refusal(nothing, asked, start, stop, figures) from None

    def ranges(
        self, asked: Asked, *, start: date, stop: date, figures: Figures, of: str | None = None
    ) -> dict[str, Range]:
        """What the asked counts leave for every number, if a number of ``of`` is to be asked for
        beside them.  Raises PlanError like ``solve``."""
        try:
            return _Solution(self, asked, start, stop, figures, of).ranges
        except Empty as nothing:
            raise self._refusal(nothing, asked, start, stop, figures) from None

    def _refuse_consequences(self, asked: Asked) -> None:
        for name in asked:
            count = self.tables.get(name)
            if count is not None and count.follows:
                what = f"{count.noun.many[:1].upper()}{count.noun.many[1:]}"
                other = self.tables[count.instead].noun.many if count.instead else "other rows"
                remedy = f"{other} ({count.instead})" if count.instead else "those"
                raise PlanError(
                    f"{what} follow from {other} and cannot be asked for by number; ask for "
                    f"{remedy} instead.",
                    field=f"rows.{name}",
                )

    def _refusal(
        self, nothing: Empty, asked: Asked, start: date, stop: date, figures: Figures
    ) -> PlanError:
        """Told of the named count with the shortest way to it: what the others need or allow of
        it, and that it was asked otherwise."""
        named = {
            name
            for upper in (False, True)
            for name in Story(
                self.numbers, nothing.ranges, (nothing.name, upper), start, stop
            ).named
        }
        stories: list[Story] = []
        for about in (
            asked,
            {name: asked[name] for name in named},
        ):  # other counts may be amiss too
            for name in [name for name in self.tables if name in named]:
                others = {table: rows for table, rows in about.items() if table != name}
                with suppress(Empty):
                    left = _Solution(self, others, start, stop, figures, name).ranges
                    if not left[name].low <= asked[name]:
                        stories.append(Story(self.numbers, left, (name, False), start, stop))
                    elif not left[name].reaches(asked[name]):
                        stories.append(Story(self.numbers, left, (name, True), start, stop))
            if stories:
                break
        if not stories:
            return self._gap(nothing, min(named), asked, start, stop, figures)
        told = min(reversed(stories), key=lambda story: len(story.steps))
        remedy = ", or for ".join(story.remedy for story in stories)
        return PlanError(
            f"{told.sentence(asked[told.name])} Ask for {remedy}.", field=f"rows.{told.name}"
        )

    def _gap(
        self,
        nothing: Empty,
        name: str,
        asked: Asked,
        start: date,
        stop: date,
        figures: Figures,
    ) -> PlanError:
        """For a number between two that could be: one line is too few for an invoice."""

        def fits(rows: int) -> bool:
            with suppress(Empty):
                return bool(_Solution(self, {name: rows}, start, stop, figures))
            return False

        rows, noun = asked[name], self.numbers[name].noun
        more = next((more for more in range(rows + 1, rows + GAP) if fits(more)), None)
        fewer = next(
            (less for less in range(rows - 1, max(rows - GAP, -1), -1) if fits(less)), None
        )
        near = [noun.of(one) for one in (fewer, more) if one is not None]
        steps = Story(self.numbers, nothing.ranges, (nothing.name, True), start, stop).steps
        rule = steps[-1].partition(", so ")[0] if steps else "Other counts are in the way"
        return PlanError(
            f"{rule}, and no number of others gives {noun.of(rows)}. Ask for {' or '.join(near)}.",
            field=f"rows.{name}",
        )


def _names(relation: Relation) -> tuple[str, ...]:
    match relation:
        case Bound(terms):
            return tuple(name for name, _ in terms)
        case Floor(name, of):
            return (name, of)
        case Needs(name, parent):
            return (name, parent)


def _implied(relations: tuple[Relation, ...], tables: Mapping[str, Count]) -> tuple[Relation, ...]:
    """Sums of roles with the least that each role needs of another role put in its place: a party
    for each dealer is at least six, when a dealer has four staff and a customer."""
    least = [
        (bound.terms[1][0], bound.terms[0][0], bound.terms[0][1])
        for bound in relations
        if isinstance(bound, Bound) and len(bound.terms) == 2 and bound.terms[1][1] == -1
    ]
    implied: list[Relation] = []
    for name, count in tables.items():
        sums = [dict.fromkeys(count.roles, 1)] if count.roles else []
        for role, parent, each in least:
            if role in count.roles and parent in count.roles:
                sums += [
                    {**{r: c for r, c in terms.items() if r != role}, parent: terms[parent] + each}
                    for terms in sums
                ]
        rule = next(
            (one.rule for one in relations if isinstance(one, Bound) and (name, -1) in one.terms),
            "",
        )
        implied += [Bound((*terms.items(), (name, -1)), 0, rule) for terms in sums[1:]]
    return tuple(implied)


def _shorter(relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """Sums of two bounds in which numbers cancel, where fewer are left than in either: a signed
    deal is live or reversed and a reversed one has no invoice, so no more invoices than live deals.
    Without them ranges of wishes that cannot be met would creep upward for ever."""
    bounds = [one for one in relations if isinstance(one, Bound)]
    known = {frozenset(one.terms) for one in bounds}
    shorter: list[Relation] = []
    for one in bounds:
        for other in bounds:
            total = dict(one.terms)
            for name, factor in other.terms:
                total[name] = total.get(name, 0) + factor
            terms = tuple((name, factor) for name, factor in total.items() if factor)
            if not 1 < len(terms) < min(len(one.terms), len(other.terms)):
                continue
            if frozenset(terms) not in known:
                known.add(frozenset(terms))
                shorter.append(Bound(terms, one.most + other.most, other.rule))
    return tuple(shorter)


def _check_gains(relations: tuple[Relation, ...]) -> None:
    """Refuse circles around which a number must be larger than itself."""
    gain: dict[str, list[tuple[str, float, str]]] = {}
    for bound in relations:
        if isinstance(bound, Bound) and len(bound.terms) == 2:
            (more, up), (less, down) = bound.terms
            if up > 0 > down:
                gain.setdefault(more, []).append((less, up / -down, bound.rule))
    for start in gain:
        best = {start: 1.0}
        for _ in range(len(gain) + 1):
            for name in list(best):
                for other, factor, rule in gain.get(name, ()):
                    value = best[name] * factor
                    if other == start and value > 1:
                        raise ValueError(f"{start} would have to be larger than itself: {rule}")
                    if value > best.get(other, 0.0):
                        best[other] = value


class _Solution:
    """One call of ``solve``; what typical figures read (``Given``)."""

    def __init__(
        self,
        counts: Counts,
        asked: Asked,
        start: date,
        stop: date,
        figures: Figures,
        of: str | None = None,
    ) -> None:
        self.asked = dict(asked)
        self.start, self.stop = start, stop
        self.figures = figures
        self._counts = counts
        self._why: dict[str, str] = {}
        self._chosen: dict[str, int] = {}
        self._choosing: list[str] = []
        self._before: dict[str, Range] = {}  # ranges as they were before the last choice
        self._about: dict[str, list[Relation]] = {}
        for relation in counts.within(Span(start, stop, figures)):
            for name in _names(relation):
                self._about.setdefault(name, []).append(relation)
        self.ranges = {name: self._limits(count) for name, count in counts.numbers.items()}
        for name, rows in self.asked.items():
            self._narrow(name, rows, rows, Cause(None, (), asked=True))
        for name in [*self.asked, of] if of is not None else self.asked:
            self._leave_out(counts.numbers[name], name)
        self._spread(list(counts.numbers))

    @property
    def days(self) -> int:
        return (self.stop - self.start).days + 1

    @property
    def months(self) -> float:
        return self.days / DAYS_A_MONTH

    def backed(self) -> Backed | None:
        backs = [
            Backed(count.back.kind, name, count.back.root(self.asked[name], self))
            for name, count in self._counts.tables.items()
            if count.back is not None and name in self.asked
        ]
        for kind, choose in (("sets", max), ("limits", min), ("asks", max)):
            mine = [back for back in backs if back.kind == kind]
            if mine:
                return choose(mine, key=lambda back: back.root)
        return None

    def fixed(self, name: str) -> int | None:
        return self.ranges[name].value

    def __getitem__(self, name: str) -> int:
        if name not in self._chosen:
            self._choose(name)
        return self._chosen[name]

    def about(self, name: str) -> float:
        more = self._counts.numbers[name].more
        return self[name] + (more(self) if more is not None else 0.0)

    def all(self) -> Solved:
        rows = {name: self[name] for name in self._counts.numbers}
        notes = [count.note(self) for count in self._counts.numbers.values()]
        more = {
            name: round(count.more(self))
            for name, count in self._counts.tables.items()
            if count.more is not None
        }
        return Solved(rows, self._why, [note for note in notes if note], more)

    def _limits(self, count: Count) -> Range:
        if count.limits is None:
            return Range()
        low, high = count.limits(self.start, self.stop)
        cause = Cause(None, ())
        return Range(low, high, cause, cause)

    def _leave_out(self, count: Count, name: str) -> None:
        """What an exact number of ``name`` leaves no room for."""
        for other in count.without:
            rule = Bound(((other, 1), (name, 0)), 0, count.without_rule)
            self._narrow(other, 0, 0, Cause(rule, ((name, False),)))

    def _choose(self, name: str) -> None:
        if name in self._choosing:
            chain = " needs ".join([*self._choosing, name])
            raise ValueError(f"Typical counts wait for each other: {chain}.")
        self._choosing.append(name)
        count = self._counts.numbers[name]
        value = self.ranges[name].value
        moved = ""
        if value is None:
            wish = int(round(count.typical(self)))
            span = self.ranges[name]
            value = (
                max(wish, span.low) if span.high is None else min(max(wish, span.low), span.high)
            )
            if value != wish:
                moved = self._what_moved((name, value < wish))
            value = self._settle(name, value)
        self._choosing.pop()
        self._chosen[name] = value
        if name in self._counts.tables and name not in self.asked:
            why = count.why if isinstance(count.why, str) else count.why(self)
            self._why[name] = moved or why

    def _settle(self, name: str, wish: int) -> int:
        """Make ``name`` the wish or, where others turn out to have no room for it (ranges are of
        one number each and promise nothing of several together), an end of its range."""
        span = self.ranges[name]
        values = [wish, *(end for end in (span.low, span.high) if end not in (None, wish))]
        for value in values:
            self._before = {}
            try:
                self._narrow(name, value, value, Cause(None, ()))
                self._spread([name])
            except Empty:
                if value == values[-1]:
                    raise
                self.ranges |= self._before
            else:
                break
        return value

    def _what_moved(self, end: End) -> str:
        """The last rule on the way from named counts to the end of a range, if it comes of them."""
        story = Story(self._counts.numbers, self.ranges, end, self.start, self.stop)
        return story.steps[-1] if story.named and story.steps else ""

    def _narrow(self, name: str, low: int, high: int | None, cause: Cause) -> bool:
        span = self.ranges[name]
        self._before.setdefault(name, replace(span))
        changed = False
        if low > span.low:
            span.low, span.why_low, changed = low, cause, True
        if high is not None and (span.high is None or high < span.high):
            span.high, span.why_high, changed = high, cause, True
        if span.empty:
            raise Empty(name, self.ranges)
        return changed

    def _spread(self, names: list[str]) -> None:
        """Narrow ranges by the relations about ``names``, and by those about what changed."""
        queue = list(names)
        visits = 0
        while queue:
            name = queue.pop(0)
            visits += 1
            if visits > ENDLESS:  # numbers that push each other upward never come to rest
                raise Empty(name, self.ranges)
            for relation in self._about.get(name, ()):
                match relation:
                    case Bound():
                        changed = self._by_bound(relation)
                    case Floor():
                        changed = self._by_floor(relation)
                    case Needs():
                        changed = self._by_need(relation)
                queue += [one for one in changed if one not in queue]

    def _by_bound(self, bound: Bound) -> list[str]:
        changed = []
        for name, factor in bound.terms:
            if not factor:
                continue
            rest, sources = bound.most, []
            for other, weight in bound.terms:
                if other == name:
                    continue
                span = self.ranges[other]
                end = span.low if weight > 0 else span.high
                if end is None:
                    break
                rest -= weight * end
                sources.append((other, weight < 0))
            else:
                cause = Cause(bound, tuple(sources))
                if factor > 0:
                    # Less than nothing: the others are too many, which is told of one of them.
                    moved = self._narrow(name, 0, max(rest // factor, 0), cause)
                else:
                    moved = self._narrow(name, -(rest // -factor), None, cause)
                changed += [name] if moved else []
        return changed

    def _by_floor(self, floor: Floor) -> list[str]:
        share = floor.share(self.figures)
        part, whole = self.ranges[floor.name], self.ranges[floor.of]
        high = None if whole.high is None else part_of(whole.high, share)
        low_end, high_end = ((floor.of, False),), ((floor.of, True),)
        changed = []
        if self._narrow(floor.name, part_of(whole.low, share), None, Cause(floor, low_end)):
            changed.append(floor.name)
        if self._narrow(floor.name, 0, high, Cause(floor, high_end)):
            changed.append(floor.name)
        if share > 0:
            least = ceil(part.low / share - SLACK)
            most = None if part.high is None else ceil((part.high + 1) / share - SLACK) - 1
            if self._narrow(floor.of, least, None, Cause(floor, ((floor.name, False),))):
                changed.append(floor.of)
            if self._narrow(floor.of, 0, most, Cause(floor, ((floor.name, True),))):
                changed.append(floor.of)
        return changed

    def _by_need(self, need: Needs) -> list[str]:
        changed = []
        if self.ranges[need.name].low > 0 and self._narrow(
            need.parent, 1, None, Cause(need, ((need.name, False),))
        ):
            changed.append(need.parent)
        if self.ranges[need.parent].high == 0 and self._narrow(
            need.name, 0, 0, Cause(need, ((need.parent, True),))
        ):
            changed.append(need.name)
        return changed
