"""What must hold for staff: hired, led, gone (R012, R018, R019, R022, R107)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PEOPLE, STAFF
from generator.domains.party_identity.adults import adult
from generator.rules import Rule, Truth
from generator.tables import Tables

AT_WORK = (
    "HIRED",
    "REHIRED",
    "ONBOARDING_COMPLETE",
    "ACTIVE",
    "SCHEDULED_ACTIVE",
    "ON_LEAVE",
    "SUSPENDED",
    "PENDING_OFFBOARD",
    "OFFBOARDING",
)


def _one_record(tables: Tables) -> Truth:
    """One that is current for those who work there, only past ones for those who left."""
    owner = tables.row_of("personnel_record", "staff_member_key")
    rows = tables.rows("staff_member")
    current = tables.missing("personnel_record", "complete_date_time") & (owner >= 0)
    counted = np.bincount(owner[owner >= 0], minlength=rows)
    open_ = np.bincount(owner[current], minlength=rows)
    stays = tables.missing("staff_member", "termination_date")
    return np.asarray((counted > 0) & (open_ == stays))


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
    said = tables.is_one_of("staff_member", "employment_status_type", *AT_WORK)
    return np.asarray((active == said) & (active == ~left))


def _dealer_open(tables: Tables) -> Truth:
    opened = tables.values("staff_member", "dealer_key.open_date")
    return np.asarray(opened <= tables.values("staff_member", "hire_date"))


RULES = (
    Rule(
        "R018.1",
        "staff_member",
        "Every staff member at work has exactly one current personnel record.",
        _one_record,
        needs=("personnel_record",),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R019.1",
        "staff_member",
        "Nobody leaves before being hired.",
        _employment_period,
        group=STAFF,
    ),
    Rule(
        "R019.2",
        "staff_member",
        "A person is known before being hired.",
        _known_before,
        needs=("party",),
        group=STAFF,
    ),
    Rule(
        "R022.1",
        "staff_member",
        "Managers form a tree inside one dealer, the general manager its root.",
        _manager,
        needs=("dealer",),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R022.2",
        "staff_member",
        "Managers were hired before those who report to them.",
        _manager_first,
        group=STAFF,
    ),
    Rule(
        "R019.3",
        "staff_member",
        "Whoever has left is not active, everybody else is.",
        _working,
        group=STAFF,
    ),
    Rule(
        "R107.5",
        "staff_member",
        "Nobody is hired before the dealer opened.",
        _dealer_open,
        needs=("dealer",),
        group=STAFF,
    ),
    Rule(
        "R012.2",
        "staff_member",
        "Staff are adults when hired.",
        adult("staff_member", "hire_date"),
        needs=("party",),
        group=PEOPLE,
    ),
)
