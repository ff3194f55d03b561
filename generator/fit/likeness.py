"""How like each other rows of one table are: pair of columns by pair, and row by row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.fit.trees import planted
from generator.fit.way import LEAF_ROWS
from generator.leaves.encode import numbers_of
from generator.schema import Column, Kind, Table
from generator.stop import asking

BANDS = 10  # of a number, by its quantiles; labels beyond as many are one
MOST_PAIRS = 500
MOST_LEARNT = 24  # columns of which is asked how others tell them
COMPARED = 1_500  # rows whose neighbours are looked for
ORDERED = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP)


@dataclass(frozen=True)
class Seen:
    """Rows as ``bands`` (n, columns) and as ``points`` (n, dimensions) whose distances tell how
    near rows lie."""

    bands: NDArray[np.int64]
    points: NDArray[np.float32]

    def likeness(self, other: Seen) -> float:
        """Mean over pairs of columns of the share of rows that stand in the same two bands."""
        columns = self.bands.shape[1]
        pairs = list(combinations(range(columns), 2)) or [(at, at) for at in range(columns)]
        pairs = pairs[:: max(1, -(-len(pairs) // MOST_PAIRS))]
        found = [self._alike(other, *pair) for pair in asking(pairs, every=100)]
        return float(np.mean(found)) if found else 0.0

    def learning(self, other: Seen) -> float:
        """Mean over columns of the share of the variance of the bands of ``other`` rows that a
        tree explains which has learnt a column from all others of these rows (R squared)."""
        columns = np.arange(self.bands.shape[1])
        if len(columns) < 2:
            return 0.0  # no other to learn it from
        asked = columns[:: max(1, -(-len(columns) // MOST_LEARNT))]
        found = [self._explained(other, at, columns != at) for at in asking(asked, every=1)]
        return float(np.mean(found))

    def _explained(self, other: Seen, at: int, rest: NDArray[np.bool_]) -> float:
        features, unseen = (side.bands[:, rest].astype(np.float32) for side in (self, other))
        learnt, truth = (side.bands[:, at].astype(np.float64) for side in (self, other))
        if not truth.std():
            return 0.0
        tree = planted(features, learnt, classes=False, seed=0, leaf=LEAF_ROWS)
        return float(tree.score(unseen, truth))

    def _alike(self, other: Seen, one: int, two: int) -> float:
        size = (BANDS + 2) ** 2
        shares = [
            np.bincount(side.bands[:, one] * (BANDS + 2) + side.bands[:, two], minlength=size)
            / len(side.bands)
            for side in (self, other)
        ]
        return 1.0 - float(np.abs(shares[0] - shares[1]).sum()) / 2


@dataclass(frozen=True)
class Look:
    """``edges`` of the bands of numbers, ``labels`` of the others, by column."""

    table: Table
    edges: dict[str, NDArray[np.float64]]
    labels: dict[str, pa.Array]

    @classmethod
    def of(cls, table: Table, rows: pa.Table) -> Look:
        """What rows are looked at by: personal columns and keys are passed over."""
        edges, labels = {}, {}
        for column in table.columns:
            values = rows.column(column.name)
            if column.personal or column.unique or values.null_count == len(values):
                continue
            if column.kind in ORDERED:
                numbers = numbers_of(column, values.drop_null())
                inner = np.linspace(0, 1, BANDS + 1)[1:-1]
                edges[column.name] = np.unique(np.quantile(numbers, inner))
            else:
                counts = values.drop_null().value_counts()
                order = np.argsort(-np.asarray(counts.field("counts")), kind="stable")[:BANDS]
                labels[column.name] = counts.field("values").take(pa.array(order))
        return cls(table, edges, labels)

    def at(self, rows: pa.Table) -> Seen:
        bands, points = [], []
        for column in self.table.columns:
            if column.name not in self.edges and column.name not in self.labels:
                continue
            band = self._bands(column, rows.column(column.name))
            bands.append(band)
            if column.name in self.edges:
                points.append((band / BANDS)[:, None])
            else:
                points.append((band[:, None] == np.arange(BANDS + 2)) * 2**-0.5)
        n = rows.num_rows
        return Seen(
            np.stack(bands, axis=1) if bands else np.zeros((n, 0), np.int64),
            np.concatenate(points, axis=1).astype(np.float32) if points else np.zeros((n, 0), "f4"),
        )

    def _bands(self, column: Column, values: pa.ChunkedArray) -> NDArray[np.int64]:
        """0 to 10 for values, 11 for what is missing."""
        gone = np.asarray(values.is_null())
        if column.name in self.edges:
            found = np.searchsorted(
                self.edges[column.name], numbers_of(column, values), side="right"
            )
        else:
            known = pc.index_in(values.combine_chunks(), value_set=self.labels[column.name])
            found = np.asarray(pc.fill_null(known, BANDS)).astype(np.int64)
        return np.where(gone, BANDS + 1, found).astype(np.int64)


def nearer(made: Seen, learnt: Seen, unseen: Seen) -> float:
    """Share of made rows that lie nearer to a learnt row than to an unseen one; ties count half."""
    some = made.points[:COMPARED]
    one, two = _nearest(some, learnt.points), _nearest(some, unseen.points)
    return float((one < two).mean() + (one == two).mean() / 2)


def _nearest(rows: NDArray[np.float32], among: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = rows @ among.T
    squares *= -2
    squares += (among**2).sum(axis=1)
    nearest: NDArray[np.float32] = squares.min(axis=1)
    return np.round(nearest, 4)
