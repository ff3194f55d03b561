"""A model of an attacker's own: a table learnt alone, in the usual way, and drawn again."""

from __future__ import annotations

import pyarrow as pa

from generator.fit.floor import Floor
from generator.fit.table import learn_table
from generator.fit.way import K, Way
from generator.fitted import draw_rows
from generator.schema import Table


def imitated(table: Table, rows: pa.Table, *, seed: int, k: int = K) -> pa.Table:
    """As many rows as given, drawn from what is learnt of them; the table stands alone."""
    leaves = learn_table(table, rows, seed=seed, tell=_unheard, way=Way(), floor=Floor(k))
    return draw_rows(table, leaves, seed + 1, 0, rows.num_rows)


def _unheard(what: str) -> None:
    del what
