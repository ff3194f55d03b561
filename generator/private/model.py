"""A graphical model of groups: the flattest distribution that has what was measured.

Of all distributions with about the measured counts it is the one of most entropy, found through its
dual (as private-PGM does by another way; McKenna, Sheldon, Miklau, *Graphical-model based
estimation and inference for differential privacy*, 2019): one number for each measured cell, by
L-BFGS on a convex function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.private.cliques import Clique, cliques_of
from generator.stop import ask

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEEPEST = 14.0  # logarithm of what one measured cell may weigh
TEMPER = 100.0  # of the entropy, in rows: how much flatness weighs against what noise may have made


@dataclass(frozen=True)
class Measured:
    """Rows by cell (shape: classes of each column) of some columns, known up to ``sigma``;
    ``maps`` give the class of each group, None where each group is one."""

    columns: tuple[int, ...]
    maps: tuple[Ints | None, ...]
    rows: Floats
    sigma: float


class Model:
    """Beliefs of cliques over groups of ``sizes``, fitted to what was measured."""

    def __init__(self, sizes: Sequence[int], rows: float) -> None:
        self.sizes = tuple(sizes)
        self.rows = rows
        self.measured: list[Measured] = []
        self._angles: list[Floats] = []
        self.cliques: tuple[Clique, ...] = ()
        self.beliefs: list[Floats] = []

    def add(self, measured: Measured) -> None:
        self.measured.append(measured)
        self._angles.append(np.zeros(measured.rows.shape))

    def fit(self, *, steps: int) -> None:
        """Bring the beliefs to what was measured so far, in at most so many steps."""
        from scipy.optimize import minimize
        from threadpoolctl import threadpool_limits

        self.cliques = cliques_of([one.columns for one in self.measured], self.sizes)
        way = _Way(self.cliques, [one.columns for one in self.measured], self.sizes)
        ends = np.cumsum([one.rows.size for one in self.measured])
        scale = np.concatenate(
            [np.full(one.rows.size, TEMPER * (one.sigma / self.rows) ** 2) for one in self.measured]
        )
        aim = np.concatenate([one.rows.ravel() / self.rows for one in self.measured])

        def value(angles: Floats) -> tuple[float, Floats]:
            ask()
            logarithm, beliefs = self._beliefs(np.split(angles, ends[:-1]), way)
            sums = way.summed(beliefs)
            there = [_classes(sums[at], one) for at, one in enumerate(self.measured)]
            slope = np.concatenate([one.ravel() for one in there]) - aim + scale * angles
            height = logarithm - float(angles @ aim) + 0.5 * float(scale @ angles**2)
            return height, slope

        start = np.concatenate([one.ravel() for one in self._angles])
        with threadpool_limits(limits=1):  # vectors this short are slower on several cores
            found = minimize(
                value,
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=[(-STEEPEST, STEEPEST)] * len(start),
                options={"maxiter": steps, "maxcor": 20, "ftol": 1e-13, "gtol": 1e-9},
            )
        parts = np.split(found.x, ends[:-1])
        self._angles = [
            part.reshape(one.rows.shape) for part, one in zip(parts, self.measured, strict=True)
        ]
        self.beliefs = self._beliefs(parts, way)[1]

    def expected(self, at: int) -> Floats:
        """Rows by class, as the model has them, of the table that was measured as number ``at``."""
        one = self.measured[at]
        homes = [
            c for c in range(len(self.cliques)) if set(one.columns) <= set(self.cliques[c].columns)
        ]
        table = onto(self.beliefs[homes[0]], self.cliques[homes[0]].columns, one.columns)
        return _classes(table, one) * self.rows

    def _beliefs(self, parts: Sequence[Floats], way: _Way) -> tuple[float, list[Floats]]:
        """The logarithm of the sum of all weights, and the shares of each clique."""
        shaped = zip(self.measured, parts, strict=True)
        tables = way.spread([_groups(part.reshape(one.rows.shape), one) for one, part in shaped])
        shift = 0.0
        for table in tables:
            top = float(table.max())
            shift += top
            np.subtract(table, top, out=table)
            np.exp(table, out=table)
        messages: list[Floats] = [np.zeros(0)] * len(tables)
        for at in range(len(tables) - 1, -1, -1):
            clique = self.cliques[at]
            message = onto(tables[at], clique.columns, clique.shared)
            top = float(message.max())
            shift += float(np.log(top))
            tables[at] /= top
            messages[at] = message / top
            if clique.parent >= 0:
                home = self.cliques[clique.parent]
                tables[clique.parent] *= placed(messages[at], clique.shared, home.columns)
        for at, clique in enumerate(self.cliques):
            if clique.parent >= 0:
                home = self.cliques[clique.parent]
                known = onto(tables[clique.parent], home.columns, clique.shared)
                sent = messages[at]
                ratio = np.divide(known, sent, out=np.zeros_like(known), where=sent > 0)
                tables[at] *= placed(ratio, clique.shared, clique.columns)
        return shift, tables


class _Way:
    """How tables of some columns add up from cliques and spread onto them: each by the smallest
    table that holds it, so that a clique is walked through few times."""

    def __init__(
        self,
        cliques: Sequence[Clique],
        asked: Sequence[tuple[int, ...]],
        sizes: Sequence[int],
    ) -> None:
        self._cliques, self._asked, self._sizes = cliques, asked, sizes
        distinct = sorted(set(asked), key=lambda one: (-self._cells(one), one))
        # larger tables first: (columns, the columns of the table that holds them, -1 or a clique)
        self._steps: list[tuple[tuple[int, ...], tuple[int, ...], int]] = []
        homes: dict[tuple[int, ...], int] = {}
        for one in distinct:
            over = [other for other in homes if set(one) <= set(other)]
            if over:
                self._steps.append((one, min(over, key=self._cells), -1))
            else:
                holding = (at for at, c in enumerate(cliques) if set(one) <= set(c.columns))
                home = min(holding, key=lambda at: self._cells(cliques[at].columns))
                self._steps.append((one, cliques[home].columns, home))
            homes[one] = 1

    def _cells(self, columns: tuple[int, ...]) -> int:
        return int(np.prod([self._sizes[column] for column in columns], dtype=np.int64))

    def summed(self, tables: Sequence[Floats]) -> list[Floats]:
        """A table for each asked one, from those of the cliques."""
        found: dict[tuple[int, ...], Floats] = {}
        for columns, over, clique in self._steps:
            source = tables[clique] if clique >= 0 else found[over]
            found[columns] = onto(source, over, columns)
        return [found[columns] for columns in self._asked]

    def spread(self, parts: Sequence[Floats]) -> list[Floats]:
        """New tables of the cliques that the parts, one for each asked, are added to."""
        sums: dict[tuple[int, ...], Floats] = {}
        for columns, part in zip(self._asked, parts, strict=True):
            sums[columns] = sums[columns] + part if columns in sums else part
        tables = [np.zeros([self._sizes[c] for c in one.columns]) for one in self._cliques]
        for columns, over, clique in reversed(self._steps):
            part = placed(sums[columns], columns, over)
            if clique >= 0:
                tables[clique] += part
            else:
                sums[over] = sums[over] + part
        return tables


def onto(table: Floats, columns: tuple[int, ...], kept: tuple[int, ...]) -> Floats:
    """Sums of the table of some columns over those that are not kept."""
    gone = tuple(at for at, column in enumerate(columns) if column not in kept)
    summed: Floats = np.asarray(table.sum(axis=gone))
    return summed


def placed(table: Floats, columns: tuple[int, ...], among: tuple[int, ...]) -> Floats:
    """The table with an axis for each of ``among``; both in rising order."""
    shape = [1] * len(among)
    for axis, column in enumerate(columns):
        shape[among.index(column)] = table.shape[axis]
    return table.reshape(shape)


def _groups(table: Floats, one: Measured) -> Floats:
    """From classes to groups, which have what their class has."""
    for axis, classes in enumerate(one.maps):
        if classes is not None:
            table = table.take(classes, axis=axis)
    return table


def _classes(table: Floats, one: Measured) -> Floats:
    """From groups to the sums of their classes."""
    for axis, (classes, size) in enumerate(zip(one.maps, one.rows.shape, strict=True)):
        if classes is not None:
            order = np.argsort(classes, kind="stable")
            first = np.searchsorted(classes[order], np.arange(size))
            table = np.add.reduceat(table.take(order, axis=axis), first, axis=axis)
    return table
