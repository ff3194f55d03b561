"""Rows of linked tables that meet something: drawn as they come, then as many as need be drawn
again, where they stand, until exactly so many meet it.

Who is drawn again is among the rows of a kind there are too many of; the first whose new values
are of a kind there are too few of keep them.  So a row under a parent for which the thing is likely
meets it rather than another, and of a row that is drawn again the links that lead to any row of a
table are chosen again with it.  Rows that look at those before them are drawn place by place, and
each place of the runs gets its part of what is asked for, as they come there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import PlanError, shown
from generator.fitted.conditions import Conditions
from generator.fitted.draw import Ints
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.linking import Dealt
from generator.fitted.pairs import Spares
from generator.leaves.decode import decode
from generator.schema import Table
from generator.streams import Stream

CANDIDATES = 8192  # rows drawn again at a time
LEAST = 256  # and no fewer: few rows take as long
IN_VAIN = 1 << 19  # rows drawn again, one after the other, none of which was of use
PASSES = 5  # over the places of runs, and as many at a place in the first of them:
IN_VAIN_THERE = 1 << 11
BUDGET = 1 << 17  # rows of a lot that are drawn again in all, at least
EACH = 16  # times as many as the lot has rows, if that is more
TELLING = 100  # rows of neighbouring places that tell how often something is met there
_ADDRESSES = 24  # bits of a row's number in the stream of what is drawn again
_AHEAD = 0.01  # of what is wanted of a kind, where later places gave too little of it
_SELDOM = 1e-6  # of a place's rows that a kind may have where none came by itself

Absent = NDArray[np.int32]
Lots = NDArray[np.float64] | None
Met = Callable[[pa.Table, Lots], Ints]
"""Which kind rows are of; ``lots`` (n,) pick how far they move, if they do."""


class Others(Protocol):
    """Rows that never say what another says of the same parent (``once.Apart``)."""

    def at_place(self, drawer: Any, rows: Ints, view: Any, place: int, state: Any) -> None: ...
    def forget(self) -> None: ...
    def note(self, drawer: Any, rows: Ints) -> None: ...
    def free(
        self, drawer: Any, rows: Ints, values: Mapping[str, NDArray[Any]]
    ) -> NDArray[np.bool_]: ...
    def leave(self, drawer: Any, rows: Ints) -> None: ...


@dataclass
class Turn:
    """Rows that are drawn again: words of streams of their own, values that are kept aside, and
    those of columns that are given."""

    seed: int
    table: str
    first: int
    rows: int
    values: dict[str, NDArray[Any]] = field(default_factory=dict)
    absent: dict[str, Absent] = field(default_factory=dict)
    given: dict[str, NDArray[Any]] = field(default_factory=dict)
    numbers: Ints | None = None  # of what comes once in the table, where it is chosen again

    def words(self, column: str) -> NDArray[np.uint64]:
        stream = Stream(self.seed, self.table, f"{column}\x1fagain")
        return stream.bits(self.first, self.first + self.rows)


@dataclass
class Wish:
    """What is asked of a table: ``conditions``, of ``rows`` in all; ``met`` tells which of them
    rows meet that hold the ``columns``: after their numbers comes that of rows that meet none, and
    one of rows that are of no use.  ``lots`` pick how far rows move, from a number on and so many,
    with the rows of the family's root that they hang under.  ``natural`` counts how rows came by
    themselves."""

    conditions: Conditions
    rows: int
    columns: tuple[str, ...]
    met: Met
    lots: Callable[[int, int, Callable[[], Ints]], NDArray[np.float64]] | None = None
    natural: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.natural = np.zeros(len(self.conditions.texts) + 2, np.int64)

    def wanted(self, first: int, last: int) -> Ints:
        """How many of the rows are to meet each, and none."""
        kinds = self.conditions.kinds(self.rows, first, last)
        return np.bincount(kinds, minlength=len(self.natural)).astype(np.int64)


class Short(PlanError):
    """Fewer rows ``have`` what is ``wanted`` of a kind than there are to be, and no more come."""

    table: str
    at: int
    wanted: Ints
    have: Ints

    @classmethod
    def of(cls, wish: Wish, at: int, wanted: Ints, have: Ints) -> Short:
        conditions = wish.conditions
        texts, counts = conditions.texts, conditions.counts
        part = int(have[at]) / max(int(wanted[at]), 1)
        if at < len(texts):
            sentence = (
                f"{conditions.table}: about {int(counts[at] * part):,} rows at most can meet "
                f"“{shown(texts[at])}” where they stand, and {counts[at]:,} are asked for; ask for "
                "fewer of them."
            )
        else:
            met = sum(counts) + int((wish.rows - sum(counts)) * (1 - part))
            sentence = (
                f"{conditions.table}: about {met:,} of {wish.rows:,} rows at least meet what is "
                f"asked for (“{shown(' or '.join(texts))}”) where they stand, and "
                f"{sum(counts):,} are to; ask for more of them, or for fewer rows in all."
            )
        short = cls(sentence, field=conditions.field)
        short.table, short.at, short.wanted, short.have = conditions.table, at, wanted, have
        return short


class Meeting:
    """The rows of one lot, and what they are to meet.  ``dealt`` are its links that may be chosen
    again, ``spares`` what rows may have instead that comes once in the table, ``lots`` (rows,) pick
    how far rows move."""

    def __init__(
        self,
        wish: Wish,
        table: Table,
        leaves: TableLeaves,
        seed: int,
        dealt: Sequence[Dealt],
        spares: Spares | None = None,
        lots: Lots = None,
    ) -> None:
        self._spares, self._lots = spares, lots
        self._wish, self._table, self._seed, self._dealt = wish, table, seed, dealt
        self._columns: Mapping[str, ColumnLeaves] = leaves.columns
        self._others: Others | None = None
        self._tried = 0
        self._budget = 1 << 40

    def at_once(self, drawer: Any, rows: Ints, view: Any, apart: Others | None) -> None:
        """Let rows of a lot that were drawn, and know nothing of each other, meet their part.
        Raises PlanError where they cannot."""
        self._others = apart
        first = drawer.first
        wanted = self._wish.wanted(first + int(rows[0]), first + int(rows[-1]) + 1)
        kinds = self._kinds(drawer, rows)
        self._wish.natural += np.bincount(kinds, minlength=len(wanted))
        have = self._turned(drawer, rows, view, 0, None, wanted)
        if (have != wanted).any():
            raise self._short(wanted, have)

    def by_place(
        self, drawer: Any, run: Callable[[Any], None], rows: int, apart: Others | None
    ) -> None:
        """Let rows that know those before them meet it; ``run`` draws all places and calls what
        it is given after each.  Raises PlanError where they cannot."""
        self._others = apart
        wanted = self._wish.wanted(drawer.first, drawer.first + rows)
        came: list[Ints] = []

        def note(at: Ints, view: Any, place: int, state: Any) -> None:
            self._apart(drawer, at, view, place, state)
            came.append(self._seen(drawer, at, len(wanted)))

        run(note)
        if not came:
            return
        natural = np.array(came)
        self._wish.natural += natural.sum(axis=0)
        places, rows_of = natural.shape, natural.sum(axis=1)
        parts = fitting(_even(natural), rows_of, wanted, np.zeros(places, dtype=bool))
        ahead = np.zeros(len(wanted), dtype=bool)
        self._budget = max(BUDGET, EACH * rows, 4 * foreseen(natural.sum(axis=0), wanted))
        for turn in range(PASSES):
            aims = np.cumsum(parts, axis=0)
            aims = np.where(ahead, np.minimum(aims * (1 + _AHEAD) + 1, wanted), aims)
            aims[-1] = wanted
            got, missed = np.zeros(places, np.int64), np.zeros(places, dtype=bool)
            if apart is not None:
                apart.forget()
            run(self._towards(aims, got, missed, drawer, IN_VAIN_THERE << turn))
            done = got.sum(axis=0)
            if (done == wanted).all():
                return
            if self._tried >= self._budget:
                break
            parts, ahead = fitting(got, rows_of, wanted, missed), done < wanted
        raise self._short(wanted, done)

    def _towards(
        self,
        aims: NDArray[np.float64],
        got: Ints,
        missed: NDArray[np.bool_],
        drawer: Any,
        patience: int,
    ) -> Callable[[Ints, Any, int, Any], None]:
        """Called after each place, brings what was ``got`` to its line of ``aims``, and notes in
        ``missed`` which of the kinds fell short there."""

        def after(at: Ints, view: Any, place: int, state: Any) -> None:
            self._apart(drawer, at, view, place, state)
            if self._others is not None:
                self._others.note(drawer, at)
            aim = rounded(aims[place] - got.sum(axis=0), len(at))
            have = self._turned(drawer, at, view, place, state, aim, patience)
            missed[place] = have < aim
            got[place] = have

        return after

    def _apart(self, drawer: Any, rows: Ints, view: Any, place: int, state: Any) -> None:
        if self._others is not None:
            self._others.at_place(drawer, rows, view, place, state)

    def _seen(self, drawer: Any, rows: Ints, kinds: int) -> Ints:
        return np.bincount(self._kinds(drawer, rows), minlength=kinds).astype(np.int64)

    def _kinds(self, drawer: Any, rows: Ints) -> Ints:
        return self._told(
            {name: (drawer.values[name][rows], drawer.absent[name][rows]) for name in self._read},
            rows,
        )

    @property
    def _read(self) -> tuple[str, ...]:
        return self._wish.columns

    def _told(self, drawn: Mapping[str, tuple[NDArray[Any], Absent]], rows: Ints) -> Ints:
        arrays = {
            name: decode(self._table.column(name), self._columns[name].codec, values, absent)
            for name, (values, absent) in drawn.items()
        }
        return self._wish.met(pa.table(arrays), None if self._lots is None else self._lots[rows])

    def _turned(
        self,
        drawer: Any,
        rows: Ints,
        view: Any,
        place: int,
        state: Any,
        wanted: Ints,
        patience: int = IN_VAIN,
    ) -> Ints:
        """Draw rows again until of each kind there are as many as wanted, or none comes any more;
        returns how many there are."""
        kinds = self._kinds(drawer, rows)
        have = np.bincount(kinds, minlength=len(wanted)).astype(np.int64)
        vain, hits = 0, 1.0
        while (have != wanted).any() and vain < patience and self._tried < self._budget:
            over = have - wanted
            among = np.flatnonzero(over[kinds] > 0)
            need = int(np.maximum(over, 0).sum())
            at = self._shuffled(among, int(np.clip(1.2 * need / hits + 8, LEAST, CANDIDATES)))
            first = (1 << 62) + (drawer.first << _ADDRESSES) + self._tried
            turn = Turn(self._seed, self._table.name, first, len(at))
            self._tried += len(at)
            if self._spares is not None:
                turn.numbers = self._spares.of(drawer.numbers[rows[at]])
            links = drawer.again(rows, at, view, place, state, turn, self._dealt)
            told = {n: (turn.values[n], turn.absent[n]) for n in self._read}
            new = self._told(told, rows[at])
            free = np.ones(len(at), dtype=bool)
            for dealt, chosen in zip(self._dealt, links, strict=True):
                free &= dealt.free(rows[at], chosen)
            if self._others is not None:
                free &= self._others.free(drawer, rows[at], turn.values)
            taken = taking(at, kinds, new, over, free)
            vain = 0 if len(taken) else vain + len(at)
            hits = max((len(taken) + 0.1) / (len(at) + 0.1), 1 / CANDIDATES)
            if self._others is not None:
                self._others.leave(drawer, rows[at[taken]])
            if self._spares is not None and turn.numbers is not None:
                self._spares.change(drawer.numbers[rows[at[taken]]], turn.numbers[taken])
            drawer.accept(rows, at[taken], view, turn, taken)
            if self._others is not None:
                self._others.note(drawer, rows[at[taken]])
            for dealt, chosen in zip(self._dealt, links, strict=True):
                dealt.accept(rows[at[taken]], chosen.take(taken))
            kinds[at[taken]] = new[taken]
            have = np.bincount(kinds, minlength=len(wanted)).astype(np.int64)
        return have

    def _shuffled(self, among: Ints, least: int) -> Ints:
        """So many of the rows in an order of chance, each as often as the others."""
        words = Stream(self._seed, self._table.name, "\x1fturns").bits(
            self._tried, self._tried + len(among)
        )
        order = among[np.argsort(words, kind="stable")]
        return np.tile(order, -(-least // len(order)))[:least]

    def _short(self, wanted: Ints, have: Ints) -> Short:
        return Short.of(self._wish, int(np.argmax(wanted - have)), wanted, have)


def foreseen(natural: Ints, wanted: Ints) -> int:
    """About how many rows are drawn again until kinds that came ``natural`` are as many as
    wanted."""
    short = np.maximum(wanted - natural, 0) * natural.sum()
    return int((short / np.maximum(natural, 0.5)).sum())


def taking(at: Ints, kinds: Ints, new: Ints, over: Ints, free: NDArray[np.bool_]) -> Ints:
    """Which of the rows drawn again (numbers ``at``, of kind ``new``) are of use, of those that
    are ``free`` to be: each row once, no more of a kind than there are too many (``over`` > 0) or
    too few (< 0)."""
    use = np.flatnonzero((over[new] < 0) & free)
    _, once = np.unique(at[use], return_index=True)
    use = use[np.sort(once)]
    use = use[_rank(kinds[at[use]]) < over[kinds[at[use]]]]
    found: Ints = use[_rank(new[use]) < -over[new[use]]]
    return found


def _rank(kinds: Ints) -> Ints:
    """The place of each entry among its equals."""
    order = np.argsort(kinds, kind="stable")
    ordered = kinds[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(kinds) else order
    sizes = np.diff(np.append(starts, len(ordered)))
    rank = np.empty(len(kinds), np.int64)
    rank[order] = np.arange(len(kinds)) - np.repeat(starts, sizes)
    return rank


def _even(natural: Ints) -> NDArray[np.float64]:
    """Kinds (places, kinds) as they come in neighbouring places that have rows enough together."""
    rows = natural.sum(axis=1)
    bins = (np.cumsum(rows) - rows) // TELLING
    sums = np.stack([np.bincount(bins, kind) for kind in natural.T], axis=1)[bins]
    even: NDArray[np.float64] = sums / np.maximum(sums.sum(axis=1), 1)[:, None] * rows[:, None]
    return even


def fitting(
    seeds: NDArray[np.float64] | Ints, rows: Ints, wanted: Ints, fixed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Parts (places, kinds) like the seeds, in each place as many as its ``rows`` and of each kind
    as wanted (iterative proportional fitting, Deming and Stephan 1940); those ``fixed`` stay."""
    kept = np.where(fixed, seeds, 0.0)
    sizes, left = rows - kept.sum(axis=1), np.maximum(wanted - kept.sum(axis=0), 0.0)
    parts = np.where(fixed, 0.0, seeds + _SELDOM * rows[:, None])
    for _ in range(200):
        parts = parts * (left / np.maximum(parts.sum(axis=0), 1e-300))
        parts = parts * (sizes / np.maximum(parts.sum(axis=1), 1e-300))[:, None]
    return np.asarray(parts + kept, dtype=np.float64)


def rounded(aim: NDArray[np.float64], rows: int) -> Ints:
    """Whole numbers that come to ``rows``, as near to the aim as may be."""
    floor = np.maximum(np.floor(aim + 1e-9), 0).astype(np.int64)
    left = rows - int(floor.sum())
    order = np.argsort(floor - aim, kind="stable")  # the largest remainder first
    if left > 0:
        floor[order] += left // len(order)
        floor[order[: left % len(order)]] += 1
    for at in order[::-1]:
        take = min(int(floor[at]), max(-left, 0))
        floor[at] -= take
        left += take
    return floor
