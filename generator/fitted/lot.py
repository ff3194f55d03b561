"""Rows of a table that were drawn together, and what can be known of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa

from generator.fitted.draw import Drawn, Floats, Ints
from generator.fitted.leaves import MARK

Arrow = Callable[[], pa.Array]


@dataclass
class Lot:
    """Rows ``first`` to ``first + rows`` of a table.  ``known`` are its columns, those of its
    context too; ``links`` say by path the numbers of the rows pointed at, in the whole of the
    parent, -1 for none; ``numbers`` are the values of its hidden counts.  ``order`` are the rows,
    from 0 on, as they are written, None for as they are."""

    first: int
    rows: int
    known: Known
    links: dict[str, Ints] = field(default_factory=dict)
    numbers: dict[str, Floats] = field(default_factory=dict)
    making: dict[str, Arrow] = field(default_factory=dict)
    order: Ints | None = None
    _made: dict[str, pa.Array] = field(default_factory=dict)

    def arrow(self, name: str) -> pa.Array:
        """A column as it is written, worked out when first asked for."""
        if name not in self._made:
            self._made[name] = self.making[name]()
        return self._made[name]

    def group(self, path: str) -> Ints:
        """By a path of links (joined by MARK) the number of the row it ends at, -1 for none."""
        head, _, rest = path.partition(MARK)
        if not rest:
            return self.links[head]
        return self.known.follow(head, rest)


class Known(dict[str, Drawn]):
    """Columns by name; those of rows that links lead to are looked up when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._ways: dict[str, tuple[Lot, Ints]] = {}

    def lead(self, path: str, lot: Lot, rows: Ints) -> None:
        """The link ``path`` leads to ``rows`` of ``lot``, -1 for none."""
        self._ways[path] = (lot, rows)

    def follow(self, path: str, rest: str) -> Ints:
        lot, rows = self._ways[path]
        found = lot.group(rest)
        if not len(found):
            return np.full(len(rows), -1, dtype=np.int64)
        numbers: Ints = np.where(rows < 0, -1, found[np.maximum(rows, 0)])
        return numbers

    def __missing__(self, name: str) -> Drawn:
        path, _, rest = name.partition(MARK)
        if path not in self._ways or not rest:
            raise KeyError(name)
        lot, rows = self._ways[path]
        self[name] = lot.known[rest].take(rows)
        return self[name]


class Joined(Known):
    """The columns of several lots, one after the other."""

    def __init__(self, lots: Sequence[tuple[Lot, slice]]) -> None:
        super().__init__()
        self._lots = lots

    def __missing__(self, name: str) -> Drawn:
        parts = [(lot.known[name], piece) for lot, piece in self._lots]
        missing = np.concatenate([one.missing[piece] for one, piece in parts])
        gone = parts[0][0].gone
        if gone < 0:
            numbers = np.concatenate([one.numbers[piece] for one, piece in parts])
            self[name] = Drawn(missing, numbers, parts[0][0].places, gone)
        else:
            places = np.concatenate([one.places[piece] for one, piece in parts])
            self[name] = Drawn(missing, parts[0][0].numbers, places, gone)
        return self[name]

    def follow(self, path: str, rest: str) -> Ints:
        return np.concatenate([lot.known.follow(path, rest)[piece] for lot, piece in self._lots])


class _Numbers(dict[str, Floats]):
    def __init__(self, lots: Sequence[tuple[Lot, slice]]) -> None:
        super().__init__()
        self._lots = lots

    def __missing__(self, name: str) -> Floats:
        self[name] = np.concatenate([lot.numbers[name][piece] for lot, piece in self._lots])
        return self[name]


class _Links(dict[str, Ints]):
    def __init__(self, lots: Sequence[tuple[Lot, slice]]) -> None:
        super().__init__()
        self._lots = lots

    def __missing__(self, name: str) -> Ints:
        self[name] = np.concatenate([lot.links[name][piece] for lot, piece in self._lots])
        return self[name]


def _joined(name: str, cut: Sequence[tuple[Lot, slice]]) -> pa.Array:
    return pa.concat_arrays(
        [_plain(lot.arrow(name)).slice(piece.start, piece.stop - piece.start) for lot, piece in cut]
    )


def _plain(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def placed(order: Ints) -> Ints:
    """The place of each row (n,) in an order of rows (n,)."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return place


def _ordered(cut: Sequence[tuple[Lot, slice]]) -> Ints | None:
    """The order of pieces of lots, each in its own."""
    if all(lot.order is None for lot, _ in cut):
        return None
    found, first = [], 0
    for lot, piece in cut:
        order = np.arange(lot.rows) if lot.order is None else lot.order
        found.append(order[(order >= piece.start) & (order < piece.stop)] - piece.start + first)
        first += piece.stop - piece.start
    return np.concatenate(found)


def pieces(lots: Sequence[Lot], first: int, last: int) -> Lot:
    """Rows ``first`` to ``last`` of a table from lots that hold all of them, in order."""
    cut = [
        (lot, slice(max(first - lot.first, 0), min(last - lot.first, lot.rows)))
        for lot in lots
        if lot.first < last and lot.first + lot.rows > first
    ]
    if len(cut) == 1 and cut[0][1] == slice(0, cut[0][0].rows):
        return cut[0][0]
    if not cut:
        cut = [(lots[0], slice(0, 0))]
    making: dict[str, Arrow] = {name: partial(_joined, name, cut) for name in cut[0][0].making}
    order = _ordered(cut)
    links, counts = _Links(cut), _Numbers(cut)
    return Lot(first, last - first, Joined(cut), links, counts, making=making, order=order)
