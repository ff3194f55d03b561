"""``fit`` with a budget: the only file that holds rows and an eye at once, and opens the one on the
other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.errors import RequestError
from generator.extent import rows_of
from generator.fitted import (
    ColumnLeaves,
    FittedWorld,
    TableLeaves,
    Tie,
    along,
    before,
    count_name,
    hash_of,
)
from generator.leaves.codec import Codec
from generator.leaves.pattern import SIGNS, shape_of
from generator.private.declared import Declaration, Declared, fine_step
from generator.private.eye import open_eye, open_labels
from generator.private.learn import learn
from generator.private.ledger import Budget, Ledger, ledger_document
from generator.private.levels import (
    EACH,
    Levels,
    each_value,
    levels_between,
    levels_of_labels,
    values_between,
)
from generator.private.noise import Noise, OpenDP, epsilon_of, rho_of
from generator.private.paid import bounds_of, magnitudes, shared_of
from generator.private.sight import coded, counted
from generator.private.units import Rows, units_of
from generator.profile import Profile
from generator.schema import Column, Kind
from generator.stop import stoppable
from generator.summary import Summary, TableSummary

Ints = NDArray[np.int64]

PAID = 0.05  # of the budget, that bounds and labels which nobody declared take together
SHARED = 0.02  # of the budget, that finding values which many rows of a column share takes
MOST_VALUES = 131_072  # of a column that is looked at so: each costs time
WIDEST = 10.0  # noise of that look, beyond which it would find too little
NOTHING = "(none)"  # the one label of a column of which no label was common enough
_PATTERN = (*(SIGNS[3],) * 2, *(SIGNS[0],) * 10)  # of what is made anew, whatever it looked like
NOTE = (
    "Learnt with differential privacy: no figure of this profile was held against real rows, as "
    "that would have to be paid for as well. The ledger says what was asked."
)


def fit_private(
    tables: Mapping[str, pa.Table],
    declared: Declared,
    budget: Budget,
    *,
    name: str,
    version: str = "1",
    title: str = "",
    seed: int = 0,
    noise: Noise | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Profile:
    """Learn a profile from tables as read, within a budget.

    Of the tables only what is declared and what the private eye sees gets into the profile; values
    that are not of their declared type or categories count as missing.  ``noise`` is OpenDP's but
    in tests.  A private fit is never the same twice: its noise comes from the operating system.
    Raises RequestError for a budget or declaration that cannot be used, or where OpenDP is not
    installed, Cancelled when ``cancelled()`` says so.
    """
    check_budget(budget)
    noise = noise or OpenDP()
    _check_tables(tables, declared)
    with stoppable(cancelled, "The fit was cancelled; nothing was kept."):
        rows = units_of(tables, declared, budget.unit)
        bought = sum(one.paid and not one.ordered for one in declared.columns.values())
        delta = budget.delta / 2 if bought else budget.delta  # the other half is for labels
        ledger = Ledger(rho_of(budget.epsilon, delta))
        fails = budget.delta / 2 / max(bought, 1)
        learning = _Learning(tables, declared, rows, noise, seed, fails)
        for at, one in enumerate(rows):
            part = Ledger(ledger.left / (len(rows) - at))
            learning.learn(one, part, _told(progress, one, at, len(rows)))
            for look in part.looks:
                ledger.write(replace(look, about=f"{one}: {look.about}"))
        spent = epsilon_of(ledger.spent, delta)
        kept = {table: held.most for table, held in rows.items()}
        leaves = {table: learning.leaves[table] for table in declared.schema.names}
        profile = Profile(
            name=name,
            version=version,
            title=title or name,
            kind="fitted",
            schema=declared.schema,
            world=FittedWorld(declared.schema, leaves),
            summary=Summary(0, learning.summaries),
            certificate={
                "k": 0,
                "epsilon": budget.epsilon,
                "seed": seed,
                "rows": {},
                "note": NOTE,
                "scores": {},
            },
            ledger=ledger_document(budget, ledger, spent, declared.document(), kept),
        )
        return replace(profile, hash=hash_of(profile))


@dataclass
class _Learning:
    """Tables while they are learnt, parents before children."""

    tables: Mapping[str, pa.Table]
    declared: Declared
    rows: Mapping[str, Rows]
    noise: Noise
    seed: int
    delta: float  # of labels that are bought, column by column
    leaves: dict[str, TableLeaves] = field(default_factory=dict)
    summaries: dict[str, TableSummary] = field(default_factory=dict)
    _levels: dict[str, dict[str, Levels]] = field(default_factory=dict)
    _codes: dict[str, dict[str, Ints]] = field(default_factory=dict)
    _had: dict[str, float] = field(default_factory=dict)  # rows by hidden count, as noise has it

    def learn(self, name: str, ledger: Ledger, tell: Callable[[str, float], None]) -> None:
        mine, said = self.rows[name], self.declared.of(name)
        whole = self.tables[name]
        own = self._bought(whole.take(pa.array(mine.at)), said, ledger, mine.most)
        every = {one: coded(levels, whole.column(one)) for one, levels in own.items()}
        codes = {one: held[mine.at] for one, held in every.items()}
        self._levels[name], self._codes[name] = own, every
        hidden, counts = self._counts(name)
        given, seen = self._context(name)
        eye = open_eye(
            {**given, **own, **hidden},
            {**seen, **codes, **counts},
            noise=self.noise,
            ledger=ledger,
            sensitivity=float(mine.most),
        )
        learnt = learn(eye, seed=self.seed, tell=tell, given=given.keys())
        anew = {
            one.column.name: _anew(one)
            for one in said
            if one.anew and (mine.link is None or one.column.name != mine.link.column)
        }
        ties: tuple[Tie, ...] = ()
        if mine.link is not None:
            count = count_name(name, mine.link.path)
            ties = (Tie(mine.link.path, mine.link.parent, "born", count),)
        kinds = {one: levels.column for one, levels in hidden.items()}
        rows = learnt.rows
        if mine.link is not None:  # not all were looked at: as many as their parents say
            rows = max(1, round(self._had[count_name(name, mine.link.path)]))
        for one in learnt.groups:
            if one.levels.column.name in hidden and one.levels.low is not None:
                share = (one.mass[one.of] * one.share)[:-1]
                mean = float(share @ (one.levels.low + one.levels.ends) / 2 / max(share.sum(), 1))
                self._had[one.levels.column.name] = mean * rows
        self.leaves[name] = TableLeaves(rows, {**learnt.leaves, **anew}, kinds, ties)
        self.summaries[name] = replace(learnt.summary, rows=rows)

    def _bought(
        self,
        table: pa.Table,
        declared: tuple[Declaration, ...],
        ledger: Ledger,
        most: int,
    ) -> dict[str, Levels]:
        """The levels of the columns that are learnt: declared, or bought."""
        found: dict[str, Levels] = {}
        share = PAID * ledger.left / max(1, sum(one.paid for one in declared))
        for one in declared:
            name, required = one.column.name, not one.column.nullable
            if one.anew:
                continue
            values = table.column(name)
            if not one.ordered:
                labels = one.labels or self._labels(values, ledger, most, share)
                found[name] = levels_of_labels(one.column, labels, required=required)
                continue
            low, high = one.low, one.high
            if low is None or high is None:
                low, high = self._bounds(one, values, ledger, most, share)
            step = one.step or fine_step(low, high)
            alone = self._shared(one.column, values, (low, high, step), ledger, most)
            found[name] = levels_between(
                one.column, low, high, step, required=required, alone=alone
            )
        return found

    def _shared(
        self,
        column: Column,
        values: pa.ChunkedArray,
        bounds: tuple[float, float, float],
        ledger: Ledger,
        most: int,
    ) -> tuple[float, ...]:
        """Values that get a level of their own.  Where a unit has many rows, or little can be
        spent, noise would drown all but few of them."""
        if most > 1 or not EACH < values_between(*bounds) <= MOST_VALUES:
            return ()
        share = SHARED * ledger.rho
        if self.noise.cost_of_counts(1.0, WIDEST) > share:
            return ()
        levels = each_value(column, *bounds)
        eye = open_eye(
            {column.name: levels},
            {column.name: coded(levels, values)},
            noise=self.noise,
            ledger=ledger,
            sensitivity=float(most),
        )
        return shared_of(eye, share)

    def _labels(
        self, values: pa.ChunkedArray, ledger: Ledger, most: int, share: float
    ) -> tuple[str, ...]:
        ask = open_labels(
            partial(counted, values), noise=self.noise, ledger=ledger, sensitivity=most
        )
        return ask(share, self.delta) or (NOTHING,)

    def _bounds(
        self,
        one: Declaration,
        values: pa.ChunkedArray,
        ledger: Ledger,
        most: int,
        share: float,
    ) -> tuple[float, float]:
        name = one.column.name
        wide = magnitudes(one.column, one.step)
        eye = open_eye(
            {name: wide},
            {name: coded(wide, values)},
            noise=self.noise,
            ledger=ledger,
            sensitivity=float(most),
        )
        return bounds_of(eye, share)

    def _counts(self, name: str) -> tuple[dict[str, Levels], dict[str, Ints]]:
        """How many rows of other tables there are for each row, hidden columns of it."""
        levels, codes = {}, {}
        for child, rows in self.rows.items():
            if rows.link is None or rows.link.parent != name or rows.counts is None:
                continue
            count = count_name(child, rows.link.path)
            column = Column(count, Kind.FLOAT)
            levels[count] = levels_between(column, 0.0, float(rows.beneath), 1.0, required=True)
            had = rows.counts[self.rows[name].at]
            codes[count] = levels[count].code(had.astype(np.float64))
        return levels, codes

    def _context(self, name: str) -> tuple[dict[str, Levels], dict[str, Ints]]:
        """Columns of the parent's row and of the row before."""
        mine = self.rows[name]
        if mine.link is None or mine.parent is None or mine.before is None:
            return {}, {}
        levels, codes = {}, {}
        for one, known in self._levels[mine.link.parent].items():
            called = along(mine.link.path, one)
            levels[called] = replace(known, column=replace(known.column, name=called))
            codes[called] = self._codes[mine.link.parent][one][mine.parent]
        first = mine.before < 0
        for one, known in self._levels[name].items():
            called = before(one)
            column = replace(known.column, name=called)
            levels[called] = replace(known, column=column, required=False)
            codes[called] = np.where(first, known.size, self._codes[name][one][mine.before])
        return levels, codes


