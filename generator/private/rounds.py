"""Rounds: choose privately what the model gets most wrong, count that with noise, fit again.

As AIM does (McKenna, Mullins, Sheldon, Miklau, *AIM: an adaptive and iterative mechanism for
differentially private synthetic data*, 2022), with tables that may be asked for in fewer classes
than there are groups, so that three columns together are worth their noise as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from generator.private.cliques import cells_of
from generator.private.drawn import drawn
from generator.private.eye import Eye, Query
from generator.private.groups import COARSER, Groups
from generator.private.model import Measured, Model
from generator.streams import Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ABOUT_NOISE = float(np.sqrt(2 / np.pi))  # mean size of Gaussian noise of deviation 1
CHOOSING = 0.1  # of the budget of a round that the choice takes
DROWNED = 0.7  # of a table's noise, held against it where noise is wide: ``Rounds.handicap``
ROUNDS = 2.0  # a column, as many as the budget is laid out for
STEPS, LAST_STEPS = 40, 400  # of the model's fit between rounds, and at the end
TRIPLES = 24  # columns, up to which three are asked for together
MOST_MODEL = 200_000  # cells of all cliques
LARGE_MODEL = 600_000  # the same where noise is narrow, so that there is more to be told
MOST_CELLS = 8_192  # of one table that is asked for
SCORED_ROWS = 40_000  # drawn from the model for its tables


@dataclass(frozen=True)
class Candidate:
    """A table that may be asked for, in terms of groups; ``query`` is the same for the eye."""

    columns: tuple[int, ...]
    maps: tuple[Ints | None, ...]
    query: Query


@dataclass
class Rounds:
    """What is left to do: ``sigma`` of the next count, ``scale`` of the next choice."""

    eye: Eye
    groups: Sequence[Groups]
    model: Model
    seed: int
    tell: Callable[[float], None]
    given: frozenset[int] = frozenset()
    """Columns that are known beforehand: tables of them alone are not asked for."""
    tables: list[tuple[Query, Ints]] = field(default_factory=list)
    """What was counted."""
    handicap: float = 1.0
    """How much of the noise a table would come with is held against it.  The flattest distribution
    does not follow all of the noise, so wide tables are worth more than their noise says; where it
    is narrow, these would fill the model's room too early."""
    room: int = MOST_MODEL
    """Cells that all cliques may have in the end."""

    def run(self) -> None:
        """Rounds until the budget is spent."""
        every = candidates_of(self.groups)
        candidates = [one for one in every if not set(one.columns) <= self.given]
        budget = self.eye.left()
        share = budget / max(1.0, ROUNDS * len(self.groups))
        at = 0
        self.model.fit(steps=STEPS)
        while (left := self.eye.left()) > 1e-9 * budget and candidates:
            if left < 2 * share:
                share = left
            one, before = self._chosen(candidates, share, at, 1 - left / budget)
            self._measure(one, share, last=left <= share)
            self.model.fit(steps=STEPS)
            after = self.model.expected(-1).ravel()
            sigma = self.model.measured[-1].sigma
            if np.abs(after - before).sum() <= ABOUT_NOISE * sigma * one.query.cells:
                share *= 4.0  # what is left to learn is drowned by noise as wide as this
            at += 1
            self.tell(1 - self.eye.left() / budget)
        self.model.fit(steps=LAST_STEPS)

    def _chosen(
        self, candidates: Sequence[Candidate], share: float, at: int, done: float
    ) -> tuple[Candidate, Floats]:
        room = self.room * max(done, 0.1)
        fitting = self._fitting(candidates, room)
        rows = drawn(self.model, SCORED_ROWS, Stream(self.seed, "(private)", f"{at}"))
        weight = self.model.rows / SCORED_ROWS
        expected = [_counted(one, rows) * weight for one in fitting]
        sigma = self._sigma((1 - CHOOSING) * share)
        cells = np.array([one.query.cells for one in fitting])
        handicap = self.handicap * ABOUT_NOISE * sigma * cells
        scale = solved(self.eye.cost_of_choice, CHOOSING * share)
        place = self.eye.farthest([one.query for one in fitting], expected, handicap, scale)
        return fitting[place], expected[place]

    def _fitting(self, candidates: Sequence[Candidate], room: float) -> list[Candidate]:
        """Those with which the model does not outgrow its room."""
        measured = {one.columns for one in self.model.measured}
        known: dict[tuple[int, ...], bool] = {}
        for one in candidates:
            if one.columns not in known:
                inside = any(set(one.columns) <= set(c.columns) for c in self.model.cliques)
                known[one.columns] = inside or (
                    cells_of({*measured, one.columns}, self.model.sizes) <= room
                )
        fitting = [one for one in candidates if known[one.columns]]
        return fitting or list(candidates[:1])

    def _measure(self, one: Candidate, share: float, *, last: bool) -> None:
        spend = min(self.eye.left(), (1 - CHOOSING) * share)
        if last:
            spend = self.eye.left()
        sigma = self._sigma(spend)
        rows = self.eye.counts(one.query, sigma)
        self.tables.append((one.query, rows))
        shaped = rows.astype(np.float64).reshape(one.query.sizes)
        self.model.add(Measured(one.columns, one.maps, shaped, sigma))

    def _sigma(self, rho: float) -> float:
        return solved(self.eye.cost_of_counts, rho)


def candidates_of(groups: Sequence[Groups]) -> list[Candidate]:
    """Pairs in all their groups and in fewer classes, triples where they are small enough."""
    places, ways = range(len(groups)), range(1 + len(COARSER))
    found = [_candidate(groups, pair, way) for pair in combinations(places, 2) for way in ways]
    if len(groups) <= TRIPLES:
        found += [_candidate(groups, c, way) for c in combinations(places, 3) for way in ways]
    unique = {(one.columns, one.query.sizes): one for one in found}
    return [one for one in unique.values() if one.query.cells <= MOST_CELLS]


def _candidate(groups: Sequence[Groups], columns: tuple[int, ...], way: int) -> Candidate:
    """The table of some columns: in groups (``way`` 0), or in so many classes at most."""
    maps: list[Ints | None] = []
    for column in columns:
        one = groups[column]
        wide = way > 0 and one.size > COARSER[way - 1]
        maps.append(one.coarser[way - 1 - len(COARSER)] if wide else None)
    of = [
        groups[column].of if classes is None else classes[groups[column].of]
        for column, classes in zip(columns, maps, strict=True)
    ]
    sizes = tuple(
        groups[column].size if classes is None else int(classes.max()) + 1
        for column, classes in zip(columns, maps, strict=True)
    )
    names = tuple(groups[column].levels.column.name for column in columns)
    return Candidate(columns, tuple(maps), Query(names, tuple(of), sizes))


def _counted(one: Candidate, rows: Sequence[Ints]) -> Floats:
    place = np.zeros(len(rows[0]), dtype=np.int64)
    for column, classes, size in zip(one.columns, one.maps, one.query.sizes, strict=True):
        codes = rows[column] if classes is None else classes[rows[column]]
        place = place * size + codes
    return np.bincount(place, minlength=one.query.cells).astype(np.float64)


def solved(cost: Callable[[float], float], rho: float) -> float:
    """The noise that costs ``rho`` or a hair less: costs fall with the square of the noise."""
    one = cost(1.0)
    sigma = float(np.sqrt(one / rho))
    while cost(sigma) > rho:
        sigma *= 1 + 1e-12
    return sigma
