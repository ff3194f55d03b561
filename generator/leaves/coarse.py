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


def coarsened(curves: Curves, stretches: NDArray[np.float64]) -> Curves:
    """The curves with knots in whole steps, none of them moved into or out of the ``stretches``
    (atoms, 2) of atoms, whose ends stay what they are."""
    ends = np.rint(np.concatenate([[0.0], stretches.ravel(), [float(UNIT)]]))
    gap = np.clip(np.searchsorted(ends, curves.value, side="right") - 1, 0, len(ends) - 2)
    whole = np.clip(np.rint(curves.value / STEP) * STEP, ends[gap], ends[gap + 1])
    value = np.where(curves.value == ends[gap], curves.value, whole)
    return replace(curves, at=(curves.at + STEP // 2) // STEP * STEP, value=value)
