"""What must hold for the credit of deals (R046, R050, R051)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from generator.domains.headings import CREDIT, TARGETS
from generator.domains.payment.credit_application_rules import APPROVED
from generator.domains.payment.rates import FACTOR
from generator.domains.payment.tiers import TIERS
from generator.rules import FEW, Rule, Truth, Whole
from generator.sketch import Cells, Sample, Verdict, rank_correlation
from generator.tables import Tables


def _deal(tables: Tables, *columns: str) -> list[Any]:
    return [tables.values("deal", column) for column in columns]


def _markup(tables: Tables) -> Truth:
    interest, buy = _deal(tables, "interest_rate", "buy_rate")
    missing = tables.missing("deal", "interest_rate"), tables.missing("deal", "buy_rate")
    within = (buy <= interest) & (interest <= buy + 250)
    return np.where(missing[0] | missing[1], missing[0] & missing[1], within)


def _payment_type(tables: Tables) -> Truth:
    has = {
        name: ~tables.missing("deal", name)
        for name in (
            "credit_application_key",
            "term_months",
            "interest_rate",
            "money_factor",
            "residual_value",
        )
    }
    months = tables.values("deal", "term_months")
    cash = tables.is_one_of("deal", "payment_type", "CASH", "OUTRIGHT_PURCHASE")
    loan = tables.is_one_of("deal", "payment_type", "FINANCED_PURCHASE")
    lease = tables.is_one_of("deal", "payment_type", "LEASE", "LEASE_NO_BUYOUT", "LEASE_BUYOUT")
    applied, term = has["credit_application_key"], has["term_months"]
    good_cash = ~applied & ~term & ~has["interest_rate"] & ~has["money_factor"]
    good_loan = applied & term & has["interest_rate"] & (months >= 24) & (months <= 84)
    good_lease = applied & term & has["money_factor"] & has["residual_value"]
    good_lease &= (months >= 24) & (months <= 48)
    good_lease &= tables.is_one_of("deal", "purchase_type", "LEASE")
    open_ = tables.is_one_of("deal", "deal_status", "IN_PROGRESS")  # nothing is agreed yet
    agrees = (~cash | good_cash) & (~loan | good_loan) & (~lease | good_lease)
    return np.asarray(open_ | agrees)


def _money_factor(tables: Tables) -> Truth:
    factor = tables.values("deal", "money_factor")
    return tables.missing("deal", "money_factor") | ((factor > 0) & (factor < FACTOR))


def _application(tables: Tables) -> Truth:
    link = "credit_application_key"
    applied = ~tables.missing("deal", link)
    approved = tables.is_one_of("deal", f"{link}.application_status_type", *APPROVED)
    amount, granted = _deal(tables, "amount_financed", f"{link}.approved_amount")
    own = tables.same("deal", "customer_key", f"{link}.customer_key")
    signed, decided = _deal(tables, "contract_date_time", f"{link}.decision_date_time")
    in_time = tables.missing("deal", "contract_date_time") | (decided <= signed)
    known = ~tables.missing("deal", f"{link}.decision_date_time")
    return np.asarray(~applied | (approved & (granted >= amount) & own & known & in_time))


RANKED_ROWS = 5_000  # loans that a rank correlation rests on


def _loans(tables: Tables) -> Truth:
    """Deals with a rate and an application."""
    return ~tables.missing("deal", "interest_rate") & ~tables.missing(
        "deal", "credit_application_key"
    )


def _scores_and_rates(tables: Tables) -> tuple[Cells, Sample]:
    own = tables.own("deal")
    loan = _loans(tables)[own]
    score = tables.values("deal", "credit_application_key.score_value")[own][loan]
    rate = tables.values("deal", "interest_rate")[own][loan]
    pairs = (score.astype(np.float64), rate.astype(np.float64))
    return Cells.of(loan), Sample.of(tables.lots("deal")[loan], pairs, most=RANKED_ROWS)


def _both(total: tuple[Cells, Sample] | None, part: tuple[Cells, Sample]) -> tuple[Cells, Sample]:
    return part if total is None else (total[0] + part[0], total[1] + part[1])


def _rank(total: tuple[Cells, Sample]) -> Verdict:
    loans, ranked = total
    if loans.count(True) < FEW:
        return Verdict(0)
    reached = rank_correlation(*ranked.columns)
    return Verdict(0) if reached is not None and reached <= -0.7 else loans.verdict(bool)


def _rates_by_tier(tables: Tables) -> Cells:
    """Loans by tier, new and used cars apart, with their rates summed."""
    own = tables.own("deal")
    new = tables.is_one_of("deal", "product_state_type", "NEW")
    tier = tables.codes("deal", "credit_application_key.credit_tier")
    code = np.where(_loans(tables) & (tier.codes >= 0), tier.codes * 2 + new, -1)
    return Cells.of(
        code[own],
        lambda code: (tier.labels[code // 2], ("used", "new")[code % 2]),
        amount=tables.values("deal", "interest_rate")[own],
    )


def _tiers_apart(loans: Cells) -> Verdict:
    """The better the tier, the lower the mean rate."""
    broken = set()
    for state in ("new", "used"):
        worse = Fraction(10**9)
        for tier in reversed(TIERS):
            if loans.count((tier, state)) >= FEW:
                cell = loans.cells[tier, state]
                mean = Fraction(cell.amount, cell.rows)
                if mean >= worse:
                    broken.add((tier, state))
                worse = mean
    return loans.verdict(broken.__contains__)


CREDIT_RULES = (
    Rule(
        "R046.rank",
        "deal",
        "The better the score, the lower the rate: Spearman's correlation is -0.7 or lower",
        Whole(_scores_and_rates, _rank, _both),
        needs=("credit_application",),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R046.tiers",
        "deal",
        "The better the tier of credit, the lower the mean rate, new and used cars apart",
        Whole(_rates_by_tier, _tiers_apart),
        needs=("credit_application",),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R046.markup",
        "deal",
        "buy_rate <= interest_rate <= buy_rate + 0.025",
        _markup,
        group=CREDIT,
    ),
    Rule(
        "R050",
        "deal",
        "payment_type agrees with application, rate, term, money factor and residual, once agreed",
        _payment_type,
        group=CREDIT,
    ),
    Rule("R050.factor", "deal", "A money factor lies between 0 and 1", _money_factor, group=CREDIT),
    Rule(
        "R051",
        "deal",
        "A financed deal has its customer's approved application, for at least the amount, "
        "decided before the contract",
        _application,
        needs=("credit_application",),
        group=CREDIT,
    ),
)
