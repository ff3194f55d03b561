"""Where a line of knots ends: the last stretch, with its mean kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_PLACES = np.array([0.0, 0.3, 0.55, 0.75, 0.9, 1.0])  # knots within the last stretch
_LAST = 0.975  # the outermost of twenty rows stands about there, not at infinity
# How much further the last mean lies from the one before than that from its own, for tails of a
# generalised Pareto distribution (J. Pickands, Annals of Statistics 3, 1975) of these shapes:
# even, exponential, falling by a power.
_SHAPES = np.array([-1.0, 0.0, 0.5])
_RATIOS = np.array([1.0, 2.65, 6.1])
_EDGE = 0.75  # of the last but one step of the means, that the last stretch begins above the mean


def ending(places: Floats, values: Floats, ordered: Floats) -> tuple[Floats, Floats]:
    """Knots of sorted rows (n,) up to the last row; ``places`` and ``values`` end at the middle and
    the mean of the last group of them, or behind an atom, into which few rows beyond are folded.

    Beyond the last mean the line goes on so that its mean is kept, on this side of 0 if all rows
    are, and not at it if none is.
    """
    n = len(ordered)
    if len(values) < 2 or values[-2] == values[-1]:
        return np.append(places, float(n)), np.append(values, values[-1])
    half = n - places[-1]
    if len(values) > 2 and (np.abs(np.diff(places[-3:]) - 2 * half) < 2).all():
        edges = np.maximum(np.rint(n - half * np.array([6, 4, 2, 0])), 0).astype(np.int64)
        means = np.add.reduceat(ordered, edges[:-1]) / np.diff(edges)
        before, heights = _tail(means)
        places = np.append(places[:-1], n - 2 * half * (1 - _PLACES))
        values = np.concatenate([values[:-2], [max(before, values[-3])], heights])
    else:
        slope = (values[-1] - values[-2]) / (places[-1] - places[-2])
        places, values = np.append(places, n), np.append(values, values[-1] + slope * half)
    if ordered[-1] <= 0:
        values = np.minimum(values, -_magnitude(float(ordered[-1])))
    return places, values


def _tail(means: Floats) -> tuple[float, Floats]:
    """Of the ``means`` (3,) of the last groups: the value at the middle of the last but one, and
    the values (6,) at ``_PLACES`` of the last, so that lines through them have these means.

    Of the rows no more than the means is told: how steep the last group rises follows from how
    much further its mean lies than those before, and is bounded.
    """
    before, after = np.diff(means)
    edge = means[1] + min(after / 2, _EDGE * before)
    middle = 2 * means[1] - (edge + (means[0] + means[1]) / 2) / 2
    ratio = after / before if before > 0 else _RATIOS[-1]
    shape = float(np.interp(ratio, _RATIOS, _SHAPES))
    open_ = 1 - _PLACES * _LAST
    excess = -np.log(open_) if abs(shape) < 1e-6 else (open_**-shape - 1) / shape
    share = excess / float(np.trapezoid(excess, _PLACES))
    return middle, edge + (means[2] - edge) * share


def _magnitude(value: float) -> float:
    """The power of ten a number begins with, of which columns that never come to 0 stop short."""
    return float(f"1e{f'{abs(value):.9e}'.split('e')[1]}") if value else 0.0
