"""Drawing the values of one column from what is known of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from generator.fitted.leaves import ColumnLeaves, Predictor
from generator.leaves.codec import Codec
from generator.leaves.guide import UNIT
from generator.leaves.packed import Words

FAR_BELOW = np.float32(-1e6)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Known(Protocol):
    """An earlier column: ``missing`` bool (n,), and ``numbers`` float64 (n,) of a number or
    ``places`` int64 (n,) of labels, where what is missing or rare has the place after the last."""

    @property
    def missing(self) -> NDArray[np.bool_]: ...
    @property
    def numbers(self) -> Floats: ...
    @property
    def places(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True)
class Drawn:
    """A drawn column.  Of labels ``places`` are told and ``gone`` is the place of a missing one, of
    numbers ``numbers``; the other array is empty."""

    missing: NDArray[np.bool_]
    numbers: Floats
    places: Ints
    gone: int = -1

    def take(self, rows: Ints) -> Drawn:
        """The column at ``rows``; a row -1 is missing."""
        nowhere = rows < 0
        if not len(self.missing):
            return nothing_known(len(rows), self.gone)
        missing = self.missing.take(rows) | nowhere
        if self.gone < 0:
            return Drawn(missing, self.numbers.take(rows), self.places)
        places = np.where(nowhere, self.gone, self.places.take(rows))
        return Drawn(missing, self.numbers, places, self.gone)


def nothing_known(rows: int, gone: int) -> Drawn:
    """A column of missing values; ``gone`` as in ``Drawn``."""
    missing = np.ones(rows, dtype=bool)
    if gone < 0:
        return Drawn(missing, np.zeros(rows), np.zeros(0, np.int64))
    return Drawn(missing, np.zeros(0), np.full(rows, gone, dtype=np.int64), gone)


def numbers_known(numbers: Floats) -> Drawn:
    """A column of numbers, none of them missing."""
    return Drawn(np.zeros(len(numbers), dtype=bool), numbers, np.zeros(0, np.int64))


def drawn_of(codec: Codec, values: NDArray[Any], absent: NDArray[np.int32]) -> Drawn:
    """What later columns know of drawn values and ``absent`` as in ``decode``."""
    missing = absent > 0
    if codec.form == "number":
        return Drawn(missing, values, np.zeros(0, dtype=np.int64))
    gone = len(codec.labels)
    return Drawn(missing, np.zeros(0), np.where(missing, gone, values).astype(np.int64), gone)


def evened(cells: NDArray[np.int32], words: Words) -> Words:
    """Words (n,) spread evenly within each cell, in their order: of m rows of a cell one falls into
    each m-th part of its leaf, so that even few rows have its shares."""
    n, sizes = len(cells), np.bincount(cells)
    order = np.argsort((words >> np.uint64(48)).astype(np.uint16), kind="stable")
    short = cells.astype(np.uint16) if len(sizes) <= 1 << 16 else cells  # they sort fastest
    order = order.take(np.argsort(short.take(order), kind="stable"))
    place = np.empty(n)
    place[order] = np.arange(n)
    place -= (np.cumsum(sizes) - sizes).take(cells)
    place += (words & np.uint64(UNIT - 1)) * (1 / UNIT)
    place *= (UNIT / np.maximum(sizes, 1)).take(cells)
    spread: Words = np.minimum(place, UNIT - 1).astype(np.uint64) << np.uint64(32)
    return spread


def in_order(words: Words, first: int, rows: int) -> Words:
    """Words of the rows (n,) from ``first`` on, of ``rows`` in all, that rise from row to row and
    spread evenly over all rows: values of one leaf drawn by them stand in their order."""
    place = np.arange(first, first + len(words)) + (words & np.uint64(UNIT - 1)) * (1 / UNIT)
    place *= UNIT / max(rows, 1)
    risen: Words = np.minimum(place, UNIT - 1).astype(np.uint64) << np.uint64(32)
    return risen


def by_moment(moments: Drawn) -> Ints:
    """Rows (n,) in the order of drawn moments, of one moment as they come."""
    return np.argsort(moments.numbers, kind="stable")


def draw_absent(
    leaves: ColumnLeaves, features: NDArray[np.float32], words: Words, *, even: bool = False
) -> NDArray[np.int32]:
    """Which of the rows are missing (1) or a word (from 2 on); ``words`` (n,) of a stream, spread
    ``even`` within each cell or as they come."""
    if leaves.absent is None or leaves.absent_tree is None:
        return np.zeros(len(words), dtype=np.int32)
    cells = leaves.absent_tree.apply(features)
    return leaves.absent.draw(cells, evened(cells, words) if even else words)


def draw_values(
    leaves: ColumnLeaves,
    features: NDArray[np.float32],
    known: Mapping[str, Known],
    absent: NDArray[np.int32],
    words: Words,
    *,
    even: bool = False,
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Codes or numbers (n,) of labels or numbers, and which are absent; ``even`` as before."""
    if leaves.map_to is not None:
        values: NDArray[Any] = leaves.map_to[known[leaves.map_of].places]
        return np.maximum(values, 0), (values < 0).astype(np.int32)
    assert leaves.tree is not None
    assert leaves.leaves is not None
    cells = leaves.tree.apply(features)
    values = leaves.leaves.draw(cells, evened(cells, words) if even else words)
    if leaves.codec.scale is not None:
        values = leaves.codec.scale.values(values.astype(np.float64))
    return values, absent


def features_of(
    predictors: tuple[Predictor, ...], known: Mapping[str, Known], n: int
) -> NDArray[np.float32]:
    """The features (n, width of all predictors) a tree is applied to; a missing number lies far
    below all others."""
    out = np.empty((n, sum(p.width for p in predictors)), dtype=np.float32, order="F")
    at = 0
    for predictor in predictors:
        have = known[predictor.column]
        if predictor.coordinates is None:
            out[:, at] = (have.numbers - predictor.centre) / predictor.spread
            missing = have.missing
            if missing.any():
                out[missing, at] = FAR_BELOW
        else:
            for component in predictor.components:
                # a mode other than "raise" writes without a buffer; places are never beyond
                np.take(component, have.places, out=out[:, at], mode="clip")
                at += 1
            continue
        at += 1
    return out
