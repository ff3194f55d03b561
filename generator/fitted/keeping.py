"""Rows of a table while they are drawn so that they keep its rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.fitted.draw import Known, draw_values, evened
from generator.fitted.leaves import ColumnLeaves
from generator.found import Floats, Kept, Side, in_unit, reach, unit_of
from generator.leaves.codec import Codec
from generator.leaves.guide import UNIT
from generator.leaves.packed import upper
from generator.leaves.quantiles import Curves
from generator.leaves.scale import Scale
from generator.schema import Table

_LARGEST = 1e100
Bits = NDArray[np.uint64]
Cells = NDArray[np.int32]


class Keeping:
    """What the rules of a table have been told of a block of rows: the numbers of every column,
    also where it is missing, and where that is."""

    def __init__(self, table: Table, kept: Kept) -> None:
        self._table = table
        self._kept = kept
        self._sides: dict[str, Side] = {}
        self._gone: dict[str, NDArray[np.bool_]] = {}

    def values(
        self,
        name: str,
        leaves: ColumnLeaves,
        features: NDArray[np.float32],
        known: Mapping[str, Known],
        absent: NDArray[np.int32],
        words: Bits,
        *,
        even: bool = False,
    ) -> tuple[NDArray[Any], NDArray[np.int32]]:
        """As ``draw_values``, kept to the rules."""
        if name in self._kept.worked:
            return self._worked(name, leaves.codec), absent
        if name in self._kept.bounds and isinstance(leaves.leaves, Curves):
            assert leaves.tree is not None
            cells = leaves.tree.apply(features)
            words = evened(cells, words) if even else words
            return self._within(name, leaves.codec, leaves.leaves, cells, words), absent
        return draw_values(leaves, features, known, absent, words, even=even)

    def tell(
        self, name: str, codec: Codec | None, values: NDArray[Any], absent: NDArray[np.int32]
    ) -> None:
        """Let rules know a column: numbers or codes (n,), and ``absent`` as in ``decode``."""
        if name not in self._kept.names:
            return
        self._gone[name] = absent == 1
        unit = None if codec is None else unit_of(self._table.column(name), codec)
        if codec is None or unit is None or (codec.labels and isinstance(codec.labels[0], str)):
            return
        numbers = values.astype(np.float64)
        if codec.form == "labels":
            numbers = np.array(codec.labels, dtype=np.float64)[values.astype(np.int64)]
        self._sides[name] = Side(unit, numbers, absent == 0)

    def absent(self, name: str, absent: NDArray[np.int32]) -> NDArray[np.int32]:
        """Missing where a rule says so, and there where it says that."""
        for rule in self._kept.missing.get(name, ()):
            gone = self._gone[rule.other]
            absent = np.where(gone, 1, np.where(rule.both & (absent == 1), 0, absent))
        return absent.astype(np.int32)

    def _worked(self, name: str, codec: Codec) -> Floats:
        """The numbers (n,) of a column that follows from others."""
        unit = unit_of(self._table.column(name), codec)
        assert unit is not None
        worked = self._kept.worked[name].worked(self._sides, unit)
        return np.clip(worked, -_LARGEST, _LARGEST)

    def _within(self, name: str, codec: Codec, leaf: Curves, cells: Cells, bits: Bits) -> Floats:
        """The numbers (n,) of a column drawn on the right side of others, from that part of its
        cell's leaf."""
        unit = unit_of(self._table.column(name), codec)
        assert unit is not None
        rules = self._kept.bounds[name]
        sign, step = rules[0].sign, rules[0].unit
        base, told = reach(rules, self._sides)
        scale = codec.scale
        assert scale is not None
        if name in self._kept.gaps:
            distance = np.maximum(scale.values(leaf.draw(cells, bits)), 0.0)
            return in_unit(unit, base + sign * distance, step)
        bound = in_unit(unit, np.where(told, base, -sign * np.inf), step)
        places = _folded(scale, leaf, cells, upper(bits), bound, sign)
        values = scale.values(leaf.at_places(cells, places))
        return np.maximum(values, bound) if sign > 0 else np.minimum(values, bound)


def _folded(
    scale: Scale, leaf: Curves, cells: Cells, places: NDArray[np.int64], bound: Floats, sign: int
) -> Floats:
    """Places (n,) of a cell, those on the wrong side of the bound (n,) folded over it: they land
    near it, and no other row is moved."""
    outer = bound - sign * scale.grid / 2
    edge = leaf.places_of(cells, scale.places_of(outer, after=sign < 0), after=sign < 0)
    beyond = (edge - places) * sign
    room = UNIT - edge if sign > 0 else edge
    wrong = UNIT - room
    folded = edge + sign * beyond * np.minimum(1.0, room / np.maximum(wrong, 1.0))
    kept: Floats = np.clip(np.where(beyond > 0, folded, places), 0, UNIT - 1)
    return kept
