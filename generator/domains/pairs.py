"""Dealers that trade cars with each other: two by two in the order of their numbers.

What goes from one dealer to the other is of one car with one life, so a pair that trades is drawn
together: shards are cut between pairs.  A last dealer without a partner trades with nobody.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def partner_of(dealer: Ints) -> Ints:
    """The other dealer of the pair of each of these."""
    return dealer ^ 1


def of_partners(each: Ints) -> Ints:
    """What each dealer's partner has, shape (dealers,); 0 for one without."""
    whole = len(each) // 2 * 2
    found = np.zeros_like(each)
    found[:whole] = each[partner_of(np.arange(whole))]
    return found


def together(dealers: int, pairs: Collection[int]) -> NDArray[np.bool_]:
    """Whether each of so many dealers is of one of these ``pairs``, named by their first ones."""
    found = np.zeros(dealers, dtype=bool)
    first = np.array(sorted(pairs), dtype=np.int64)
    found[first] = found[partner_of(first)] = True
    return found


def trading(*paired: Ints) -> list[int]:
    """First dealers of the pairs in which one gets a car: by the rows (dealers,) of tables."""
    gets = sum(each[: len(each) // 2 * 2].reshape(-1, 2).sum(axis=1) for each in paired)
    return (np.flatnonzero(np.asarray(gets) > 0) * 2).tolist()
