"""Finding knots: places on a line from 0 to the number of rows, and the values that stand there.

Every value a knot holds is shared by at least ``k`` rows (an atom) or is the mean of at least
``k`` rows of its own; fewer than ``k`` rows beyond the outermost of these are folded into it.
Where it is known whose the rows are (``before``, see ``generator.holders``), rows of ``k`` persons.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from generator.holders import among, grouped
from generator.leaves.tails import ending

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GAP = 4.0  # times as wide as k rows beside it lie apart: of rows spread evenly never by chance


def knots_of(
    ordered: Floats,
    atoms: Floats,
    starts: Ints,
    rows: Ints,
    k: int,
    *,
    most: int,
    before: Ints | None = None,
) -> tuple[Floats, Floats]:
    """Places (in rows) and values of the knots of sorted values (n,), n > 0.

    ``atoms`` are the values that stand as they are, from row ``starts`` on for ``rows`` rows; the
    others are cut into at most about ``most`` stretches.  ``before`` (n,) says whose rows they are.
    """
    n = len(ordered)
    rare = n - int(rows.sum())
    segment = max(k, rare // most)
    places: list[Floats] = []
    heights: list[Floats] = []
    at, below = 0, None
    for value, start, count in zip(atoms.tolist(), starts.tolist(), rows.tolist(), strict=True):
        p, v = _stretch(ordered[at:start], segment, k, (below, value), _from(before, at, start))
        places += [at + p, np.array([start, start + count], dtype=np.float64)]
        heights += [v, np.array([value, value])]
        at, below = start + count, value
    p, v = _stretch(ordered[at:], segment, k, (below, None), _from(before, at, n))
    spots, levels = np.concatenate([*places, at + p]), np.concatenate([*heights, v])
    return _closed(spots, levels, ordered)


def _from(before: Ints | None, first: int, last: int) -> Ints | None:
    """Whose the rows from ``first`` to ``last`` are, counted from the first."""
    return None if before is None else np.maximum(before[first:last] - first, -1)


def _stretch(
    values: Floats,
    segment: int,
    k: int,
    between: tuple[float | None, float | None],
    before: Ints | None,
) -> tuple[Floats, Floats]:
    """The knots of sorted values (m,) ``between`` two atoms: a line through each cluster of them,
    which ends half-way to the next at most, and none from one to the next."""
    ends = grouped(np.concatenate([[0], _gaps(values, k), [len(values)]]), before, k)[1:]
    if len(ends) == 1:
        return _apart(*_between(values, segment, k, before), values, *between)
    parts = list(pairwise([0, *ends.tolist()]))
    clusters = [values[first:last] for first, last in parts]
    lines = [
        _between(values[first:last], segment, k, _from(before, first, last))
        for first, last in parts
    ]
    middles = [(one[-1] + other[0]) / 2 for (_, one), (_, other) in pairwise(lines)]
    floors = [-np.inf if between[0] is None else between[0], *middles]
    ceilings = [*middles, np.inf if between[1] is None else between[1]]
    places, heights = [], []
    for at, line, cluster, floor, ceiling in zip(
        [0, *ends[:-1].tolist()], lines, clusters, floors, ceilings, strict=True
    ):
        p, v = _whole(*line, cluster)
        places.append(at + p)
        heights.append(np.clip(v, floor, ceiling))
    return np.concatenate(places), np.concatenate(heights)


def _gaps(values: Floats, k: int) -> Ints:
    """Where gaps end that are far wider than ``k`` rows on either side of them lie apart."""
    if len(values) < 2 * k or k < 2:
        return np.zeros(0, dtype=np.int64)
    apart = np.diff(values)[k - 1 : len(values) - k]
    left = values[k - 1 : len(values) - k] - values[: len(values) - 2 * k + 1]
    right = values[2 * k - 1 :] - values[k : len(values) - k + 1]
    return np.flatnonzero(apart > GAP * np.maximum(left, right)) + k


def _whole(places: Floats, means: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The knots of a cluster from its first row to its last: beyond the outermost means the slope
    goes on, but for a single one of them, which gives a line of its spread."""
    m = len(values)
    if len(places) < 2:
        reach = 3**0.5 * float(values.std())
        return np.array([0.0, m]), values.mean() + np.array([-reach, reach])
    low = means[0] - (means[1] - means[0]) / (places[1] - places[0]) * places[0]
    slope = (means[-1] - means[-2]) / (places[-1] - places[-2])
    high = means[-1] + slope * (m - places[-1])
    return np.concatenate([[0.0], places, [m]]), np.concatenate([[low], means, [high]])


def _between(
    values: Floats, segment: int, k: int, before: Ints | None = None
) -> tuple[Floats, Floats]:
    """Places and means of groups of at least ``segment`` of some sorted values (m,)."""
    m = len(values)
    if m < k or among(before, 0, m) < k:
        return np.zeros(0), np.zeros(0)
    edges = np.rint(np.linspace(0, m, max(1, m // segment) + 1)).astype(np.int64)
    edges = grouped(edges, before, k)
    means = np.add.reduceat(values, edges[:-1]) / np.diff(edges)
    return (edges[1:] + edges[:-1]) / 2, _hollowed(means)


def _hollowed(means: Floats) -> Floats:
    """Knots at the middles of groups of as many rows, between which lines have the ``means``: where
    values rise ever faster a line through the means themselves lies above the rows."""
    if len(means) < 3:
        return means
    knots = means.copy()
    knots[1:-1] -= (means[2:] - 2 * means[1:-1] + means[:-2]) / 8
    middles = (means[1:] + means[:-1]) / 2
    knots[1:-1] = np.clip(knots[1:-1], middles[:-1], middles[1:])
    return knots


def _apart(
    places: Floats, means: Floats, values: Floats, before: float | None, after: float | None
) -> tuple[Floats, Floats]:
    """The knots of a stretch, with one at an end where the atom there lies further away than the
    stretch is wide: no line leads through years that nobody has to the 31st of December 9999."""
    if len(places) < 2:
        return places, means
    width = values[-1] - values[0]
    first, last = means[0], means[-1]
    if before is not None and values[0] - before > width:
        low = first - (means[1] - first) / (places[1] - places[0]) * places[0]
        places, means = np.append(0.0, places), np.append(max(low, before), means)
    if after is not None and after - values[-1] > width:
        slope = (last - means[-2]) / (places[-1] - places[-2])
        high = last + slope * (len(values) - places[-1])
        places, means = np.append(places, len(values)), np.append(means, min(high, after))
    return places, means


def _closed(places: Floats, values: Floats, ordered: Floats) -> tuple[Floats, Floats]:
    """Knots from the first row to the last.  Beyond the outermost means the next slope goes on;
    the few rows beyond an atom are folded into it.  Too few rows for any knot leave no more of
    themselves than the first digit of their mean."""
    n = len(ordered)
    if not len(places):
        mean = float(f"{ordered.mean():.0e}")
        return np.array([0.0, n]), np.array([mean, mean])
    if len(places) == 1:
        # a straight line of the same mean and spread
        reach = 3**0.5 * float(ordered.std())
        low = max(values[0] - reach, 0.0) if ordered[0] >= 0 else values[0] - reach
        return np.array([0.0, n]), np.array([low, values[0] + reach])
    if places[0] > 0:
        beyond, heights = ending(n - places[::-1], -values[::-1], -ordered[::-1])
        places, values = n - beyond[::-1], -heights[::-1]
    if places[-1] < n:
        places, values = ending(places, values, ordered)
    return places, np.maximum.accumulate(values)
