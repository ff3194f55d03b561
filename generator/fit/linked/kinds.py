"""Which labels the rows of a parent have at all: an account that never uses a card, a customer who
only ever leases.  Rows drawn one after the other would come to all labels in the end, so what a
parent's rows come to is drawn with the parent, and they are learnt from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.fit.column import Learning
from generator.fit.floor import Floor
from generator.fit.linked.context import labelled
from generator.leaves.codec import TEXT
from generator.schema import Table

Ints = NDArray[np.int64]
MOST_LABELS = 16  # of a column whose labels may be told by a set; what is missing is one
MOST_COLUMNS = 3  # of a table
LEAST_ROWS = 4.0  # of a parent that has any, on average
FEWER = 0.85  # of the labels that chance would give the rows of a parent: they have as many at most


def kinds_of(
    table: Table, rows: pa.Table, parents: Ints, number: int
) -> Iterator[tuple[str, Ints]]:
    """For the columns of most labels the set that the rows of each of ``number`` parents have, as
    bits (number,), where that is fewer than by chance; ``parents`` (n,) says whose the rows are."""
    held = parents >= 0
    if held.sum() < LEAST_ROWS * max(len(np.unique(parents[held])), 1):
        return
    led = {name for link in table.links for name in link.columns}
    found: dict[str, Ints] = {}
    for column in table.columns:
        if column.kind in TEXT and column.name not in led and not column.personal:
            told = pc.dictionary_encode(rows.column(column.name).cast(pa.string()).combine_chunks())
            labels = len(told.dictionary) + bool(told.null_count)
            if 2 <= labels <= MOST_LABELS:
                codes = pc.fill_null(told.indices, labels - 1)
                found[column.name] = np.asarray(codes).astype(np.int64)
    for name in sorted(found, key=lambda one: -int(found[one].max()))[:MOST_COLUMNS]:
        codes = found[name]
        has = np.zeros((number, int(codes.max()) + 1), dtype=bool)
        has[parents[held], codes[held]] = True
        if not _fewer(has, np.bincount(codes[held]), np.bincount(parents[held], minlength=number)):
            continue
        yield name, has @ (1 << np.arange(has.shape[1]))


def _fewer(has: NDArray[np.bool_], labels: Ints, rows: Ints) -> bool:
    """Whether parents of so many ``rows`` (parents,) have clearly fewer labels than if every row
    had one of the ``labels`` (labels,) by chance."""
    some = rows > 0
    shares = np.zeros(has.shape[1])
    shares[: len(labels)] = labels / max(labels.sum(), 1)
    chance = (1 - (1 - shares) ** rows[some, None]).sum()
    return bool(has[some].sum() <= FEWER * chance)


def learnable_sets(sets: Ints, floor: Floor) -> Learning | None:
    """Sets (n,) as labels of their own; those of too few persons by how many labels they have, and
    what is left as one.  None where that leaves nothing to tell."""
    sizes = np.bitwise_count(sets).astype(np.int64)
    told = sets
    for coarser in (-sizes, np.full(len(sets), -(1 << MOST_LABELS))):
        codes = np.unique(told, return_inverse=True)[1].astype(np.int64)
        common = floor.holders.number(codes, int(codes.max()) + 1) >= floor.k
        told = np.where(common[codes], told, coarser)
    codes = np.unique(told, return_inverse=True)[1].astype(np.int64)
    held = floor.holders.number(codes, int(codes.max()) + 1)
    if (held < floor.k).any():
        codes = np.where((held < floor.k)[codes], int(held.argmax()), codes)
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    if not codes.any():
        return None
    return labelled(codes, tuple(f"c{at}" for at in range(int(codes.max()) + 1)))
