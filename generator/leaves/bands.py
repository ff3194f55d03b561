"""Shares of neighbouring ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms, numbers, refused
from generator.leaves.quantiles import Quantiles


@dataclass(frozen=True)
class Bands(Leaf):
    """Uniform within a range; ``edges`` has one more entry than ``shares``."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    kind: ClassVar[str] = "bands"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return self._quantiles.draw(u)

    @cached_property
    def _quantiles(self) -> Quantiles:
        at = np.concatenate([[0.0], np.cumsum(self.shares) / sum(self.shares)])
        return Quantiles(tuple(at.tolist()), self.edges)

    @classmethod
    def read(cls, document: Mapping[str, Any], *, where: str) -> Self:
        edges = numbers(document, "edges", where=where)
        shares = numbers(document, "shares", where=where)
        if len(edges) != len(shares) + 1 or (np.diff(edges) < 0).any():
            raise refused(where, "edges", list(edges), "rising, one more than there are shares")
        if min(shares) < 0 or sum(shares) <= 0:
            raise refused(where, "shares", list(shares), "numbers from 0 on, one of them above 0")
        return cls(edges, shares)
