"""Links of rows that are drawn again: a row asks for another class, and gets any row of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from generator.fitted.draw import (
    Drawn,
    Floats,
    Ints,
    draw_absent,
    draw_values,
    drawn_of,
    features_of,
)
from generator.fitted.leaves import MARK, ColumnLeaves, Tie
from generator.fitted.lot import Lot

Words = NDArray[np.uint64]


class Source(Protocol):
    """Words of streams for rows that are drawn again."""

    def words(self, column: str) -> Words: ...


@dataclass(frozen=True)
class Chosen:
    """For each row drawn again, the row ``at`` of the parent's lot (-1 for none) and the class it
    asked for, as its column has it."""

    at: Ints
    asked: Drawn
    numbers: Floats

    def take(self, rows: Ints) -> Chosen:
        return Chosen(self.at[rows], self.asked.take(rows), self.numbers[rows])


class Dealt:
    """A link of a lot's rows to rows of ``parent``, which fall into ``classes``; ``at`` are those
    it leads to.  No two rows of one of the ``groups`` lead to the same row, if there are any."""

    def __init__(
        self,
        tie: Tie,
        column: ColumnLeaves,
        lot: Lot,
        parent: Lot,
        classes: Ints,
        at: Ints,
        groups: Ints | None = None,
    ) -> None:
        self.path, self._name, self._column = tie.path, tie.chosen, column
        self._lot, self.parent, self._at = lot, parent, at
        self._groups = groups
        weights = np.maximum(parent.numbers[tie.count], 0.0)
        weights = weights if weights.any() else np.ones(len(weights))
        self._order = np.argsort(classes, kind="stable")
        self._classes = classes[self._order]
        self._running = np.concatenate([[0.0], np.cumsum(weights[self._order])])

    def again(self, view: Any, source: Source, n: int) -> Chosen:
        """Other rows of the parent for ``n`` rows; the view is told of them."""
        features = features_of(self._column.predictors, view, n)
        absent = draw_absent(self._column, features, source.words(f"{self._name}\x1fmissing"))
        codes, absent = draw_values(self._column, features, view, absent, source.words(self._name))
        asked = drawn_of(self._column.codec, codes, absent)
        classes = [float(str(one).lstrip("c") or 0) for one in self._column.codec.labels]
        numbers = np.array([*classes, -1.0])[asked.places]
        at = self._picked(numbers.astype(np.int64), source.words(f"{self.path}\x1fdealt"))
        view[self._name] = asked
        view.lead(self.path, self.parent, at)
        return Chosen(at, asked, numbers)

    def _picked(self, wanted: Ints, words: Words) -> Ints:
        if not self.parent.rows:
            return np.full(len(wanted), -1, np.int64)
        first = np.searchsorted(self._classes, wanted, side="left")
        last = np.searchsorted(self._classes, wanted, side="right")
        none = self._running[last] <= self._running[first]
        first, last = np.where(none, 0, first), np.where(none, len(self._order), last)
        low, high = self._running[first], self._running[last]
        u = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
        place = np.searchsorted(self._running, low + u * (high - low), side="right") - 1
        found = self._order[np.clip(place, first, last - 1)]
        return np.where(wanted < 0, -1, found).astype(np.int64)

    def free(self, rows: Ints, chosen: Chosen) -> NDArray[np.bool_]:
        """Whether rows (n,) of the lot may lead where they would, all of them together: where they
        lead by now, or where none of their group does."""
        if self._groups is None:
            return np.ones(len(rows), dtype=bool)
        taken = self._groups * self.parent.rows + self._at
        mine = self._groups[rows] * self.parent.rows + chosen.at
        first = np.zeros(len(rows), dtype=bool)
        first[np.unique(mine, return_index=True)[1]] = True
        own = chosen.at == self._at[rows]
        none = ~np.isin(mine, taken[self._at >= 0])
        free: NDArray[np.bool_] = (first & (own | none)) | (chosen.at < 0)
        return free

    def accept(self, rows: Ints, chosen: Chosen) -> None:
        """Rows of the lot lead there from now on."""
        if not len(rows):
            return
        self._at[rows] = chosen.at
        lot = self._lot
        lot.links[self.path][rows] = np.where(chosen.at < 0, -1, chosen.at + self.parent.first)
        lot.numbers[self._name][rows] = chosen.numbers
        asked = lot.known[self._name]
        asked.missing[rows], asked.places[rows] = chosen.asked.missing, chosen.asked.places
        for name in [one for one in lot.known if one.startswith(f"{self.path}{MARK}")]:
            del lot.known[name]
