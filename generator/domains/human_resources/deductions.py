"""From gross to net: retirement, benefits, taxes, garnishments; what the employer adds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw, Made, derived, drawn
from generator.domains.groups import round_half_up
from generator.domains.human_resources.payroll_calendar import PERIODS_A_YEAR
from generator.domains.human_resources.withholding import (
    federal_tax,
    of_year,
    state_taxes,
    within,
)

Cents = NDArray[np.int64]
BASIS_POINTS = 10_000


@derived("_year", "_periods", "_gross_before")
def year(draw: Draw) -> Made:
    """The year of the pay date, the periods of a year, and the year's gross pay before."""
    runs = draw.frames["payroll_run"]
    each = np.array([PERIODS_A_YEAR[name] for name in runs["run_type"].labels], dtype=np.int64)
    found = draw["pay_date"].astype("datetime64[Y]").astype(np.int64) + 1970
    return {
        "_year": found,
        "_periods": each[runs["run_type"].codes[draw["_run"]]],
        "_gross_before": so_far(draw["_cause"], found, draw["gross_pay"]) - draw["gross_pay"],
    }


def so_far(staff: Cents, year: Cents, values: Cents) -> Cents:
    """Sums of the year up to and with each row; rows are ordered by person and time."""
    if not len(values):
        return values
    begins = (np.diff(staff, prepend=-1) != 0) | (np.diff(year, prepend=-1) != 0)
    total = np.cumsum(values)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
    found: Cents = total - (total - values)[first]
    return found


def by_year(draw: Draw, figure: str) -> Cents:
    """Cents of a figure that has dollars for each year."""
    values = draw.figures[figure]
    years, at = np.unique(draw["_year"], return_inverse=True)
    found = np.array([of_year(values, int(one)) for one in years], dtype=np.float64)
    return round_half_up(found[at] * 100)


@derived("pretax_deductions", "_benefit", "_retirement", "_match")
def pretax(draw: Draw) -> Made:
    """Benefits, at most a quarter of the pay; retirement, at most the year's limit; the employer
    matches part of it."""
    records, record = draw.frames["personnel_record"], draw["_record"]
    gross, before = draw["gross_pay"], draw["_gross_before"]
    share = records["retirement_percentage"][record]
    limit = by_year(draw, "elective_deferral_limit")
    wanted = gross * share / BASIS_POINTS
    saved = np.minimum(before * share / BASIS_POINTS, limit)
    retirement = round_half_up(np.clip(limit - saved, 0, wanted))
    matched = gross * records["employer_match_percentage"][record] / BASIS_POINTS
    benefit = np.minimum(records["employee_cost_per_period"][record], gross // 4)
    return {
        "pretax_deductions": benefit + retirement,
        "_benefit": benefit,
        "_retirement": retirement,
        "_match": np.minimum(round_half_up(matched), retirement),
    }


@derived(
    "federal_tax",
    "state_tax",
    "local_tax",
    "social_security_tax",
    "medicare_tax",
    "total_taxes",
    "employer_taxes",
    "_additional_medicare",
)
def taxes(draw: Draw) -> Made:
    """Income tax on what is left after retirement and benefits; social security up to the year's
    wage base and Medicare on all pay, the employer as much again.  What Medicare takes more of
    high wages is the employee's alone and is part of the federal tax."""
    figures, gross, before = draw.figures, draw["gross_pay"], draw["_gross_before"]
    records, record = draw.frames["personnel_record"], draw["_record"]
    status = records.text("tax_filing_status_type")[record]
    state = records.text("work_state")[record]
    wages = gross - draw["pretax_deductions"]
    fica = figures["fica"]
    high = int(fica["additional_medicare_threshold"]) * 100
    above = gross - within(np.full(draw.n, high), before, gross)
    additional = round_half_up(above * fica["additional_medicare"])
    federal = federal_tax(figures, wages, draw["_periods"], status, draw["_year"])
    of_state, local = state_taxes(wages, draw["_periods"], status, state)
    covered = within(by_year(draw, "social_security_wage_base"), before, gross)
    social = round_half_up(covered * fica["social_security"])
    medicare = round_half_up(gross * fica["medicare"])
    return {
        "federal_tax": federal + additional,
        "state_tax": of_state,
        "local_tax": local,
        "social_security_tax": social,
        "medicare_tax": medicare,
        "total_taxes": federal + additional + of_state + local + social + medicare,
        "employer_taxes": social + medicare,
        "_additional_medicare": additional,
    }


@drawn("garnishments", "total_deductions", "net_pay")
def net(draw: Draw) -> Made:
    """A few people, none who lead others, owe a court some of what is left after taxes."""
    people = draw.frames["staff_member"]
    owes = draw.stream("owes").uniform(people.start, people.start + people.rows)
    share = draw.figures["garnished_share"]
    low, high = draw.figures["garnished_of_pay"]
    of_pay = low + (high - low) * owes / share
    staff = draw["_cause"]
    left = draw["gross_pay"] - draw["total_taxes"] - draw["pretax_deductions"]
    taken = np.floor(np.maximum(left, 0) * of_pay[staff]).astype(np.int64)
    garnished = np.where((owes < share)[staff] & ~people["_permanent"][staff], taken, 0)
    return {
        "garnishments": garnished,
        "total_deductions": draw["pretax_deductions"] + garnished,
        "net_pay": left - garnished,
    }


@derived("ytd_gross", "ytd_net")
def year_to_date(draw: Draw) -> Made:
    staff, of = draw["_cause"], draw["_year"]
    return {
        "ytd_gross": so_far(staff, of, draw["gross_pay"]),
        "ytd_net": so_far(staff, of, draw["net_pay"]),
    }


def known(draw: Draw, at: np.datetime64) -> Made:
    """What the year has come to moves only when a run is posted."""
    posted = draw.frames["payroll_run"]["_posted"][draw["_run"]] <= at
    return {
        "ytd_gross": draw["ytd_gross"] - np.where(posted, 0, draw["gross_pay"]),
        "ytd_net": draw["ytd_net"] - np.where(posted, 0, draw["net_pay"]),
    }
