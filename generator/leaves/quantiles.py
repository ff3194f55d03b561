"""Straight lines between known quantiles: of one cell, or of all cells of a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from generator.leaves.guide import UNIT, Guide, guide_of, parted
from generator.leaves.knots import knots_of
from generator.leaves.leaf import Leaf, Uniforms, numbers, refused
from generator.leaves.packed import LARGEST, Words, cells_ok, upper, whole

MOST_STRETCHES = 200  # of one cell
_DIGITS = 7


@dataclass(frozen=True)
class Quantiles(Leaf):
    """``at`` in [0, 1] ascending, ``values`` likewise; two knots with one value are an atom."""

    at: tuple[float, ...]
    values: tuple[float, ...]
    kind: ClassVar[str] = "quantiles"

    def draw(self, u: Uniforms) -> NDArray[np.float64]:
        return self._alone.at_places(None, u * UNIT)

    @cached_property
    def _alone(self) -> Curves:
        places = np.rint(np.array(self.at) * UNIT).astype(np.int64)
        return Curves(np.array([0, len(places)]), places, np.array(self.values, dtype=np.float64))

    @classmethod
    def read(cls, document: Mapping[str, Any], *, where: str) -> Self:
        at, values = (numbers(document, name, where=where) for name in ("at", "values"))
        rising = len(at) == len(values) > 1 and at[0] == 0 and at[-1] == 1
        if not rising or (np.diff(at) < 0).any() or (np.diff(values) < 0).any():
            raise refused(where, "at", list(at), "rising from 0 to 1, with as many rising values")
        return cls(at, values)

    @classmethod
    def counted(cls, values: NDArray[Any], k: int) -> Self | None:
        """Knots that rest on ``k`` rows each: a value that as many share, or the mean of as many
        rows; None where there are fewer values."""
        ordered = np.sort(values.astype(np.float64))
        if len(ordered) < k:
            return None
        distinct, first, rows = np.unique(ordered, return_index=True, return_counts=True)
        common = rows >= k
        places, heights = knots_of(
            ordered, distinct[common], first[common], rows[common], k, most=MOST_STRETCHES
        )
        at = np.round(places / len(ordered), _DIGITS)
        return cls(tuple(at.tolist()), tuple(float(f"{height:.9g}") for height in heights))


@dataclass(frozen=True)
class Curves:
    """Inverse distribution functions, cell by cell: straight lines between knots.

    Knot e of a cell stands at ``at[e]`` (in 2**-32, from 0 to 2**32) with ``value[e]``; two knots
    with one value are an atom.
    """

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]

    def ok(self, cells: int) -> bool:
        """True when the arrays are finite, rising knots of ``cells`` cells."""
        if not cells_ok(self.first, len(self.at), cells, least=2) or not whole(self.at):
            return False
        if self.value.dtype != np.float64 or self.value.shape != self.at.shape:
            return False
        within = np.ones(len(self.at) - 1, dtype=bool)
        within[self.first[1:-1] - 1] = False
        return bool(
            (np.abs(self.value) <= LARGEST).all()  # no NaN either
            and (np.diff(self.at)[within] >= 0).all()
            and (np.diff(self.value)[within] >= 0).all()
            and (self.at[self.first[:-1]] == 0).all()
            and (self.at[self.first[1:] - 1] == UNIT).all()
        )

    def of_ranks(self, cells: int) -> bool:
        """True when they are ok, and their values are ranks of a scale."""
        return self.ok(cells) and bool(((self.value >= 0) & (self.value <= UNIT)).all())

    def weighted(self, weights: NDArray[np.float64]) -> Curves:
        """The same knots with room before each of them as these weights (knots,) say, which are
        more than 0 in every cell; before the first of a cell there is none."""
        weights = weights.copy()
        weights[self.first[:-1]] = 0.0
        return replace(self, at=parted(weights, self.first))

    def draw(self, cells: NDArray[np.int32], bits: Words) -> NDArray[np.float64]:
        """A value for each row (n,)."""
        return self.at_places(cells, upper(bits))

    def at_places(
        self, cells: NDArray[np.int32] | None, places: NDArray[np.int64] | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The values at places (n,) from 0 to below 2**32, which need not be whole; without
        ``cells`` there is one cell only."""
        left = self.guide.above(cells, places.astype(np.int64)) - 1
        start, value = self.at.take(left), self.value.take(left)
        width = np.maximum(self.at.take(left + 1) - start, 1)
        drawn: NDArray[np.float64] = value + (places - start) / width * (
            self.value.take(left + 1) - value
        )
        return drawn

    def places_of(
        self, cells: NDArray[np.int32] | None, values: NDArray[np.float64], *, after: bool
    ) -> NDArray[np.float64]:
        """The places (n,) in 0 to 2**32 where each row's cell reaches the values (n,), or
        (``after``) where it goes beyond them: the inverse of ``at_places``, both ends of atoms.
        The values of several cells are ranks of a scale."""
        cell = np.zeros(len(values), dtype=np.intp) if cells is None else cells.astype(np.intp)
        begin, end = self.first.take(cell), self.first.take(cell + 1)
        found = np.searchsorted(
            self._end_to_end, cell * (2.0 * UNIT) + values, side="right" if after else "left"
        )
        right = np.clip(found, begin + 1, end - 1)
        left = right - 1
        low, high = self.value.take(left), self.value.take(right)
        share = np.clip((values - low) / np.where(high > low, high - low, 1.0), 0, 1)
        start = self.at.take(left)
        inside = start + share * (self.at.take(right) - start)
        places: NDArray[np.float64] = np.where(found >= end, float(UNIT), inside)
        return np.where(found <= begin, 0.0, places)

    @cached_property
    def _end_to_end(self) -> NDArray[np.float64]:
        """The values of all cells, one cell after the other."""
        owner = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        ranged: NDArray[np.float64] = owner * (2.0 * UNIT) + self.value
        return ranged

    @cached_property
    def guide(self) -> Guide:
        return guide_of(self.first, self.at)
