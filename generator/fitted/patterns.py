"""The patterns of moments that move: shares of weekdays, months and hours in the extract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.fitted.draw import Floats
from generator.fitted.leaves import ColumnLeaves, TableLeaves
from generator.fitted.said import Said
from generator.fitted.span import Move
from generator.leaves.choice import Choices
from generator.leaves.guide import UNIT

EVEN = 20_000  # ranks of a scale, at which it is read
_WEEKDAYS: tuple[str, ...] = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_MONTHS: tuple[str, ...] = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
)
_MONTHS += ("September", "October", "November", "December")
_WEEK, _YEAR, _DAY = slice(0, 7), slice(7, 19), slice(19, 43)
_YEAR_DAYS = 365
Counted = NDArray[np.int64]


@dataclass(frozen=True)
class Pattern:
    """A moment column: ``reference`` has rows of the extract by weekday, month and hour."""

    said: Said
    reference: Floats
    months: bool  # whether the span asked for has all of them

    @property
    def parts(self) -> tuple[tuple[str, tuple[str, ...], slice], ...]:
        """Name, labels and place in the counts of each part."""
        hours = tuple(f"{hour}:00" for hour in range(24))
        told = [("weekday", _WEEKDAYS, _WEEK)]
        told += [("month", _MONTHS, _YEAR)] if self.months else []
        told += [("hour", hours, _DAY)] if self.said.day > 1 else []
        return tuple(told)

    def counts(self, array: pa.ChunkedArray) -> Counted:
        numbers, absent = self.said.read(array)
        there = absent == 0
        counted: Counted = np.append(parts_of(self.said, numbers[there]), np.count_nonzero(~there))
        return counted

    def nothing(self) -> Counted:
        return np.zeros(_DAY.stop + 1, dtype=np.int64)

    def present(self, counts: Counted) -> int:
        return int(counts[_WEEK].sum())


def parts_of(said: Said, numbers: Floats) -> Counted:
    """How many moments (n,) there are by weekday, month and hour."""
    days = said.day_of(numbers)
    month = days.astype(np.int64).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    hour = np.clip((numbers / said.day - days) * 24 + 1e-9, 0, 23).astype(np.int64)
    each = (np.mod(days + 3, 7).astype(np.int64), np.mod(month, 12), hour)
    return np.concatenate(
        [np.bincount(one, minlength=size) for one, size in zip(each, (7, 12, 24), strict=True)]
    ).astype(np.int64)


def pattern_of(said: Said, table: TableLeaves, column: str, move: Move) -> Pattern | None:
    """The pattern of a column in the part of the extract that the span shows; None where cells
    alone, or other columns, tell it."""
    values = _values(said, table.columns[column])
    if values is None or column in table.kept.gaps:
        return None
    if move.chosen:
        values = values[said.day_of(values) >= move.since]
    counts = parts_of(said, values).astype(np.float64)
    whole = move.last - move.first + 1 >= _YEAR_DAYS and bool((counts[_YEAR] > 0).all())
    return Pattern(said, counts * (table.rows / EVEN), whole)


def _values(said: Said, leaves: ColumnLeaves) -> Floats | None:
    ranks = (np.arange(EVEN) + 0.5) / EVEN * UNIT
    scale = leaves.codec.scale
    if leaves.codec.form == "number" and scale is not None:
        return scale.values(ranks)
    one = leaves.leaves
    if not isinstance(one, Choices) or leaves.tree is None or leaves.tree.cells > 1:
        return None
    codes = one.draw(np.zeros(EVEN, np.int32), ranks.astype(np.uint64) << np.uint64(32))
    labels: Mapping[int, float] = {}
    if isinstance(leaves.codec.labels[0], str):
        form = said.codec.written
        assert form is not None
        labels = {at: float(form.read(text) or 0) for at, text in enumerate(leaves.codec.labels)}
    else:
        labels = {at: float(value) for at, value in enumerate(leaves.codec.labels)}
    return np.array([labels[at] for at in range(len(labels))])[codes]
