"""What came, changed or went between two views of the same rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INSERT, UPDATE, DELETE = "insert", "update", "delete"


def between(before: pa.Table, after: pa.Table, key: str) -> Iterator[tuple[str, pa.Table]]:
    """Rows that came and rows that changed, whole as they are ``after``; rows that went, as they
    were ``before``.  Nothing is given of what there is none of."""
    old, new = _keys(before, key), _keys(after, key)
    place = pc.index_in(new, old)
    stayed = np.asarray(place.is_valid())
    here = np.flatnonzero(stayed)
    was = np.asarray(place.filter(pa.array(stayed))).astype(np.int64)
    changed = here[_differ(before.take(pa.array(was)), after.take(pa.array(here)))]
    gone = np.ones(before.num_rows, dtype=bool)
    gone[was] = False
    for what, rows, table in (
        (INSERT, np.flatnonzero(~stayed), after),
        (UPDATE, changed, after),
        (DELETE, np.flatnonzero(gone), before),
    ):
        if len(rows):
            yield what, table.take(pa.array(rows))


def _keys(rows: pa.Table, key: str) -> pa.Array:
    return rows.column(key).cast(pa.string()).combine_chunks()


def _differ(first: pa.Table, second: pa.Table) -> np.ndarray:
    differ = np.zeros(first.num_rows, dtype=bool)
    for one, other in zip(first.columns, second.columns, strict=True):
        differ |= np.asarray(pc.fill_null(pc.not_equal(one, other), False))
        differ |= np.asarray(pc.xor(one.is_null(), other.is_null()))
    return differ
