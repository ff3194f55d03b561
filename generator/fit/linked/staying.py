"""How often a row leads where the row before it does: a plane flies for one airline, and a customer
goes on buying from the same dealer.  What a link asks for is drawn for each row by what is known of
its parents; so of rows of one parent only those would agree that chance lets agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.fit.column import Columns
from generator.fitted import ColumnLeaves, features_of
from generator.leaves.choice import Choices

Ints = NDArray[np.int64]
FEWEST = 200  # rows that follow another under their parent
LEAST = 0.05  # share of rows that stay beyond chance; less is taken for none
STEPS = 256  # in which the share is told


def staying(
    rows: Ints, place: Ints, asked: Ints, chosen: ColumnLeaves, columns: Columns, classes: int
) -> float:
    """The share of rows that lead where the row before them does, beyond what chance does.

    ``rows`` (n,) are the rows that the link leads to, -1 for none, ``place`` (n,) the place of each
    row under its own parent, one after the other; ``asked`` (n,) is the class each asks for, drawn
    by ``chosen`` from ``columns``.
    """
    after = np.flatnonzero((place[1:] > 0) & (rows[1:] >= 0) & (rows[:-1] >= 0)) + 1
    if len(after) < FEWEST:
        return 0.0
    agree = float((rows[after] == rows[after - 1]).mean())
    by_class = _repeated(rows, asked, classes)
    assert chosen.tree is not None
    assert isinstance(chosen.leaves, Choices)
    cells = chosen.tree.apply(features_of(chosen.predictors, columns, len(rows)))
    leaves = chosen.leaves
    cell = np.repeat(np.arange(chosen.tree.cells), np.diff(leaves.first))
    both = leaves.shares**2 * by_class[leaves.code]
    chance = float(np.bincount(cell, both, minlength=chosen.tree.cells)[cells[after]].mean())
    share = (agree - chance) / max(1 - chance, 1e-9)
    return round(share * STEPS) / STEPS if share >= LEAST else 0.0


def _repeated(rows: Ints, asked: Ints, classes: int) -> NDArray[np.float64]:
    """For each class the chance that two rows that ask for it lead to one row."""
    there = (rows >= 0) & (asked >= 0)
    pairs, counts = np.unique(
        asked[there] * (int(rows.max(initial=0)) + 1) + rows[there], return_counts=True
    )
    of = pairs // (int(rows.max(initial=0)) + 1)
    held = np.bincount(of, counts, minlength=classes)
    squares = np.bincount(of, counts.astype(np.float64) ** 2, minlength=classes)
    repeated: NDArray[np.float64] = squares / np.maximum(held, 1.0) ** 2
    return repeated
