"""What all that is kept of a column must rest on: so many persons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree, joined
from generator.fit.way import K
from generator.holders import EACH_ROW as NOBODYS
from generator.holders import Holders, Rows

RARE = 2  # times ``k`` persons: a value that fewer hold is told of nobody for certain


@dataclass(frozen=True)
class Floor:
    """Nothing that fewer than ``k`` of the ``holders`` of some rows share is kept of them."""

    k: int = K
    holders: Holders = NOBODYS

    def at(self, rows: Rows) -> Floor:
        """That of some rows."""
        return replace(self, holders=self.holders.at(rows))

    def persons(self, rows: int) -> int:
        """Persons who hold as many rows in all."""
        return self.holders.count(slice(0, rows))

    def rare(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Rows (n,) whose code few persons hold; those below 0 are no codes."""
        held = self.holders.number(codes, int(codes.max(initial=0)) + 1)
        return np.where(codes < 0, False, held[codes] < RARE * self.k)

    def kept(
        self, tree: Tree, cells: NDArray[np.int32], rare: NDArray[np.bool_] | None = None
    ) -> Tree:
        """The tree with cells of the rows (n,) it was grown on joined, until none is of fewer than
        ``k`` persons or has nothing but one ``rare`` value."""
        hidden = rare is not None and rare.any()
        if self.holders.of is None and not hidden:
            return tree  # as many rows are in every cell

        def fine(places: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
            held: NDArray[np.bool_] = self.holders.number(places, size) >= self.k
            if rare is not None and hidden:
                common = np.bincount(places[~rare], minlength=size)
                held &= common > 0
            return held

        return joined(tree, cells, fine)


EACH_ROW = Floor()
