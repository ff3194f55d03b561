"""What must hold for events of payments (R070)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import PAYMENTS
from generator.domains.machines import machine
from generator.rules import Rule, Truth
from generator.tables import Tables

TABLE = "payment_event"


def _chain(tables: Tables) -> Truth:
    """The old state of an event is the new one of the event before, and may be followed by its
    own; the last one is where the payment stands."""
    payment = tables.row_of(TABLE, "payment_key")
    group = tables.group_of(TABLE, "payment_key")
    old, new = (tables.values(TABLE, f"{which}_payment_status_type") for which in ("old", "new"))
    begins = tables.missing(TABLE, "old_payment_status_type")
    moments = tables.values(TABLE, "occurrence_date_time")
    order = np.lexsort((np.arange(len(payment)), group))
    row, was, becomes = group[order], old[order], new[order]
    first = np.diff(row, prepend=-2) != 0
    last = np.diff(row, append=-2) != 0
    before = np.append([None], becomes[:-1])[: len(row)]
    legal = _legal(was, becomes)
    later = np.append(True, np.diff(moments[order]) >= np.timedelta64(0))[: len(row)]
    now = tables.values("payment", "payment_status_type")
    stands = np.append(now, [None])[payment[order]]
    holds = np.where(first, begins[order], (was == before) & legal & later)
    holds &= ~last | (becomes == stands)
    answer = np.ones(len(row), dtype=bool)
    answer[order] = holds
    return answer


def _legal(old: NDArray[np.object_], new: NDArray[np.object_]) -> Truth:
    ways = machine("payment")
    pairs = {(a, b): ways.allows(a, b) for a, b in set(zip(old, new, strict=True))}
    return np.array([pairs[pair] for pair in zip(old, new, strict=True)], dtype=bool)


RULES = (
    Rule(
        "R070",
        TABLE,
        "Events of a payment follow one another by its state machine and end where it stands.",
        _chain,
        needs=("payment",),
        group=PAYMENTS,
        scope="shard",
    ),
)
