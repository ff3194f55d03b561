"""Do synthetic rows tell something that exactly one person is like?

A guess is what one synthetic row, alone among them, has in a few columns: labels, and numbers at
least or at most as large.  It singles somebody out where exactly one of the real rows is like that
(M. Giomi et al., Anonymeter, PoPETs 2023; the multivariate attack).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.attack.attack import Attack, by_shares
from generator.stop import asking
from generator.streams import Stream

GUESSES = 2_000
TOGETHER = 4  # columns of a guess
_TRIES = 6  # guesses looked at for each that is alone
Table = NDArray[np.float64]


def singled_out(
    table: str, learnt: Table, unseen: Table, made: Table, ordered: NDArray[np.bool_], *, seed: int
) -> Attack | None:
    """The attack on rows as numbers (n, columns), labels as codes, NaN where missing; ``ordered``
    (columns,) says which are numbers.  Learnt and unseen rows are as many.  None where no synthetic
    row is alone with anything."""
    width = made.shape[1]
    lots = Stream(seed, table, "(singling)").uniform(0, GUESSES * _TRIES * (width + 1))
    lots = lots.reshape(GUESSES * _TRIES, width + 1)
    rows = (lots[:, -1] * len(made)).astype(np.int64)
    chosen = np.argsort(lots[:, :-1], axis=1)[:, : min(TOGETHER, width)]
    upper = np.nanmedian(np.where(np.isnan(made), np.inf, made), axis=0)
    tried = found = foreign = 0
    for row, columns in asking(zip(rows.tolist(), chosen, strict=True), every=50):
        guess = made[row, columns]
        if np.isnan(guess).any() or _like(made, guess, columns, ordered, upper) != 1:
            continue
        tried += 1
        found += _like(learnt, guess, columns, ordered, upper) == 1
        foreign += _like(unseen, guess, columns, ordered, upper) == 1
        if tried == GUESSES:
            break
    if not tried:
        return None
    return by_shares("singling", table, "", (found, tried), (foreign, tried))


def _like(
    rows: Table,
    guess: NDArray[np.float64],
    columns: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    middle: NDArray[np.float64],
) -> int:
    """How many rows are like the guess."""
    like = np.ones(len(rows), dtype=bool)
    for value, column in zip(guess.tolist(), columns.tolist(), strict=True):
        held = rows[:, column]
        if not ordered[column]:
            like &= held == value
        elif value >= middle[column]:
            like &= held >= value
        else:
            like &= held <= value
    return int(np.count_nonzero(like))
