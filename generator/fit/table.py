"""Learning one table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pyarrow as pa

from generator.errors import ExtractError
from generator.extent import rows_of
from generator.fit.calendar import Calendar, calendar_of, part_column
from generator.fit.choosing import Learner, chosen_way
from generator.fit.column import Columns, Learning, Lesson
from generator.fit.floor import EACH_ROW, Floor
from generator.fit.followed import followed
from generator.fit.one import learn_column
from generator.fit.order import order_of
from generator.fit.rehearsed import Rehearsal
from generator.fit.rules import Ruled, ruled
from generator.fit.way import Way
from generator.fitted import ColumnLeaves, Made, TableLeaves
from generator.leaves.encode import encode
from generator.schema import Column, Table
from generator.stop import asking
from generator.streams import Stream

NOTHING: Columns = MappingProxyType({})


def learn_table(
    table: Table,
    rows: pa.Table,
    *,
    seed: int,
    tell: Callable[[str], None],
    context: Columns = NOTHING,
    way: Way | None = None,
    ways: MutableMapping[str, Way] | None = None,
    without: Collection[str] = (),
    floor: Floor = EACH_ROW,
) -> TableLeaves:
    """Learn the columns of ``rows``, each from those before it and from the ``context``: further
    columns of as many rows, under names of their own, that will be known when rows are drawn.

    Without a ``way`` a table that stands alone is learnt in the one that ``ways`` have for it, else
    in the best of some that are tried, which is put there.
    ``tell`` hears of the trial and of each column that is begun; rules of the names ``without``
    are not kept; nothing is that rests on less than the ``floor``.  Raises ExtractError for a
    table without rows or columns.
    """
    if not rows.num_rows or not table.columns:
        raise ExtractError(f"The table “{table.name}” has no rows to learn from.")
    coded = encoded(table, rows, seed=seed, floor=floor)
    calendar = calendar_of(table, coded, seed)
    ways = {} if ways is None else ways
    if way is None and not context and table.name not in ways:
        tell(f"{table.name}: trial")
        learner = _learner(table, seed, without, calendar)
        ways[table.name] = chosen_way(table, rows, learner, seed=seed, floor=floor)
    way = way or ways.get(table.name, Way())
    told = ruled(table, coded, seed=seed, without=without, floor=floor)
    return Reading(table, rows, told, calendar, seed, floor).learnt(way, tell, context)


class Reading:
    """A table whose columns are encoded and whose rules are known, to be learnt in any way."""

    def __init__(
        self,
        table: Table,
        rows: pa.Table,
        told: Ruled,
        calendar: Calendar,
        seed: int,
        floor: Floor,
    ) -> None:
        self._table, self._rows, self._told = table, rows_of(rows), told
        kept = told.kept
        drawn = {*kept.worked, *kept.bounds, *kept.gaps, *told.maps}
        none = kept.distinct is not None
        own = told.columns
        self._follows = "" if none else followed(table, rows, own, without=drawn, k=floor.k)
        self._calendar, self._seed, self._floor = calendar, seed, floor
        self._orders: dict[tuple[str, int], list[str]] = {}

    def learnt(
        self, way: Way, tell: Callable[[str], None], context: Columns = NOTHING
    ) -> TableLeaves:
        """The leaves of its columns."""
        own, maps, kept = self._told.columns, self._told.maps, self._told.kept
        lesson = Lesson({**context, **own}, way, self._seed, self._floor, len(own))
        leaves: dict[str, ColumnLeaves] = {}
        hidden: dict[str, Column] = {}
        earlier = [name for name, column in context.items() if column.tells]
        pair = [] if kept.distinct is None else [*kept.distinct.columns]
        first = pair or ([self._follows] if self._follows and not context else [])
        rest = [name for name in self._order(lesson) if name not in first]
        alone = not context and not pair
        rehearsal = Rehearsal(self._table, kept, self._rows, self._seed) if alone else None
        for name in (*first, *rest):
            tell(f"{self._table.name}.{name}")
            leaves[name] = learn_column(lesson, name, earlier, maps, kept, rehearsal)
            if rehearsal is not None:
                rehearsal.draw(name, leaves[name])
            if own[name].tells:
                earlier.append(name)
            # pairs come first
            done = [name] if name not in pair else pair if name == pair[-1] else []
            for part, made, column in _parts(self._calendar, [n for n in done if own[n].tells]):
                learnt = part_column(made, own[made.of])
                leaves[part], hidden[part] = ColumnLeaves(learnt.codec, made=made), column
                if rehearsal is not None:
                    rehearsal.tell_part(part, TableLeaves(self._rows, leaves, hidden))
                lesson = replace(lesson, columns={**lesson.columns, part: learnt})
                earlier.append(part)
        follows = "" if context else self._follows
        return TableLeaves(self._rows, leaves, hidden, rules=kept.rules, follows=follows)

    def _order(self, lesson: Lesson) -> list[str]:
        """The order of the columns, found once for all ways that cannot tell two apart."""
        by = (lesson.way.order, lesson.way.leaf)
        if by not in self._orders:
            own, maps, kept = self._told.columns, self._told.maps, self._told.kept
            first = [name for name in self._calendar.parts if name not in kept.worked]
            self._orders[by] = order_of(lesson, own, maps, kept, first)
        return self._orders[by]


def _parts(calendar: Calendar, names: Sequence[str]) -> Iterator[tuple[str, Made, Column]]:
    for name in names:
        yield from calendar.made(name)


def _learner(table: Table, seed: int, without: Collection[str], calendar: Calendar) -> Learner:
    def learner(rows: pa.Table, floor: Floor) -> Callable[[Way], TableLeaves]:
        coded = encoded(table, rows, seed=seed, floor=floor)
        told = ruled(table, coded, seed=seed, without=without, floor=floor)
        reading = Reading(table, rows, told, calendar, seed, floor)
        return lambda way: reading.learnt(way, _unheard)

    return learner


def _unheard(what: str) -> None:
    del what


def encoded(
    table: Table, rows: pa.Table, *, seed: int, floor: Floor = EACH_ROW
) -> dict[str, Learning]:
    """Every column with its codec, as it is learnt."""
    found = {}
    for column in asking(table.columns, every=1):
        stream = Stream(seed, table.name, f"{column.name}\x1ffit")
        codec, coded = encode(
            column, rows.column(column.name), k=floor.k, stream=stream, holders=floor.holders
        )
        found[column.name] = Learning(codec, coded)
    return found
