"""Several things asked of the rows of one table at once: statements, and shares of columns.

A kind is then one of each, and none of some; how many rows are of which follows from how kinds come
together by themselves, brought to what is asked of each (iterative proportional fitting) and to
whole rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from generator.errors import PlanError
from generator.fitted.conditions import RAREST, Conditions, check_counts, too_rare
from generator.summary import Forms
from generator.tables import Tables

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_KINDS = 400
ROUNDS = 2000
NEAR = 0.01  # rows by which parts may miss what is asked


@dataclass(frozen=True)
class Joint(Conditions):
    """All of ``aspects`` at once: a text for each combination but that of none of any."""

    aspects: tuple[Conditions, ...] = ()

    @classmethod
    def of(cls, aspects: Sequence[Conditions]) -> Joint:
        """With no rows yet.  Raises PlanError where there are too many kinds."""
        said = [[*(_said(one, text) for text in one.texts), ""] for one in aspects]
        size = int(np.prod([len(one) for one in said]))
        first = aspects[0]
        if size > MOST_KINDS:
            raise PlanError(
                f"{first.table}: what is asked comes together in {size:,} ways, and at most "
                f"{MOST_KINDS} can be; ask for fewer labels or statements.",
                field=aspects[-1].field,
            )
        texts = tuple(" and ".join(filter(None, one)) for one in product(*said))[:-1]
        return cls(first.table, texts, (0,) * len(texts), first.field, aspects=tuple(aspects))

    @property
    def read(self) -> frozenset[str]:
        """The columns that any of them speaks of."""
        return frozenset().union(*(one.read for one in self.aspects))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Kinds of each, that of none with them."""
        return tuple(len(one.texts) + 1 for one in self.aspects)

    def met_in(self, forms: Forms, loaded: Tables) -> Ints:
        """As ever, of combinations."""
        met = tuple(one.met_in(forms, loaded) for one in self.aspects)
        return np.ravel_multi_index(met, self.sizes).astype(np.int64)

    def fitted(self, came: Ints, rows: int) -> Joint:
        """With the rows of each combination; ``came`` are those of rows that came by themselves.
        Raises PlanError for what does not come, alone or together."""
        natural = came[: len(self.texts) + 1].reshape(self.sizes).astype(np.float64)
        wanted = []
        for axis, one in enumerate(self.aspects):
            check_counts(one, rows)
            counts = np.array([*one.counts, rows - sum(one.counts)], dtype=np.int64)
            alone = natural.sum(axis=tuple(at for at in range(natural.ndim) if at != axis))
            for at in np.flatnonzero((counts > 0) & (alone == 0))[:1].tolist():
                raise PlanError(too_rare(one, at, 0, int(came.sum())), field=one.field)
            wanted.append(counts)
        seldom = natural < 2 * RAREST * natural.sum()
        parts = _fitted(np.where(seldom, 0.0, natural), wanted)
        parts = _fitted(natural, wanted) if parts is None else parts
        if parts is None:
            raise PlanError(
                f"{self.table}: {', '.join(one.field for one in self.aspects)} cannot all be met "
                "by the same rows, as what they ask for does not come together; ask for less of "
                "one of them.",
                field=self.aspects[-1].field,
            )
        counts = _whole(parts, wanted)
        return replace(self, counts=tuple(counts[:-1].tolist()))


def _said(one: Conditions, text: str) -> str:
    return f"{one.column} is {text}" if one.column else text


def _fitted(natural: Floats, wanted: Sequence[Ints]) -> Floats | None:
    """Parts like the natural ones with the sums wanted along each axis; None where there are none
    (W. E. Deming and F. F. Stephan, 1940)."""
    parts = natural
    for _ in range(ROUNDS):
        for axis, counts in enumerate(wanted):
            others = tuple(at for at in range(parts.ndim) if at != axis)
            factor = counts / np.maximum(parts.sum(axis=others), 1e-300)
            shape = [-1 if at == axis else 1 for at in range(parts.ndim)]
            parts = parts * factor.reshape(shape)
        off = max(
            np.abs(parts.sum(axis=tuple(at for at in range(parts.ndim) if at != axis)) - n).max()
            for axis, n in enumerate(wanted)
        )
        if off < NEAR:
            return parts
    return None


def _whole(parts: Floats, wanted: Sequence[Ints]) -> Ints:
    """Whole rows for all parts, axis by axis, each with its sums."""
    return reduce(
        lambda done, axis: _rounded(
            parts.sum(axis=tuple(range(axis + 1, parts.ndim))).reshape(-1, parts.shape[axis]),
            done,
            wanted[axis],
        ),
        range(1, parts.ndim),
        wanted[0],
    )


def _rounded(parts: Floats, rows: Ints, columns: Ints) -> Ints:
    """Whole parts (n * m,) near ``parts`` (n, m) with sums ``rows`` (n,) and ``columns`` (m,): what
    is left over the whole ones is dealt out where most of it is (a problem of transport, whose
    best corner is whole)."""
    from scipy.optimize import linprog  # half a second that nothing else needs

    floor = np.floor(parts + 1e-6)
    n, m = parts.shape
    sums = np.concatenate([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    left = np.concatenate([rows - floor.sum(axis=1), columns - floor.sum(axis=0)])
    some, spare = (parts > 0).ravel(), floor.ravel()
    for below, above in ((0, 1), (1, 2), (3, 4)):
        low, high = -np.minimum(spare, below), above * some
        bounds = list(zip(low.tolist(), high.tolist(), strict=True))
        found = linprog(
            -(parts - floor).ravel(), A_eq=sums, b_eq=left, bounds=bounds, method="highs-ds"
        )
        if found.status == 0:
            return np.asarray(np.rint(spare + found.x), dtype=np.int64)
    raise AssertionError("parts that were fitted have whole ones near them")
