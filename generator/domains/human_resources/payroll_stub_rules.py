"""What must hold for pay stubs (R024 to R030)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import STAFF
from generator.domains.human_resources.withholding import of_year
from generator.domains.lives import Track
from generator.leaves.figures import figures
from generator.rules import Check, Rule, Scope, Truth
from generator.tables import Tables

STUB = "payroll_stub"
NO_INCOME_TAX = ("AK", "FL", "NV", "NH", "SD", "TN", "TX", "WA", "WY")
FORTY = 4_000  # hundredths of hours
DAY = np.timedelta64(1, "D")
FAR = 1 << 24  # more days, or weeks, than a calendar has
Ints = NDArray[np.int64]


def _of(tables: Tables, *columns: str) -> Ints:
    """The sum of columns in cents; what is missing is nothing."""
    found = [
        np.where(tables.missing(STUB, one), 0, tables.values(STUB, one)).astype(np.int64)
        for one in columns
    ]
    return np.asarray(sum(found))


def _near(value: NDArray[Any], cents: Ints) -> Truth:
    """Equal after rounding to the cent."""
    return np.asarray(np.abs(value - cents) <= 0.5 + 1e-6)


def _gross(tables: Tables) -> Truth:
    parts = ("regular_earnings", "overtime_earnings", "commission_earnings", "bonus_earnings")
    whole = _of(tables, *parts) == _of(tables, "gross_pay")
    return np.asarray(whole & np.all([_of(tables, one) >= 0 for one in parts], axis=0))


def _record(tables: Tables) -> Ints:
    """The row of the personnel record in force at the end of the period, or when somebody left;
    -1 if there is none."""
    staff = tables.row_of(STUB, "staff_member_key")
    owner = tables.row_of("personnel_record", "staff_member_key")
    known = owner >= 0
    track = Track.of(
        tables.rows("staff_member"),
        (
            owner[known],
            tables.values("personnel_record", "start_date_time")[known],
            np.flatnonzero(known),
        ),
    )
    last = tables.values(STUB, "pay_period_end_date").astype("datetime64[D]") - DAY
    left = tables.values(STUB, "staff_member_key.termination_date").astype("datetime64[D]")
    stays = tables.missing(STUB, "staff_member_key.termination_date")
    at = np.where(stays, last, np.minimum(last, left))
    found = track.step(np.maximum(staff, 0), at).astype(np.int64)
    return np.where(staff >= 0, found, -1)


def _overtime(tables: Tables) -> Truth:
    """One and a half times the hourly rate for those paid by the hour, nothing for others."""
    row = _record(tables)
    at = np.maximum(row, 0)
    by_hour = np.append(tables.is_one_of("personnel_record", "pay_basis", "HOURLY"), False)[row]
    rates = np.append(tables.values("personnel_record", "hourly_rate"), 0)[at]
    due = np.where(by_hour, _of(tables, "overtime_hours") * rates * 1.5 / 100, 0)
    return _near(due, _of(tables, "overtime_earnings"))


def _hours(tables: Tables) -> Truth:
    """Hours of a period are those on the clock; overtime, of those paid by the hour, what goes
    beyond forty of a week."""
    who = tables.row_of("time_attendance", "staff_member_key")
    day = tables.values("time_attendance", "work_date").astype("datetime64[D]").astype(np.int64)
    hours = tables.values("time_attendance", "hours_worked").astype(np.int64)
    order = np.lexsort((day, who))
    who, day, hours = who[order], day[order], hours[order]
    week = who * FAR + (day + 4) // 7
    total = np.cumsum(hours)
    first = np.searchsorted(week, week)
    upto = total - (total - hours)[first] if len(hours) else total
    beyond = np.maximum(upto - FORTY, 0) - np.maximum(upto - hours - FORTY, 0)
    staff = np.maximum(tables.row_of(STUB, "staff_member_key"), 0)
    begin = tables.values(STUB, "pay_period_start_date").astype("datetime64[D]").astype(np.int64)
    end = tables.values(STUB, "pay_period_end_date").astype("datetime64[D]").astype(np.int64)
    key = who * FAR + day
    low, high = np.searchsorted(key, staff * FAR + begin), np.searchsorted(key, staff * FAR + end)
    worked, over = (np.append(0, np.cumsum(one)) for one in (hours, beyond))
    row = _record(tables)
    by_hour = np.append(tables.is_one_of("personnel_record", "pay_basis", "HOURLY"), False)[row]
    wanted = np.where(by_hour, over[high] - over[low], 0)
    same = worked[high] - worked[low] == _of(tables, "hours_worked")
    return np.asarray(same & (wanted == _of(tables, "overtime_hours")))


def _taxes(tables: Tables) -> Truth:
    parts = ("federal_tax", "state_tax", "local_tax", "social_security_tax", "medicare_tax")
    whole = _of(tables, *parts) == _of(tables, "total_taxes")
    return np.asarray(whole & np.all([_of(tables, one) >= 0 for one in parts], axis=0))


def _net(tables: Tables) -> Truth:
    left = _of(tables, "gross_pay") - _of(tables, "total_taxes", "total_deductions")
    return np.asarray((left == _of(tables, "net_pay")) & (left >= 0))


def _years(tables: Tables) -> Ints:
    found = tables.values(STUB, "pay_date").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.asarray(found)


def _so_far(tables: Tables, values: Ints, counted: Truth) -> Ints:
    """For each stub what the person's stubs of its year come to, by pay date, up to and with it;
    only those ``counted`` count."""
    staff = tables.group_of(STUB, "staff_member_key")
    paid = tables.values(STUB, "pay_date").astype("datetime64[D]").astype(np.int64)
    year = _years(tables)
    order = np.lexsort((paid, year, staff))
    total = np.cumsum(np.where(counted, values, 0)[order])
    begins = (np.diff(staff[order], prepend=-2) != 0) | (np.diff(year[order], prepend=-2) != 0)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    before = np.append(0, total)[first] if len(order) else total
    found = np.empty(len(order), dtype=np.int64)
    found[order] = total - before
    return found


def _social_security(tables: Tables) -> Truth:
    """6.2 % up to the wage base of the year."""
    gross = _of(tables, "gross_pay")
    before = _so_far(tables, gross, np.ones(len(gross), dtype=bool)) - gross
    base = figures()["social_security_wage_base"]
    years, at = np.unique(_years(tables), return_inverse=True)
    limit = np.array([of_year(base, int(one)) * 100 for one in years], dtype=np.int64)[at]
    covered = np.clip(limit - before, 0, gross)
    return _near(covered * 0.062, _of(tables, "social_security_tax"))


def _medicare(tables: Tables) -> Truth:
    """1.45 %, and the employer pays both once more."""
    right = _near(_of(tables, "gross_pay") * 0.0145, _of(tables, "medicare_tax"))
    both = _of(tables, "social_security_tax", "medicare_tax")
    return np.asarray(right & (both == _of(tables, "employer_taxes")))


def _no_income_tax(tables: Tables) -> Truth:
    """By the state in which the person works."""
    row = _record(tables)
    free = np.append(tables.is_one_of("personnel_record", "work_state", *NO_INCOME_TAX), False)[row]
    return np.asarray(~free | (_of(tables, "state_tax") == 0))


def _year_to_date(tables: Tables) -> Truth:
    counted = tables.is_one_of(
        STUB, "payroll_run_key.payroll_run_status_type", "POSTED", "PAYMENT_SUBMITTED"
    )
    right = [
        _so_far(tables, _of(tables, one), counted) == _of(tables, year)
        for one, year in (("gross_pay", "ytd_gross"), ("net_pay", "ytd_net"))
    ]
    return np.asarray(right[0] & right[1])


def _employed(tables: Tables) -> Truth:
    """Employed in the period, at the dealer of the run."""
    hired = tables.values(STUB, "staff_member_key.hire_date")
    left = tables.values(STUB, "staff_member_key.termination_date")
    stays = tables.missing(STUB, "staff_member_key.termination_date")
    there = hired < tables.values(STUB, "pay_period_end_date")
    there &= stays | (left >= tables.values(STUB, "pay_period_start_date"))
    return np.asarray(
        there & tables.same(STUB, "payroll_run_key.dealer_key", "staff_member_key.dealer_key")
    )


def _period(tables: Tables) -> Truth:
    pairs = (
        ("pay_period_start_date", "period_start_date"),
        ("pay_period_end_date", "period_end_date"),
        ("pay_date", "pay_date"),
    )
    same = [
        tables.values(STUB, own) == tables.values(STUB, f"payroll_run_key.{of}")
        for own, of in pairs
    ]
    return np.asarray(np.all(same, axis=0))


def _commission(tables: Tables) -> Truth:
    """The commissions of the person's deals posted in the period."""
    seller = tables.row_of("deal", "salesperson_staff_member_key")
    posted = ~tables.missing("deal", "post_date_time") & (seller >= 0)
    day = tables.values("deal", "post_date_time").astype("datetime64[D]").astype(np.int64)
    amount = tables.values("deal", "commission_amount").astype(np.int64)[posted]
    key = seller[posted] * FAR + day[posted]
    order = np.argsort(key)
    total = np.append(0, np.cumsum(amount[order]))
    staff = np.maximum(tables.row_of(STUB, "staff_member_key"), 0)
    begin = tables.values(STUB, "pay_period_start_date").astype("datetime64[D]").astype(np.int64)
    end = tables.values(STUB, "pay_period_end_date").astype("datetime64[D]").astype(np.int64)
    low = np.searchsorted(key[order], staff * FAR + begin)
    high = np.searchsorted(key[order], staff * FAR + end)
    return np.asarray(total[high] - total[low] == _of(tables, "commission_earnings"))


