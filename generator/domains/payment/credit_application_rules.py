"""What must hold for credit applications (R052)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from generator.domains.headings import CREDIT, TARGETS
from generator.domains.payment.tiers import TIERS, same_tier
from generator.rules import FEW, Rule, Truth, Whole
from generator.sketch import Cells, Verdict
from generator.tables import Tables

APPROVED = ("APPROVED", "COMPLETE")


def _debt_to_income(tables: Tables) -> Truth:
    approved = tables.is_one_of("credit_application", "application_status_type", *APPROVED)
    return ~approved | (tables.values("credit_application", "debt_to_income") <= 600)


def _decision(tables: Tables) -> Truth:
    asked = tables.values("credit_application", "application_date_time")
    decided = tables.values("credit_application", "decision_date_time")
    return tables.missing("credit_application", "decision_date_time") | (decided >= asked)


def _approval(tables: Tables) -> Truth:
    approved = tables.is_one_of("credit_application", "application_status_type", *APPROVED)
    granted = ~tables.missing("credit_application", "approved_amount")
    return np.asarray(approved == granted)


def _decided(tables: Tables) -> Cells:
    """Applications of the best and the worst tier, by whether they were declined."""
    declined = tables.is_one_of("credit_application", "application_status_type", "DECLINED")
    best, worst = (
        tables.is_one_of("credit_application", "credit_tier", TIERS[at]) for at in (0, -1)
    )
    code = np.where(best, 0, np.where(worst, 2, -3)) + declined
    return Cells.of(
        code[tables.own("credit_application")],
        lambda code: (("best", "worst")[code // 2], ("granted", "declined")[code % 2]),
    )


def _declined(applications: Cells) -> Verdict:
    """Deep subprime applications are declined more often than superprime ones."""
    rows = {
        tier: sum(applications.count((tier, decided)) for decided in ("granted", "declined"))
        for tier in ("best", "worst")
    }
    if min(rows.values()) < FEW:
        return Verdict(0)
    best, worst = (Fraction(applications.count((t, "declined")), n) for t, n in rows.items())
    return applications.verdict(lambda label: label == ("best", "declined") and worst <= best)


RULES = (
    Rule(
        "R052.declined",
        "credit_application",
        "The worst scores are declined more often than the best",
        Whole(_decided, _declined),
        group=TARGETS,
        level="warning",
        scope="whole",
    ),
    Rule(
        "R052.debt",
        "credit_application",
        "debt_to_income <= 0.60 for approvals",
        _debt_to_income,
        group=CREDIT,
    ),
    Rule(
        "R052.decision",
        "credit_application",
        "decision_date_time >= application_date_time",
        _decision,
        group=CREDIT,
    ),
    Rule(
        "R052.approval",
        "credit_application",
        "Approvals and only approvals have an approved amount",
        _approval,
        group=CREDIT,
    ),
    Rule(
        "R052.tier",
        "credit_application",
        "credit_tier is the band of score_value, 300 to 850",
        same_tier("credit_application"),
        group=CREDIT,
        scope="whole",
    ),
)
