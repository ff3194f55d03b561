"""Rows of groups drawn from a model, to hold it against what is asked of the extract.

These rows only guide which table is asked for next; the rows of a bundle are drawn from the leaves
that the model becomes, like those of any other profile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.private.model import Model
from generator.streams import Stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def drawn(model: Model, rows: int, stream: Stream) -> list[Ints]:
    """Groups (rows,) of each column."""
    found: dict[int, Ints] = {}
    for at, (clique, belief) in enumerate(zip(model.cliques, model.beliefs, strict=True)):
        known = [column for column in clique.columns if column in found]
        open_ = [column for column in clique.columns if column not in found]
        table = np.moveaxis(belief, [clique.columns.index(c) for c in known], range(len(known)))
        flat = table.reshape(int(np.prod(table.shape[: len(known)], dtype=np.int64)), -1)
        place = np.zeros(rows, dtype=np.int64)
        for column in known:
            place = place * model.sizes[column] + found[column]
        u = stream.uniform(at * rows, (at + 1) * rows)
        cells = _picked(flat, place, u)
        for column in reversed(open_):
            cells, found[column] = np.divmod(cells, model.sizes[column])
    return [found[column] for column in range(len(model.sizes))]


def _picked(table: Floats, place: Ints, u: Floats) -> Ints:
    """A cell of each row's line of the table, by its shares; rows of one line are spread evenly, in
    the order of ``u``."""
    order = np.lexsort((u, place))
    lines, first, sizes = np.unique(place[order], return_index=True, return_counts=True)
    upto = np.cumsum(table[lines], axis=1)
    total = np.maximum(upto[:, -1:], 1e-300)
    upto /= total
    upto[:, -1] = 1.0
    line = np.repeat(np.arange(len(lines)), sizes)
    rank = np.arange(len(place)) - np.repeat(first, sizes)
    within = (rank + 0.5) / np.repeat(sizes, sizes)
    shuffled = np.empty(len(place), dtype=np.int64)
    end_to_end = (upto + np.arange(len(lines))[:, None]).ravel()
    found = np.searchsorted(end_to_end, line + within, side="right")
    shuffled[order] = np.minimum(found - line * table.shape[1], table.shape[1] - 1)
    return np.asarray(shuffled)
