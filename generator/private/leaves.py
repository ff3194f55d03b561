"""The model as leaves: each column by the cell its earlier columns fall in, as in any profile.

The conditionals of a tree of cliques are tables over groups of earlier columns.  Such a table is a
tree whose cells are boxes of groups (boxes that hardly a row falls in stay whole), and the share of
a level is that of its group times its own within the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.cells import Tree, single_cell
from generator.fitted import ColumnLeaves, Predictor
from generator.leaves.choice import Choices
from generator.leaves.codec import Codec
from generator.leaves.guide import UNIT
from generator.leaves.quantiles import Curves
from generator.leaves.scale import Scale
from generator.private.groups import Groups
from generator.private.model import Model, onto
from generator.schema import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 1.0  # rows a box must have to be cut in two
_FAR_BELOW = -1e3  # below every number's feature and above that of a missing one


@dataclass(frozen=True)
class Told:
    """A column as others are drawn from it: the order in which its groups lie along a feature,
    what stands between them there, and the feature itself."""

    order: Ints
    between: Floats
    predictor: Predictor


def leaves_of(
    model: Model, groups: Sequence[Groups], given: frozenset[int] = frozenset()
) -> dict[str, ColumnLeaves]:
    """How each column is drawn, in an order in which what it needs is known; ``given`` columns are
    known beforehand."""
    masses = [_one_way(model, column) for column in range(len(groups))]
    codecs = [_codec(one, mass) for one, mass in zip(groups, masses, strict=True)]
    told = [_told(one, codec) for one, codec in zip(groups, codecs, strict=True)]
    leaves: dict[str, ColumnLeaves] = {}
    walk = conditionals(model) if not given else given_conditionals(model, given)
    for column, known, table in walk:
        tree, boxes = _tree(table, [told[one] for one in known], model.rows)
        made = _column(codecs[column], groups[column], masses[column], tree, boxes)
        predictors = tuple(told[one].predictor for one in known)
        leaves[groups[column].levels.column.name] = ColumnLeaves(
            codecs[column], predictors, tree, *made
        )
    return leaves


def conditionals(model: Model) -> Iterator[tuple[int, tuple[int, ...], Floats]]:
    """For each column the earlier ones it hangs on, and a table of shares: (groups of each of
    these, groups of the column)."""
    drawn: set[int] = set()
    for clique, belief in zip(model.cliques, model.beliefs, strict=True):
        for column in clique.columns:
            if column in drawn:
                continue
            known = tuple(one for one in clique.columns if one in drawn)
            table = onto(belief, clique.columns, tuple(sorted((*known, column))))
            at = sorted((*known, column)).index(column)
            yield column, known, np.moveaxis(table, at, -1)
            drawn.add(column)


def given_conditionals(
    model: Model, given: frozenset[int]
) -> Iterator[tuple[int, tuple[int, ...], Floats]]:
    """As ``conditionals``, where some columns are known beforehand: next comes the column that a
    clique tells most of, by what is known already."""
    known, open_ = set(given), set(range(len(model.sizes))) - given
    while open_:
        best: tuple[float, int, tuple[int, ...], Floats] | None = None
        for clique, belief in zip(model.cliques, model.beliefs, strict=True):
            for column in sorted(open_ & set(clique.columns)):
                by = tuple(one for one in clique.columns if one in known)
                among = tuple(sorted((*by, column)))
                table = np.moveaxis(onto(belief, clique.columns, among), among.index(column), -1)
                told = _information(table)
                if best is None or told > best[0]:
                    best = told, column, by, table
        assert best is not None
        yield best[1:]
        known.add(best[1])
        open_.remove(best[1])


def _information(table: Floats) -> float:
    """What the other axes tell of the last one, in nats."""
    flat = table.reshape(-1, table.shape[-1])
    apart = flat.sum(axis=1, keepdims=True) * flat.sum(axis=0, keepdims=True)
    there = flat > 0
    return float((flat[there] * np.log(flat[there] / apart[there])).sum())


def _one_way(model: Model, column: int) -> Floats:
    for clique, belief in zip(model.cliques, model.beliefs, strict=True):
        if column in clique.columns:
            return onto(belief, clique.columns, (column,))
    raise LookupError(column)


def _codec(groups: Groups, mass: Floats) -> Codec:
    levels = groups.levels
    if levels.whole:
        labels = levels.values
        if levels.column.kind in (Kind.INTEGER, Kind.DATE, Kind.TIMESTAMP):
            labels = tuple(int(label) for label in labels)
        return Codec("labels", labels=labels)
    assert levels.low is not None
    at = _ranks(groups, mass)
    places = np.column_stack([at[:-1], at[1:]]).ravel()
    edge = 0.49 * levels.step
    heights = np.column_stack([levels.low - edge, levels.ends + edge]).ravel()
    heights[[0, -1]] = levels.low[0], levels.ends[-1]
    knots = Curves(np.array([0, len(places)], dtype=np.int64), places, heights)
    offset = float(levels.low[0] - np.floor(levels.low[0] / levels.step) * levels.step)
    return Codec("number", scale=Scale(knots, levels.step, None, min(offset, levels.step)))


def _ranks(groups: Groups, mass: Floats) -> Ints:
    """Where on the scale each level begins (levels + 1,), from 0 to 2**32."""
    upto = np.cumsum((mass[groups.of] * groups.share)[:-1])
    total = upto[-1] if upto[-1] > 0 else 1.0
    at: Ints = np.rint(np.concatenate([[0.0], upto / total]) * UNIT).astype(np.int64)
    at[-1] = UNIT
    return at


def _told(groups: Groups, codec: Codec) -> Told:
    levels, name = groups.levels, groups.levels.column.name
    if codec.form == "labels":
        placed = groups.of.astype(np.float32)[:, None]
        middles: Floats = np.arange(groups.size - 1, dtype=np.float64) + 0.5
        return Told(np.arange(groups.size), middles, Predictor(name, placed))
    assert levels.low is not None
    first = np.searchsorted(groups.of[:-1], np.arange(1, groups.size - (groups.gone >= 0)))
    reach = float(levels.ends[-1] - levels.low[0])
    between: Floats = (levels.low[first] - levels.step / 2 - levels.low[0]) / reach
    order = np.arange(groups.size)
    if groups.gone >= 0:  # what is missing lies below all numbers
        order = np.append(groups.gone, order[:-1])
        between = np.append(_FAR_BELOW, between)
    return Told(order, between, Predictor(name, None, float(levels.low[0]), reach))


def _tree(table: Floats, told: Sequence[Told], rows: float) -> tuple[Tree, Floats]:
    """A tree over the features of earlier columns, and the shares (cells, groups) of its cells."""
    if not told:
        return single_cell(), table.reshape(1, -1)
    for axis, one in enumerate(told):
        table = table.take(one.order, axis=axis)
    mass = table.sum(axis=-1) * rows
    nodes: list[tuple[int, float, int, int, int]] = []
    boxes: list[Floats] = []

    def grow(box: tuple[slice, ...]) -> int:
        at = len(nodes)
        nodes.append((-1, 0.0, -1, -1, -1))
        widths = [side.stop - side.start for side in box]
        axis = max(range(len(box)), key=widths.__getitem__)
        if widths[axis] < 2 or mass[box].sum() < FEWEST:
            nodes[at] = (-1, 0.0, -1, -1, len(boxes))
            boxes.append(table[box].reshape(-1, table.shape[-1]).sum(axis=0))
            return at
        cut = (box[axis].start + box[axis].stop) // 2
        left = grow((*box[:axis], slice(box[axis].start, cut), *box[axis + 1 :]))
        right = grow((*box[:axis], slice(cut, box[axis].stop), *box[axis + 1 :]))
        nodes[at] = (axis, float(told[axis].between[cut - 1]), left, right, -1)
        return at

    grow(tuple(slice(0, size) for size in mass.shape))
    feature, threshold, left, right, cell = zip(*nodes, strict=True)
    tree = Tree(
        np.array(feature, np.int16),
        np.array(threshold, np.float32),
        np.array(left, np.int32),
        np.array(right, np.int32),
        np.array(cell, np.int32),
    )
    return tree, np.array(boxes)


def _column(
    codec: Codec, groups: Groups, mass: Floats, tree: Tree, boxes: Floats
) -> tuple[Choices | Curves, Tree | None, Choices | None]:
    """Leaves of the cells, and where values are missing."""
    absent_tree, absent = None, None
    shares = boxes
    if groups.gone >= 0:
        absent_tree, absent = tree, _absent(boxes, groups.gone)
        shares, mass = np.delete(boxes, groups.gone, axis=1), np.delete(mass, groups.gone)
    empty = shares.sum(axis=1) <= 0
    shares = np.where(empty[:, None], np.maximum(mass, 1e-12), np.maximum(shares, 0.0))
    shares = shares / shares.sum(axis=1, keepdims=True)
    if codec.form == "labels":
        return _choices(shares[:, groups.of[:-1]] * groups.share[:-1]), absent_tree, absent
    return _curves(shares, groups, mass), absent_tree, absent


def _absent(boxes: Floats, gone: int) -> Choices:
    total = np.maximum(boxes.sum(axis=1), 1e-300)
    missing = boxes[:, gone] / total
    return _choices(np.column_stack([1 - missing, missing]))


def _choices(shares: Floats) -> Choices:
    """Leaves of shares (cells, codes); codes of no share are left out."""
    total = shares.sum(axis=1, keepdims=True)
    upto = np.rint(np.cumsum(shares, axis=1) / np.maximum(total, 1e-300) * UNIT).astype(np.int64)
    upto[:, -1] = UNIT
    held = np.diff(upto, axis=1, prepend=0) > 0
    cells, codes = np.nonzero(held)
    first = np.searchsorted(cells, np.arange(len(shares) + 1)).astype(np.int64)
    return Choices(first, upto[held], codes.astype(np.int32))


def _curves(shares: Floats, groups: Groups, mass: Floats) -> Curves:
    """Leaves of shares (cells, groups) as ranks on the column's scale."""
    cells, size = shares.shape
    whole = mass if groups.gone < 0 else np.append(mass, 0.0)
    first = np.searchsorted(groups.of[:-1], np.arange(size))
    ranks = np.append(_ranks(groups, whole)[first], UNIT).astype(np.float64)
    upto = np.concatenate([np.zeros((cells, 1)), np.cumsum(shares, axis=1)], axis=1)
    at = np.rint(upto / np.maximum(upto[:, -1:], 1e-300) * UNIT).astype(np.int64)
    at[:, -1] = UNIT
    # a group that no row of a cell has is jumped over: two knots at one place
    places = np.stack([at[:, :-1], at[:, 1:]], axis=2)
    heights = np.broadcast_to(np.column_stack([ranks[:-1], ranks[1:]])[None], (cells, size, 2))
    held = places[:, :, 1] > places[:, :, 0]
    numbers = held.sum(axis=1) * 2
    begin = np.concatenate([[0], np.cumsum(numbers)]).astype(np.int64)
    return Curves(begin, places[held].ravel(), heights[held].ravel().astype(np.float64))
