"""One number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms


@dataclass(frozen=True)
class Constant(Leaf):
    value: float
    kind: ClassVar[str] = "constant"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.full(len(u), self.value)
