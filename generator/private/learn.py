"""Learn one table through a private eye.

1. Count each column by its levels, with noise; join levels into groups that noise leaves told.
2. In rounds choose privately the table the model gets most wrong, count it with noise, fit again.
3. Turn the model into leaves, and what was counted into the summary.

Nothing in this file, nor in those it imports, takes rows: whatever is learnt comes from an ``Eye``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.fitted import MARK, ColumnLeaves
from generator.private.eye import Eye, Query
from generator.private.groups import MOST_GROUPS, Groups, grouped
from generator.private.leaves import leaves_of
from generator.private.model import Measured, Model
from generator.private.rounds import (
    CHOOSING,
    DROWNED,
    LARGE_MODEL,
    MOST_MODEL,
    ROUNDS,
    Rounds,
    solved,
)
from generator.private.told import told_table
from generator.summary import TableSummary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ONE_WAY = 0.3  # of the budget, that counts of single columns take
LEAST_GROUPS = 4
NARROW = 32  # groups of a column that noise leaves told, from which on it counts as narrow
NOISES = 1.4  # deviations of the noise of a count that a square of groups must hold in rows
ENOUGH = 30.0  # as many that are enough for a stretch of numbers


@dataclass(frozen=True)
class Learnt:
    """``rows`` are about as many as there are; a whole number that was told with noise."""

    rows: int
    leaves: Mapping[str, ColumnLeaves]
    summary: TableSummary
    model: Model
    groups: tuple[Groups, ...]


def learn(
    eye: Eye, *, seed: int, tell: Callable[[str, float], None], given: Collection[str] = ()
) -> Learnt:
    """Learn the columns of the eye's levels, spending all that is left.  ``tell`` hears what is
    done and the share of it; ``seed`` settles what is drawn from the model between rounds;
    ``given`` columns will be known when rows are drawn (of the parent's row, of the row before)."""
    tell("columns", 0.0)
    noisy, sigmas = _one_ways(eye, ONE_WAY * eye.left())
    rows = _rows(noisy, sigmas)
    later = _noise_of_rounds(eye)
    narrowest = NARROW if given else MOST_GROUPS  # more were measured on single tables only
    most = int(np.clip(np.sqrt(rows / (NOISES * later)), LEAST_GROUPS, narrowest))
    groups = tuple(
        grouped(levels, noisy[name], sigmas[name], most=most, enough=ENOUGH * later)
        for name, levels in eye.levels.items()
    )
    model = Model([one.size for one in groups], rows)
    for place, one in enumerate(groups):
        sigma = 1.5 * sigmas[one.levels.column.name]  # of a group of some levels, about
        model.add(Measured((place,), (None,), one.mass, sigma))
    tables: list[tuple[Query, Ints]] = []
    known = frozenset(at for at, name in enumerate(eye.levels) if name in given)
    narrow = most >= NARROW
    Rounds(
        eye,
        groups,
        model,
        seed,
        lambda share: tell("pairs", share),
        known,
        tables,
        handicap=1.0 if narrow or known else DROWNED,
        room=LARGE_MODEL if narrow and not known else MOST_MODEL,
    ).run()
    tell("leaves", 1.0)
    return Learnt(
        max(1, round(rows)),
        leaves_of(model, groups, known),
        told_table(_written(groups, given), tables, round(rows)),
        model,
        groups,
    )


def _written(groups: Sequence[Groups], given: Collection[str]) -> list[Groups]:
    """Those of columns that a bundle has."""
    names = [one.levels.column.name for one in groups]
    kept = (name not in given and not name.startswith(MARK) for name in names)
    return [one for one, own in zip(groups, kept, strict=True) if own]


def _one_ways(eye: Eye, rho: float) -> tuple[dict[str, Ints], dict[str, float]]:
    """Counts of each column by level, what is missing last.  Columns of many levels get more of the
    budget, by the two thirds of their number: so the sum of all errors is least."""
    weights = {name: (one.size + 1.0) ** (2 / 3) for name, one in eye.levels.items()}
    total = sum(weights.values())
    noisy, sigmas = {}, {}
    for name, levels in eye.levels.items():
        size = levels.size + 1
        sigmas[name] = solved(eye.cost_of_counts, rho * weights[name] / total)
        query = Query((name,), (np.arange(size),), (size,))
        noisy[name] = eye.counts(query, sigmas[name])
    return noisy, sigmas


def _rows(noisy: Mapping[str, Ints], sigmas: Mapping[str, float]) -> float:
    """About how many rows there are: the sums of all columns, weighed by what is known of each."""
    sums = [float(counts.sum()) for counts in noisy.values()]
    weights = [1 / (len(noisy[name]) * sigmas[name] ** 2) for name in noisy]
    return max(1.0, float(np.average(sums, weights=weights)))


def _noise_of_rounds(eye: Eye) -> float:
    """The deviation of the noise that tables of several columns will be counted with at first."""
    share = eye.left() * (1 - CHOOSING) / max(1.0, ROUNDS * len(eye.levels))
    return solved(eye.cost_of_counts, share)
