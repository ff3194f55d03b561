"""What people earn in a pay period: hours, flat rates, salaries, commissions, bonuses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY
from generator.domains.closing import holidays
from generator.domains.graph import Draw, Made, derived
from generator.domains.groups import round_half_up
from generator.domains.human_resources.payroll_calendar import PERIODS_A_YEAR
from generator.domains.human_resources.records import (
    days_off,
    left_on,
    record_of,
    run_of,
    stub_of,
    summed,
    weekdays,
)
from generator.domains.human_resources.shifts import week

Rows = NDArray[np.int64]
WEEK_HOURS = 4_000  # hundredths; more is overtime of those paid by the hour
HALF_MORE = 1.5
DAY_HOURS = 800
PAID = ("PTO", "VACATION", "PERSONAL", "SICK", "BEREAVEMENT", "JURY_DUTY")
"""Time off that is paid."""


@derived("_record", "_basis", "_rate", "_share")
def terms(draw: Draw) -> Made:
    """The record in force at the end of the period; ``_share`` of the period's weekdays on which
    the person was employed and not away without pay."""
    staff = draw["_cause"]
    people = draw.frames["staff_member"]
    begin, end = draw["pay_period_start_date"], draw["pay_period_end_date"]
    last = np.minimum(end - DAY, left_on(draw)[staff])
    record = record_of(draw, staff, last)
    records = draw.frames["personnel_record"]
    there = weekdays(np.maximum(begin, people["hire_date"][staff]), last + DAY)
    who, day, kind = days_off(draw)
    unpaid = ~np.isin(kind.astype(str), PAID)
    stub = stub_of(draw, who[unpaid], run_of(draw, people["_dealer"][who[unpaid]], day[unpaid]))
    away = summed(draw, stub, np.ones(len(stub)))
    whole = np.maximum(weekdays(begin, end), 1)
    return {
        "_record": record,
        "_basis": records.text("pay_basis")[record],
        "_rate": np.where(records.missing("hourly_rate"), 0, records["hourly_rate"])[record],
        "_share": np.maximum(there - away, 0) / whole,
    }


@derived("hours_worked", "overtime_hours", "_flagged", "_leave")
def hours(draw: Draw) -> Made:
    """Hundredths of hours from the clock; ``_flagged`` flat-rate hours, of which a share of those
    clocked is guaranteed; ``_leave`` paid time off
    and, for those paid by the hour, holidays."""
    clock = draw.frames["time_attendance"]
    who, day = clock["_cause"], clock["work_date"]
    stub = stub_of(draw, who, run_of(draw, clock["_dealer"], day))
    worked = clock["hours_worked"]
    flagged = np.where(clock.missing("flagged_hours"), worked, clock["flagged_hours"])
    least = float(draw.figures["flat_rate_guarantee"])
    basis = draw["_basis"]
    by_hour, flat = basis == "HOURLY", basis == "FLAT_RATE"
    over = np.where(by_hour, summed(draw, stub, _over_forty(who, day, worked)), 0)
    clocked = by_hour | flat
    sure = round_half_up(summed(draw, stub, worked) * least)
    return {
        "hours_worked": (summed(draw, stub, worked), ~clocked),
        "overtime_hours": (over, ~clocked),
        "_flagged": np.where(flat, np.maximum(summed(draw, stub, flagged), sure), 0),
        "_leave": np.where(clocked, _leave(draw, by_hour), 0),
    }


def _over_forty(who: Rows, day: NDArray[Any], worked: Rows) -> Rows:
    """Hours of each day above the forty of its workweek; rows are ordered by person and day."""
    if not len(who):
        return worked
    number = week(day)
    begins = _first_of(who, number)
    total = np.cumsum(worked)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(who)), 0))
    upto = total - (total - worked)[first]
    return np.asarray(np.maximum(upto - WEEK_HOURS, 0) - np.maximum(upto - worked - WEEK_HOURS, 0))


def _first_of(*groups: Rows) -> NDArray[np.bool_]:
    """Whether each row is the first of its group; rows of a group stand together."""
    changed = [np.diff(group, prepend=-1) != 0 for group in groups]
    return np.asarray(np.logical_or.reduce(changed))


def _leave(draw: Draw, by_hour: NDArray[np.bool_]) -> Rows:
    people = draw.frames["staff_member"]
    who, day, kind = days_off(draw)
    paid = np.isin(kind.astype(str), PAID)
    stub = stub_of(draw, who[paid], run_of(draw, people["_dealer"][who[paid]], day[paid]))
    leave = summed(draw, stub, np.full(len(stub), DAY_HOURS))
    left = left_on(draw)[draw["_cause"]]
    hired = people["hire_date"][draw["_cause"]]
    begin, end = draw["pay_period_start_date"], draw["pay_period_end_date"]
    for closed in holidays(np.unique(begin), draw.figures["closed_holidays"]["workshop"]):
        there = (begin <= closed) & (closed < end) & (hired < closed) & (closed < left)
        leave += np.where(by_hour & there & np.is_busday(closed), DAY_HOURS, 0)
    return leave


@derived("commission_earnings", "_fi_bonus", "_volume_bonus")
def commissions(draw: Draw) -> Made:
    """Of the deals posted in the period: the seller's commission (R030), the finance manager's
    share of the products, and what who sold many in the month before gets besides."""
    deals, people = draw.frames["deal"], draw.frames["staff_member"]
    posted = np.flatnonzero(~deals.missing("post_date_time"))
    day = deals["post_date_time"][posted].astype("datetime64[D]")
    run = run_of(draw, deals["_dealer"][posted], day)
    seller = deals["_salesperson_staff_member_key"][posted] - people.start
    stub = stub_of(draw, seller, run)
    finance = np.maximum(deals["_fi_manager_staff_member_key"][posted] - people.start, 0)
    of_finance = stub_of(draw, finance, run)
    of_finance = np.where(deals["_fi_manager_staff_member_key"][posted] < 0, -1, of_finance)
    share = float(draw.figures["fi_share_of_products"])
    gross = np.maximum(deals["back_gross_profit"][posted], 0) * share
    return {
        "commission_earnings": summed(draw, stub, deals["commission_amount"][posted]),
        "_fi_bonus": summed(draw, of_finance, round_half_up(gross)),
        "_volume_bonus": _volume_bonus(draw, seller, day),
    }


def _volume_bonus(draw: Draw, seller: Rows, day: NDArray[Any]) -> Rows:
    """In the first run that ends in a month, for the cars posted in the month before."""
    if not draw.n:
        return np.zeros(0, dtype=np.int64)
    month = day.astype("datetime64[M]").astype(np.int64)
    ended = draw["pay_period_end_date"].astype("datetime64[M]").astype(np.int64)
    low = min(int(ended.min()), int(month.min(initial=int(ended.min())))) - 1
    width = int(max(ended.max(), month.max(initial=0))) - low + 1
    people = draw.frames["staff_member"].rows
    sold = np.bincount(seller * width + month - low, minlength=people * width)
    staff = draw["_cause"]
    first = _first_of(staff, ended)
    cars = sold[staff * width + ended - 1 - low]
    from_, base, each = draw.figures["volume_bonus"]
    bonus = (base + each * (cars - from_)) * 100
    sells = draw["_basis"] == "COMMISSION"
    return np.where(first & sells & (cars >= from_), bonus, 0).astype(np.int64)


@derived("regular_earnings", "overtime_earnings", "bonus_earnings", "gross_pay", "_leave_pay")
def earnings(draw: Draw) -> Made:
    """Cents.  Salaries and draws by the share of the period; hours by the clock; flat rates by
    what was flagged."""
    basis, rate, record = draw["_basis"], draw["_rate"], draw["_record"]
    records = draw.frames["personnel_record"]
    yearly = np.where(records.missing("annual_salary"), 0, records["annual_salary"])[record]
    runs = draw.frames["payroll_run"]
    each = np.array([PERIODS_A_YEAR[name] for name in runs["run_type"].labels])
    salary = round_half_up(yearly / each[runs["run_type"].codes[draw["_run"]]] * draw["_share"])
    over = draw["overtime_hours"]
    paid_hours = np.where(basis == "FLAT_RATE", draw["_flagged"], draw["hours_worked"] - over)
    by_hour = np.isin(basis.astype(str), ["HOURLY", "FLAT_RATE"])
    leave = np.where(by_hour, round_half_up(draw["_leave"] * rate / 100), 0)
    regular = np.where(by_hour, round_half_up(paid_hours * rate / 100) + leave, salary)
    overtime = np.where(by_hour, round_half_up(over * rate * HALF_MORE / 100), 0)
    bonus = draw["_fi_bonus"] + draw["_volume_bonus"] + _holiday_bonus(draw)
    return {
        "regular_earnings": regular,
        "overtime_earnings": overtime,
        "bonus_earnings": bonus,
        "gross_pay": regular + overtime + draw["commission_earnings"] + bonus,
        "_leave_pay": leave,
    }


def _holiday_bonus(draw: Draw) -> Rows:
    """A few hundred dollars with the first run that ends in December, more with the years."""
    staff, end = draw["_cause"], draw["pay_period_end_date"]
    people = draw.frames["staff_member"]
    month = end.astype("datetime64[M]").astype(np.int64)
    first = _first_of(staff, month)
    years = (end - people["hire_date"][staff]).astype(np.int64) / 365.25
    base, each, most = draw.figures["holiday_bonus"]
    bonus = np.minimum(base + each * np.floor(years), most) * 100
    given = first & ((month + 1) % 12 == 0) & (years > 0.5) & (left_on(draw)[staff] >= end)
    return np.where(given, bonus, 0).astype(np.int64)
