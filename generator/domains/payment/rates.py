"""Interest: the rate a score earns, the payment an amount takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.groups import round_half_up
from generator.leaves.figures import Figures

RATE = 10_000  # decimals of interest_rate and buy_rate
FACTOR = 100_000  # decimals of money_factor
MARKUP_LIMIT = 250  # R046: interest_rate - buy_rate <= 0.025


def rate_of(
    score: NDArray[np.int64], state: NDArray[np.object_], figures: Figures
) -> NDArray[np.float64]:
    """The annual rate a score earns on average, as a fraction, shape (n,).

    Straight lines between the points of ``apr_by_score``; they fall with the score, and the mean
    over each tier is the published one of NEW and USED cars.
    """
    points: dict[str, list[list[float]]] = figures["apr_by_score"]
    rate = np.zeros(len(score))
    for label, curve in points.items():
        at, value = np.array(curve, dtype=np.float64).T
        rows = state == label
        rate[rows] = np.interp(score[rows], at, value)
    return rate


def annuity(
    amount: NDArray[np.int64], rate: NDArray[np.int64], months: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Level monthly payment in cents: amount * r / (1 - (1 + r)^-n), r = rate / 12.

    ``amount`` in cents, ``rate`` a year's in ten-thousandths, ``months`` positive.
    """
    monthly = rate / RATE / 12.0
    safe = np.where(monthly > 0, monthly, 1.0)
    factor = np.where(monthly > 0, safe / (1.0 - (1.0 + safe) ** -months), 1.0 / months)
    return round_half_up(amount * factor)


def lease_payment(
    amount: NDArray[np.int64],
    residual: NDArray[np.int64],
    factor: NDArray[np.int64],
    months: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Monthly lease payment in cents: (amount - residual) / n + (amount + residual) * factor.

    ``factor`` is the money factor in hundred-thousandths.
    """
    decline = (amount - residual) / months
    return round_half_up(decline + (amount + residual) * (factor / FACTOR))


def scaled(rate: NDArray[Any], scale: int) -> NDArray[np.int64]:
    """Fractions as whole numbers of 1/scale."""
    return round_half_up(np.asarray(rate, dtype=np.float64) * scale)
