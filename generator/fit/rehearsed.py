"""Rows drawn while a table is learnt, so that later columns are told where drawn rows lie.

Each column is drawn well from the learnt rows before it.  But drawn rows come to cells a little
oftener or less often than learnt ones: a balance that is off by a little from one month to the
next makes payments, which are learnt from the difference, too large.  So every column is drawn as
soon as it is learnt, and the leaves of the next are laid out for the cells that those rows fall in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree
from generator.fit.column import Learning
from generator.fitted import ColumnLeaves, Predictor, TableLeaves, features_of
from generator.fitted.column import draw_known, tell_part
from generator.fitted.draw import Known
from generator.fitted.keeping import Keeping
from generator.found import Kept
from generator.leaves.choice import Choices
from generator.schema import Table

FEWEST, MOST_ROWS = 5_000, 20_000  # that are drawn
FOR_EACH = 2  # drawn for a learnt row, between these
SURE = 20.0  # rows of a label that count half
MOST = 2.0  # that a share is raised by in a round, or lowered
ROUNDS = 3
_APART = 1 << 64  # what is drawn here is no bundle's: recipes have seeds of 64 bits

Rows = NDArray[np.float64]


class Rehearsal:
    """Rows of a table that stands alone, as far as its columns are learnt."""

    def __init__(self, table: Table, kept: Kept, rows: int, seed: int) -> None:
        self._table, self._seed = table, _APART + seed
        self._rows = min(max(FOR_EACH * rows, FEWEST), MOST_ROWS)
        self._keeping = Keeping(table, kept)
        self._known: dict[str, Known] = {}

    def draw(self, name: str, leaves: ColumnLeaves) -> None:
        """Draw a column that is learnt."""
        keeping, seed = self._keeping, self._seed
        if leaves.codec.form != "missing":
            draw_known(self._table, name, leaves, self._known, keeping, seed, 0, self._rows)

    def tell_part(self, name: str, leaves: TableLeaves) -> None:
        tell_part(name, leaves, self._known)

    def rows_of(
        self,
        predictors: tuple[Predictor, ...],
        tree: Tree,
        cells: NDArray[np.int32],
        column: Learning,
    ) -> Rows:
        """How many of the drawn rows (cells,) have a value of the column in each cell, if as many
        lack one there as of the learnt rows, which lie in ``cells`` (n,)."""
        at = tree.apply(features_of(predictors, self._known, self._rows))
        there = np.bincount(cells, ~column.missing, minlength=tree.cells)
        share = there / np.maximum(np.bincount(cells, minlength=tree.cells), 1)
        drawn: Rows = np.bincount(at, minlength=tree.cells) * share
        return drawn


def with_shares(leaves: Choices, learnt: NDArray[np.int64], drawn: Rows) -> Choices:
    """Leaves with which ``drawn`` rows (cells,) have each label as often as the ``learnt`` ones
    (cells,): each cell gives more of what comes too rarely."""
    cell = np.repeat(np.arange(len(leaves.first) - 1), np.diff(leaves.first))
    asked = np.bincount(leaves.code, leaves.shares * learnt[cell])
    drawn = drawn * (learnt.sum() / max(drawn.sum(), 1.0))
    for _ in range(ROUNDS):
        come = np.bincount(leaves.code, leaves.shares * drawn[cell])
        ratio = np.clip((asked + SURE) / (come + SURE), 1 / MOST, MOST)
        leaves = leaves.weighted(leaves.shares * ratio[leaves.code])
    return leaves
