"""``credit_application``: who asked which lender, and what was decided.

Its first stage comes before the money of ``deal`` (which needs the scores), its second after it
(it approves what the deal finances).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, integer, moment, text
from generator.domains.counts import Noun, free, limits
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import dealt, place_in_group, round_half_up
from generator.domains.leanings import leaned, order_of
from generator.domains.occasions import occasions, take
from generator.domains.payment.credit_application_course import REVEALS, steps
from generator.domains.payment.credit_application_rules import RULES
from generator.domains.payment.dates import between, known, later, span_of
from generator.domains.payment.lenders import lender_of
from generator.domains.payment.rates import RATE, annuity, rate_of, scaled
from generator.domains.payment.score import drifted, product_state, tier_of
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "credit_application",
    domain="payment",
    meaning="Finance request and decision",
    key="credit_application_key",
    columns=(
        text("credit_application_key", 50, unique=True),
        text("customer_key", 50),
        text("dealer_key", 50),
        text("lender_org_profile_key", 50),
        enum("application_status_type", "CreditApplicationStatusTypes"),
        moment("application_date_time"),
        moment("decision_date_time", nullable=True),
        integer("score_value", "300..850", personal="financial"),
        text("credit_tier", 10, "= bucket(score_value)", personal="financial"),
        decimal("gross_income", 12, 2, personal="financial"),
        enum("employment_type", "EmploymentTypes"),
        enum("residence_tenant_type", "ResidenceTenantTypes"),
        decimal("monthly_obligations", 10, 2, personal="financial"),
        decimal("requested_amount", 12, 2),
        decimal("approved_amount", 12, 2, nullable=True),
        decimal("approved_rate", 6, 4, nullable=True),
        integer("approved_term_months", nullable=True),
        decimal(
            "debt_to_income", 5, 3, "= (monthly_obligations + est payment) / (gross_income/12)"
        ),
        text("confirmation_code", 20, nullable=True),
    ),
    links=(
        Link("customer_key", "customer", "customer_key", "parent"),
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("lender_org_profile_key", "org_profile", "org_profile_key", "lookup"),
    ),
)


APPROVED = ("APPROVED", "COMPLETE")
DECIDED = ("APPROVED", "COMPLETE", "DECLINED", "REJECT")


@link(
    "customer_key",
    "dealer_key",
    "application_date_time",
    "_customer_key",
    "_dealer",
    "_deal",
    "_latest",
    "_repeat",
)
def applicants(draw: Draw) -> Made:
    """One application for every financed deal, and others of the dealer's customers.  Rows of a
    dealer are in the order of their moments."""
    dealers, deals = draw.frames["dealer"], draw.frames["deal"]
    financed = np.flatnonzero(deals["_financed"])
    of_deal = deals["_dealer"][financed] - dealers.start
    others = draw.counts["credit_application"] - np.bincount(of_deal, minlength=dealers.rows)
    if (others < 0).any():
        raise ValueError("every financed deal needs a credit application")
    of_other, other = _others(draw, others)
    deal = np.concatenate([financed + deals.start, np.full(len(of_other), -1)])
    dealer = np.concatenate([of_deal, of_other])
    applicant = np.concatenate([deals["_customer_key"][financed], other])
    moment, latest = _moments(draw, deal, applicant)
    order = np.lexsort((deal, moment, dealer))
    customer = applicant[order]
    return {
        "customer_key": draw.key("customer", customer),
        "dealer_key": draw.key("dealer", dealer[order] + dealers.start),
        "application_date_time": moment[order],
        "_customer_key": customer,
        "_dealer": dealer[order] + dealers.start,
        "_deal": deal[order],
        "_latest": latest[order],
        "_repeat": place_in_group(customer) > 0,
    }


def _others(draw: Draw, counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local dealers and customers of the applications that came to no deal: a customer is an
    occasion to apply, least of all who finances a deal."""
    dealers, deal, customers = (draw.frames[name] for name in ("dealer", "deal", "customer"))
    lean: dict[str, float] = draw.figures["applies_without_deal_lean"]
    weight = np.full(customers.rows, float(lean["NO_DEAL"]))
    weight[deal["_customer_key"] - customers.start] = float(lean["CASH"])
    financed = deal["_customer_key"][deal["_financed"]]
    weight[financed - customers.start] = float(lean["FINANCED"])
    wanted = occasions(customers["_dealer"] - dealers.start, weight, counts)
    taken = take(draw, wanted, counts, start=customers.start)
    return wanted.dealer[taken], wanted.cause[taken] + customers.start


