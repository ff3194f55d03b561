"""Benchmark: how well attackers guess which rows a profile learnt.

    python -m tests.benchmarks.attacks FILE.csv … [--members 4000] [--shadows 8] [--seeds 2]

Half of each file is learnt as a fit learns it (k = 20, without differential privacy), as many rows
are drawn, and three attackers guess about learnt and unseen rows: by distance, by density, by
shadow models, which learn rows of the attacker's own.  Printed is the AUC of each over all rows and
over the twentieth that lies furthest from all others; the strongest should reach no more than .55
and .60.  One fixed split a seed; `±` is half of the 95 % interval.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

import generator
from generator.attack import Attack, Near, Shadow, by_density, by_distance, by_shadows, outliers
from generator.compare.copies import encoded
from generator.compare.rows import TableRows, rows_of
from generator.fit import imitated
from generator.fit.choosing import chosen_way
from generator.fit.table import learn_table
from generator.fitted import draw_rows
from generator.schema import Schema, Table
from generator.summary import as_said, forms_of, summarize, tables_of
from generator.trial import halves

ALL, FAR = 0.55, 0.60  # that the strongest attack may reach
OUTLIERS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--members", type=int, default=4_000)
    parser.add_argument("--shadows", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    for path in asked.files:
        raw = generator.read(path)
        schema = generator.infer(raw)
        for name, rows in generator.typed(raw, schema).items():
            _attacked(schema[name], rows, asked)


def _attacked(table: Table, rows: pa.Table, asked: argparse.Namespace) -> None:
    worst = {"all rows": 0.0, "outliers": 0.0}
    for seed in range(asked.seeds):
        began = time.process_time()
        learnt, others = halves(rows, table.name, seed=seed, most=rows.num_rows)
        unseen, pool = halves(others, f"{table.name} pool", seed=seed, most=rows.num_rows)
        made = _drawn(table, learnt, seed)
        shadows = list(_shadows(table, pool, seed, asked.shadows))
        for who, found in _all(table, (learnt, unseen, made, pool), shadows, asked.members):
            worst[who] = max(worst[who], found.score)
            print(
                f"{table.name:<16} seed {seed}  {who:<9} {found.way:<14} AUC {found.score:.4f} "
                f"± {(found.high - found.low) / 2:.4f}  ({found.rows:,} rows)"
            )
        print(f"{table.name:<16} seed {seed}  {time.process_time() - began:.0f} CPU-s")
    for who, most in (("all rows", ALL), ("outliers", FAR)):
        print(f"{table.name:<16} strongest on {who}: {worst[who]:.4f} (at most {most})")


def _drawn(table: Table, rows: pa.Table, seed: int) -> pa.Table:
    """As a fit learns the table: in the way that its trial chooses."""

    def learner(some, floor):
        return lambda way: learn_table(table, some, seed=seed, tell=_unheard, way=way, floor=floor)

    way = chosen_way(table, rows, learner, seed=seed)
    leaves = learn_table(table, rows, seed=seed, tell=_unheard, way=way)
    return draw_rows(table, leaves, seed + 1, 0, rows.num_rows)


def _shadows(
    table: Table, pool: pa.Table, seed: int, models: int
) -> Iterator[tuple[pa.Table, pa.Table, pa.Table]]:
    for number in range(models):
        name = f"{table.name} shadow {number}"
        mine, theirs = halves(pool, name, seed=seed, most=pool.num_rows)
        yield mine, theirs, imitated(table, mine, seed=seed + number)


def _all(table, sides, shadows, members) -> Iterator[tuple[str, Attack]]:
    three = [part for shadow in shadows for part in shadow]
    rows = list(_rows(table, [*sides, *three]))
    learnt, unseen, made, pool = rows[:4]
    some = min(members, learnt.rows, unseen.rows)
    cut = [_some(side, some) for side in (learnt, unseen)]
    own = [_some(side, members) for side in rows[4:]]
    points = encoded([*cut, made, pool, *own]).points
    inside, outside, synthetic, reference = points[:4]
    models = [Shadow(*points[at : at + 3]) for at in range(4, len(points), 3)]
    near = [Near.of(side, synthetic, reference) for side in (inside, outside)]
    for who, kept in (("all rows", [slice(None)] * 2), ("outliers", [_far(one) for one in near])):
        one, other = (
            Near(side.made[rows], side.usual[rows]) for side, rows in zip(near, kept, strict=True)
        )
        yield who, by_distance(table.name, one, other)
        yield who, by_density(table.name, one, other)
        if models:
            yield who, by_shadows(table.name, one, other, reference, models)


def _far(near: Near):
    return outliers(near.usual, OUTLIERS)


def _some(side: TableRows, most: int) -> TableRows:
    return side.take(np.unique(np.linspace(0, side.rows - 1, min(most, side.rows)).astype(int)))


def _rows(table: Table, sides: list[pa.Table]) -> Iterator[TableRows]:
    loose = table.loose()
    schema, names = Schema((loose,)), list(table.column_names)
    tables = [
        tables_of(schema, {table.name: side.select(names).cast(loose.arrow_schema())})
        for side in sides
    ]
    forms = forms_of(tables[0])
    summary = summarize(as_said(tables[0], forms))
    roles = {name: one.role for name, one in summary.tables[table.name].columns.items()}
    for at, one in enumerate(tables):
        yield rows_of(as_said(one, forms), table.name, roles, name=f"side {at}")


def _unheard(what: str) -> None:
    del what


if __name__ == "__main__":
    main()
