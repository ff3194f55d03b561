"""Curves in steps that a profile's file has room for: of a million ranks, and of a million shares.

No extract has rows enough to tell two ranks within such a step apart; their digits alone were a
fifth of a large profile.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves

STEP = UNIT >> 20
FINER = 16  # steps of a share that one row has


def step_of(rows: int) -> int:
    """The widest step that is not above what one of so many rows is of all ranks."""
    step: int = 1 << ((UNIT // max(rows, 1)).bit_length() - 1)
    return max(STEP, step)


def coarsened(curves: Curves, stretches: NDArray[np.float64], step: int = STEP) -> Curves:
    """The curves with knots at whole steps of ranks, none of them moved into or out of the
    ``stretches`` (atoms, 2) of atoms, whose ends stay what they are."""
    ends = np.rint(np.concatenate([[0.0], stretches.ravel(), [float(UNIT)]]))
    gap = np.clip(np.searchsorted(ends, curves.value, side="right") - 1, 0, len(ends) - 2)
    whole = np.clip(np.rint(curves.value / step) * step, ends[gap], ends[gap + 1])
    value = np.where(curves.value == ends[gap], curves.value, whole)
    return replace(curves, at=(curves.at + STEP // 2) // STEP * STEP, value=value)


def plainer(curves: Curves, rows: NDArray[np.int64]) -> Curves:
    """The curves of cells of ``rows`` (cells,) rows with shares in steps of a sixteenth of a row:
    those of a small cell are few numbers, which take little room."""
    parts = FINER * np.maximum(rows, 1)
    steps = np.maximum(STEP, np.int64(1) << np.floor(np.log2(UNIT / parts)).astype(np.int64))
    steps = np.repeat(steps, np.diff(curves.first))
    return replace(curves, at=(curves.at + steps // 2) // steps * steps)


def rounded(curves: Curves) -> Curves:
    """The curves with values rounded to a 128th of how far the nearer knot beside them lies at
    least; what stands twice, as atoms do, and the ends stay."""
    value = curves.value.copy()
    if len(value) < 3:
        return curves
    gap = np.diff(value)
    near = np.minimum(gap[:-1], gap[1:])
    loose = np.flatnonzero(near > 0)
    step = np.exp2(np.floor(np.log2(near[loose])) - 6)
    value[loose + 1] = np.rint(value[loose + 1] / step) * step
    return replace(curves, value=value)
