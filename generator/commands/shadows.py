"""Models of an attacker's own, for the attack by shadow models on what a trial drew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from generator.compare import Imitation, Imitations
from generator.fit import imitated
from generator.schema import Schema, Table
from generator.stop import ask
from generator.summary import tables_of
from generator.trial import halves

SHADOWS = 3
LEAST_ROWS, MOST_ROWS = 1_000, 2_000  # of unseen rows that one is learnt from half of
MOST_CELLS = 60_000  # rows by columns of them: three take some seconds


def shadows_of(
    schema: Schema, unseen: Mapping[str, pa.Table], *, seed: int, k: int, models: int = SHADOWS
) -> Imitations:
    """Models of the tables that stand alone, each of half of some unseen rows, which the attacker
    knows to be of the same population; none of short or wide tables."""
    if any(table.links for table in schema):
        return {}
    return {
        table.name: list(_models(table, unseen[table.name], seed, k, models))
        for table in schema
        if table.name in unseen and _rows(table, unseen[table.name]) >= LEAST_ROWS
    }


def _rows(table: Table, rows: pa.Table) -> int:
    known: int = min(rows.num_rows // 2, MOST_ROWS)
    return min(known, MOST_CELLS // max(len(table.columns), 1))


def _models(table: Table, rows: pa.Table, seed: int, k: int, models: int) -> Iterator[Imitation]:
    most = _rows(table, rows) // 2
    for number in range(1, models + 1):
        ask()
        learnt, others = halves(rows, f"{table.name} shadow", seed=seed + number, most=most)
        made = imitated(table, learnt, seed=seed + number, k=k)
        yield _sides(table, [learnt, others, made])


def _sides(table: Table, sides: Sequence[pa.Table]) -> Imitation:
    schema = Schema((table.loose(),))
    wanted = table.loose().arrow_schema()
    names = list(table.column_names)
    tables = (tables_of(schema, {table.name: one.select(names).cast(wanted)}) for one in sides)
    return Imitation(*tables)
