"""A column while it is learnt, and what is asked about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.fit.floor import EACH_ROW, Floor
from generator.fit.way import Way
from generator.leaves.codec import Codec, Encoded
from generator.leaves.encode import FEW_VALUES

NARROW = 45  # columns of a table that may each have all the room there is in a profile
FEW_CLASSES = 8  # numbers with more values than this are split as numbers, not as classes

Rows = NDArray[np.int64] | slice


@dataclass(frozen=True)
class Learning:
    """A column while it is learnt."""

    codec: Codec
    coded: Encoded
    actual: NDArray[np.float64] | None = None  # numbers (n,), where a distance is learnt instead

    @property
    def labels(self) -> int:
        return len(self.codec.labels)

    @property
    def tells(self) -> bool:
        """Whether columns after it may be learnt from it."""
        return self.codec.form in ("labels", "number")

    @property
    def missing(self) -> NDArray[np.bool_]:
        return self.coded.missing

    @property
    def numbers(self) -> NDArray[np.float64]:
        return self.coded.numbers if self.actual is None else self.actual

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Codes, what is missing or rare after the last of them."""
        codes = self.coded.codes
        return np.where(self.missing | (codes < 0), self.labels, codes)

    def at(self, rows: Rows) -> Learning:
        """The column of some rows, without their places on its scale."""
        coded = self.coded
        part = Encoded(_at(coded.codes, rows), _at(coded.numbers, rows), _at(coded.absent, rows))
        return Learning(self.codec, part, None if self.actual is None else self.actual[rows])


Columns = Mapping[str, Learning]
Target = NDArray[np.float64] | NDArray[np.integer[Any]]
"""What a tree is grown on: (n,) or (n, outputs) numbers, or (n,) classes."""


@dataclass(frozen=True)
class Lesson:
    """A table while it is learnt.  ``columns`` are its own and before them those of its context
    (of a parent's row, of the row before), which are known already; ``seed`` settles ties;
    ``floor`` says whose the rows are, ``width`` how many columns of its own the table has."""

    columns: Columns
    way: Way
    seed: int
    floor: Floor = EACH_ROW
    width: int = 1

    @property
    def wide(self) -> bool:
        return self.width > NARROW

    def share(self, most: int) -> int:
        """How many cells or knots a column may have, where it is ``most`` in a narrow table: all
        columns of a wide one together have as many as those of one that is just narrow."""
        return most * NARROW // max(self.width, NARROW)

    def at(self, rows: Rows) -> Lesson:
        """The same with some rows of each column that is asked for."""
        return replace(self, columns=_Taken(self.columns, rows), floor=self.floor.at(rows))


class _Taken(Mapping[str, Learning]):
    """Some rows of columns, taken when a column is asked for."""

    def __init__(self, columns: Columns, rows: Rows) -> None:
        self._columns = columns
        self._rows = rows
        self._taken: dict[str, Learning] = {}

    def __getitem__(self, name: str) -> Learning:
        if name not in self._taken:
            self._taken[name] = self._columns[name].at(self._rows)
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def _at(values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """Some of the values (n,); of one that is kept once, as many of it."""
    if isinstance(rows, slice) or rows.dtype == bool or any(values.strides):
        return values[rows]
    return np.broadcast_to(values[:1], rows.shape)


def evenly(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Every so many of the rows, ``most`` at most."""
    return rows[:: max(1, -(-len(rows) // most))]


def filled(column: Learning) -> NDArray[np.int64]:
    """Codes with missing as the last one and rare labels as one more."""
    codes = np.where(column.coded.codes < 0, column.labels + 1, column.coded.codes)
    return np.where(column.missing, column.labels, codes)


def plain_numbers(column: Learning) -> NDArray[np.float64]:
    """The numbers a column is learnt by."""
    if column.codec.form == "number":
        return column.coded.numbers
    labels = np.array(column.codec.labels, dtype=np.float64)
    numbers: NDArray[np.float64] = labels[np.maximum(column.coded.codes, 0)]
    return numbers


def learnable(column: Learning) -> NDArray[np.bool_]:
    """Rows with a value that may be learnt: present, and no rare label."""
    if column.codec.form == "labels":
        return column.coded.codes >= 0
    return ~column.missing


def values_of(column: Learning) -> NDArray[np.integer[Any]]:
    """The labels or atoms of a column as codes (n,), -1 where there is none."""
    ranked = column.coded.ranked
    if ranked is None:
        return column.coded.codes
    codes = np.full(len(column.missing), -1, dtype=np.int64)
    codes[~column.missing] = ranked.atom
    return codes


def ordinal(column: Learning) -> bool:
    """Numbers learnt value by value, with enough values for their order to matter."""
    labels = column.codec.labels
    return len(labels) > FEW_CLASSES and not isinstance(labels[0], str)


def of_few_values(column: Learning) -> bool:
    """A number whose atoms tell nearly every row: cells count them one by one."""
    ranked = column.coded.ranked
    return ranked is not None and len(ranked.low) <= FEW_VALUES and (ranked.atom >= 0).mean() > 0.9
