"""Rules of staff and their records (R018–R023, R107)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generator.rules import Rule
from generator.tables import Tables

Truth = NDArray[np.bool_]
GROUP = "People at work"
_NEVER = np.datetime64("2999-01-01")


def _one_record(tables: Tables) -> Truth:
    owner = tables.row_of("personnel_record", "staff_member_key")
    counted = np.bincount(owner[owner >= 0], minlength=tables.rows("staff_member"))
    return np.asarray(counted == 1)


def _employment_period(tables: Tables) -> Truth:
    hired = tables.values("staff_member", "hire_date")
    left = tables.values("staff_member", "termination_date")
    return np.asarray((hired <= left) | tables.missing("staff_member", "termination_date"))


def _known_before(tables: Tables) -> Truth:
    seen = tables.values("staff_member", "party_key.occurrence_date_time").astype("datetime64[D]")
    return np.asarray(seen <= tables.values("staff_member", "hire_date"))


def _manager(tables: Tables) -> Truth:
    """Everybody's chain ends at a general manager of the same dealer."""
    boss = tables.row_of("staff_member", "manager_key")
    dealer = tables.row_of("staff_member", "dealer_key")
    manager = tables.is_one_of("staff_member", "role_type", "GEN_MGR")
    at = np.arange(len(boss))
    for _ in range(8):
        at = np.where(boss[at] >= 0, boss[at], at)
    top = (boss[at] < 0) & manager[at]
    same = (boss < 0) | (dealer[np.maximum(boss, 0)] == dealer)
    return np.asarray(top & same)


def _manager_first(tables: Tables) -> Truth:
    hired = tables.values("staff_member", "hire_date")
    boss = tables.values("staff_member", "manager_key.hire_date")
    return np.asarray((boss <= hired) | tables.missing("staff_member", "manager_key"))


def _working(tables: Tables) -> Truth:
    left = ~tables.missing("staff_member", "termination_date")
    active = tables.values("staff_member", "active_indicator")
    said = tables.is_one_of("staff_member", "employment_status_type", "ACTIVE")
    return np.asarray((active == said) & (active == ~left))


def _dealer_open(tables: Tables) -> Truth:
    opened = tables.values("staff_member", "dealer_key.open_date")
    return np.asarray(opened <= tables.values("staff_member", "hire_date"))


def _pay(tables: Tables) -> Truth:
    """Salary or commission by the year, the others by the hour."""
    yearly = ~tables.missing("personnel_record", "annual_salary")
    hourly = ~tables.missing("personnel_record", "hourly_rate")
    rate = ~tables.missing("personnel_record", "commission_rate")
    by_year = tables.is_one_of("personnel_record", "pay_basis", "SALARY", "COMMISSION")
    by_sale = tables.is_one_of("personnel_record", "pay_basis", "COMMISSION")
    return np.asarray((yearly == by_year) & (hourly != by_year) & (rate == by_sale))


def _record_period(tables: Tables) -> Truth:
    hired = tables.values("personnel_record", "staff_member_key.hire_date")
    start = tables.values("personnel_record", "start_date_time").astype("datetime64[D]")
    left = tables.missing("personnel_record", "staff_member_key.termination_date")
    open_ = tables.missing("personnel_record", "complete_date_time")
    return np.asarray((start == hired) & (left == open_))


def _same_ssn(tables: Tables) -> Truth:
    return tables.same("personnel_record", "ssn", "staff_member_key.party_key.ssn")


def employed(table: str, column: str, day: str) -> Callable[[Tables], Truth]:
    """Rows of ``table`` whose ``column`` names somebody employed on ``day`` (or names nobody)."""

    def check(tables: Tables) -> Truth:
        on = tables.values(table, day).astype("datetime64[D]")
        hired = tables.values(table, f"{column}.hire_date")
        left = tables.values(table, f"{column}.termination_date")
        stays = tables.missing(table, f"{column}.termination_date")
        idle = tables.missing(table, column) | tables.missing(table, day)
        return np.asarray(((hired <= on) & (stays | (on <= left))) | idle)

    return check


def in_role(table: str, column: str, roles: tuple[str, ...]) -> Callable[[Tables], Truth]:
    """Rows whose ``column`` names somebody in one of ``roles`` at the row's own dealer."""

    def check(tables: Tables) -> Truth:
        able = tables.is_one_of(table, f"{column}.role_type", *roles)
        there = tables.same(table, f"{column}.dealer_key", "dealer_key")
        return np.asarray((able & there) | tables.missing(table, column))

    return check


STAFF_RULES = (
    Rule(
        "R018.1",
        "staff_member",
        "Every staff member has exactly one personnel record.",
        _one_record,
        ("staff_member", "personnel_record"),
        GROUP,
        scope="shard",
    ),
    Rule(
        "R019.1",
        "staff_member",
        "Nobody leaves before being hired.",
        _employment_period,
        ("staff_member",),
        GROUP,
    ),
    Rule(
        "R019.2",
        "staff_member",
        "A person is known before being hired.",
        _known_before,
        ("staff_member", "party"),
        GROUP,
    ),
    Rule(
        "R022.1",
        "staff_member",
        "Managers form a tree inside one dealer, the general manager its root.",
        _manager,
        ("staff_member", "dealer"),
        GROUP,
        scope="shard",
    ),
    Rule(
        "R022.2",
        "staff_member",
        "Managers were hired before those who report to them.",
        _manager_first,
        ("staff_member",),
        GROUP,
    ),
    Rule(
        "R019.3",
        "staff_member",
        "Whoever has left is not active, everybody else is.",
        _working,
        ("staff_member",),
        GROUP,
    ),
    Rule(
        "R107.5",
        "staff_member",
        "Nobody is hired before the dealer opened.",
        _dealer_open,
        ("staff_member", "dealer"),
        GROUP,
    ),
)
PERSONNEL_RULES = (
    Rule(
        "R023.1",
        "personnel_record",
        "A record runs from hire to termination.",
        _record_period,
        ("personnel_record", "staff_member"),
        GROUP,
    ),
    Rule(
        "R023.2",
        "personnel_record",
        "Pay is by the year or by the hour, as its basis says; commission has a rate.",
        _pay,
        ("personnel_record",),
        GROUP,
    ),
    Rule(
        "R018.2",
        "personnel_record",
        "A record has the person's own social security number.",
        _same_ssn,
        ("personnel_record", "staff_member", "party"),
        GROUP,
    ),
)
