"""Rows where something holds, exactly as many as are asked for: candidates are drawn block by block
from streams of their own, and the first that fit are taken.

Which of the conditions a row is to meet follows from its number alone (a walk through all numbers
that meets each once), so a block of rows needs nothing of any other.  Candidates of block b are the
rows from (b + 1) * 2**36 on of the same streams, which no table reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.errors import PlanError, RequestError, RunError, shown
from generator.expressions import Expression
from generator.schema import Schema
from generator.summary import Forms, as_said
from generator.tables import Tables

Ints = NDArray[np.int64]
Draw = Callable[[int, int], pa.Table]
"""Rows of a table from one number to another."""

BLOCK = 4096  # rows that choose among candidates together
BATCH = 16_384  # candidates drawn at a time
TRIED = 65_536  # rows drawn to see how rare a condition is
RAREST = 0.0005  # share of rows that must meet a condition
_SPARE = 1 << 36  # candidates of a block
MOST_CANDIDATES = 100 * int(BLOCK / RAREST)  # of a block: so many never all miss


@dataclass(frozen=True)
class Conditions:
    """What rows of a table are to meet: ``counts`` of the statements in ``texts``, each for rows
    that meet none before it; all other rows meet none of them.  ``field`` is where the recipe says
    so.  With a ``column`` the texts are its labels."""

    table: str
    texts: tuple[str, ...]
    counts: tuple[int, ...]
    field: str
    column: str = ""

    @property
    def read(self) -> frozenset[str]:
        """The columns that the statements speak of."""
        if self.column:
            return frozenset({self.column})
        return frozenset(path for text in self.texts for path in self._paths(text))

    def _paths(self, text: str) -> tuple[str, ...]:
        try:
            return Expression(text).paths
        except RequestError as problem:
            raise PlanError(problem.sentence, field=self.field) from problem

    def kinds(self, rows: int, first: int, last: int) -> Ints:
        """Which statement each row from ``first`` to ``last`` of a table of ``rows`` is to meet;
        the number of statements for none."""
        numbers = np.arange(first, last, dtype=np.int64)
        step = _step(rows)
        edges = np.cumsum(self.counts)
        found: Ints = np.searchsorted(edges, (numbers * step) % max(rows, 1), side="right")
        return found

    def met(self, schema: Schema, forms: Forms, rows: pa.Table) -> Ints:
        """Which statement each row meets, the first of several; their number for none."""
        mine = Schema((schema[self.table],))
        loaded = Tables(mine, {self.table: rows.select}, {self.table: rows.num_rows})
        return self.met_in(forms, loaded)

    def met_in(self, forms: Forms, loaded: Tables) -> Ints:
        """As ``met``, of all rows of tables; texts may say numbers or days by ``forms``."""
        told = as_said(loaded, {key: form for key, form in forms.items() if key[0] == self.table})
        met = np.full(told.rows(self.table), len(self.texts), dtype=np.int64)
        for at in range(len(self.texts) - 1, -1, -1):
            met[self._holds(self.texts[at], told)] = at
        return met

    def _holds(self, text: str, tables: Tables) -> NDArray[np.bool_]:
        if self.column:
            told = tables.arrow(self.table, self.column).cast(pa.string())
            return np.asarray(pc.equal(told, text).fill_null(False))
        try:
            held = Expression(text).evaluate(tables, self.table)
        except RequestError as problem:
            raise PlanError(problem.sentence, field=self.field) from problem
        if held.dtype != np.bool_:
            raise PlanError(
                f"“{shown(text)}” is no statement that holds or does not; compare columns, for "
                "example price < 20000.",
                field=self.field,
            )
        return held


def _step(rows: int) -> int:
    """About 0.618 of the rows, at most 2**20, and no divisor of their number in common."""
    step = max(1, min(int(rows * 0.618), 1_048_573))
    while gcd(step, max(rows, 1)) > 1:
        step -= 1
    return step


def chosen(
    conditions: Conditions,
    rows: int,
    block: int,
    draw: Draw,
    met: Callable[[pa.Table], Ints],
) -> pa.Table:
    """The rows of a block, each of the kind it is to be; without columns that are made anew.

    Raises RunError when far more candidates than a plan foresaw are of no use.
    """
    first, last = block * BLOCK, min((block + 1) * BLOCK, rows)
    kinds = conditions.kinds(rows, first, last)
    wanted = np.bincount(kinds, minlength=len(conditions.texts) + 1)
    parts: list[pa.Table] = []
    places: list[list[Ints]] = [[] for _ in wanted]
    got, tried, kept = np.zeros(len(wanted), np.int64), 0, 0
    start = (block + 1) * _SPARE
    while (got < wanted).any():
        if tried >= MOST_CANDIDATES:
            raise RunError(
                f"{conditions.table}: {MOST_CANDIDATES:,} rows were drawn and too few of them meet "
                "what is asked for; ask for something that is less rare."
            )
        batch = draw(start + tried, start + tried + BATCH)
        tried += BATCH
        of = met(batch)
        take = [np.flatnonzero(of == kind)[:need] for kind, need in enumerate(wanted - got)]
        used = np.concatenate(take)
        at = kept
        for kind, mine in enumerate(take):
            places[kind].append(at + np.arange(len(mine)))
            at += len(mine)
            got[kind] += len(mine)
        if len(used):
            parts.append(batch.take(pa.array(used)))
            kept += len(used)
    source = np.empty(last - first, dtype=np.int64)
    for kind, runs in enumerate(places):
        if runs:
            source[kinds == kind] = np.concatenate(runs)
    pool = pa.concat_tables([part.unify_dictionaries() for part in parts]).unify_dictionaries()
    return pool.take(pa.array(source)).combine_chunks()


def foreseen(conditions: Conditions, rows: int, draw: Draw, met: Callable[[pa.Table], Ints]) -> str:
    """What the conditions cost, a sentence.  Raises PlanError for one that is too rare or cannot
    be met."""
    check_counts(conditions, rows)
    counts = (*conditions.counts, rows - sum(conditions.counts))
    seen = came_of(conditions, draw, met)
    needed = 0.0
    for at, (count, share) in enumerate(zip(counts, seen / TRIED, strict=True)):
        if count and share < RAREST:
            raise PlanError(too_rare(conditions, at, int(seen[at]), TRIED), field=conditions.field)
        needed = max(needed, count / share if count else 0.0)
    told = held_in(conditions, seen / TRIED) or f"{seen[0] / TRIED:.2%} of rows fall into the span"
    return f"{conditions.table}: {told}; about {int(needed):,} rows are drawn to choose from."


def came_of(conditions: Conditions, draw: Draw, met: Callable[[pa.Table], Ints]) -> Ints:
    """How many of the rows that are tried meet each condition, and none, by themselves."""
    kinds = len(conditions.texts) + 1
    seen = np.zeros(kinds, np.int64)
    for first in range(0, TRIED, BATCH):
        of = met(draw(_SPARE // 2 + first, _SPARE // 2 + first + BATCH))
        seen += np.bincount(of, minlength=kinds)[:kinds]
    return seen


def check_counts(conditions: Conditions, rows: int) -> None:
    """Raises PlanError where more rows are to meet something than there are."""
    asked = sum(conditions.counts)
    if asked > rows:
        raise PlanError(
            f"{asked:,} rows of {conditions.table} are to meet what is asked for, and it has "
            f"{rows:,}; ask for more rows, or for fewer that meet it.",
            field=conditions.field,
        )


def held_in(conditions: Conditions, shares: NDArray[np.float64]) -> str:
    """In what share of rows each condition holds by itself, the first few of them."""
    return ", ".join(
        f"“{shown(text)}” holds in {share:.2%} of rows"
        for text, share in zip(conditions.texts[:5], shares, strict=False)
    )


def too_rare(conditions: Conditions, at: int, seen: int, tried: int) -> str:
    """That one of the conditions, or none of them, is met too seldom, in a sentence."""
    how = (
        f"{seen} of {tried:,} rows that were tried meet" if seen else "no row that was tried meets"
    )
    if not conditions.texts:
        return (
            f"{conditions.table}: {seen} of {tried:,} rows that were tried fall into the span; ask "
            "for a longer one."
        )
    if at == len(conditions.texts):
        what = " and ".join(f"not ({text})" for text in conditions.texts)
        return (
            f"{conditions.table}: {how} none of what is asked for (“{shown(what)}”), so the other "
            "rows cannot be drawn; ask for that many rows of the table in all."
        )
    return (
        f"{conditions.table}: {how} “{shown(conditions.texts[at])}”; ask for something that at "
        f"least {RAREST:.2%} of rows meet."
    )


def conditions_of(
    where: Mapping[str, Mapping[str, int]],
    shares: Mapping[str, Mapping[str, float]],
    schema: Schema,
    rows: Callable[[str], int],
) -> dict[str, list[Conditions]]:
    """By table what a recipe asks for, its statements and its shares of each column; ``rows`` says
    how many a table has for its shares.  Raises PlanError for tables and columns that are not
    there."""
    found: dict[str, list[Conditions]] = {}
    for table, asked in where.items():
        _known(schema, table, f"where.{table}")
        found[table] = [Conditions(table, tuple(asked), tuple(asked.values()), f"where.{table}")]
    for path, labels in shares.items():
        table, column = _parted(schema, path)
        edges = np.cumsum([0.0, *labels.values()]) * rows(table)
        counts = np.diff(np.floor(edges + 0.5 + 1e-9).astype(np.int64))
        field = f"shares.{path}"
        one = Conditions(table, tuple(labels), tuple(counts.tolist()), field, column)
        found.setdefault(table, []).append(one)
    return found


def _known(schema: Schema, table: str, field: str) -> None:
    if table not in schema:
        raise PlanError(
            f"The profile has no table “{shown(table)}”; it has "
            f"{shown(', '.join(schema.names), most=300)}.",
            field=field,
        )


def _parted(schema: Schema, path: str) -> tuple[str, str]:
    for table in schema:
        column = path.removeprefix(f"{table.name}.")
        if column != path and column in table.column_names:
            return table.name, column
    raise PlanError(
        f"“{shown(path)}” is no column; write TABLE.COLUMN, for example "
        f"{schema.tables[0].name}.{schema.tables[0].columns[0].name}.",
        field=f"shares.{path}",
    )
