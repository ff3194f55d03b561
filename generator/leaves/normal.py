"""The normal distribution, its values kept within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms, inside


@dataclass(frozen=True)
class Normal(Leaf):
    mean: float
    sd: float
    low: float = -np.inf
    high: float = np.inf
    kind: ClassVar[str] = "normal"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        from scipy import special  # a tenth of a second that planning need not wait for

        return np.clip(self.mean + self.sd * special.ndtri(inside(u)), self.low, self.high)
