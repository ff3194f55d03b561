"""The rows a trial fit learns from, and those it is held against."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.holders import EACH_ROW, Holders
from generator.streams import Stream


def halves(
    rows: pa.Table, name: str, *, seed: int, most: int, holders: Holders = EACH_ROW
) -> tuple[pa.Table, pa.Table]:
    """Two disjoint samples of a table of at most ``most`` rows each, chosen by the seed, in the
    order of its rows; nobody holds rows of both."""
    share = min(0.5, most / max(rows.num_rows, 1))
    one, other = by_lot(rows.num_rows, name, share=share, seed=seed, holders=holders)
    return rows.take(np.sort(one)), rows.take(np.sort(other))


def by_lot(
    rows: int, name: str, *, share: float, seed: int, holders: Holders
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two disjoint parts of the row numbers of a table, each about a ``share`` of them, in the
    order of their lots; all rows of a person are in one part, or in none."""
    lots = Stream(seed, name, "(certificate)")
    half = int(rows * share)
    if holders.of is None:
        order = np.argsort(lots.bits(0, rows), kind="stable")
        return order[:half], order[half : 2 * half]
    persons = int(holders.of.max(initial=-1)) + 1
    turn = np.argsort(np.argsort(lots.bits(0, persons), kind="stable"))[holders.of]
    order = np.argsort(turn, kind="stable")
    starts = np.flatnonzero(np.diff(turn[order], prepend=-1))
    middle, last = (_border(starts, at, rows) for at in (half, 2 * half))
    return order[:middle], order[middle:last]


def _border(starts: NDArray[np.int64], at: int, rows: int) -> int:
    """The first row of the person whose first row is the nearest before ``at``."""
    if at >= rows:
        return rows
    if not len(starts):
        return 0
    place = int(np.searchsorted(starts, at, side="right"))
    return int(starts[max(place - 1, 0)])
