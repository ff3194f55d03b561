"""Whose the rows of a table are: of how many persons a value, a cell or a mean tells.

Nothing that fewer than ``k`` persons share is kept of an extract.  Where nobody says whose the rows
are, each is somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Rows = Ints | NDArray[np.bool_] | slice
_AT_ONCE = 20_000_000  # marks of codes by persons that are held in memory


@dataclass(frozen=True)
class Holders:
    """``of`` (n,) numbers the person each row belongs to, from 0 on; None where each row is one of
    its own."""

    of: Ints | None = None

    def at(self, rows: Rows) -> Holders:
        """Those of some rows."""
        return self if self.of is None else Holders(self.of[rows])

    def back(self) -> Holders:
        """Those of the rows in the other order."""
        return self if self.of is None else Holders(self.of[::-1])

    def count(self, rows: Rows) -> int:
        """Persons who hold some of the rows."""
        if self.of is not None:
            return len(np.unique(self.of[rows]))
        if isinstance(rows, np.ndarray):
            return int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)
        return int(rows.stop - (rows.start or 0))

    def number(self, codes: NDArray[np.integer], size: int) -> Ints:
        """Persons who hold each code, (size,), of codes (n,); those below 0 are left out."""
        kept = codes >= 0
        if self.of is None:
            return np.bincount(codes[kept], minlength=size).astype(np.int64)
        codes, of = codes[kept].astype(np.int64), self.of[kept]
        persons = int(of.max(initial=-1)) + 1
        if size * persons <= _AT_ONCE:
            marks = np.zeros(size * persons, dtype=bool)
            marks[codes * persons + of] = True
            held: Ints = marks.reshape(size, persons).sum(axis=1, dtype=np.int64)
            return held
        pairs = np.unique(codes * persons + of)
        return np.bincount(pairs // persons, minlength=size).astype(np.int64)

    def before(self, order: Ints | None = None) -> Ints | None:
        """Of rows put in ``order`` (n,), the place of the row before that the same person holds, -1
        where there is none: ``count_nonzero(before[s:e] < s)`` persons hold rows s to e."""
        if self.of is None:
            return None
        of = self.of if order is None else self.of[order]
        place = np.argsort(of, kind="stable")
        same = of[place][1:] == of[place][:-1]
        found = np.full(len(of), -1, dtype=np.int64)
        found[place[1:][same]] = place[:-1][same]
        return found


EACH_ROW = Holders()


def among(before: Ints | None, first: int, last: int) -> int:
    """Persons who hold the rows from ``first`` to ``last`` of an order; see ``Holders.before``."""
    if before is None:
        return last - first
    return int(np.count_nonzero(before[first:last] < first))


def grouped(edges: Ints, before: Ints | None, k: int) -> Ints:
    """The ``edges`` of groups of ordered rows, without those that would leave a group to fewer than
    ``k`` persons; the first and the last stay, so a single group may."""
    if before is None:
        return edges
    kept, held = [int(edges[0])], 0
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        held += int(np.count_nonzero(before[low:high] < kept[-1]))
        if held >= k:
            kept.append(high)
            held = 0
    if (
        len(kept) == 1 or kept[-1] != edges[-1]
    ):  # the rest is too few persons' and goes to the group before
        kept[max(len(kept) - 1, 1) :] = [int(edges[-1])]
    return np.array(kept, dtype=np.int64)
