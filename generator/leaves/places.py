"""How many decimal places numbers are written with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FEW = 256  # values most numbers of too few places are told by
_NEAR = 1e-9  # what binary fractions may leave over


def places_of(values: NDArray[np.float64], most: int) -> int | None:
    """The fewest decimal places that tell all values (n,), ``most`` at most; None if none do."""
    few = values[:: max(1, len(values) // _FEW)]
    for places in range(most + 1):
        if _told(few, places) and _told(values, places):
            return places
    return None


def _told(values: NDArray[np.float64], places: int) -> bool:
    return bool((np.abs(np.round(values, places) - values) <= _NEAR).all())
