"""Lines of a pay stub: what was earned, taken, saved, and what the employer adds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause, link
from generator.domains.human_resources.deductions import so_far
from generator.domains.human_resources.payroll_component_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "payroll_component",
    domain="human_resources",
    meaning="Line of a pay stub: earning, tax, deduction, employer cost",
    key="payroll_component_key",
    columns=(
        text("payroll_component_key", 50, unique=True),
        text("pay_stub_key", 50),
        enum("payroll_event_type", "PayrollEventTypes"),
        enum("payer_type", "PayerTypes"),
        enum("payroll_aggregate_type", "PayrollAggregateTypes"),
        text("event_code", 30),
        text("event_description", 120),
        decimal("amount", 12, 2, "positive, whoever it is taken from"),
        decimal("rate", 10, 5, nullable=True),
        decimal("hours_worked", 6, 2, nullable=True),
        decimal("ytd_amount", 12, 2),
    ),
    links=(Link("pay_stub_key", "payroll_stub", "pay_stub_key", "parent"),),
)


class Item(NamedTuple):
    """A kind of line: its event, who pays it, its code and words, and the stub's column it is, or
    where it is left of one (``less``)."""

    event: str
    payer: str
    code: str
    says: str
    column: str
    less: str = ""
    rate: str = ""  # of the figure "fica"


ITEMS = (
    Item("HOURS_EVENT", "EMPLOYER", "REG", "Regular pay", "regular_earnings", "_leave_pay"),
    Item("HOURS_EVENT", "EMPLOYER", "PTO", "Paid leave and holidays", "_leave_pay"),
    Item("OVERTIME_EVENT", "EMPLOYER", "OT", "Overtime at one and a half", "overtime_earnings"),
    Item("COMMISSION_EVENT", "EMPLOYER", "COMM", "Commission", "commission_earnings"),
    Item("BONUS_EVENT", "EMPLOYER", "BONUS", "Bonus", "bonus_earnings"),
    Item("PRETAX_BENEFIT_EVENT", "EMPLOYEE", "BENEFIT", "Health benefits", "_benefit"),
    Item("RETIREMENT_PLAN_EVENT", "EMPLOYEE", "401K", "401(k) deferral", "_retirement"),
    Item(
        "TAX_EVENT", "EMPLOYEE", "FIT", "Federal income tax", "federal_tax", "_additional_medicare"
    ),
    Item(
        "TAX_EVENT",
        "EMPLOYEE",
        "MED-ADD",
        "Additional Medicare tax",
        "_additional_medicare",
        rate="additional_medicare",
    ),
    Item("TAX_EVENT", "EMPLOYEE", "SIT", "State income tax", "state_tax"),
    Item("TAX_EVENT", "EMPLOYEE", "LIT", "Local income tax", "local_tax"),
    Item(
        "TAX_EVENT",
        "EMPLOYEE",
        "SS",
        "Social security tax",
        "social_security_tax",
        rate="social_security",
    ),
    Item("TAX_EVENT", "EMPLOYEE", "MED", "Medicare tax", "medicare_tax", rate="medicare"),
    Item("GARNISHMENT_EVENT", "EMPLOYEE", "GARN", "Court-ordered garnishment", "garnishments"),
    Item(
        "TAX_EVENT",
        "EMPLOYER",
        "ER-SS",
        "Social security, employer",
        "social_security_tax",
        rate="social_security",
    ),
    Item("TAX_EVENT", "EMPLOYER", "ER-MED", "Medicare, employer", "medicare_tax", rate="medicare"),
    Item("RETIREMENT_PLAN_EVENT", "EMPLOYER", "ER-401K", "401(k) match", "_match"),
)
CODES = [item.code for item in ITEMS]
REGULAR = {
    "HOURLY": ("HOURS_EVENT", "Regular hours"),
    "FLAT_RATE": ("HOURS_EVENT", "Flat-rate hours"),
    "SALARY": ("PAYMENT_EVENT", "Salary"),
    "COMMISSION": ("PAYMENT_EVENT", "Base draw"),
}
"""What regular pay is by the basis of pay."""

RATE = 100_000  # decimals of a rate


@derived("_items")
def items(draw: Draw) -> Made:
    """Of a stub, the cents of each of ``ITEMS``."""
    columns = [draw[item.column] - (draw[item.less] if item.less else 0) for item in ITEMS]
    return {"_items": np.stack(columns, axis=1)}


def _follows(frames: Frames) -> tuple[Caused, ...]:
    """A line for what there is any of."""
    stub, item = np.nonzero(frames["payroll_stub"]["_items"])
    return (Caused("payroll_stub", stub.astype(np.int64), item.astype(np.int64) + 1),)


@link("pay_stub_key", "_born")
def _stub(draw: Draw) -> Made:
    stubs = draw.frames["payroll_stub"]
    return {
        "pay_stub_key": stubs["pay_stub_key"][draw["_cause"]],
        "_born": stubs["_born"][draw["_cause"]],
    }


def _is(draw: Draw, code: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = draw["_line"] - 1 == CODES.index(code)
    return found


@derived(
    "payroll_event_type", "payer_type", "payroll_aggregate_type", "event_code", "event_description"
)
def _kind(draw: Draw) -> Made:
    item = draw["_line"] - 1
    basis = draw.frames["payroll_stub"]["_basis"][draw["_cause"]]
    event = np.array([one.event for one in ITEMS], dtype=object)[item]
    says = np.array([one.says for one in ITEMS], dtype=object)[item]
    for name, (kind, words) in REGULAR.items():
        rows = _is(draw, "REG") & (basis == name)
        event[rows], says[rows] = kind, words
    return {
        "payroll_event_type": event,
        "payer_type": np.array([one.payer for one in ITEMS], dtype=object)[item],
        "payroll_aggregate_type": Coded(np.zeros(draw.n, dtype=np.int32), ("ITEM",)),
        "event_code": np.array(CODES, dtype=object)[item],
        "event_description": says,
    }


@derived("amount", "ytd_amount")
def _amount(draw: Draw) -> Made:
    stubs = draw.frames["payroll_stub"]
    cents = stubs["_items"]
    so_far_ = np.stack(
        [so_far(stubs["_cause"], stubs["_year"], column) for column in cents.T], axis=1
    )
    at = (draw["_cause"], draw["_line"] - 1)
    return {"amount": cents[at], "ytd_amount": so_far_[at]}


@derived("rate", "hours_worked")
def _rate(draw: Draw) -> Made:
    """Of hours what an hour is paid, of taxes and savings the share of the pay."""
    stubs, stub = draw.frames["payroll_stub"], draw["_cause"]
    records, fica = draw.frames["personnel_record"], draw.figures["fica"]
    shares = np.array([round(fica.get(one.rate, 0) * RATE) for one in ITEMS])
    rate = shares[draw["_line"] - 1]
    record = stubs["_record"][stub]
    for code, column in (
        ("401K", "retirement_percentage"),
        ("ER-401K", "employer_match_percentage"),
    ):
        rate = np.where(_is(draw, code), records[column][record] * 10, rate)
    basis = stubs["_basis"][stub]
    by_hour = np.isin(basis.astype(str), ["HOURLY", "FLAT_RATE"])
    regular, leave, over = (_is(draw, code) & by_hour for code in ("REG", "PTO", "OT"))
    hourly = stubs["_rate"][stub] * (RATE // 100)
    rate = np.where(regular | leave, hourly, np.where(over, hourly * 3 // 2, rate))
    overtime = stubs["overtime_hours"][stub]
    worked = np.where(
        basis == "FLAT_RATE", stubs["_flagged"][stub], stubs["hours_worked"][stub] - overtime
    )
    hours = np.where(over, overtime, np.where(leave, stubs["_leave"][stub], worked))
    return {
        "rate": (rate, rate == 0),
        "hours_worked": (hours, ~(regular | leave | over)),
    }


def _known(draw: Draw, at: np.datetime64) -> Made:
    """What the year has come to moves only when a run is posted."""
    stubs = draw.frames["payroll_stub"]
    posted = draw.frames["payroll_run"]["_posted"][stubs["_run"][draw["_cause"]]] <= at
    return {"ytd_amount": draw["ytd_amount"] - np.where(posted, 0, draw["amount"])}


def _typical(given: Given) -> float:
    return float(given["payroll_stub"] * given.figures["components_a_stub"])


PAYROLL_COMPONENT = Declaration(
    TABLE,
    prefix="PX",
    count=consequence(
        Noun("line of a pay stub", "lines of pay stubs"),
        "payroll_stub",
        typical=_typical,
        why="a line for what there is any of",
        instead="staff_member",
    ),
    makers=(keyed_by_cause(TABLE), _stub, _kind, _amount, _rate),
    rules=RULES,
    follows=_follows,
    born="_born",
    known=_known,
)
