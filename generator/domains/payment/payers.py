"""Who pays: the customers behind the parties that bills are addressed to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Frames

Rows = NDArray[np.int64]


def customer_of(frames: Frames, party: Rows) -> Rows:
    """The local row of the customer that each party is; -1 of one that is none."""
    customers, parties = frames["customer"], frames["party"]
    found = np.full(parties.rows, -1)
    found[customers["_party_key"] - parties.start] = np.arange(customers.rows)
    local = party - parties.start
    here = (local >= 0) & (local < parties.rows)
    return np.where(here, found[np.where(here, local, 0)], -1)
