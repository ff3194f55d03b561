"""Drawing the columns of rows that stand under parents: by place, all parents side by side.

A row may look at the row before it, so the first rows of all parents are drawn together, then the
second ones, and so on.  Tables whose columns look at nothing but their own row are drawn at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.fitted.days import day_of, months_of
from generator.fitted.draw import (
    Drawn,
    Floats,
    Ints,
    Known,
    draw_absent,
    draw_values,
    drawn_of,
    features_of,
    nothing_known,
    numbers_known,
)
from generator.fitted.keeping import Keeping
from generator.fitted.leaves import MARK, PACE, PLACE, ColumnLeaves, Made, TableLeaves
from generator.fitted.linking import Chosen, Dealt
from generator.fitted.lot import Lot, placed
from generator.fitted.meeting import Meeting, Turn
from generator.fitted.once import Apart
from generator.fitted.pairs import Pairs
from generator.fitted.parts import part_of
from generator.leaves.decode import decode, made_anew
from generator.schema import Column, Kind, Table
from generator.streams import Stream

EVEN_ROWS = 2048  # drawn together, up to which their shares are spread evenly in each cell
HALVINGS = 8  # of a cell's ranks, until an amount fits what is there
BLOCK_ROWS = 32_768  # few enough for the processor's cache, enough for NumPy
After = Callable[[Ints, "_View", int, "_State"], None]


@dataclass(frozen=True)
class Runs:
    """The rows (n,) of a lot by parent: ``starts`` and ``counts`` of the parents that have any."""

    starts: Ints
    counts: Ints

    @classmethod
    def of(cls, counts: Ints) -> Runs:
        starts = np.cumsum(counts) - counts
        some = counts > 0
        return cls(starts[some], counts[some])


def draw_columns(
    table: Table,
    leaves: TableLeaves,
    lot: Lot,
    runs: Runs | None,
    seed: int,
    meeting: Meeting | None = None,
    pairs: Pairs | None = None,
) -> None:
    """Draw all columns of ``leaves`` that ``lot`` does not know yet, into it.  ``runs`` are needed
    where columns look back; ``meeting`` is what the rows are to meet; ``pairs`` are dealt out
    beforehand."""
    rule, born = leaves.kept.once, leaves.born
    apart = None
    if rule is not None and born is not None and born.path in lot.links:
        apart = Apart(rule, table, leaves, seed, lot.links[born.path])
    Drawer(table, leaves, lot, seed, pairs).draw(runs, meeting, apart)


def looks_back(leaves: TableLeaves) -> bool:
    """Whether any column looks at the rows before its own."""
    return bool(_looked_at(leaves)) or any(
        column.made is not None and column.made.way in ("step", "dated", "moved", "place")
        for column in leaves.columns.values()
    )


def _looked_at(leaves: TableLeaves) -> set[str]:
    """Names of the state that columns read: of rows before, of means, of places."""
    read = {p.column for column in leaves.columns.values() for p in column.predictors}
    return {name for name in read if name.startswith(MARK) and name not in leaves.columns}


class Drawer:
    """Draws the columns of one lot."""

    def __init__(
        self, table: Table, leaves: TableLeaves, lot: Lot, seed: int, pairs: Pairs | None = None
    ) -> None:
        self._table, self._lot, self._seed = table, lot, seed
        self._leaves, self._pairs = leaves, pairs
        self._todo = {n: c for n, c in leaves.columns.items() if n not in lot.known}
        n = lot.rows
        self.first = lot.first
        self.numbers = np.arange(lot.first, lot.first + n)  # of pairs
        self.values: dict[str, NDArray[Any]] = {}
        self.absent: dict[str, NDArray[np.int32]] = {}
        self._words = {}
        self._turn: Turn | None = None  # while rows are drawn again
        for name, column in self._todo.items():
            form = column.codec.form
            self.absent[name] = np.zeros(n, dtype=np.int32)
            if form in ("labels", "number"):
                kind = np.int32 if form == "labels" else np.float64
                self.values[name] = np.zeros(n, dtype=kind)
                if column.made is None and column.map_to is None:
                    self._words[name] = self._stream(name).bits(lot.first, lot.first + n)
            if column.absent is not None:
                stream = self._stream(f"{name}\x1fmissing")
                self._words[f"{name}\x1fmissing"] = stream.bits(lot.first, lot.first + n)

    def _stream(self, column: str) -> Stream:
        return Stream(self._seed, self._table.name, column)

    def draw(
        self, runs: Runs | None, meeting: Meeting | None = None, apart: Apart | None = None
    ) -> None:
        if runs is None or not looks_back(self._leaves):
            self._at_once(meeting, apart)
        elif meeting is None:
            self._by_place(runs, None if apart is None else partial(apart.at_place, self))
        else:
            meeting.by_place(self, partial(self._by_place, runs), self._lot.rows, apart)
        self._finish()

    def _at_once(self, meeting: Meeting | None, apart: Apart | None) -> None:
        """Draw rows that know nothing of each other; those that are to be apart are that before
        they meet anything, and stay it."""
        blocks = []
        for first in range(0, self._lot.rows, BLOCK_ROWS):
            rows = np.arange(first, min(first + BLOCK_ROWS, self._lot.rows))
            blocks.append(rows)
            self._draw(rows, _View(self._lot.known, rows))
        if apart is not None and blocks:
            every = np.arange(self._lot.rows)
            apart.at_once(self, every, _View(self._lot.known, every))
        if meeting is None:
            return
        if apart is not None:
            apart.note(self, np.arange(self._lot.rows))
        for rows in blocks:
            meeting.at_once(self, rows, _View(self._lot.known, rows), apart)

    def _by_place(self, runs: Runs, after: After | None = None) -> None:
        order = np.argsort(-runs.counts, kind="stable")
        starts, counts = runs.starts[order], runs.counts[order]
        state = _State(self._todo, _looked_at(self._leaves), len(starts))
        for place in range(int(counts[0]) if len(counts) else 0):
            active = int(np.searchsorted(-counts, -place, side="left"))
            rows = starts[:active] + place
            view = _View(self._lot.known, rows)
            state.see(self, view, place, rows, counts[:active])
            self._draw(rows, view, place, state)
            if after is not None:
                after(rows, view, place, state)
            state.note(view, rows)

    def again(
        self,
        rows: Ints,
        at: Ints,
        view: _View,
        place: int,
        state: _State | None,
        turn: Turn,
        links: Sequence[Dealt],
    ) -> list[Chosen]:
        """Draw those ``at`` of the rows once more, into the turn, and their links with them."""
        again = _View(view, at)
        chosen = [link.again(again, turn, len(at)) for link in links]
        self._turn = turn
        self._draw(rows[at], again, place, state, at)
        self._turn = None
        return chosen

    def accept(self, rows: Ints, at: Ints, view: _View, turn: Turn, taken: Ints) -> None:
        """Those ``at`` of the rows have from now on what was drawn for them in a turn."""
        if turn.numbers is not None:
            self.numbers[rows[at]] = turn.numbers[taken]
        for name, absent in turn.absent.items():
            self.absent[name][rows[at]] = absent[taken]
            if name in self.values:
                self.values[name][rows[at]] = turn.values[name][taken]
                view[name] = self.at(name, rows)

    def _draw(
        self,
        rows: Ints,
        view: _View,
        place: int = 0,
        state: _State | None = None,
        at: Ints | None = None,
    ) -> None:
        keeping = Keeping(self._table, self._leaves.kept)
        for name, column in self._todo.items():
            if self._turn is not None and name in self._turn.given:
                values, absent = self._turn.given[name], np.zeros(len(rows), dtype=np.int32)
            elif column.made is not None:
                values = self._worked_out(name, column.made, rows, view, place)
                absent = np.zeros(len(rows), dtype=np.int32)
                if column.made.way == "part":
                    absent = view[column.made.of].missing.astype(np.int32)
            elif self._pairs is not None and name in self._pairs.rule.columns:
                chosen = None if self._turn is None else self._turn.numbers
                values = self._pairs.at(name, self.numbers[rows] if chosen is None else chosen)
                absent = np.zeros(len(rows), dtype=np.int32)
            else:
                values, absent = self._drawn(name, column, rows, view, keeping)
            keeping.tell(name, column.codec if name in self.values else None, values, absent)
            if name in self.values:
                self._keep(name, rows, values)
                view[name] = drawn_of(column.codec, values, absent)
            if self._turn is None:
                self.absent[name][rows] = absent
            else:
                self._turn.absent[name] = absent
            if state is not None:
                state.told(self, name, view, at)

    def _keep(self, name: str, rows: Ints, values: NDArray[Any]) -> None:
        if self._turn is None:
            self.values[name][rows] = values
        else:
            self._turn.values[name] = values

    def _drawn_by(self, name: str, rows: Ints) -> NDArray[np.uint64] | None:
        """The words of rows in a column, none where it takes none."""
        if name not in self._words:
            return None
        return self._words[name][rows] if self._turn is None else self._turn.words(name)

    def _drawn(
        self, name: str, column: ColumnLeaves, rows: Ints, view: _View, keeping: Keeping
    ) -> tuple[NDArray[Any], NDArray[np.int32]]:
        features = features_of(column.predictors, view, len(rows))
        gone = self._drawn_by(f"{name}\x1fmissing", rows)
        absent = np.zeros(len(rows), dtype=np.int32)
        if gone is not None:
            absent = draw_absent(column, features, gone, even=len(rows) <= EVEN_ROWS)
        absent = keeping.absent(name, absent)
        if name not in self.values:
            return absent, absent
        words = self._drawn_by(name, rows)
        picked = np.zeros(0, np.uint64) if words is None else words
        even = len(rows) <= EVEN_ROWS
        return keeping.values(name, column, features, view, absent, picked, even=even)

    def before(self, name: str, rows: Ints, place: int, back: int) -> Drawn:
        """A column of this table some rows before, of rows at the same place."""
        codec = self._todo[name].codec
        if place < back:
            return nothing_known(len(rows), -1 if codec.form == "number" else len(codec.labels))
        return self.at(name, rows - back)

    def at(self, name: str, rows: Ints) -> Drawn:
        """A column of this table at rows that are drawn, -1 being none."""
        at, codec = np.maximum(rows, 0), self._todo[name].codec
        absent = self.absent[name].take(at)
        absent[rows < 0] = 1
        return drawn_of(codec, self.values[name].take(at), absent)

    def first_of(self, made: Made, view: Mapping[str, Known], n: int) -> Floats:
        """What a step begins at, before the first row."""
        if not made.base:
            return np.full(n, made.start)
        base = view[made.base]
        numbers: Floats = np.where(base.missing, made.start, base.numbers * made.factor)
        return numbers

    def last_of(self, made: Made, view: Mapping[str, Known], n: int) -> Floats:
        """What bounds a step from above."""
        if not made.last:
            return np.full(n, made.most)
        last = view[made.last]
        bound: Floats = np.where(last.missing, made.most, last.numbers * made.factor)
        return bound

    def level(
        self, name: str, made: Made, rows: Ints, view: Mapping[str, Known], place: int
    ) -> Any:
        """Where a step of the column ``name`` starts from."""
        if place:
            return self.values[name][rows - 1]
        return self.first_of(made, view, len(rows))

    def _worked_out(
        self, name: str, made: Made, rows: Ints, view: _View, place: int
    ) -> NDArray[Any]:
        column = self._todo[name]
        if made.way == "place":
            return np.full(len(rows), made.start + made.sign * place)
        if made.way == "count":
            return made.start + made.factor * (self._lot.first + rows).astype(np.float64)
        if made.way == "part":
            return part_of(made, self._number(made.of, view))
        of = self._number(made.of, view)
        start = self.level(name, made, rows, view, place)
        if made.way == "dated":
            return self._on_grid(column, self._dated(made, of, start, view))
        if made.way == "moved":
            labels = np.array(
                [-1.0 if one == "-" else 1.0 for one in self._labels(made.by)] + [1.0]
            )
            sign = labels[view[made.by].places]
            if made.least is not None:
                of = self._again(
                    made, rows, view, of, np.where(sign < 0, start - made.least, np.inf)
                )
            return self._on_grid(column, start + sign * of)
        values = start + made.sign * of
        if made.sign > 0:
            bound = self.last_of(made, view, len(rows))
            values = np.minimum(values, np.maximum(bound, start))
        return self._on_grid(column, values)

    def _dated(self, made: Made, of: Floats, start: Floats, view: _View) -> Floats:
        """The day of a code in a later month, within the window and not before ``start``."""
        months = months_of(np.floor(start / made.day)) + np.rint(of).astype(np.int64)
        days = day_of(months, self._number(made.by, view)) * made.day
        bound = self.last_of(made, view, len(of))
        dated: Floats = np.maximum(np.minimum(days, bound), start)
        return dated

    def _again(self, made: Made, rows: Ints, view: _View, of: Floats, room: Floats) -> Floats:
        """Amounts that leave more than there is ``room`` for, drawn once more: from the lower half
        of their cell, then from its lower quarter, and so on; at last they are what is left."""
        column, of = self._leaves.columns[made.of], of.copy()
        over = np.flatnonzero((of > room) & (room >= 0))
        if not len(over):
            return of
        words = self._words.get(made.of)
        absent = np.zeros(len(over), dtype=np.int32)
        if words is not None and column.codec.form == "number":
            narrow = _View(view, over)
            features = features_of(column.predictors, narrow, len(over))
            for turn in range(1, HALVINGS + 1):
                lower = words[over] >> np.uint64(turn)
                again = draw_values(column, features, narrow, absent, lower)[0]
                open_ = of[over] > room[over]
                of[over[open_]] = again[open_]
        scale = column.codec.scale
        grid = scale.grid if scale is not None else 0.0
        left = np.floor(room[over] / grid + 1e-6) * grid if grid else room[over]
        of[over] = np.minimum(of[over], left)
        if column.codec.form == "number":
            self._keep(made.of, rows, of)
            view[made.of] = numbers_known(of)
        return of

    def _number(self, name: str, view: _View) -> Floats:
        """The values of a column of numbers, learnt value by value or on a scale."""
        if view[name].gone < 0:
            numbers: Floats = view[name].numbers
            return numbers
        values: Floats = np.array([*self._labels(name), 0.0], np.float64)[view[name].places]
        return values

    def _labels(self, name: str) -> tuple[Any, ...]:
        return self._leaves.columns[name].codec.labels

    @staticmethod
    def _on_grid(column: ColumnLeaves, values: Floats) -> Floats:
        scale = column.codec.scale
        if scale is None or not scale.grid:
            return values
        return np.rint((values - scale.offset) / scale.grid) * scale.grid + scale.offset

    def _finish(self) -> None:
        lot = self._lot
        for name, column in self._todo.items():
            absent = self.absent[name]
            if name in self.values:
                lot.known[name] = drawn_of(column.codec, self.values[name], absent)
            if name in self._leaves.hidden:
                lot.numbers[name] = _numbers(column, lot.known[name])
                continue
            declared = self._table.column(name)
            written = partial(
                _written, declared, column, lot, self.values.get(name), absent, self._stream(name)
            )
            counts = name == self._table.key and declared.kind is Kind.INTEGER
            if counts and name not in self.values:
                written = partial(_counted, written, lot)
            lot.making[name] = written


def _written(
    declared: Column,
    column: ColumnLeaves,
    lot: Lot,
    values: NDArray[Any] | None,
    absent: NDArray[np.int32],
    stream: Stream,
) -> pa.Array:
    if column.codec.form == "missing":
        return pa.nulls(lot.rows, declared.arrow_type())
    if values is None:
        if not lot.rows:
            return pa.nulls(0, declared.arrow_type())
        return made_anew(declared, column.codec, lot.first, lot.first + lot.rows, stream, absent)
    return decode(declared, column.codec, values, absent)


def _counted(written: Callable[[], pa.Array], lot: Lot) -> pa.Array:
    """A key that counts the rows of a lot in their order."""
    if lot.order is None:
        return written()
    return written().take(pa.array(placed(lot.order)))


def _numbers(column: ColumnLeaves, drawn: Drawn) -> Floats:
    """The values of a hidden column of numbers; the places of its labels otherwise."""
    if drawn.gone < 0:
        return np.where(drawn.missing, 0.0, drawn.numbers)
    labels = [
        float(one.lstrip("c+-") or 0) if isinstance(one, str) else one
        for one in column.codec.labels
    ]
    return np.array([*labels, -1.0], dtype=np.float64)[drawn.places]


class _View(dict[str, Any]):
    """The columns of some rows; what the lot knows is cut out when asked for."""

    def __init__(self, known: Mapping[str, Drawn], rows: Ints) -> None:
        super().__init__()
        self._known, self._rows = known, rows
        self._ways: dict[str, tuple[Lot, Ints]] = {}

    def lead(self, path: str, lot: Lot, rows: Ints) -> None:
        """The link ``path`` leads to other rows than those that are known."""
        self._ways[path] = (lot, rows)

    def __missing__(self, name: str) -> Drawn:
        path, _, rest = name.partition(MARK)
        if path in self._ways and rest:
            lot, rows = self._ways[path]
            drawn = lot.known[rest].take(rows)
        else:
            drawn = self._known[name].take(self._rows)
        self[name] = drawn
        return drawn


class _State:
    """What rows know of those before them: ``names`` of the state that is read."""

    def __init__(self, columns: Mapping[str, ColumnLeaves], names: set[str], parents: int) -> None:
        self._back = []
        self._latest: dict[str, Ints] = {}
        self._again: dict[str, list[tuple[str, str]]] = {}
        self._means: dict[str, tuple[Floats, Floats]] = {}
        self._place = PLACE in names
        self._pace = next(
            (n for n, c in columns.items() if c.made is not None and c.made.paces), ""
        )
        self._pace = self._pace if PACE in names else ""
        for name in sorted(names):
            _, what, rest = name.split(MARK, 2) if name.count(MARK) > 1 else ("", name, "")
            if what.startswith("before"):
                self._back.append((name, int(what.removeprefix("before")), rest))
            elif what == "again":
                label, _, column = rest.partition(MARK)
                self._again.setdefault(label, []).append((name, column))
                width = len(columns[label].codec.labels) + 1
                self._latest[label] = np.full((parents, width), -1, dtype=np.int64)
            elif what == "mean":
                self._means[rest] = (np.zeros(parents), np.zeros(parents))

    def see(self, drawer: Drawer, view: _View, place: int, rows: Ints, counts: Ints) -> None:
        """Put the state of rows at ``place`` into their view."""
        n = len(rows)
        if self._place:
            view[PLACE] = numbers_known(np.full(n, float(place)))
        for name, back, column in self._back:
            view[name] = drawer.before(column, rows, place, back)
        for column, (sums, seen) in self._means.items():
            number = sums[:n] / np.maximum(seen[:n], 1)
            view[f"{MARK}mean{MARK}{column}"] = Drawn(seen[:n] == 0, number, np.zeros(0, np.int64))
        if self._pace:
            made = drawer._todo[self._pace].made
            assert made is not None
            level = drawer.level(self._pace, made, rows, view, place)
            left = drawer.last_of(made, view, n) - level
            view[PACE] = numbers_known(left / np.maximum(counts - place, 1))

    def told(self, drawer: Drawer, label: str, view: _View, at: Ints | None) -> None:
        """A label of the rows (those ``at``, or all) is drawn: what the latest rows with the same
        one had is known."""
        if label in self._again:
            places = view[label].places
            parents = np.arange(len(places)) if at is None else at
            rows = self._latest[label][parents, places]
            for name, column in self._again[label]:
                view[name] = drawer.at(column, rows)

    def note(self, view: _View, rows: Ints) -> None:
        """Take in what was drawn at a place."""
        active = len(rows)
        for label, latest in self._latest.items():
            latest[np.arange(active), view[label].places] = rows
        for column, (sums, seen) in self._means.items():
            drawn = view[column]
            sums[:active] += np.where(drawn.missing, 0.0, drawn.numbers)
            seen[:active] += ~drawn.missing
