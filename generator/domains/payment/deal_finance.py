"""The loan or lease of a deal: application, rate, term, payment, and what the dealer keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, drawn, link
from generator.domains.groups import evened, round_half_up
from generator.domains.leanings import normal
from generator.domains.payment.promotions import leased, levels, luck_of
from generator.domains.payment.rates import (
    FACTOR,
    MARKUP_LIMIT,
    RATE,
    annuity,
    lease_payment,
    rate_of,
    scaled,
)
from generator.domains.payment.score import product_state, tier_of


@link("credit_application_key", "_credit_application_key", "_score")
def credit_application_key(draw: Draw) -> Made:
    application = draw.frames["credit_application"]
    rows = np.full(draw.n, -1, dtype=np.int64)
    score = np.zeros(draw.n, dtype=np.int64)
    deal = application["_deal"] - draw.frame.start
    with_deal = np.flatnonzero(application["_deal"] >= 0)
    rows[deal[with_deal]] = application.start + with_deal
    score[deal[with_deal]] = application["score_value"][with_deal]
    return {
        "credit_application_key": (draw.key("credit_application", rows), rows < 0),
        "_credit_application_key": rows,
        "_score": score,
    }


@drawn("term_months", "residual_value")
def terms(draw: Draw) -> Made:
    lease, financed = leased(draw), draw["_financed"]
    state = product_state(draw.frame)
    cell = np.where(lease, "LEASE", state).astype(object)
    leans: dict[str, dict[str, float]] = draw.figures["price_lean"]
    lean = np.where(state == "NEW", leans["NEW"]["term"], leans["USED"]["term"])
    of_loan = np.where(financed, cell, "").astype(str)
    by_amount = evened(draw.u("term_by_amount"), of_loan, draw["amount_financed"])
    by_score = evened(draw.u("term_by_score"), of_loan, -draw["_score"])
    shorter = draw.figures["term_score_lean"]
    by = lean * by_amount + np.where(state == "NEW", shorter["NEW"], shorter["USED"]) * by_score
    u = evened(draw.u("term") + np.where(lease, 0.0, by), of_loan)
    chosen = draw.leaf("deal.term_months", by=(cell,), u=u)
    months = np.array([int(label) for label in chosen.labels])[chosen.codes]
    cell = np.where(lease, months, 0)
    even = evened(draw.u("deal.residual_share"), cell)
    by_term = draw.leaf("deal.residual_share", by=(months.astype(str).astype(object),), u=even)
    by_term = by_term * 100
    value = np.minimum(
        draw["msrp_price"] * by_term / 100,
        draw["amount_financed"] * float(draw.figures["residual_cap"]),
    )
    return {
        "term_months": (months, ~financed),
        "residual_value": (round_half_up(value / 100) * 100, ~lease),
    }


@drawn("interest_rate", "buy_rate", "money_factor", "monthly_payment", "back_gross_profit")
def rates(draw: Draw) -> Made:
    """A loan has an annual rate, a lease a money factor (the annual rate in percent / 2400)."""
    lease, loan = leased(draw), draw["_financed"] & ~leased(draw)
    months = np.maximum(draw["term_months"], 1)
    customer = _customer_rate(draw, months)
    state = product_state(draw.frame)
    customer = draw.shaped("deal.interest_rate", customer, by=(state,), where=loan)
    customer = np.where(lease, customer * float(draw.figures["lease_rate_share"]), customer)
    customer = draw.shaped("deal.money_factor", customer, where=lease, scale=24)
    dealer_share = draw.leaf("deal.markup_share", u=evened(draw.u("markup"), loan))
    dealer_share = np.where(draw["_promoted"], 0.0, dealer_share)
    markup = np.minimum(scaled(np.minimum(dealer_share, customer * 0.5), RATE), MARKUP_LIMIT)
    interest = np.maximum(scaled(customer, RATE), markup)
    factor = np.maximum(scaled(customer / 24.0, FACTOR), 1)
    financed = draw["amount_financed"]
    payment = np.where(
        lease,
        lease_payment(financed, draw["residual_value"], factor, months),
        annuity(financed, interest, months),
    )
    return {
        "interest_rate": (interest, ~loan),
        "buy_rate": (interest - markup, ~loan),
        "money_factor": (factor, ~lease),
        "monthly_payment": (payment, ~draw["_financed"]),
        "back_gross_profit": _back_gross(draw, markup, months, lease),
    }


def _customer_rate(draw: Draw, months: NDArray[Any]) -> NDArray[np.float64]:
    """The score's rate, a little more for long terms, times what lenders and cars differ by; the
    mean over the score is the published one.  Rates of those without a promotion make up for it:
    each tier's mean stays."""
    figures, state = draw.figures, product_state(draw.frame)
    rate = rate_of(draw["_score"], state, figures)
    term = float(figures["apr_per_extra_year"]) * (months - float(figures["apr_usual_term"])) / 12
    floor = float(figures["apr_floor"])
    longer = np.maximum(rate + term, floor)
    tier = tier_of(draw["_score"], figures).codes
    loan = draw["_financed"] & ~leased(draw)
    cell = (tier * 2 + (state == "NEW")) * 2 + loan
    z, new = normal(evened(draw.u("rate"), cell)), state == "NEW"
    luck = np.where(new, luck_of(figures, "NEW", z), luck_of(figures, "USED", z))
    level = np.where(new & loan, levels(figures)[tier], 1.0)
    market = np.maximum(longer * luck * level, floor)
    return np.asarray(np.where(draw["_promoted"], draw["_promotion"], market))


def _back_gross(
    draw: Draw, markup: NDArray[np.int64], months: NDArray[Any], lease: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Finance reserve and the margin of the products sold.

    Reserve of a loan: the interest the markup earns, about half of amount * markup * years, of
    which the lender pays the dealer a share; a flat sum for a lease.
    """
    share = float(draw.figures["reserve_share"])
    earned = draw["amount_financed"] * (markup / RATE) * (months / 12) * 0.5 * share
    flat = float(draw.figures["lease_flat_reserve"]) * 100
    reserve = np.where(lease, flat, np.where(draw["_financed"], earned, 0.0))
    margin = (draw["_products"] - draw["_product_costs"]).sum(axis=1)
    total: NDArray[np.int64] = round_half_up(reserve) + margin
    buyer = np.where(lease, "LEASE", np.where(draw["_financed"], "LOAN", "CASH"))
    return round_half_up(draw.shaped("deal.back_gross_profit", total, by=(buyer,), scale=100))