def _moments(
    draw: Draw, deal: NDArray[np.int64], applicant: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """When each application is handed in, and the last moment its decision may have."""
    span, deals, customers = span_of(draw.plan), draw.frames["deal"], draw.frames["customer"]
    of_deal = deal >= 0
    at = np.where(of_deal, deal - deals.start, 0)
    u = draw.u("application_moment")
    customer = applicant - customers.start
    role, asked = customers["document_date_time"][customer], customers["_first_asked"][customer]
    role = np.where(asked < span.stop, np.maximum(asked, role), role)
    last = np.minimum(span.stop, span.horizon)
    free = between(np.minimum(np.maximum(role, span.start), last), np.full(len(u), last), u)
    if deals.rows == 0:
        return free, np.full(len(u), span.horizon)
    opened = deals["occurrence_date_time"][at]
    day_on = np.minimum(later(opened, np.ones(len(u))), span.horizon)
    # A deal that is given up shows its terms from then on: they were decided before.
    day_on = np.minimum(day_on, np.maximum(deals["_signed"][at], opened))
    signed = known(deals["contract_date_time"][at], deals.missing("contract_date_time")[at], day_on)
    days, part = draw.figures["asked_within"]
    signed = np.minimum(signed, later(opened, np.full(len(u), float(days))))
    moment = np.where(of_deal, between(opened, signed, part * u), free)
    latest = np.where(of_deal, np.maximum(signed, moment), span.horizon)
    return moment.astype("datetime64[ms]"), latest.astype("datetime64[ms]")


@drawn("score_value", "credit_tier", "application_status_type", "decision_date_time")
def decision(draw: Draw) -> Made:
    """The customer's score (a few points off when it is asked again) and what came of it: an
    application of a deal is approved, the others are declined the more often the lower they are."""
    customers = draw.frames["customer"]
    base = customers["_score"][draw["_customer_key"] - customers.start]
    spread = float(draw.figures["application_drift_points"])
    moved = drifted(base, draw.u("drift"), spread=spread)
    score = np.where(draw["_repeat"], moved, base)
    status = _status(draw, score)
    days = draw.leaf("credit_application.decision_days", u=draw.u("decision"))
    opened, latest = draw["application_date_time"], draw["_latest"]
    decided = later(opened, days)
    decided = np.where(decided > latest, between(opened, latest, draw.u("sooner")), decided)
    open_ = ~np.isin(status.text().astype(str), DECIDED)
    return {
        "score_value": score,
        "credit_tier": tier_of(score, draw.figures),
        "application_status_type": status,
        "decision_date_time": (decided.astype("datetime64[ms]"), open_),
    }


def _status(draw: Draw, score: NDArray[np.int64]) -> Coded:
    deals, figures = draw.frames["deal"], draw.figures
    of_deal = draw["_deal"] >= 0
    tier = tier_of(score, figures).text()
    found = draw.leaf("credit_application.application_status_type", by=(tier,))
    labels = tuple(dict.fromkeys((*found.labels, *APPROVED)))
    funded = np.zeros(draw.n, dtype=bool)
    at = draw["_deal"][of_deal] - deals.start
    funded[of_deal] = deals.text("deal_status")[at] == "FUNDED"
    taken = np.where(funded, labels.index("COMPLETE"), labels.index("APPROVED"))
    return Coded(np.where(of_deal, taken, found.codes).astype(np.int32), labels)


@link("lender_org_profile_key", "_lender_org_profile_key", "_state")
def lender(draw: Draw) -> Made:
    """By the shares of new and used financing; a captive finances its own make only."""
    deals, dealers = draw.frames["deal"], draw.frames["dealer"]
    at = np.where(draw["_deal"] >= 0, draw["_deal"] - deals.start, -1)
    own = dealers.text("primary_make")[draw["_dealer"] - dealers.start]
    state = np.where(draw.u("shops_for") < 0.5, "NEW", "USED").astype(object)
    lease = np.zeros(draw.n, dtype=bool)
    if deals.rows:
        specification = deals["_specification"][at]
        sold = draw.frames["vehicle_specification"].text("make")[specification]
        own = np.where(at >= 0, sold, own)
        state = np.where(at >= 0, product_state(deals)[at], state)
        lease = (at >= 0) & (deals.text("payment_type")[at] == "LEASE")
    cell = np.where(at >= 0, state, np.char.add("OTHER_", state.astype(str))).astype(object)
    chosen = lender_of(draw, state=cell, make=own, last=~lease)
    return {
        "lender_org_profile_key": draw.key("org_profile", chosen),
        "_lender_org_profile_key": chosen,
        "_state": state,
    }


@drawn("gross_income", "employment_type", "residence_tenant_type", "_payment")
def applicant(draw: Draw) -> Made:
    """Income as stated, or what the household adds where the payment needs more of it."""
    customers = draw.frames["customer"]
    local = draw["_customer_key"] - customers.start
    drawn_income = round_half_up(draw.leaf("credit_application.gross_income")) * 100
    unknown = customers.missing("annual_income")[local]
    own = np.where(unknown, drawn_income, customers["annual_income"][local])
    payment = _payment(draw)
    most = float(draw.figures["payment_to_income_cap"])
    least = int(draw.figures["least_income"]) * 100
    needed = np.ceil(payment * 12 / most / 100_000).astype(np.int64) * 100_000
    return {
        "gross_income": np.maximum(own, np.where(_approved(draw), needed, least)),
        "employment_type": _employment(draw, local),
        "residence_tenant_type": _residence(draw, local),
        "_payment": payment,
    }


def _employment(draw: Draw, customer: NDArray[np.int64]) -> Coded:
    """By the leaf's shares: nobody who has retired or studies works full time, as far as others
    have less than full-time work to give."""
    customers = draw.frames["customer"]
    kind = draw.leaf("credit_application.employment_type")
    place = order_of(kind, draw.figures["employment_order"]) + draw.u("employment_alike")
    works = customers["_works"][customer] + draw.u("works")
    return Coded(kind.codes[dealt(place, np.zeros(draw.n), works)], kind.labels)


def _residence(draw: Draw, customer: NDArray[np.int64]) -> Coded:
    """By the leaf's shares; who is older and has more rather owns the home."""
    customers = draw.frames["customer"]
    kind = draw.leaf("credit_application.residence_tenant_type")
    place = order_of(kind, draw.figures["residence_order"]) + draw.u("residence_alike")
    strengths = draw.figures["residence_leaning"]
    who = {"age": customers["_old"][customer], "income": customers["_rich"][customer]}
    key = leaned(draw.u("residence"), strengths, **who)
    return Coded(kind.codes[dealt(place, np.zeros(draw.n), key)], kind.labels)


def _approved(draw: Draw) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.isin(
        draw.frame.text("application_status_type").astype(str), APPROVED
    )
    return found


def _payment(draw: Draw) -> NDArray[np.int64]:
    """Monthly payment of the deal, or the one estimated for what is asked for."""
    deals = draw.frames["deal"]
    rate = scaled(rate_of(draw["score_value"], draw["_state"], draw.figures), RATE)
    months = np.full(draw.n, int(draw.figures["apr_usual_term"]))
    estimate = annuity(draw["requested_amount"], rate, months)
    of_deal = draw["_deal"] >= 0
    at = draw["_deal"][of_deal] - deals.start
    estimate[of_deal] = deals["monthly_payment"][at]
    return estimate


@drawn("requested_amount", "approved_amount", "approved_rate", "approved_term_months")
def amounts(draw: Draw) -> Made:
    """A deal's lender approves what it finances, or a little more, at its buy rate."""
    deals = draw.frames["deal"]
    of_deal = draw["_deal"] >= 0
    at = draw["_deal"][of_deal] - deals.start
    asked = (
        round_half_up(draw.leaf("credit_application.requested_amount", by=(draw["_state"],)) / 100)
        * 10_000
    )
    asked[of_deal] = -(-deals["amount_financed"][at] // 10_000) * 10_000
    room = 1 + draw.leaf("credit_application.approved_above")
    granted = np.maximum(np.floor(asked * room / 50_000).astype(np.int64) * 50_000, asked)
    rate = scaled(rate_of(draw["score_value"], draw["_state"], draw.figures), RATE)
    months = np.full(draw.n, int(draw.figures["apr_usual_term"]))
    lease = deals.missing("buy_rate")[at]
    apr_of_factor = round_half_up(deals["money_factor"][at] * 24 * RATE / 100_000)
    rate[of_deal] = np.where(lease, apr_of_factor, deals["buy_rate"][at])
    months[of_deal] = deals["term_months"][at]
    missing = ~_approved(draw)
    return {
        "requested_amount": asked,
        "approved_amount": (granted, missing),
        "approved_rate": (rate, missing),
        "approved_term_months": (months, missing),
    }


@derived("monthly_obligations", "debt_to_income")
def burden(draw: Draw) -> Made:
    """Other monthly debts that bring the whole to a drawn share of income: at most 0.60 where it
    was approved (R052)."""
    approved = _approved(draw)
    label = np.where(approved, "APPROVED", "OTHER").astype(object)
    share = draw.leaf("credit_application.debt_to_income", by=(label,))
    income = draw["gross_income"] / 12
    debts = np.maximum(np.floor((share * income - draw["_payment"]) / 100), 0) * 100
    ratio = round_half_up((debts + draw["_payment"]) / income * 1000)
    return {"monthly_obligations": debts.astype(np.int64), "debt_to_income": ratio}


@derived("confirmation_code")
def confirmation(draw: Draw) -> Made:
    """The lender's reference of an approval: letters and digits from the row's random bits."""
    letters = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", dtype="S1")
    words = (draw.u("confirmation") * len(letters) ** 10).astype(np.int64)
    signs = np.stack(
        [letters[(words >> (5 * place)) & (len(letters) - 1)] for place in range(10)], axis=1
    )
    codes = np.ascontiguousarray(signs).view("S10").reshape(-1)
    return {"confirmation_code": (codes, ~_approved(draw))}


COUNT = free(
    Noun("credit application", "credit applications"),
    typical=lambda given: given["financed"] * given.figures["applications_per_financed_deal"],
    why="one for every financed deal, and those declined",
    no_fewer_than=("financed", "A financed deal has a credit application of its own"),
    weight=lambda lay: lay["financed"] + 0.01,
    back=limits(1 / 1.35),
)


CREDIT_APPLICATION = Declaration(
    TABLE,
    prefix="CA",
    count=COUNT,
    makers=(
        keyed(TABLE),
        applicants,
        decision,
        lender,
        amounts,
        applicant,
        burden,
        confirmation,
    ),
    rules=RULES,
    born="application_date_time",
    reveals=REVEALS,
    state="application_status_type",
    steps=steps,
    resource="APPLICANT",
)
