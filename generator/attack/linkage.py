"""Could two parties, who each know half of the columns of persons, link them by the synthetic rows?

They could where the same synthetic rows lie nearest to both halves of a person (M. Giomi et al.,
Anonymeter, PoPETs 2023).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.attack.attack import Attack, by_shares
from generator.attack.neighbours import Points, neighbours

NEAR = 3  # synthetic rows that each party looks at


def linked(
    table: str, learnt: Points, unseen: Points, made: Points, columns: Sequence[slice]
) -> Attack:
    """The attack with every other of the ``columns`` on one side."""
    halves = [
        np.concatenate([np.arange(one.start, one.stop) for one in columns[first::2]])
        for first in (0, 1)
    ]
    hits = []
    for side in (learnt, unseen):
        one, other = (neighbours(side[:, half], made[:, half], NEAR)[1] for half in halves)
        met = (one[:, :, None] == other[:, None, :]).any(axis=(1, 2))
        hits.append((int(met.sum()), len(side)))
    return by_shares("linkage", table, "", *hits)
