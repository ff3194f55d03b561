"""Drawing the tables of a fitted profile: a shard of a family, and the rows it points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from generator.fitted.draw import Floats, Ints, by_moment, features_of
from generator.fitted.family import Family, Layout
from generator.fitted.leaves import TableLeaves, Tie
from generator.fitted.linking import Dealt
from generator.fitted.lot import Known, Lot, pieces, placed
from generator.fitted.meeting import Meeting, Wish
from generator.fitted.pairing import apart, dealt, earlier, slots_of
from generator.fitted.pairs import Pairs, pairs_of, pairs_to_choose
from generator.fitted.rows import Runs, draw_columns
from generator.schema import Schema, Table
from generator.streams import Stream, apportion, apportion_within

MOST_FEW = 12  # children of a parent up to which counts are mended one by one
MOST_KEPT = 24  # lots of shards that are kept at a time


class Kindred:
    """Draws lots of tables; what is drawn for one shard is kept for the tables beneath.  ``wishes``
    are what rows of tables are to meet."""

    def __init__(
        self, schema: Schema, layout: Layout, seed: int, wishes: Mapping[str, Wish] | None = None
    ) -> None:
        self._schema, self._layout, self._seed = schema, layout, seed
        self._wishes = dict(wishes or {})
        self._lots: dict[tuple[str, int], Lot] = {}
        self._whole: dict[str, Lot] = {}
        self._apart: dict[str, Pairs] = {}
        self._numbers: dict[str, Ints] = {}

    def lot(self, table: str, shard: int) -> Lot:
        """The table's rows in a shard of its family."""
        key = (table, shard)
        if key not in self._lots:
            while len(self._lots) >= MOST_KEPT:
                self._lots.pop(next(iter(self._lots)))
            self._lots[key] = self._drawn(table, shard)
        return self._lots[key]

    def edges(self, table: str, shard: int) -> tuple[int, int]:
        """The rows of the table that stand in a shard of its family."""
        family = self._layout.family(table)
        if table == family.root:
            return family.edges[shard], family.edges[shard + 1]
        tie = self._layout.tables[table].born
        assert tie is not None
        first, last = self.edges(tie.parent, shard)
        if tie.parent == family.root and self._layout.held(family.root):
            running = self._running(table, tie)
            return int(running[first]), int(running[last])
        share = partial(self._layout.share, of=tie.parent, into=table)
        return share(first), share(last)

    def _running(self, table: str, tie: Tie) -> Ints:
        """Children before each row of a root that is held whole."""
        if table not in self._numbers:
            weights = self._held(tie.parent).numbers[tie.count]
            given = _given(weights, self._layout.rows[table], tie, self._most(table))
            self._numbers[table] = np.concatenate([[0], np.cumsum(given)])
        return self._numbers[table]

    def _most(self, table: str) -> int | None:
        """How many rows a parent may have, as they never come twice there."""
        leaves = self._layout.tables[table]
        partners = [self._layout.rows[tie.parent] for tie in leaves.ties if tie.pairs]
        most = [one for one in (leaves.most_born, *partners) if one is not None]
        return min(most, default=None)

    def _held(self, root: str) -> Lot:
        if root not in self._whole:
            self._whole[root] = self._rows(root, 0, self._layout.rows[root], None, 0)
        return self._whole[root]

    def _drawn(self, table: str, shard: int) -> Lot:
        family = self._layout.family(table)
        first, last = self.edges(table, shard)
        if table != family.root:
            return self._rows(table, first, last, shard, shard)
        if self._layout.held(table):
            return pieces([self._held(table)], first, last)
        return self._rows(table, first, last, None, shard)

    def _rows(self, name: str, first: int, last: int, born_in: int | None, shard: int) -> Lot:
        table, leaves = self._schema[name], self._layout.tables[name]
        lot = Lot(first, last - first, Known())
        runs, wish, dealt = None, self._wishes.get(name), []
        for tie in leaves.ties:
            if tie.way == "born":
                assert born_in is not None
                runs = self._bear(table, tie, lot, born_in)
            elif tie.way == "lookup":
                parent, at = self._look_up(table, leaves, tie, lot, shard)
                if wish is not None and _any_will_do(tie):
                    column, classes = leaves.columns[tie.chosen], _classes(tie, parent)
                    groups = np.zeros(lot.rows, np.int64) if tie.unique else None
                    if tie.pairs and leaves.born is not None:
                        groups = lot.links[leaves.born.path]
                    dealt.append(Dealt(tie, column, lot, parent, classes, at, groups))
        meeting, pairs = None, self.pairs(name)
        if wish is not None:
            spares = pairs.spares(first, last) if pairs is not None and pairs.spare else None
            lots = None
            if wish.lots is not None:
                lots = wish.lots(first, lot.rows, partial(self.roots, name, lot, born_in))
            meeting = Meeting(wish, table, leaves, self._seed, dealt, spares, lots)
        draw_columns(table, leaves, lot, runs, self._seed, meeting, pairs)
        lot.order = self._order(leaves, lot, shard)
        for tie in leaves.ties:
            if tie.way == "itself":
                self._look_back(table, tie, lot)
            elif tie.way == "late":
                self._look_ahead(table, tie, lot)
        return lot

    def roots(self, name: str, lot: Lot, shard: int | None) -> Ints:
        """The row of the family's root that each row of a lot hangs under, in a shard."""
        at, born = np.arange(lot.first, lot.first + lot.rows), self._layout.tables[name].born
        while born is not None:
            assert shard is not None
            at = lot.links[born.path][at - lot.first]
            lot, born = self.lot(born.parent, shard), self._layout.tables[born.parent].born
        return at

    def _order(self, leaves: TableLeaves, lot: Lot, shard: int) -> Ints | None:
        """How rows are written: in the order of their own moments, or of their parents; as they
        come where they lead to earlier ones."""
        if any(tie.way == "itself" for tie in leaves.ties):
            return None
        if leaves.follows:
            return by_moment(lot.known[leaves.follows])
        parent = None if leaves.born is None else self.lot(leaves.born.parent, shard)
        if leaves.born is None or parent is None or parent.order is None:
            return None
        at = placed(parent.order)[lot.links[leaves.born.path] - parent.first]
        return np.argsort(at, kind="stable")

    def pairs(self, name: str) -> Pairs | None:
        """What never comes twice together in all rows of a table without links."""
        rule = self._layout.tables[name].kept.distinct
        if rule is None or not self._layout.rows[name]:
            return None
        if name not in self._apart:
            asked = name in self._wishes and set(self._wishes[name].columns) & set(rule.columns)
            dealt = pairs_to_choose if asked else pairs_of
            self._apart[name] = dealt(self._layout.tables[name], rule, self._layout.rows[name])
        return self._apart[name]

    def _bear(self, table: Table, tie: Tie, lot: Lot, shard: int) -> Runs:
        parent = self.lot(tie.parent, shard)
        family = self._layout.family(table.name)
        if tie.parent == family.root and self._layout.held(family.root):
            running = self._running(table.name, tie)
            counts = np.diff(running[parent.first : parent.first + parent.rows + 1])
        else:
            counts = _given(parent.numbers[tie.count], lot.rows, tie, self._most(table.name))
        at = np.repeat(np.arange(parent.rows), counts)
        self._point(table, tie, lot, parent, at)
        return Runs.of(counts)

    def _point(self, table: Table, tie: Tie, lot: Lot, parent: Lot, at: Ints) -> None:
        """The link leads to rows ``at`` of the parent's lot, -1 for none."""
        link = table.link(tie.path)
        assert link is not None
        lot.links[tie.path] = np.where(at < 0, -1, at + parent.first)
        lot.known.lead(tie.path, parent, at)
        for own, there in zip(link.columns, link.parent_columns, strict=True):
            if own not in lot.making:
                kind = table.column(own).arrow_type()
                lot.making[own] = partial(_keys, parent, there, at, kind)

    def _look_up(
        self, table: Table, leaves: TableLeaves, tie: Tie, lot: Lot, shard: int
    ) -> tuple[Lot, Ints]:
        """Let a link lead to rows of a lot of the parent; returns both."""
        only = TableLeaves(0, {tie.chosen: leaves.columns[tie.chosen]}, leaves.hidden)
        draw_columns(table, only, lot, None, self._seed)
        wanted = lot.numbers[tie.chosen].astype(np.int64)
        parent = self._window(table.name, tie, lot, shard)
        at = np.full(lot.rows, -1, dtype=np.int64)
        set_ = np.flatnonzero(wanted >= 0)
        if tie.unique and len(set_) > parent.rows:
            lots = Stream(self._seed, table.name, f"{tie.path}\x1flot")
            drawn = lots.bits(lot.first, lot.first + lot.rows)[set_]
            set_ = np.sort(set_[np.argsort(drawn, kind="stable")[: parent.rows]])
        if len(set_) and parent.rows:
            at[set_] = self._dealt(table, tie, lot, parent, wanted, set_, shard)
        if tie.stays and leaves.born is not None:
            at = self._stay(table, tie, lot, at, lot.links[leaves.born.path])
        self._point(table, tie, lot, parent, at)
        return parent, at

    def _stay(self, table: Table, tie: Tie, lot: Lot, at: Ints, parents: Ints) -> Ints:
        """Rows ``at`` of a lookup, where some of the lot's rows lead where the row before them
        under one of the ``parents`` does, and ask for what that asked for."""
        u = Stream(self._seed, table.name, f"{tie.path}\x1fstays")
        stays = u.uniform(lot.first, lot.first + lot.rows) < tie.stays
        stays[:1] = False
        stays[1:] &= (parents[1:] == parents[:-1]) & (at[1:] >= 0) & (at[:-1] >= 0)
        source = np.maximum.accumulate(np.where(stays, 0, np.arange(lot.rows)))
        lot.known[tie.chosen] = lot.known[tie.chosen].take(source)
        lot.numbers[tie.chosen] = lot.numbers[tie.chosen][source]
        return at[source]

    def _dealt(
        self,
        table: Table,
        tie: Tie,
        lot: Lot,
        parent: Lot,
        wanted: Ints,
        set_: Ints,
        shard: int,
    ) -> Ints:
        stream = Stream(self._seed, table.name, f"{tie.path}\x1fdealt")
        phase = float(
            Stream(self._seed, table.name, f"{tie.path}\x1fphase").uniform(shard, shard + 1)[0]
        )
        weights = parent.numbers[tie.count]
        slots = slots_of(weights, len(set_), unique=tie.unique, phase=phase)
        words = stream.bits(lot.first, lot.first + lot.rows)
        groups = None
        same = tie.kin.same if tie.kin is not None else None
        asked = wanted[set_]
        if same is not None:
            mine, theirs = lot.group(same[0])[set_], parent.group(same[1])
            agree = asked % 2 == 1  # an odd class asks for a row of the same group
            groups = (np.where(agree, mine, -1), theirs)
            asked = asked // 2
        at = dealt(slots, asked, _classes(tie, parent), groups, words[set_])
        if tie.pairs:
            born = next(t for t in self._layout.tables[table.name].ties if t.way == "born")
            at = apart(lot.links[born.path][set_], at, parent.rows, words[set_])
        return at

    def _window(self, table: str, tie: Tie, lot: Lot, shard: int) -> Lot:
        """The rows of the parent that a lot may point at."""
        layout, parent = self._layout, tie.parent
        mine, theirs = layout.family(table), layout.family(parent)
        rows = layout.rows[parent]
        first, last = 0, rows
        if mine is theirs:
            return self.lot(parent, shard)
        if tie.unique or not layout.held(parent):
            first = layout.share(lot.first, of=table, into=parent)
            last = layout.share(lot.first + lot.rows, of=table, into=parent)
            last = max(last, min(first + 1, rows))
        if parent == theirs.root and layout.held(parent):
            return pieces([self._held(parent)], first, last)
        return pieces(self._overlapping(theirs, parent, first, last), first, last)

    def _overlapping(self, family: Family, table: str, first: int, last: int) -> Sequence[Lot]:
        found = []
        for shard in range(family.shards):
            low, high = self.edges(table, shard)
            if low < last and high > first:
                found.append(self.lot(table, shard))
        return found or [self.lot(table, 0)]

    def _look_back(self, table: Table, tie: Tie, lot: Lot) -> None:
        """Rows of the same table, each before the one that points at it."""
        wanted = lot.numbers[tie.chosen].astype(np.int64)
        u = Stream(self._seed, table.name, f"{tie.path}\x1fdealt")
        weights = lot.numbers[tie.count] if tie.count else np.ones(lot.rows)
        at = earlier(
            wanted, _classes(tie, lot), weights, u.uniform(lot.first, lot.first + lot.rows)
        )
        link = table.link(tie.path)
        assert link is not None
        if not table.column(link.column).nullable:
            at = np.where(at < 0, np.arange(lot.rows), at)  # who is under nobody is under itself
        self._point(table, tie, lot, lot, at)

    def _look_ahead(self, table: Table, tie: Tie, lot: Lot) -> None:
        """Rows of a table drawn later: only their keys are made."""
        first = self._layout.share(lot.first, of=table.name, into=tie.parent)
        last = self._layout.share(lot.first + lot.rows, of=table.name, into=tie.parent)
        first, last = min(first, max(last - 1, 0)), max(last, 1)
        rows = self._layout.rows[tie.parent]
        u = Stream(self._seed, table.name, f"{tie.path}\x1fdealt")
        at = (u.uniform(lot.first, lot.first + lot.rows) * (last - first)).astype(np.int64)
        at[lot.numbers[tie.chosen] < 0] = -1
        if not rows:
            at[:] = -1
        keys = Lot(first, last - first, Known())
        link = table.link(tie.path)
        assert link is not None
        there = self._layout.tables[tie.parent]
        only = TableLeaves(0, {n: there.columns[n] for n in link.parent_columns})
        draw_columns(self._schema[tie.parent], only, keys, None, self._seed)
        self._point(table, tie, lot, keys, at)


