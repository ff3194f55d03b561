"""Do personal values, identifiers and notes of learnt rows come again in synthetic ones?

Some do by chance (there are only so many first names, and numbers of four digits): as often as
values of rows that were not learnt.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from generator.attack.attack import Attack, by_shares

_SIGNS = 4  # of a value, up to which it is nobody's alone


def replayed(
    table: str, column: str, learnt: pa.ChunkedArray, unseen: pa.ChunkedArray, made: pa.ChunkedArray
) -> Attack | None:
    """The attack on one column: synthetic values that are a learnt row's, beside those that are an
    unseen row's.  Learnt and unseen rows are as many.  None where there is nothing to repeat."""
    told = _texts(made)
    if not len(told):
        return None
    hits = [
        (int(pc.sum(pc.is_in(told, value_set=_texts(side))).as_py() or 0), len(told))
        for side in (learnt, unseen)
    ]
    return by_shares("replay", table, column, *hits)


def _texts(values: pa.ChunkedArray) -> pa.Array:
    """The distinct values that are long enough, as texts."""
    texts = pc.unique(values.cast(pa.string()).drop_null())
    return texts.filter(pc.greater(pc.utf8_length(texts), _SIGNS))
