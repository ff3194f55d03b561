"""A small world of two tables, for tests of everything that does not care what is drawn."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from generator.profile import Profile, Shard, TableCount
from generator.schema import Column, Kind, Link, Schema, Table

NASTY = (
    'a,"b"\n\\t\t\\N',
    "",
    "Zoë ’ 漢字 🚗",
    "  spaces  ",
    "'; DROP TABLE t; --",
    "\\.",
    "x\r\ny",
    None,
)

PARENT = Table(
    "parent",
    (
        Column("k", Kind.TEXT, length=20, unique=True),
        Column("money", Kind.DECIMAL, nullable=True, precision=12, scale=2),
        Column("at", Kind.TIMESTAMP),
        Column("day", Kind.DATE, nullable=True),
        Column("said", Kind.TEXT, nullable=True, meaning="it's free"),
        Column("state", Kind.ENUM, values=("A", "B")),
        Column("n", Kind.INTEGER),
        Column("x", Kind.FLOAT, nullable=True),
        Column("ok", Kind.BOOLEAN, nullable=True),
    ),
    key="k",
    meaning="The parent's table",
)
CHILD = Table(
    "child",
    (Column("k", Kind.TEXT, length=20), Column("p", Kind.TEXT, length=20, nullable=True)),
    key="k",
    links=(Link("p", "parent", "k", "parent"),),
)


def parent_rows(first: int, last: int) -> pa.Table:
    rows = np.arange(first, last)
    cents = pa.array([None if r % 7 == 0 else int(r) * 101 - 5000 for r in rows], pa.int64())
    return pa.table(
        {
            "k": [f"K-{r:06d}" for r in rows],
            "money": pa.array(
                [None if c is None else c / 100 for c in cents.to_pylist()], pa.float64()
            ).cast(pa.decimal128(12, 2), safe=False),
            "at": pa.array(rows * 86_400_000 // 7, pa.int64()).cast(pa.timestamp("ms", tz="UTC")),
            "day": [None if r % 5 == 0 else date.fromordinal(730_000 + int(r)) for r in rows],
            "said": [NASTY[r % len(NASTY)] for r in rows],
            "state": pa.array(["AB"[r % 2] for r in rows]).dictionary_encode(),
            "n": pa.array(rows - 2**62 * (rows % 2), pa.int64()),
            "x": [None if r % 3 == 0 else float(r) / 3 for r in rows],
            "ok": [None if r % 4 == 0 else bool(r % 2) for r in rows],
        }
    )


class SmallWorld:
    """``parent`` as asked (100 by default), two children each; ten rows a shard."""

    def asked(self, plan):
        return ()

    def settle(self, recipe):
        rows = recipe.rows.get("parent", 100)
        counts = (
            TableCount("parent", rows, "parent" in recipe.rows),
            TableCount("child", 2 * rows, False, "two a parent"),
        )
        return counts, {}, []

    def shards(self, plan):
        rows = plan.count("parent")
        return tuple(
            Shard(number, "rows", at, min(at + 10, rows), 30)
            for number, at in enumerate(range(0, rows, 10))
        )

    def open(self, plan):
        return SmallDrawing()


class SmallDrawing:
    def draw(self, shard):
        yield "parent", parent_rows(shard.first, shard.last)
        rows = range(2 * shard.first, 2 * shard.last)
        yield (
            "child",
            pa.table(
                {
                    "k": [f"C-{row:06d}" for row in rows],
                    "p": [None if row % 9 == 0 else f"K-{row // 2:06d}" for row in rows],
                }
            ),
        )

    def starts(self, shard):
        return {"parent": shard.first, "child": 2 * shard.first}

    def context(self, shard):
        """The parents of all shards before."""
        if not shard.first:
            return {}
        return {"parent": lambda columns: parent_rows(0, shard.first).select(list(columns))}


def small_profile() -> Profile:
    return Profile(
        "small", "1", "Small", "builtin", Schema((CHILD, PARENT)), SmallWorld(), hash="abc"
    )
