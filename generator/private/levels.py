"""Levels: the values a column may have, as its declaration says and never as its rows do.

A column of labels has a level for each of them.  A column of numbers, days or moments has a level
for each value where these are few, else for each of as many stretches of equal width, one for zero,
where amounts pile up, and one for each further value that is to stand alone.  What is missing, or
lies outside what is declared, has the level after the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.schema import Column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EACH = 128  # values, up to which each has a level of its own
STRETCHES = 200  # of more


@dataclass(frozen=True)
class Levels:
    """``labels`` of texts; or of numbers the first (``low``) and last (``high``) value of each
    level, both (levels,), in multiples of ``step``.  ``required``: nothing is missing."""

    column: Column
    labels: tuple[str, ...] = ()
    low: Floats | None = None
    high: Floats | None = None
    step: float = 1.0
    required: bool = False

    @property
    def size(self) -> int:
        """Levels without the one for what is missing."""
        return len(self.labels) if self.low is None else len(self.low)

    @property
    def ordered(self) -> bool:
        return self.low is not None

    @property
    def whole(self) -> bool:
        """Whether each level is one value."""
        return self.low is None or bool(np.array_equal(self.low, self.ends))

    @property
    def ends(self) -> Floats:
        assert self.high is not None
        return self.high

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """What stands for each level, where each is one value."""
        return self.labels if self.low is None else tuple(self.low.tolist())

    def code(self, numbers: Floats) -> Ints:
        """The level of each number (n,); NaN is missing, and beyond the bounds the nearest one."""
        assert self.low is not None
        held = np.clip(np.nan_to_num(numbers, nan=self.low[0]), self.low[0], self.ends[-1])
        codes = np.searchsorted(self.low, held + self.step / 2, side="left") - 1
        return np.where(np.isnan(numbers), self.size, np.maximum(codes, 0)).astype(np.int64)


def levels_of_labels(column: Column, labels: tuple[str, ...], *, required: bool) -> Levels:
    return Levels(column, labels=labels, required=required)


def values_between(low: float, high: float, step: float) -> int:
    """How many values there are."""
    return int(round((high - low) / step)) + 1


def each_value(column: Column, low: float, high: float, step: float) -> Levels:
    """A level for each value, however many there are."""
    values: Floats = low + step * np.arange(values_between(low, high, step), dtype=np.float64)
    return Levels(column, low=values, high=values, step=step)


def levels_between(
    column: Column,
    low: float,
    high: float,
    step: float,
    *,
    required: bool,
    alone: Sequence[float] = (),
) -> Levels:
    """Levels from ``low`` to ``high``, whole multiples of ``step`` apart.  Of many values those of
    ``alone`` have a level of their own."""
    count = values_between(low, high, step)
    values: Floats = low + step * np.arange(count if count <= EACH else 0, dtype=np.float64)
    if len(values):
        return Levels(column, low=values, high=values, step=step, required=required)
    width = max(1, -(-count // STRETCHES))
    at = np.arange(0, count, width)
    apart = [round((one - low) / step) for one in (0.0, *alone) if low <= one <= high]
    after = [min(one + 1, count - 1) for one in apart]
    at = np.unique(np.concatenate([at, apart, after]).astype(np.int64))
    ends = np.append(at[1:] - 1, count - 1)
    lowest: Floats = low + step * at.astype(np.float64)
    highest: Floats = low + step * ends.astype(np.float64)
    return Levels(column, low=lowest, high=highest, step=step, required=required)
