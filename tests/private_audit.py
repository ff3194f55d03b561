"""An audit of the noise: what error rates prove of it, beside what the ledger claims."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta, norm

from generator.private.eye import Query, open_eye
from generator.private.ledger import Ledger
from generator.private.levels import levels_of_labels
from generator.schema import Column, Kind

SURE = 5e-7  # that a rate is no higher than it seems; of two rates together one in a million


def audited(noise, *, runs):
    """The mu that the ledger claims, and the lower bound of the one that is found."""
    sigma, sums = 2.0, []
    ledger = Ledger(1e9)
    for rows in (20, 24):  # a unit of four rows is there or not
        eye = eye_on([0] * rows, noise, ledger, sensitivity=4.0)
        query = of_levels(eye)
        sums.append(np.array([eye.counts(query, sigma)[0] for _ in range(runs)]))
    false = int((sums[0] > 22).sum())
    missed = int((sums[1] <= 22).sum())
    worst = [beta.ppf(1 - SURE, wrong + 1, runs - wrong) for wrong in (false, missed)]
    return ledger.looks[0].mu, float(-norm.ppf(worst[0]) - norm.ppf(worst[1]))


def eye_on(codes, noise, ledger, sensitivity=1.0):
    levels = {"x": levels_of_labels(Column("x", Kind.TEXT), ("a", "b", "c", "d"), required=False)}
    return open_eye(
        levels, {"x": np.array(codes)}, noise=noise, ledger=ledger, sensitivity=sensitivity
    )


def of_levels(eye):
    return Query(("x",), (np.arange(5),), (5,))
