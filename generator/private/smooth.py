"""Noisy counts without most of their noise.  Nothing here sees a row.

Of levels in an order differences between neighbouring stretches, at every scale and from every
place to begin, are kept where noise alone would hardly make them: Haar wavelets without decimation
(Coifman, Donoho, *Translation-invariant de-noising*, 1995).  What is left is a guess of where rows
tend to lie; the rows themselves lie about it as counts do, so of what was counted as much is added
back as their own variance has in it and noise has not.  Of labels, which have no order, few are
common and many are rare: their counts are taken to fall off exponentially.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEPT = 3.0  # standard deviations of noise beyond which a difference is kept


def smoothed(noisy: Floats, sigma: float) -> Floats:
    """Counts (n,) of levels in their order with Gaussian noise of deviation ``sigma``, guessed;
    none below 0."""
    guess = np.maximum(_stepped(noisy, sigma), 0.0)
    own = guess / np.maximum(guess + sigma**2, 1e-300)
    return np.maximum(guess + own * (noisy - guess), 0.0)


def _stepped(noisy: Floats, sigma: float) -> Floats:
    """The wavelets' guess.  The counts are mirrored at their end, so that they go round."""
    means = np.concatenate([noisy, noisy[::-1]])
    kept: list[Floats] = []
    for scale in range(int(np.log2(len(noisy)))):
        beside = np.roll(means, -(1 << scale))
        apart = (means - beside) / 2
        least = KEPT * sigma / 2 ** ((scale + 1) / 2)
        kept.append(np.where(np.abs(apart) > least, apart, 0.0))
        means = (means + beside) / 2
    for scale in reversed(range(len(kept))):
        apart = kept[scale]
        means = (means + apart + np.roll(means - apart, 1 << scale)) / 2
    return means[: len(noisy)]


def rare(noisy: Floats, sigma: float) -> Floats:
    """Counts (n,) of labels that noise hardly leaves told, guessed: what is to be expected of each
    where counts are exponential with the mean of all."""
    from scipy.special import log_ndtr

    total = float(noisy.sum())
    if total <= 0:
        return np.full(len(noisy), 1e-9)
    middle = noisy / sigma - sigma * len(noisy) / total
    beyond: Floats = np.exp(-(middle**2) / 2 - log_ndtr(middle)) / np.sqrt(2 * np.pi)
    guess: Floats = np.maximum(middle + beyond, 1e-9)
    guess *= total / guess.sum()
    return guess
