"""Pay statements: one for everybody employed in a pay period."""

from __future__ import annotations

import numpy as np

from generator.domains.columns import day, decimal, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.graph import Declaration, Draw, Frames, Made, derived, keyed_by_cause, link
from generator.domains.human_resources.deductions import (
    known,
    net,
    pretax,
    taxes,
    year,
    year_to_date,
)
from generator.domains.human_resources.earnings import commissions, earnings, hours, terms
from generator.domains.human_resources.payroll_component import items
from generator.domains.human_resources.payroll_run import runs_a_dealer
from generator.domains.human_resources.payroll_stub_rules import RULES
from generator.domains.human_resources.records import NEVER
from generator.schema import Link, Table

TABLE = Table(
    "payroll_stub",
    domain="human_resources",
    meaning="Pay statement of a person and period",
    key="pay_stub_key",
    columns=(
        text("pay_stub_key", 50, unique=True),
        text("payroll_run_key", 50),
        text("staff_member_key", 50),
        day("pay_period_start_date"),
        day("pay_period_end_date"),
        day("pay_date", "= payroll_run.pay_date", planned=True),
        decimal("hours_worked", 6, 2, nullable=True),
        decimal("overtime_hours", 6, 2, nullable=True),
        decimal("regular_earnings", 12, 2),
        decimal("overtime_earnings", 12, 2, "= overtime_hours * hourly_rate * 1.5"),
        decimal("commission_earnings", 12, 2, "= sum(deal.commission_amount) in the period"),
        decimal("bonus_earnings", 12, 2),
        decimal("gross_pay", 12, 2, "= regular + overtime + commission + bonus"),
        decimal("pretax_deductions", 12, 2, "medical and retirement"),
        decimal("federal_tax", 12, 2),
        decimal("state_tax", 12, 2),
        decimal("local_tax", 12, 2),
        decimal("social_security_tax", 12, 2, "= 0.062 * wages up to the annual cap"),
        decimal("medicare_tax", 12, 2, "= 0.0145 * wages"),
        decimal("total_taxes", 12, 2, "= federal + state + local + social_security + medicare"),
        decimal("garnishments", 12, 2),
        decimal("total_deductions", 12, 2, "= pretax_deductions + garnishments"),
        decimal("net_pay", 12, 2, "= gross_pay - total_taxes - total_deductions"),
        decimal("ytd_gross", 12, 2, "running sum in the calendar year"),
        decimal("ytd_net", 12, 2, "running sum in the calendar year"),
        decimal("employer_taxes", 12, 2, "= social_security_tax + medicare_tax, employer share"),
        text("employee_ssn_last_four", 4, personal="ssn_tax_id"),
        text("employer_ein", 10, personal="ssn_tax_id"),
        text("deposit_account_last_four", 4, personal="bank_account"),
    ),
    links=(
        Link("payroll_run_key", "payroll_run", "payroll_run_key", "parent"),
        Link("staff_member_key", "staff_member", "staff_member_key", "lookup"),
    ),
)


def _follows(frames: Frames) -> tuple[Caused, ...]:
    """One for each run of the dealer in whose period somebody was employed; the line is the number
    of the run."""
    staff, runs = frames["staff_member"], frames["payroll_run"]
    local = staff["_dealer"] - frames["dealer"].start
    each = np.bincount(
        runs["_dealer"] - frames["dealer"].start, minlength=frames["dealer"].rows
    ).astype(np.int64)
    head = np.cumsum(each) - each
    who = np.repeat(np.arange(staff.rows), each[local])
    first = np.cumsum(each[local]) - each[local]
    nth = np.arange(len(who)) - first[who]
    run = head[local][who] + nth
    left = np.where(staff.missing("termination_date"), NEVER, staff["termination_date"])[who]
    there = staff["hire_date"][who] < runs["period_end_date"][run]
    there &= runs["period_start_date"][run] <= left
    return (Caused("staff_member", who[there], nth[there] + 1),)


@link("payroll_run_key", "staff_member_key", "_run", "_born")
def _links(draw: Draw) -> Made:
    runs, staff = draw.frames["payroll_run"], draw.frames["staff_member"]
    first = draw.frames["dealer"].start
    each = np.bincount(runs["_dealer"] - first, minlength=draw.frames["dealer"].rows)
    head = np.cumsum(each) - each
    run = head[draw["_dealer"] - first].astype(np.int64) + draw["_line"] - 1
    return {
        "payroll_run_key": runs["payroll_run_key"][run],
        "staff_member_key": draw.key("staff_member", draw["_cause"] + staff.start),
        "_run": run,
        "_born": runs["_created"][run],
    }


@derived("pay_period_start_date", "pay_period_end_date", "pay_date")
def _period(draw: Draw) -> Made:
    runs, run = draw.frames["payroll_run"], draw["_run"]
    return {
        "pay_period_start_date": runs["period_start_date"][run],
        "pay_period_end_date": runs["period_end_date"][run],
        "pay_date": runs["pay_date"][run],
    }


@derived("employee_ssn_last_four", "employer_ein", "deposit_account_last_four")
def _numbers(draw: Draw) -> Made:
    records, dealers = draw.frames["personnel_record"], draw.frames["dealer"]
    parties, record = draw.frames["party"], draw["_record"]
    company = dealers["_party_key"][draw["_dealer"] - dealers.start] - parties.start
    return {
        "employee_ssn_last_four": _last_four(records.text("ssn")[record]),
        "employer_ein": parties.text("tax_id")[company],
        "deposit_account_last_four": _last_four(records.text("account_number")[record]),
    }


def _last_four(texts: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.array([text_[-4:] for text_ in texts.tolist()], dtype=object)
    return found


def _typical(given: Given) -> float:
    there = given["staff_member"] / (1 + given.figures["turnover_annual"] * given.months / 12)
    return float(there * runs_a_dealer(given))


PAYROLL_STUB = Declaration(
    TABLE,
    prefix="PS",
    count=consequence(
        Noun("pay stub", "pay stubs"),
        "staff_member",
        typical=_typical,
        why="one for everybody employed in a pay period",
    ),
    makers=(
        keyed_by_cause(TABLE),
        _links,
        _period,
        terms,
        hours,
        commissions,
        earnings,
        year,
        pretax,
        taxes,
        net,
        year_to_date,
        _numbers,
        items,
    ),
    rules=RULES,
    follows=_follows,
    born="_born",
    known=known,
)