def check_budget(budget: Budget) -> None:
    """Raises RequestError for a budget that says nothing or too much."""
    if not 0.01 <= budget.epsilon <= 20:
        raise RequestError(
            f"Epsilon is {budget.epsilon:g}; it must lie between 0.01 and 20.", field="epsilon"
        )
    if not 1e-15 <= budget.delta <= 1e-4:
        raise RequestError(
            f"Delta is {budget.delta:g}; it must lie between 1e-15 and 1e-4, and well below one "
            "in as many units as the extract has.",
            field="delta",
        )


def _check_tables(tables: Mapping[str, pa.Table], declared: Declared) -> None:
    for table in declared.schema:
        if table.name not in tables:
            raise RequestError(
                f"The declaration names a table “{table.name}” that the extract does not have; it "
                f"has {', '.join(tables)}.",
                field="declared",
            )
        there = tables[table.name].column_names
        if rows_of(tables[table.name]) != tables[table.name].num_rows:
            raise RequestError(
                f"The table “{table.name}” is too long to be held, and what is kept of it depends "
                "on all its rows; bring a part of it, or a smaller file, for a private fit.",
                field="epsilon",
            )
        for name in there:
            if name not in table.column_names:
                raise RequestError(
                    f"The column {table.name}.{name} is not declared; declare it, or leave it out "
                    "(--leave-out).",
                    field="declared",
                )
        for name in table.column_names:
            if name not in there:
                raise RequestError(
                    f"The declaration names a column “{name}” of the table “{table.name}”, which "
                    "the extract does not have; mend one of them.",
                    field="declared",
                )
    for name in tables:
        if name not in declared.schema:
            raise RequestError(
                f"The table “{name}” is not declared; declare it or leave it away.",
                field="declared",
            )


def _anew(one: Declaration) -> ColumnLeaves:
    """A column nothing is learnt of."""
    if one.column.kind is Kind.INTEGER:
        return ColumnLeaves(Codec("pattern"))
    if one.column.personal == "email":
        return ColumnLeaves(Codec("pattern", pattern=shape_of((), "email", 1)))
    return ColumnLeaves(Codec("pattern", pattern=_PATTERN))


def _told(
    progress: Callable[[str, float], None] | None, table: str, at: int, tables: int
) -> Callable[[str, float], None]:
    def tell(what: str, share: float) -> None:
        if progress is not None:
            progress(f"{table}: {what}", (at + share) / tables)

    return tell
