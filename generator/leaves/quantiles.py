"""Straight lines between known quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.leaves.knots import knots_of
from generator.leaves.leaf import Leaf, Uniforms, numbers, refused

MOST_STRETCHES = 200  # of one cell
_DIGITS = 7


@dataclass(frozen=True)
class Quantiles(Leaf):
    """``at`` in [0, 1] ascending, ``values`` likewise; two knots with one value are an atom."""

    at: tuple[float, ...]
    values: tuple[float, ...]
    kind: ClassVar[str] = "quantiles"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return np.interp(u, self.at, self.values)

    @classmethod
    def read(cls, document: Mapping[str, Any], *, where: str) -> Self:
        at, values = (numbers(document, name, where=where) for name in ("at", "values"))
        rising = len(at) == len(values) > 1 and at[0] == 0 and at[-1] == 1
        if not rising or (np.diff(at) < 0).any() or (np.diff(values) < 0).any():
            raise refused(where, "at", list(at), "rising from 0 to 1, with as many rising values")
        return cls(at, values)

    @classmethod
    def counted(cls, values: NDArray[Any], k: int) -> Self | None:
        """Knots that rest on ``k`` rows each: a value that as many share, or the mean of as many
        rows; None where there are fewer values."""
        ordered = np.sort(values.astype(np.float64))
        if len(ordered) < k:
            return None
        distinct, first, rows = np.unique(ordered, return_index=True, return_counts=True)
        common = rows >= k
        places, heights = knots_of(
            ordered, distinct[common], first[common], rows[common], k, most=MOST_STRETCHES
        )
        at = np.round(places / len(ordered), _DIGITS)
        return cls(tuple(at.tolist()), tuple(float(f"{height:.9g}") for height in heights))
