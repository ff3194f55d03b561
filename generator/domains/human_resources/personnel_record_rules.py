"""What must hold for personnel records (R018, R023)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import STAFF
from generator.rules import Rule, Truth
from generator.tables import Tables


def _pay(tables: Tables) -> Truth:
    """Salary or commission by the year, the others by the hour."""
    yearly = ~tables.missing("personnel_record", "annual_salary")
    hourly = ~tables.missing("personnel_record", "hourly_rate")
    rate = ~tables.missing("personnel_record", "commission_rate")
    by_year = tables.is_one_of("personnel_record", "pay_basis", "SALARY", "COMMISSION")
    by_sale = tables.is_one_of("personnel_record", "pay_basis", "COMMISSION")
    return np.asarray((yearly == by_year) & (hourly != by_year) & (rate == by_sale))


def _record_period(tables: Tables) -> Truth:
    """The records of a person follow one another from hire to termination, the last one open for
    those who stay."""
    who = tables.group_of("personnel_record", "staff_member_key")
    start = tables.values("personnel_record", "start_date_time").astype("datetime64[ms]")
    end = tables.values("personnel_record", "complete_date_time").astype("datetime64[ms]")
    open_ = tables.missing("personnel_record", "complete_date_time")
    hired = tables.values("personnel_record", "staff_member_key.hire_date").astype("datetime64[D]")
    left = tables.values("personnel_record", "staff_member_key.termination_date")
    stays = tables.missing("personnel_record", "staff_member_key.termination_date")
    order = np.lexsort((start, who))
    first = np.diff(who[order], prepend=-2) != 0
    last = np.append(first[1:], True)[: len(order)]
    before = np.roll(end[order], 1)
    begins = np.where(
        first,
        start[order].astype("datetime64[D]") == hired[order],
        (start[order] == before) & ~np.roll(open_[order], 1),
    )
    gone = (end[order].astype("datetime64[D]") - left[order].astype("datetime64[D]")).astype(int)
    ends = np.where(
        last, np.where(stays[order], open_[order], ~open_[order] & (gone == 1)), ~open_[order]
    )
    truth = np.empty(len(order), dtype=bool)
    truth[order] = begins & ends
    return truth


def _same_ssn(tables: Tables) -> Truth:
    return tables.same("personnel_record", "ssn", "staff_member_key.party_key.ssn")


RULES = (
    Rule(
        "R023.1",
        "personnel_record",
        "The records of a person run from hire to termination without gap or overlap.",
        _record_period,
        needs=("staff_member",),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R023.2",
        "personnel_record",
        "Pay is by the year or by the hour, as its basis says; commission has a rate.",
        _pay,
        group=STAFF,
    ),
    Rule(
        "R018.2",
        "personnel_record",
        "A record has the person's own social security number.",
        _same_ssn,
        needs=("staff_member", "party"),
        group=STAFF,
    ),
)
