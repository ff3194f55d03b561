"""Who lives with whom: couples among the customers and prospects of a dealer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import ranks

Rows = NDArray[np.int64]


def heads(
    *,
    able: NDArray[np.bool_],
    block: Rows,
    female: NDArray[np.bool_],
    years: NDArray[np.float64],
    most_apart: float,
) -> Rows:
    """The row of each row's household: a woman's husband where she has one, else the row itself.

    Of a dealer's ``able`` people the eldest man lives with the eldest woman, and so on down, where
    they are at most so many years apart.
    """
    head = np.arange(len(able))
    men, women = np.flatnonzero(able & ~female), np.flatnonzero(able & female)
    place = [ranks(block[rows], -years[rows]) for rows in (men, women)]
    width = max((int(some.max(initial=0)) + 1 for some in place), default=1)
    of_man, of_woman = block[men] * width + place[0], block[women] * width + place[1]
    _, of_men, of_women = np.intersect1d(of_man, of_woman, assume_unique=True, return_indices=True)
    husband, wife = men[of_men], women[of_women]
    near = np.abs(years[husband] - years[wife]) <= most_apart
    head[wife[near]] = husband[near]
    return head