def _rule(
    id_: str, text: str, check: Check, *, needs: tuple[str, ...] = (), scope: Scope = "shard"
) -> Rule:
    return Rule(id_, STUB, text, check, needs=needs, group=STAFF, scope=scope)


RULES = (
    _rule("R024.1", "Gross pay is the sum of its parts.", _gross, scope="row"),
    _rule(
        "R024.2",
        "Overtime is paid one and a half times, to those paid by the hour.",
        _overtime,
        needs=("personnel_record", "staff_member"),
    ),
    _rule(
        "R024.5",
        "Hours are those on the clock, overtime what goes beyond forty a week.",
        _hours,
        needs=("time_attendance", "personnel_record", "staff_member"),
    ),
    _rule("R025.1", "Taxes are the sum of their parts.", _taxes, scope="row"),
    _rule("R025.2", "Net pay is what is left, and never below 0.", _net, scope="row"),
    _rule(
        "R026.1",
        "Social security takes 6.2 % up to the year's wage base.",
        _social_security,
        needs=("staff_member",),
    ),
    _rule(
        "R026.2",
        "Medicare takes 1.45 %; the employer pays as much as both.",
        _medicare,
        scope="row",
    ),
    _rule(
        "R026.3",
        "States without income tax take none.",
        _no_income_tax,
        needs=("personnel_record", "staff_member"),
    ),
    _rule(
        "R027",
        "Sums of the year begin anew on 1 January and move when a run is posted.",
        _year_to_date,
        needs=("payroll_run", "staff_member"),
    ),
    _rule(
        "R028.3",
        "Stubs are of people employed by the dealer in the period.",
        _employed,
        needs=("payroll_run", "staff_member"),
        scope="row",
    ),
    _rule(
        "R029.3",
        "The period of a stub is that of its run.",
        _period,
        needs=("payroll_run",),
        scope="row",
    ),
    _rule(
        "R030",
        "Commission is that of the person's deals posted in the period.",
        _commission,
        needs=("deal", "staff_member"),
    ),
)
