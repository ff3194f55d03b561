"""Learning tables along their links: each from its parents' rows and from the rows before it.

1. Look at the links: under which parent rows are born, what they only point at, what is lost.
2. Parents before children: put rows parent by parent, in the order of their time; give every column
   a codec; find what follows from the row before.
3. Learn the class of row that each lookup asks for, then the columns, then how many children the
   rows have, each from all that will be known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import ExtractError
from generator.fit.calendar import Calendar, calendar_of, part_column
from generator.fit.column import Columns, Learning, Lesson
from generator.fit.floor import EACH_ROW, Floor
from generator.fit.followed import followed
from generator.fit.linked.bonds import Bond, Bonds
from generator.fit.linked.context import (
    Learnt,
    labelled,
    moved_to,
    numbers,
    of_like_rows,
    of_parent,
    of_rows_before,
    taken,
)
from generator.fit.linked.kin import chosen_classes, groups_of, kin_of, same_group
from generator.fit.linked.kinds import kinds_of, learnable_sets
from generator.fit.linked.lists import kin_by_group, learn_list, pointing_at
from generator.fit.linked.matched import matched
from generator.fit.linked.once import with_once
from generator.fit.linked.order import chained, in_order, time_of, unchained
from generator.fit.linked.staying import staying
from generator.fit.linked.steps import Steps, movements, nearness, steps_of
from generator.fit.one import learn_column
from generator.fit.order import NO_RULES, order_of
from generator.fit.rules import ruled
from generator.fit.table import encoded, learn_table
from generator.fit.way import Way
from generator.fitted import (
    MARK,
    PLACE,
    ColumnLeaves,
    Kin,
    Made,
    TableLeaves,
    Tie,
    along,
    count_name,
    kinds_name,
    part_of,
)
from generator.found import Kept
from generator.leaves.encode import day_steps, encode
from generator.schema import Column, Kind, Schema, Table
from generator.streams import Stream

Ints = NDArray[np.int64]
KEYS_ANEW = (Kind.TEXT, Kind.ENUM, Kind.INTEGER)  # the others count on from their first value


def learn_tables(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    bonds: Bonds,
    *,
    seed: int,
    tell: Callable[[str], None],
    way: Way | None = None,
    ways: MutableMapping[str, Way] | None = None,
    without: Mapping[str, Collection[str]] | None = None,
    floors: Mapping[str, Floor] | None = None,
) -> dict[str, TableLeaves]:
    """The leaves of all tables, in the order of the schema; ``ways`` are those of tables that stand
    alone (see ``learn_table``), ``without`` names by table rules that
    are not kept, ``floors`` what must be shared by how many persons.  Raises ExtractError for a
    table without rows or columns."""
    learnt: dict[str, Learnt] = {}
    left_out = without or {}
    linked = {
        name for name in bonds.order for bond in bonds.of[name] for name in (name, bond.parent)
    }
    found: dict[str, TableLeaves] = {}
    for name in bonds.order:
        rows = tables[name]
        if not rows.num_rows or not schema[name].columns:
            raise ExtractError(f"The table “{name}” has no rows to learn from.")
        if name not in linked:
            found[name] = learn_table(
                schema[name],
                rows,
                seed=seed,
                tell=tell,
                way=way,
                ways=ways,
                without=left_out.get(name, ()),
                floor=(floors or {}).get(name, EACH_ROW),
            )
            continue
        if pointing := pointing_at(schema, bonds, name, floors or {}):
            tell(name)
            learnt[name] = learn_list(
                schema[name],
                rows,
                pointing,
                way=way or Way(),
                seed=seed,
                without=left_out.get(name, ()),
                floor=(floors or {}).get(name, EACH_ROW),
            )
            found[name] = learnt[name].leaves
            continue
        pupil = _Pupil(
            schema[name],
            rows,
            bonds,
            learnt,
            schema,
            tables,
            way or Way(),
            seed,
            left_out.get(name, ()),
            (floors or {}).get(name, EACH_ROW),
        )
        one = pupil.learn(tell)
        some = {**found, name: one.leaves}
        leaves = matched(schema, some, name, pupil.known, pupil.first, seed)
        learnt[name] = replace(one, leaves=leaves)
        found[name] = leaves
    return {name: found[name] for name in schema.names}


@dataclass
class _Pupil:
    """One table while it is learnt."""

    table: Table
    extract: pa.Table
    bonds: Bonds
    learnt: Mapping[str, Learnt]
    schema: Schema
    tables: Mapping[str, pa.Table]
    way: Way
    seed: int
    without: Collection[str] = ()
    floor: Floor = EACH_ROW
    context: dict[str, Learning] = field(default_factory=dict)
    groups: dict[str, tuple[str, Ints]] = field(default_factory=dict)
    leaves: dict[str, ColumnLeaves] = field(default_factory=dict)
    hidden: dict[str, Column] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    kept: Kept = NO_RULES
    known: Mapping[str, Learning] = field(default_factory=dict)
    first: NDArray[np.bool_] = field(default_factory=lambda: np.ones(0, dtype=bool))
    _levels: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def learn(self, tell: Callable[[str], None]) -> Learnt:
        born = next((b for b in self._bonds if b.way == "born"), None)
        source = np.flatnonzero(self._rows_kept())
        place, counts = np.zeros(len(source), np.int64), np.ones(len(source), np.int64)
        time = ""
        if born is not None:
            source, time = self._ordered(born, source)
            place, counts = _places(born.rows[source])
        self._source = source
        self._floor = self.floor.at(source)
        own = self._encoded(source)
        own.update({name: moved_to(own[name], at) for name, at in self._levels.items()})
        steps = Steps()
        if born is not None:
            self._bear(born, place)
            steps = steps_of(self.table, own, self._moments(born), place, counts, time)
        self._counted_key(own, steps)
        for bond in self._bonds:
            if bond.way in ("lookup", "late"):
                self._point(bond, own)
        self._columns(own, steps, place, tell, looks_back=born is not None)
        at = np.full(self.extract.num_rows, -1, dtype=np.int64)
        at[source] = np.arange(len(source))
        columns = {**self.context, **own}
        made = TableLeaves(
            len(source),
            self.leaves,
            self.hidden,
            tuple(self.ties),
            self.kept.rules,
            self._followed(own),
        )
        return Learnt(made, columns, self.groups, at, self._days(own), self._floor)

    def _followed(self, own: Mapping[str, Learning]) -> str:
        """The moments in whose order the rows stand; rows that lead to earlier ones follow none."""
        back = any(bond.way == "itself" for bond in self._bonds)
        linked = {name for bond in self._bonds for name in bond.link.columns}
        if back or self.kept.distinct is not None or self.table.key in linked:
            return ""
        return followed(self.table, self.extract, own, k=self._floor.k)

    def _days(self, own: Mapping[str, Learning]) -> dict[str, float]:
        """Columns of moments, with their steps of a day."""
        steps = {
            column.name: day_steps(column, own[column.name].codec)
            for column in self.table.columns
            if column.name in own
        }
        return {name: step for name, step in steps.items() if step}

    @property
    def _bonds(self) -> tuple[Bond, ...]:
        return self.bonds.of[self.table.name]

    def _rows_kept(self) -> NDArray[np.bool_]:
        """Those whose parents were learnt from, too."""
        kept = self.bonds.kept[self.table.name].copy()
        for bond in self._bonds:
            if bond.way == "born":
                kept &= self.learnt[bond.parent].at[np.maximum(bond.rows, 0)] >= 0
        if not kept.any():
            raise ExtractError(
                f"No row of “{self.table.name}” leads to a row of its parent; bring the whole "
                "extract, or leave the link out."
            )
        return kept

    def _ordered(self, born: Bond, source: Ints) -> tuple[Ints, str]:
        """The rows parent by parent, and the column of their time."""
        own = self._encoded(source)
        time = time_of(self.table, own, born.rows[source])
        stamps = own[time].numbers if time else None
        order = in_order(born.rows[source], stamps)
        if not time:
            return source[order], time
        parents = born.rows[source][order]
        sorted_ = {name: taken(column, order) for name, column in own.items()}
        stamps = sorted_[time].numbers
        place, _ = _places(parents)
        alone = np.append(True, stamps[1:] != stamps[:-1]) | (place == 0)
        alone &= np.append(alone[1:], True)
        for level, (amount, _) in movements(sorted_, place, {time}, alone).items():
            near = nearness(sorted_[level])
            found = sorted_[level].numbers, sorted_[amount].numbers
            chain = chained(parents, stamps, *found, near)
            self._levels[level] = unchained(parents, chain, found[0])
        return source[order], time

    def _encoded(self, source: Ints) -> dict[str, Learning]:
        """The table's own columns with their codecs; columns of links are their parents'."""
        theirs = {name for b in self._bonds for name in b.link.columns} | {
            name for link in self._covered() for name in link
        }
        mine = tuple(c for c in self.table.columns if c.name not in theirs)
        rows = self.extract.take(pa.array(source))
        floor = self.floor.at(source)
        return encoded(replace(self.table, columns=mine), rows, seed=self.seed, floor=floor)

    def _covered(self) -> list[tuple[str, ...]]:
        """Columns of links that another link's parent says."""
        said: set[str] = {name for b in self._bonds for name in b.link.columns}
        return [link.columns for link in self.table.links if set(link.columns) <= said]

    def _counted_key(self, own: Mapping[str, Learning], steps: Steps) -> None:
        """A key that is neither a text nor a whole number counts on from its first value."""
        key = self.table.key
        if key is None or key not in own or self.table.column(key).kind in KEYS_ANEW:
            return
        scale = own[key].codec.scale
        if scale is not None and key not in steps.made:
            low = float(scale.values(np.zeros(1))[0])
            steps.made[key] = Made("count", factor=scale.grid or 1.0, start=low)
            steps.first.insert(0, key)

    def _bear(self, born: Bond, place: Ints) -> None:
        parent = self.learnt[born.parent]
        rows = parent.at[born.rows[self._source]]
        self.context |= of_parent(born.path, parent, rows)
        self.groups |= groups_of(born.path, born.parent, parent, rows)
        self.context[PLACE] = numbers(place.astype(np.float64))
        count = count_name(self.table.name, born.path)
        self.ties.append(Tie(born.path, born.parent, "born", count, unique=born.unique))

    def _moments(self, born: Bond) -> dict[str, tuple[Learning, float]]:
        """The moments of the parent's row, with their steps of a day."""
        days = self.learnt[born.parent].days
        names = {along(born.path, name): steps for name, steps in days.items()}
        return {name: (self.context[name], steps) for name, steps in names.items()}

    def _point(self, bond: Bond, own: dict[str, Learning]) -> None:
        chosen = f"{MARK}class{MARK}{bond.path}"
        rows = bond.rows[self._source]
        if bond.way == "late":
            own[chosen] = labelled(np.where(rows < 0, -1, 0), ("c0",))
            self.hidden[chosen] = Column(chosen, Kind.TEXT, nullable=True)
            self.ties.append(Tie(bond.path, bond.parent, "late", "", chosen))
            return
        parent = self.learnt[bond.parent]
        rows = np.where(rows < 0, -1, parent.at[np.maximum(rows, 0)])
        same = same_group(self.groups, parent, rows)
        known = {n: c for n, c in self.context.items() if c.tells and not n.startswith(MARK)}
        kin = kin_by_group(parent, same) or kin_of(known, parent, rows, same, self.way, self.seed)
        asked = chosen_classes(kin, self.groups, parent, rows)
        lesson = Lesson({**self.context, chosen: asked}, self.way, self.seed, self._floor)
        earlier = [n for n, c in self.context.items() if c.tells and n != PLACE]
        self.leaves[chosen] = learn_column(lesson, chosen, earlier, {})
        self.hidden[chosen] = Column(chosen, Kind.TEXT, nullable=True)
        own[chosen] = asked
        count = count_name(self.table.name, bond.path)
        self.ties.append(
            Tie(
                bond.path,
                bond.parent,
                "lookup",
                count,
                chosen,
                bond.unique,
                bond.pairs,
                self._staying(bond, rows, asked, lesson.columns, self.leaves[chosen], kin),
                kin,
            )
        )
        self.context |= of_parent(bond.path, parent, rows)
        self.groups |= groups_of(bond.path, bond.parent, parent, rows)

    def _staying(
        self,
        bond: Bond,
        rows: Ints,
        asked: Learning,
        columns: Columns,
        chosen: ColumnLeaves,
        kin: Kin,
    ) -> float:
        """The share of rows that lead where the row before them does; 0 of rows that may not."""
        if PLACE not in self.context or bond.unique or bond.pairs or kin.same is not None:
            return 0.0
        place = self.context[PLACE].numbers.astype(np.int64)
        classes = len(asked.codec.labels)
        codes = asked.coded.codes.astype(np.int64)
        return staying(rows, place, codes, chosen, columns, classes)

    def _columns(
        self,
        own: dict[str, Learning],
        steps: Steps,
        place: Ints,
        tell: Callable[[str], None],
        *,
        looks_back: bool,
    ) -> None:
        calendar = calendar_of(self.table, own, self.seed)
        self._hide(own, steps)
        maps = self._ruled(own, steps)
        state, like = dict(steps.state), {}
        if looks_back and place.any():
            seen = {n: c for n, c in own.items() if not n.startswith(f"{MARK}class")}
            state |= of_rows_before(seen, place)
            like = of_like_rows(seen, place)
        columns = {**self.context, **state, **own}
        lesson = Lesson(columns, self.way, self.seed, self._floor)
        earlier = [
            name
            for name, column in {**self.context, **state}.items()
            if column.tells and name not in own
        ]
        free = {
            name: column
            for name, column in own.items()
            if name not in steps.made and name not in steps.first and name not in self.leaves
        }
        known = {**self.context, **free}
        first = [name for name in calendar.parts if name in free and name not in self.kept.worked]
        pair = [] if self.kept.distinct is None else [*self.kept.distinct.columns]
        order_ = order_of(replace(lesson, columns=known), free, maps, self.kept, first)
        order = [*pair, *(name for name in [*steps.first, *order_] if name not in pair)]
        for name in steps.last:
            needs = {steps.made[name].of, steps.made[name].by}
            order.insert(max(order.index(one) for one in needs if one) + 1, name)
        for name in order:
            if name in self.leaves:
                continue
            tell(f"{self.table.name}.{name}" if not name.startswith(MARK) else self.table.name)
            self._learn(lesson, name, earlier, maps, steps.made)
            if own[name].tells:
                earlier.append(name)
            # what never comes twice together stands before the parts of any of it
            told = [name] if name not in pair else pair if name == pair[-1] else []
            for one in told:
                if one in calendar.parts and own[one].tells:
                    lesson = self._tell_parts(calendar, one, own, lesson, earlier)
            if name in like:
                state |= like[name]
                earlier += [one for one, column in like[name].items() if column.tells]
                lesson = replace(lesson, columns={**lesson.columns, **like[name]})
        self.known, self.first = {**lesson.columns, **own}, place == 0
        self._afterwards(own, state, earlier)

    def _tell_parts(
        self,
        calendar: Calendar,
        name: str,
        own: dict[str, Learning],
        lesson: Lesson,
        earlier: list[str],
    ) -> Lesson:
        """Let columns know the parts of a moment that tell them something."""
        for part, made, column in calendar.made(name):
            if part in own:
                continue
            own[part] = part_column(made, own[name])
            self.leaves[part] = ColumnLeaves(own[part].codec, made=made)
            self.hidden[part] = column
            earlier.append(part)
            lesson = replace(lesson, columns={**lesson.columns, part: own[part]})
        return lesson

    def _learn(
        self,
        lesson: Lesson,
        name: str,
        earlier: list[str],
        maps: Mapping[str, str],
        made: Mapping[str, Made],
    ) -> None:
        column = lesson.columns[name]
        if name in made:
            self.leaves[name] = ColumnLeaves(column.codec, made=made[name])
        else:
            self.leaves[name] = learn_column(lesson, name, earlier, maps, self.kept)

    def _ruled(self, own: dict[str, Learning], steps: Steps) -> dict[str, str]:
        """Change columns that keep rules, and tell which of them others determine.  Columns that
        are worked out step by step keep no more, and rules do not speak of levels and what moves
        them, for these are drawn again where they would fall below nothing."""
        levels = {one for name in steps.last for one in (name, steps.made[name].of)}
        told = ruled(
            self.table,
            own,
            seed=self.seed,
            without=self.without,
            fixed={*steps.made, *steps.first},
            unseen=levels,
            alone=not self._bonds,
            floor=self._floor,
        )
        own.update({name: told.columns[name] for name in self.table.column_names if name in own})
        born = next((b for b in self._bonds if b.way == "born"), None)
        self.kept = with_once(
            self.table,
            own,
            told.kept,
            born,
            np.zeros(0, np.int64) if born is None else born.rows[self._source],
            made=steps.made,
            maps=told.maps,
            without=self.without,
            floor=self._floor,
        )
        return told.maps

    def _hide(self, own: dict[str, Learning], steps: Steps) -> None:
        """Give the hidden columns of steps their codecs."""
        self.hidden |= steps.hidden
        own.update(steps.anew)
        for name, column in steps.hidden.items():
            made = steps.made.get(name)
            if made is not None:
                own[name] = _part(made, own[made.of])
                continue
            values = steps.learnt[name]
            own[name] = values if isinstance(values, Learning) else self._coded(column, values)

    def _coded(self, column: Column, values: NDArray[np.float64]) -> Learning:
        stream = Stream(self.seed, self.table.name, f"{column.name}\x1ffit")
        floor = self._floor
        codec, coded = encode(
            column,
            pa.chunked_array([values]),
            k=floor.k,
            stream=stream,
            holders=floor.holders,
        )
        return Learning(codec, coded)

    def _afterwards(
        self, own: dict[str, Learning], state: Mapping[str, Learning], earlier: list[str]
    ) -> None:
        """How many rows of other tables there are for each row, and who points at whom within."""
        for name in self.bonds.order:
            for bond in self.bonds.of[name]:
                if bond.parent == self.table.name and bond.way in ("born", "lookup", "itself"):
                    count = count_name(name, bond.path)
                    column = Column(count, Kind.FLOAT)
                    had = np.bincount(bond.rows[bond.rows >= 0], minlength=self.extract.num_rows)
                    own[count] = self._coded(column, had[self._source].astype(np.float64))
                    self._after(count, column, own, state, earlier)
                    if bond.way == "born":
                        self._kinds(name, bond, own, state, earlier)
        for bond in self._bonds:
            if bond.way == "itself":
                self._point_within(bond, own, state, earlier)

    def _kinds(
        self,
        child: str,
        bond: Bond,
        own: dict[str, Learning],
        state: Mapping[str, Learning],
        earlier: list[str],
    ) -> None:
        """Which labels the rows of a child come to."""
        rows, number = self.tables[child], self.extract.num_rows
        for name, sets in kinds_of(self.schema[child], rows, bond.rows, number):
            told = learnable_sets(sets[self._source], self._floor)
            if told is not None:
                kinds = kinds_name(child, bond.path, name)
                own[kinds] = told
                self._after(kinds, Column(kinds, Kind.TEXT), own, state, earlier)

    def _after(
        self,
        name: str,
        column: Column,
        own: dict[str, Learning],
        state: Mapping[str, Learning],
        earlier: list[str],
    ) -> None:
        lesson = Lesson({**self.context, **state, **own}, self.way, self.seed, self._floor)
        self.hidden[name] = column
        self.leaves[name] = learn_column(lesson, name, earlier, {})
        if own[name].tells:
            earlier.append(name)

    def _point_within(
        self,
        bond: Bond,
        own: dict[str, Learning],
        state: Mapping[str, Learning],
        earlier: list[str],
    ) -> None:
        at = np.full(self.extract.num_rows, -1, dtype=np.int64)
        at[self._source] = np.arange(len(self._source))
        rows = bond.rows[self._source]
        rows = np.where(rows < 0, -1, at[np.maximum(rows, 0)])
        made = TableLeaves(len(at), self.leaves)
        mine = Learnt(made, {**self.context, **own}, {}, at, {}, self._floor)
        known = {n: c for n, c in own.items() if c.tells and not n.startswith(MARK)}
        kin = kin_of(known, mine, rows, None, self.way, self.seed)
        chosen = f"{MARK}class{MARK}{bond.path}"
        own[chosen] = chosen_classes(kin, {}, mine, rows)
        self._after(chosen, Column(chosen, Kind.TEXT, nullable=True), own, state, earlier)
        count = count_name(self.table.name, bond.path)
        self.ties.append(Tie(bond.path, bond.parent, "itself", count, chosen, kin=kin))


def _places(parents: Ints) -> tuple[Ints, Ints]:
    """Of rows (n,) parent by parent: the place of each, and how many its parent has."""
    starts = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
    counts = np.diff(np.append(starts, len(parents)))
    place = np.arange(len(parents)) - np.repeat(starts, counts)
    return place, np.repeat(counts, counts)


def _part(made: Made, of: Learning) -> Learning:
    """Positions in weeks and months, as they will be known."""
    return numbers(part_of(made, of.numbers))
