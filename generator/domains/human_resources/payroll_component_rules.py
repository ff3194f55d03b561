"""What must hold for the lines of pay stubs (R024, R025, R026)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.domains.headings import STAFF
from generator.rules import Rule, Truth
from generator.tables import Tables

LINE = "payroll_component"
EARNED = (
    "HOURS_EVENT",
    "PAYMENT_EVENT",
    "OVERTIME_EVENT",
    "COMMISSION_EVENT",
    "BONUS_EVENT",
)
SAVED = ("PRETAX_BENEFIT_EVENT", "RETIREMENT_PLAN_EVENT")


def _adds_up(column: str, payer: str, *events: str) -> Callable[[Tables], Truth]:
    """The lines of these events that the payer bears come to a column of the stub."""

    def check(tables: Tables) -> Truth:
        owner = tables.row_of(LINE, "pay_stub_key")
        mine = tables.is_one_of(LINE, "payroll_event_type", *events)
        mine &= tables.is_one_of(LINE, "payer_type", payer) & (owner >= 0)
        amount = tables.values(LINE, "amount")[mine].astype(np.float64)
        total = np.bincount(owner[mine], weights=amount, minlength=tables.rows("payroll_stub"))
        return np.asarray(np.rint(total) == tables.values("payroll_stub", column))

    return check


def _positive(tables: Tables) -> Truth:
    amount = tables.values(LINE, "amount")
    return np.asarray((amount > 0) & (tables.values(LINE, "ytd_amount") >= 0))


def _paid_hours(tables: Tables) -> Truth:
    """Hours times their rate are the amount, to the cent."""
    hours = tables.values(LINE, "hours_worked") / 100
    due = np.rint(hours * tables.values(LINE, "rate") / 1_000)
    none = tables.missing(LINE, "hours_worked")
    return np.asarray(none | (np.abs(due - tables.values(LINE, "amount")) <= 1))


def _rule(id_: str, text: str, check: Callable[[Tables], Truth]) -> Rule:
    return Rule(id_, "payroll_stub", text, check, needs=(LINE,), group=STAFF, scope="shard")


RULES = (
    _rule(
        "R024.6",
        "The earnings on its lines come to the gross pay of a stub.",
        _adds_up("gross_pay", "EMPLOYER", *EARNED),
    ),
    _rule(
        "R025.3",
        "The taxes on its lines come to the taxes of a stub.",
        _adds_up("total_taxes", "EMPLOYEE", "TAX_EVENT"),
    ),
    _rule(
        "R025.4",
        "What its lines save before taxes comes to the deductions of a stub.",
        _adds_up("pretax_deductions", "EMPLOYEE", *SAVED),
    ),
    _rule(
        "R026.4",
        "What the employer adds in taxes is that of the lines.",
        _adds_up("employer_taxes", "EMPLOYER", "TAX_EVENT"),
    ),
    Rule("R024.7", LINE, "Hours times their rate are the amount.", _paid_hours, group=STAFF),
    Rule("R025.5", LINE, "Lines are of something, whoever pays it.", _positive, group=STAFF),
)
