"""Why a number cannot be less, or more, in words: rule by rule from what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from generator.domains.counts import Count
from generator.domains.ranges import Cause, End, Range


class Story:
    """The rules, one after another, that lead to an end of a range, in words."""

    def __init__(
        self,
        numbers: Mapping[str, Count],
        ranges: Mapping[str, Range],
        end: End,
        start: date,
        stop: date,
    ) -> None:
        self.name, self._upper = end
        self._numbers = numbers
        self._ranges = ranges
        self._span = (start, stop)
        self.named: set[str] = set()
        self.steps = self._steps(end)

    @property
    def remedy(self) -> str:
        end = (self.name, self._upper)
        if self._upper and not self._value(end):
            return f"no {self._numbers[self.name].noun.many}"
        return f"{'at most' if self._upper else 'at least'} {self._said(end)}"

    def sentence(self, asked: int) -> str:
        verb = "was" if asked == 1 else "were"
        return f"{'. '.join(self.steps)}; {asked:,} {verb} asked."

    def _steps(self, end: End) -> list[str]:
        """What each rule on the way says, the first one first."""
        causes: dict[End, Cause] = {}
        ends = [end]
        while ends:
            one = ends.pop(0)
            span = self._ranges[one[0]]
            cause = span.why_high if one[1] else span.why_low
            if cause is not None and one not in causes:
                causes[one] = cause
                ends += cause.sources
        self.named = {name for (name, _), cause in causes.items() if cause.asked}
        steps = [self._step(one, cause) for one, cause in reversed(causes.items())]
        return list(dict.fromkeys(step for step in steps if step))

    def _value(self, end: End) -> int:
        span = self._ranges[end[0]]
        return int((span.high if end[1] else span.low) or 0)

    def _said(self, end: End) -> str:
        return self._numbers[end[0]].noun.of(self._value(end))

    def _step(self, end: End, cause: Cause) -> str:
        if cause.asked:
            return ""
        if cause.relation is None:
            count = self._numbers[end[0]]
            if count.limits is None or end[0] != self.name:
                return ""
            least, most = count.limits(*self._span)
            return count.limit_rule.format(least=f"{least:,}", most=f"{most:,}")
        sources = [source for source in cause.sources if self._value(source)]
        verb = "allow" if end[1] else "need"
        if len(sources) == 1 and self._value(sources[0]) == 1:
            verb += "s"
        listed = " and ".join(self._said(source) for source in sources or cause.sources[:1])
        much = "at most" if end[1] else "at least"
        return f"{cause.relation.rule}, so {listed} {verb} {much} {self._said(end)}"
