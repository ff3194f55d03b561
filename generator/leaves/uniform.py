"""All numbers of a range alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms


@dataclass(frozen=True)
class Uniform(Leaf):
    low: float
    high: float
    kind: ClassVar[str] = "uniform"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return self.low + (self.high - self.low) * u