def _any_will_do(tie: Tie) -> bool:
    """Whether a row may lead to any row of the class it asks for, whatever its own parent's."""
    return tie.kin is None or tie.kin.same is None


def _given(weights: Floats, total: int, tie: Tie, most: int | None = None) -> Ints:
    """How many of ``total`` rows each parent has, ``most`` of them if there is one; weights of
    nothing are all alike."""
    if not (weights > 0).any():
        weights = np.ones(len(weights))
    if tie.unique:
        ones = np.ones(len(weights), dtype=np.int64)
        return apportion_within(weights, total, 0 * ones, ones)
    few = _of_few(np.rint(weights).astype(np.int64), total)
    given = apportion(weights, total) if few is None else few
    if most is not None and (given > most).any():
        none = np.zeros(len(weights), dtype=np.int64)
        return apportion_within(weights, total, none, none + most)
    return given


def _of_few(counts: Ints, total: int) -> Ints | None:
    """Small ``counts`` (n,) that come to the total with one more, or one less, for some parents
    that have any, so that none has more than the most and none less than the least of them; None
    where that cannot be."""
    some, apart = counts[counts > 0], total - int(counts.sum())
    if not len(some) or some.max() > MOST_FEW or (counts < 0).any():
        return None
    able = np.flatnonzero((counts > 0) & ((counts < some.max()) if apart > 0 else (counts > 1)))
    if abs(apart) > len(able):
        return None
    step = (2 * np.arange(abs(apart)) + 1) * len(able) // max(2 * abs(apart), 1)
    counts = counts.copy()
    counts[able[step]] += 1 if apart > 0 else -1
    return counts


def _classes(tie: Tie, parent: Lot) -> Ints:
    if tie.kin is None or not tie.kin.predictors:
        return np.zeros(parent.rows, dtype=np.int64)
    features = features_of(tie.kin.predictors, parent.known, parent.rows)
    return tie.kin.tree.apply(features).astype(np.int64)


def _keys(parent: Lot, column: str, at: Ints, kind: pa.DataType) -> pa.Array:
    keys = parent.arrow(column)
    if pa.types.is_dictionary(keys.type):
        keys = keys.dictionary_decode()
    return keys.cast(kind).take(pa.array(np.maximum(at, 0), mask=at < 0))
