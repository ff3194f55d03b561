"""Loans below the market, and what the others pay for it: nothing that the mean would show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, drawn
from generator.domains.groups import evened
from generator.domains.leanings import leaned, normal, scores
from generator.domains.payment.rates import rate_of
from generator.domains.payment.score import product_state, tier_of
from generator.leaves.figures import Figures

Floats = NDArray[np.float64]
GRID = (np.arange(2000) + 0.5) / 2000  # places over which means are taken


def leased(draw: Draw) -> NDArray[np.bool_]:
    return np.asarray(draw["_financed"] & (draw.frame.text("payment_type") == "LEASE"))


@drawn("_promoted", "_promotion")
def promotions(draw: Draw) -> Made:
    """Loans for new cars below the market: the makers' own, for good scores and short terms."""
    figures = draw.figures
    able = draw["_financed"] & ~leased(draw) & (product_state(draw.frame) == "NEW")
    who = {
        "score": scores(draw["_score"] + draw.u("score_tie"), able),
        "term": scores(draw["term_months"] + draw.u("term_tie"), able),
    }
    key = leaned(draw.u("promoted"), figures["promotion_leaning"], **who)
    place = evened(key, able)
    promoted = able & (place >= 1 - float(figures["promoted_share"]))
    rate = draw.leaf("promotional_rate", u=evened(draw.u("promotion"), promoted))
    return {"_promoted": promoted, "_promotion": np.round(rate, 4)}


def luck_of(figures: Figures, state: str, z: Floats) -> Floats:
    """What lenders and cars differ by at a normal score, one in the mean."""
    cut, spread = float(figures["apr_residual_cut"]), float(figures["apr_residual"][state])
    mean = np.exp(spread * np.clip(normal(GRID), -cut, cut)).mean()
    return np.asarray(np.exp(spread * np.clip(z, -cut, cut)) / mean)


def levels(figures: Figures) -> Floats:
    """By tier (its place among the tiers), how much more than the score's rate those pay for a new
    car who have no promotion, so that the mean of the tier is that of the score's rates: from the
    chance of a promotion at each score and the mean of the promotions."""
    state = np.full(len(GRID), "NEW", dtype=object)
    score = np.rint(figures.entry("credit_rating.score_value").draw(GRID, (state,)))
    tier, rate = tier_of(score.astype(np.int64), figures), rate_of(score, state, figures)
    lean = float(figures["promotion_by_score"])
    edge = normal(np.array([1 - float(figures["promoted_share"])]))
    chance = _below((lean * normal(GRID) - edge) / np.sqrt(1 - lean**2))
    mean = float(figures.entry("promotional_rate").draw(GRID, ()).mean())
    tiers = len(tier.labels)
    left = np.bincount(tier.codes, weights=rate - chance * mean, minlength=tiers)
    without = np.bincount(tier.codes, weights=rate * (1 - chance), minlength=tiers)
    return np.asarray(np.where(without > 0, left / np.maximum(without, 1e-9), 1.0))


def _below(z: Floats) -> Floats:
    """The share of normal numbers below each."""
    from scipy import special  # a third of a second that planning need not wait for

    return np.asarray(special.ndtr(z))
