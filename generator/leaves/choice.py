"""Labels with shares: of one cell, or of all cells of a column in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT, Guide, guide_of, parted
from generator.leaves.leaf import Leaf, Uniforms, number, refused
from generator.leaves.packed import Words, cells_ok, upper, whole


@dataclass(frozen=True)
class Choice(Leaf):
    """Draws integer codes into ``labels``."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    kind: ClassVar[str] = "choice"

    def draw(self, u: Uniforms) -> NDArray[np.int32]:
        return self._alone.at(None, (u * UNIT).astype(np.int64))

    @cached_property
    def _alone(self) -> Choices:
        upto = np.floor(np.cumsum(self.shares) / sum(self.shares) * UNIT).astype(np.int64)
        upto[np.flatnonzero(self.shares)[-1] :] = UNIT
        return Choices(np.array([0, len(upto)]), upto, np.arange(len(upto), dtype=np.int32))

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


@dataclass(frozen=True)
class Choices:
    """Shares of codes, cell by cell.  Entry e of cell c reaches up to ``upto[e]`` (in 2**-32,
    ascending within the cell, the last one 2**32) and gives ``code[e]``; the entries of cell c are
    ``first[c]`` to ``first[c + 1]``."""

    first: NDArray[np.int64]
    upto: NDArray[np.int64]
    code: NDArray[np.int32]

    def draw(self, cells: NDArray[np.int32], bits: Words) -> NDArray[np.int32]:
        """A code for each row (n,): ``cells`` int32, ``bits`` 64-bit words of a stream."""
        return self.at(cells, upper(bits))

    def at(self, cells: NDArray[np.int32] | None, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """The codes at places (n,) in 0 to 2**32 - 1; without ``cells`` there is one cell only."""
        return self.code.take(self.guide.above(cells, places))

    def ok(self, cells: int, codes: int) -> bool:
        """True when the arrays are leaves of ``cells`` cells with codes below ``codes``."""
        if not cells_ok(self.first, len(self.upto), cells, least=1) or not whole(self.code):
            return False
        rising = np.diff(self.upto) >= 0
        rising[self.first[1:-1] - 1] = True
        return bool(
            len(self.code) == len(self.upto)
            and whole(self.upto)
            and rising.all()
            and (self.upto >= 0).all()
            and (self.upto[self.first[1:] - 1] == UNIT).all()
            and ((self.code >= 0) & (self.code < codes)).all()
        )

    @property
    def shares(self) -> NDArray[np.float64]:
        """The share of each entry in its cell."""
        begin = np.append(0, self.upto[:-1])
        begin[self.first[:-1]] = 0
        shares: NDArray[np.float64] = (self.upto - begin) / UNIT
        return shares

    def weighted(self, weights: NDArray[np.float64]) -> Choices:
        """The same entries with shares as these weights (entries,), of each cell more than 0."""
        return Choices(self.first, parted(weights, self.first), self.code)

    @cached_property
    def guide(self) -> Guide:
        return guide_of(self.first, self.upto)


def choices_of(cells: NDArray[np.int32], codes: NDArray[np.integer[Any]], number: int) -> Choices:
    """Count ``codes`` (n,) by cell; codes below 0 are left out.  A cell without any code gets the
    shares of all rows."""
    kept = codes >= 0
    pairs, counts = np.unique(
        cells[kept].astype(np.int64) * (1 << 31) + codes[kept], return_counts=True
    )
    cell, code = pairs >> 31, pairs & ((1 << 31) - 1)
    overall = np.bincount(codes[kept]) if kept.any() else np.array([1])
    empty = np.setdiff1d(np.arange(number), cell)
    if len(empty):
        present = np.flatnonzero(overall)
        cell = np.concatenate([cell, np.repeat(empty, len(present))])
        code = np.concatenate([code, np.tile(present, len(empty))])
        counts = np.concatenate([counts, np.tile(overall[present], len(empty))])
        order = np.lexsort((code, cell))
        cell, code, counts = cell[order], code[order], counts[order]
    first = np.searchsorted(cell, np.arange(number + 1))
    total = np.add.reduceat(counts, first[:-1])
    running = np.cumsum(counts)
    base = np.concatenate([[0], running])[first[:-1]]
    share = (running - np.repeat(base, np.diff(first))) / np.repeat(total, np.diff(first))
    upto = np.rint(share * UNIT).astype(np.int64)
    upto[first[1:] - 1] = UNIT
    return Choices(first.astype(np.int64), upto, code.astype(np.int32))
