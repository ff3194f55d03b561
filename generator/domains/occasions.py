"""Things that have causes, in exact numbers.

Whatever could happen is laid out as occasions: of which dealer, from which cause (a row to point
at), how likely beside the others.  A table takes exactly its count of them under each dealer, in
one pass.  A cause may bring several; when more are asked than causes bring, they bring more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.groups import place_in_group

Rows = NDArray[np.int64]


class Occasions(NamedTuple):
    """One entry an occasion: its local dealer, the local row of its cause, which of its cause's it
    is, its weight beside others of that turn."""

    dealer: Rows
    cause: Rows
    turn: Rows
    weight: NDArray[np.float64]


def occasions(
    dealer: Rows, weight: NDArray[np.float64], counts: Rows, *, most: int | None = None
) -> Occasions:
    """Occasions of causes, each of a local ``dealer`` (n,) and a ``weight`` (n,): as many of each
    as it takes to reach every dealer's ``counts``, but ``most``."""
    causes = np.bincount(dealer, minlength=len(counts))
    turns = int(np.ceil(counts / np.maximum(causes, 1)).max(initial=0))
    turns = turns if most is None else most
    n = len(dealer)
    return Occasions(
        np.tile(dealer, turns),
        np.tile(np.arange(n), turns),
        np.repeat(np.arange(turns), n),
        np.tile(weight, turns),
    )


def take(draw: Draw, wanted: Occasions, counts: Rows, *, start: int) -> Rows:
    """Numbers of the occasions that happen, exactly ``counts`` under each dealer, by dealer.

    Later turns of a cause only happen where the earlier ones do not suffice; within a turn those
    with the smallest waits, exponential with the weight as rate (Efraimidis and Spirakis 2006).
    Causes begin with row ``start`` of their table.  Raises ValueError where there are too few.
    """
    u = np.empty(len(wanted.cause))
    for turn in range(int(wanted.turn.max(initial=-1)) + 1):
        rows = wanted.turn == turn
        stream = draw.stream(f"occasion_{turn}")
        u[rows] = stream.uniform(start, start + int(rows.sum()))
    wait = -np.log1p(-u) / np.maximum(wanted.weight, 1e-12)
    order = np.lexsort((wait, wanted.turn, wanted.dealer))
    rank = place_in_group(wanted.dealer[order])
    taken = order[rank < counts[wanted.dealer[order]]]
    if len(taken) < int(counts.sum()):
        raise ValueError(
            f"{int(counts.sum()):,} rows of {draw.frame.table.name} have {len(taken):,} occasions "
            "to happen"
        )
    return np.asarray(taken)
