"""What comes onto a shelf and what leaves it, over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Flows(NamedTuple):
    """Pieces that come (above 0) or leave at moments (ms since 1970), each on a shelf: sorted by
    shelf and moment, what leaves before what comes at the same moment."""

    shelf: Integers
    at: Integers
    pieces: Integers

    @classmethod
    def of(cls, *parts: tuple[Integers, NDArray[np.datetime64], Integers]) -> Flows:
        """From (shelf, moment, pieces) arrays; those of no shelf (below 0) are left out."""
        shelf = np.concatenate([np.asarray(shelf, dtype=np.int64) for shelf, _, _ in parts])
        at = np.concatenate([m.astype("datetime64[ms]").astype(np.int64) for _, m, _ in parts])
        pieces = np.concatenate([np.asarray(n, dtype=np.int64) for _, _, n in parts])
        order = np.lexsort((pieces, at, shelf))
        order = order[(shelf[order] >= 0) & (pieces[order] != 0)]
        return cls(shelf[order], at[order], pieces[order])

    def until(self, moment: np.datetime64) -> Flows:
        """What has come and left by a moment."""
        kept = self.at <= moment.astype("datetime64[ms]").astype(np.int64)
        return Flows(self.shelf[kept], self.at[kept], self.pieces[kept])

    def sums(self, shelves: int, *, leaving: bool = False) -> Integers:
        """Pieces that came less those that left; with ``leaving`` those that left."""
        pieces = np.maximum(-self.pieces, 0) if leaving else self.pieces
        return np.bincount(self.shelf, weights=pieces, minlength=shelves).astype(np.int64)

    def lowest(self, shelves: int) -> Integers:
        """The least that the sum of what came and left falls to, at most 0."""
        low = np.zeros(shelves, dtype=np.int64)
        if len(self.shelf):
            first = np.flatnonzero(np.append(True, np.diff(self.shelf) != 0))
            running = np.cumsum(self.pieces)
            before = np.append(0, running)[first]
            least = np.minimum.reduceat(running, first) - before
            low[self.shelf[first]] = np.minimum(least, 0)
        return low

    def last_leaving(self, shelves: int) -> Integers:
        """The last moment at which anything left a shelf; -1 where nothing did."""
        last = np.full(shelves, -1, dtype=np.int64)
        leaves = self.pieces < 0
        np.maximum.at(last, self.shelf[leaves], self.at[leaves])
        return last


@dataclass(frozen=True)
class Kept:
    """Flows of all rows of a frame as a working column of it."""

    what: Flows
    rows: int

    def __len__(self) -> int:
        return self.rows
