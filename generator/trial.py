"""The rows a trial fit learns from, and those it is held against."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from generator.streams import Stream


def halves(rows: pa.Table, name: str, *, seed: int, most: int) -> tuple[pa.Table, pa.Table]:
    """Two disjoint samples of a table of at most ``most`` rows each, chosen by the seed, in the
    order of its rows."""
    order = np.argsort(Stream(seed, name, "(certificate)").bits(0, rows.num_rows), kind="stable")
    half = min(rows.num_rows // 2, most)
    return rows.take(np.sort(order[:half])), rows.take(np.sort(order[half : 2 * half]))
