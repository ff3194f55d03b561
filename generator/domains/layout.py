"""Puts every total under the dealers: exact, each within what the dealer's other numbers allow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from generator.domains.counts import Bound, Count, Ints, Needs, Span
from generator.domains.pairs import of_partners
from generator.streams import Stream, apportion_within

FAR = int(np.iinfo(np.int32).max)  # more rows than any dealer has
SMALLEST, SPREAD = 0.6, 0.8  # a dealer's size lies evenly between these, from and width


def lay_out(
    counts: Mapping[str, Count], rows: Mapping[str, int], *, seed: int, span: Span | None = None
) -> dict[str, Ints]:
    """Rows of every table and part under each dealer, shape (dealers,), for solved ``rows``, within
    the capacities of a ``span``.

    Raises ValueError where a total does not fit, which solved counts always do.
    """
    layout = _Layout(counts, rows, seed, span)
    return {name: layout[name] for name in counts}


class _Layout:
    """Numbers laid out so far; reading one lays it out first."""

    def __init__(
        self, counts: Mapping[str, Count], rows: Mapping[str, int], seed: int, span: Span | None
    ) -> None:
        [top] = (name for name, count in counts.items() if count.top)
        sizes = Stream(seed, top, "size").uniform(0, rows[top])
        self.size: NDArray[np.float64] = SMALLEST + SPREAD * sizes
        self._counts, self._span = counts, span
        self._rows = rows
        self._laid: dict[str, Ints] = {top: np.ones(rows[top], dtype=np.int64)}

    def __getitem__(self, name: str) -> Ints:
        if name not in self._laid:
            self._laid[name] = self._lay(name)
        return self._laid[name]

    def _lay(self, name: str) -> Ints:
        count = self._counts[name]
        if count.shared:
            return np.zeros(len(self.size), dtype=np.int64)
        if count.outright is not None:
            return self[count.outright]
        if count.twin is not None:
            return of_partners(self[count.twin])
        if count.roles:
            return np.asarray(sum(self[role] for role in count.roles))
        if count.rest:
            whole, *others = count.rest
            return np.asarray(self[whole] - sum(self[other] for other in others))
        total = self._rows[name]
        if count.shared_with is not None:
            total -= self._rows[count.shared_with]
        low, high = self._room(name, count)
        if self._span is not None:
            high = self._able(name, count.capacity(name, self._span), low, high, total)
        weight = np.asarray(count.weight(self), dtype=np.float64)
        return apportion_within(weight, total, low, high)

    def _able(
        self, name: str, bounds: tuple[Bound, ...], low: Ints, high: Ints, total: int
    ) -> Ints:
        """The most under each dealer by capacities too, unless that leaves too little room: whose
        cars come more often than its people can mend them have long days."""
        able = high
        for bound in bounds:
            able = np.minimum(able, self._most(name, bound))
        able = np.maximum(able, low)
        return able if int(able.sum()) >= total else high

    def _most(self, name: str, bound: Bound) -> Ints:
        """What the other numbers of a bound leave of this one under each dealer."""
        factor = dict(bound.terms)[name]
        others = sum(c * self[other] for other, c in bound.terms if other != name)
        return np.asarray((bound.most - others) // factor)

    def _room(self, name: str, count: Count) -> tuple[Ints, Ints]:
        """The fewest and the most under each dealer, by what must hold for the number itself."""
        low = np.zeros(len(self.size), dtype=np.int64)
        high = np.full(len(self.size), FAR, dtype=np.int64)
        if count.paired:
            high[len(high) // 2 * 2 :] = 0
        for relation in count.relations(name):
            if isinstance(relation, Bound):
                factor = dict(relation.terms)[name]
                others = sum(c * self[other] for other, c in relation.terms if other != name)
                if factor > 0:
                    high = np.minimum(high, -others // factor)
                else:
                    low = np.maximum(low, -(-others // -factor))
            elif isinstance(relation, Needs):
                high = np.where(self[relation.parent] > 0, high, 0)
        return low, high
