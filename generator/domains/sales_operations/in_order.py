"""Whether the moments of a row come one after another (R042)."""

from __future__ import annotations

import numpy as np

from generator.rules import Truth
from generator.tables import Tables


def in_order(tables: Tables, table: str, *columns: str) -> Truth:
    """Moments of a row in this order; a missing one is passed over."""
    obeys = np.ones(tables.rows(table), dtype=bool)
    earlier = np.full(tables.rows(table), np.datetime64("0001-01-01", "ms"))
    for column in columns:
        moment = tables.values(table, column).astype("datetime64[ms]")
        missing = tables.missing(table, column)
        obeys &= missing | (earlier <= moment)
        earlier = np.where(missing, earlier, moment)
    return obeys
