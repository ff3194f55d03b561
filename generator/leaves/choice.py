"""Labels with shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.leaves.leaf import Leaf, Uniforms, number, refused


@dataclass(frozen=True)
class Choice(Leaf):
    """Draws integer codes into ``labels``."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    kind: ClassVar[str] = "choice"

    def draw(self, u: Uniforms) -> NDArray[np.int32]:
        # thresholds as integers: the same codes on every platform
        edges = np.floor(np.cumsum(self.shares) / sum(self.shares) * 2**53).astype(np.int64)
        words = (u * 2**53).astype(np.int64)
        codes = np.searchsorted(edges, words, side="right")
        return np.minimum(codes, len(self.labels) - 1).astype(np.int32)

    def document(self) -> dict[str, Any]:
        return {"leaf": self.kind, "shares": dict(zip(self.labels, self.shares, strict=True))}

    @classmethod
    def read(cls, document: Mapping[str, Any], *, where: str) -> Self:
        shares = document.get("shares")
        if not isinstance(shares, Mapping) or not shares:
            raise refused(where, "shares", shares, "a share for each label")
        found = tuple(number(shares, label, where=where) for label in shares)
        if min(found) < 0 or sum(found) <= 0:
            raise refused(where, "shares", list(found), "numbers from 0 on, one of them above 0")
        return cls(tuple(str(label) for label in shares), found)

    @classmethod
    def counted(cls, values: NDArray[Any], k: int) -> Self | None:
        """Shares of the labels that ``k`` rows have at least, the others' rows among them in
        proportion; None where there is no such label."""
        labels, rows = np.unique(values.astype(str), return_counts=True)
        kept = rows >= k
        if not kept.any():
            return None
        shares = np.round(rows[kept] / rows[kept].sum(), 6)
        return cls(tuple(labels[kept].tolist()), tuple(shares.tolist()))
