"""The gamma distribution, its values kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms, inside


@dataclass(frozen=True)
class Gamma(Leaf):
    shape: float
    scale: float
    low: float = 0.0
    high: float = np.inf
    kind: ClassVar[str] = "gamma"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        from scipy import special  # a tenth of a second that planning need not wait for

        values = special.gammaincinv(self.shape, inside(u)) * self.scale
        return np.clip(values, self.low, self.high)
