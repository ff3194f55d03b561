"""How closely a table is learnt: what a fit may choose from table to table."""

from __future__ import annotations

from dataclasses import dataclass

K = 20  # persons who share a label or an atom, or whom the knots of a cell span, at least
LEAF_ROWS = 20  # rows of a cell, at least


@dataclass(frozen=True)
class Way:
    """``leaf`` rows of a cell, at least; ``gain``: a split must explain so many rows' worth of
    what stays unexplained; ``predictors`` of a column, at most; ``order`` of the columns: see
    ``generator.fit.order``."""

    leaf: int = LEAF_ROWS
    gain: float = 2.5
    predictors: int = 12
    order: str = "predictable"
