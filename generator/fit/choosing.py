"""Choosing how closely a table is learnt: by trials on some of its rows, held against others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from generator.fit.column import evenly
from generator.fit.floor import EACH_ROW, Floor
from generator.fit.likeness import Look, Seen, nearer
from generator.fit.way import LEAF_ROWS, Way
from generator.fitted import TableLeaves, draw_rows
from generator.schema import Table
from generator.stop import asking

CELLS = 180_000  # of the rows a trial learns, at most: four trials take some seconds
TRIAL_ROWS = 3_000  # a trial learns, and as many are held back
LEAST_ROWS = 1_000
MOST_NEAR = 0.545  # share of drawn rows that may lie nearer to learnt rows than to those held back
FARTHER = 0.015  # of that share, which a way must win where the one before it exceeds it
BETTER = 0.001  # that a way must win in accuracy over those before it
CLEARLY = 0.002  # that an order must win in worth over the extract's own
LEARNING = 0.1  # what all of the variance that a column's trees explain is worth in accuracy
USUAL = "extract"  # the order that is the best more often than any other
ORDERS = ("few first", "predictable")  # that are tried beside it
STEPS: tuple[dict[str, Any], ...] = ({"gain": 1.0}, {"leaf": 2 * LEAF_ROWS})

Learner = Callable[[pa.Table, Floor], Callable[[Way], TableLeaves]]


def chosen_way(
    table: Table, rows: pa.Table, learner: Learner, *, seed: int, floor: Floor = EACH_ROW
) -> Way:
    """The way whose drawn rows are most like rows that the trial has not seen.

    The order of the columns comes first: the extract's own, unless with another drawn rows clearly
    agree better, pair of columns by pair, and teach better what one column tells of another.  How
    near rows lie to learnt ones is not asked of an order, for cells rest on as many rows in each.
    Then each of the ``STEPS`` is taken with which pairs agree better.  A step after which rows lie
    nearer to the learnt rows than to the others is not taken; where they do so without it, one is
    taken that draws them farther away at no cost.  Tables too short or too wide to try are learnt
    in the usual way.  ``learner`` reads rows once and learns them in any way.
    """
    n = rows_tried(rows)
    if n < LEAST_ROWS:
        return Way()
    some = evenly(np.arange(rows.num_rows), 2 * n)
    learnt, held = rows.take(some[::2]), rows.take(some[1::2])
    theirs = floor.at(some[::2])
    look = Look.of(table, learnt)
    seen, unseen = look.at(learnt), look.at(held)

    learn = learner(learnt, theirs)

    def drawn(way: Way) -> Seen:
        return look.at(draw_rows(table, learn(way), seed, 0, learnt.num_rows))

    best = Way(order=USUAL)
    made = drawn(best)
    usual = most = _worth(made, unseen)
    for order in asking(ORDERS, every=1):
        other = drawn(way := Way(order=order))
        if (worth := _worth(other, unseen)) > max(usual + CLEARLY, most):
            best, made, most = way, other, worth
    reached, close = made.likeness(unseen), nearer(made, seen, unseen)
    for step in asking(STEPS, every=1):
        made = drawn(way := replace(best, **step))
        accuracy, near = made.likeness(unseen), nearer(made, seen, unseen)
        if _wins(accuracy - reached, near, close):
            best, reached, close = way, accuracy, near
    return best


def rows_tried(rows: pa.Table) -> int:
    """How many rows of a table a trial learns, and holds back."""
    return int(min(TRIAL_ROWS, rows.num_rows // 2, CELLS // max(rows.num_columns, 1)))


def _worth(made: Seen, unseen: Seen) -> float:
    return made.likeness(unseen) + LEARNING * made.learning(unseen)


def _wins(gained: float, near: float, close: float) -> bool:
    """Whether a step with this gain in accuracy, so ``near``, is taken over one so ``close``."""
    if gained > BETTER:
        return near <= max(MOST_NEAR, close)
    return close > MOST_NEAR and near < close - FARTHER and gained > -BETTER / 2
