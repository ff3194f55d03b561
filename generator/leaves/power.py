"""Numbers of a range that crowd towards its low end: uniform numbers to a power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms


@dataclass(frozen=True)
class Power(Leaf):
    low: float
    high: float
    exponent: float
    kind: ClassVar[str] = "power"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return self.low + (self.high - self.low) * u**self.exponent
