"""What would somebody guess of one column of a person whose other columns are known?

The guess is what the nearest synthetic rows have there.  Right guesses about rows that were not
learnt are what the population tells; only what is right more often about learnt ones tells of
persons (M. Giomi et al., Anonymeter, PoPETs 2023).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from generator.attack.attack import Attack, by_shares
from generator.attack.neighbours import Points, neighbours

Codes = NDArray[np.int64]
Widths = Mapping[str, slice]


def inferred(
    table: str,
    secret: str,
    points: tuple[Points, Points, Points],
    codes: tuple[Codes, Codes, Codes],
    columns: Widths,
) -> Attack:
    """The attack on the column ``secret``: ``points`` and its ``codes`` (labels, or bands of a
    number) are those of learnt, unseen and synthetic rows; ``columns`` says which of the dimensions
    each column takes."""
    hidden = columns[secret]
    sides = [np.delete(side, np.arange(hidden.start, hidden.stop), axis=1) for side in points]
    learnt, unseen, made = sides
    hits = []
    for side, truth in ((learnt, codes[0]), (unseen, codes[1])):
        _, which = neighbours(side, made, 1)
        hits.append((int((codes[2][which[:, 0]] == truth).sum()), len(truth)))
    return by_shares("inference", table, secret, *hits)
