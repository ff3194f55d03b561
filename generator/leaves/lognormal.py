"""Numbers whose logarithms are normal, kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms, inside


@dataclass(frozen=True)
class Lognormal(Leaf):
    mu: float
    sigma: float
    low: float = 0.0
    high: float = np.inf
    kind: ClassVar[str] = "lognormal"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        from scipy import special  # a tenth of a second that planning need not wait for

        return np.clip(np.exp(self.mu + self.sigma * special.ndtri(inside(u))), self.low, self.high)
