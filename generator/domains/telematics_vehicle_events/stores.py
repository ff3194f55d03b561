"""What is left in tank, battery and oil: full at some readings of the odometer, then less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Store:
    """``phase`` spreads the readings at which cars are full; ``floor`` per cent always remain."""

    def __init__(self, phase: float, floor: float) -> None:
        self.phase = phase
        self.floor = floor


TANK, BATTERY, OIL = Store(0.37, 3.0), Store(0.61, 4.0), Store(0.13, 1.0)
FULL = 98.0


def left_in(
    store: Store, car: NDArray[np.int64], reach: float, begun: Floats, miles: Floats
) -> Floats:
    """Per cent left at ``miles`` on a trip that began at ``begun``, of stores that last ``reach``
    miles; never filled during a trip.  All arrays have shape (n,)."""
    lag = (car * store.phase) % 1.0 * reach
    used = ((begun + lag) % reach + miles - begun) / reach
    return np.asarray(np.clip(FULL * (1 - used), store.floor, 100.0))


def hundredths(values: Floats) -> NDArray[np.int64]:
    return np.floor(values * 100 + 0.5).astype(np.int64)
