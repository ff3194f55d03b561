"""Audits: what error rates prove of noise and of whole fits, beside what the ledger claims."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from scipy.optimize import brentq
from scipy.stats import beta, norm

from generator.private import Budget, declared_from, fit_private
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
    return ledger.looks[0].mu, proven(*sums, 22)


def proven(without, with_, cut, sure=SURE):
    """The mu that is proven by how often statistics of two sides lie on the wrong side of a cut;
    each rate is higher with a chance of ``sure``."""
    wrong = ((without > cut).sum(), (with_ <= cut).sum())
    worst = [
        beta.ppf(1 - sure, at + 1, len(side) - at) if at < len(side) else 1.0
        for at, side in zip(wrong, (without, with_), strict=True)
    ]
    return float(-norm.ppf(worst[0]) - norm.ppf(worst[1]))


def audited_fit(noise_of, *, runs, epsilon=10.0, delta=1e-9, sure=SURE):
    """The mu that the ledger of a whole fit claims, and the lower bound of the one that is found
    from its profile: two hundred rows of three columns, and one row more or not.

    The attacker knows all other rows.  From half of the runs it learns what tells the two sides
    apart of all counts and leaves in a profile; the other half is told by that."""
    budget, claimed, sides = Budget(epsilon, delta), 0.0, []
    for more in (0, 1):
        rows = pa.table({name: ["a", "b"] * 100 + ["a"] * more for name in "xyz"})
        told = []
        for at in range(runs):
            profile = fit_private(
                {"t": rows}, _declared(), budget, name="t", noise=noise_of(2 * at + more)
            )
            looks = profile.ledger["looks"]
            claimed = math.sqrt(2 * profile.ledger["spent"]["rho"])
            told.append(_features(profile, [one for one in looks if one["way"] == "counts"]))
        sides.append(np.array(told))
    half = runs // 2
    learnt = [side[:half] for side in sides]
    apart = learnt[1].mean(axis=0) - learnt[0].mean(axis=0)
    spread = np.cov(np.concatenate([side - side.mean(axis=0) for side in learnt]).T)
    way = np.linalg.solve(spread + (1e-9 + 1e-3 * np.trace(spread)) * np.eye(len(apart)), apart)
    cut = float(np.mean([side @ way for side in learnt]))
    return claimed, proven(*(side[half:] @ way for side in sides), cut, sure)


def epsilon_of_mu(mu, delta):
    """The epsilon that Gaussian differential privacy of ``mu`` comes to at ``delta`` (Balle, Wang,
    *Improving the Gaussian mechanism for differential privacy*, 2018, theorem 5)."""
    if mu <= 0:
        return 0.0

    def over(epsilon):
        far = math.exp(epsilon + norm.logcdf(-epsilon / mu - mu / 2))
        return norm.cdf(mu / 2 - epsilon / mu) - far - delta

    return 0.0 if over(0.0) <= 0 else float(brentq(over, 0.0, 100.0))


def _declared():
    field = {"type": "string", "constraints": {"enum": ["a", "b"], "required": True}}
    fields = [{"name": name, **field} for name in "xyz"]
    return declared_from({"resources": [{"name": "t", "schema": {"fields": fields}}]})


def _features(profile, looks):
    """Counts (rows of “a”) of columns and of pairs, and the rows there are as noise has it."""
    table = profile.summary.tables["t"]
    ones = [column.counts[0] for column in table.columns.values()]
    names = sorted(table.columns)
    pairs = [
        float(table.pairs[a, b][0, 0]) if (a, b) in table.pairs else 50.0
        for a in names
        for b in names
        if a < b
    ]
    return [*ones, *pairs, table.rows, len(looks)]


def eye_on(codes, noise, ledger, sensitivity=1.0):
    levels = {"x": levels_of_labels(Column("x", Kind.TEXT), ("a", "b", "c", "d"), required=False)}
    return open_eye(
        levels, {"x": np.array(codes)}, noise=noise, ledger=ledger, sensitivity=sensitivity
    )


def of_levels(eye):
    return Query(("x",), (np.arange(5),), (5,))
