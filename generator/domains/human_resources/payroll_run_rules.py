"""What must hold for payroll runs (R028, R029)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.domains.headings import STAFF
from generator.rules import Rule, Truth
from generator.tables import Tables

RUN = "payroll_run"
FAR = np.datetime64("2999-01-01", "D")


def _total(total: str, part: str) -> Callable[[Tables], Truth]:
    def check(tables: Tables) -> Truth:
        owner = tables.row_of("payroll_stub", "payroll_run_key")
        there = owner >= 0
        values = tables.values("payroll_stub", part)[there].astype(np.float64)
        summed = np.bincount(owner[there], weights=values, minlength=tables.rows(RUN))
        return np.asarray(np.rint(summed) == tables.values(RUN, total))

    return check


def _totals(tables: Tables) -> Truth:
    pairs = (
        ("gross_total", "gross_pay"),
        ("tax_total", "total_taxes"),
        ("deduction_total", "total_deductions"),
        ("net_total", "net_pay"),
    )
    return np.asarray(np.all([_total(*pair)(tables) for pair in pairs], axis=0))


def _one_for_everybody(tables: Tables) -> Truth:
    """As many stubs as people employed in the period, and no two of one person."""
    staff_dealer = tables.row_of("staff_member", "dealer_key")
    hired = tables.values("staff_member", "hire_date").astype("datetime64[D]")
    left = tables.values("staff_member", "termination_date").astype("datetime64[D]")
    left = np.where(tables.missing("staff_member", "termination_date"), FAR, left)
    run_dealer = tables.group_of(RUN, "dealer_key")
    start = tables.values(RUN, "period_start_date").astype("datetime64[D]")
    end = tables.values(RUN, "period_end_date").astype("datetime64[D]")
    hires = _counted(run_dealer, end, staff_dealer, hired)  # hired before the end
    leaves = _counted(run_dealer, start, staff_dealer, left)  # left before the start
    owner = tables.row_of("payroll_stub", "payroll_run_key")
    who = tables.row_of("payroll_stub", "staff_member_key")
    there = (owner >= 0) & (who >= 0)
    pairs = np.unique(np.stack([owner[there], who[there]]), axis=1)
    different = np.bincount(pairs[0], minlength=tables.rows(RUN))
    stubs = np.bincount(owner[owner >= 0], minlength=tables.rows(RUN))
    return np.asarray((stubs == hires - leaves) & (different == stubs))


def _counted(group: np.ndarray, day: np.ndarray, of: np.ndarray, days: np.ndarray) -> np.ndarray:
    """For each row the number of ``days`` of its group that lie before its day."""
    number, own = days.astype(np.int64), day.astype(np.int64)
    if not len(number) or not len(own):
        return np.zeros(len(own), dtype=np.int64)
    low = int(min(number.min(), own.min()))
    width = int(max(number.max(), own.max())) - low + 2
    keys = np.sort(of * width + number - low)
    before = np.searchsorted(keys, group * width + own - low)
    return np.asarray(before - np.searchsorted(keys, group * width))


def _order(tables: Tables) -> Truth:
    start, end = tables.values(RUN, "period_start_date"), tables.values(RUN, "period_end_date")
    return np.asarray((start < end) & (end <= tables.values(RUN, "pay_date")))


def _tile(tables: Tables) -> Truth:
    """Each period of a dealer begins where the one before has ended."""
    dealer = tables.group_of(RUN, "dealer_key")
    start = tables.values(RUN, "period_start_date")
    end = tables.values(RUN, "period_end_date")
    order = np.lexsort((start, dealer))
    truth = np.ones(len(order), dtype=bool)
    follows = dealer[order][1:] == dealer[order][:-1]
    truth[order[1:]] = ~follows | (start[order][1:] == end[order][:-1])
    return truth


def _posted(tables: Tables) -> Truth:
    """A journal from the posting on, and none before."""
    posted = tables.is_one_of(RUN, "payroll_run_status_type", "POSTED", "PAYMENT_SUBMITTED")
    empty = tables.values(RUN, "gross_total") == 0
    named = ~tables.missing(RUN, "journal_entry_transaction_key")
    return np.asarray((posted & ~empty) == named)


def _wages(tables: Tables) -> Truth:
    """The journal's wages are the run's gross pay, what is owed to the staff its net pay."""
    owner = tables.row_of("journal_entry", "journal_entry_transaction_key")
    mine = tables.row_of(RUN, "journal_entry_transaction_key")
    amount = tables.values("journal_entry", "amount").astype(np.float64)
    right = np.ones(len(mine), dtype=bool)
    for account, total in (("GL-6000", "gross_total"), ("GL-2100", "net_total")):
        of = tables.is_one_of("journal_entry", "general_ledger_account_key", account)
        of &= owner >= 0
        rows = tables.rows("journal_entry_transaction")
        summed = np.bincount(owner[of], weights=amount[of], minlength=rows + 1)
        right &= np.rint(summed[mine]) == tables.values(RUN, total)
    return np.asarray(right | (mine < 0))


RULES = (
    Rule("R031.1", RUN, "A run has its journal once it is posted.", _posted, group=STAFF),
    Rule(
        "R031.2",
        RUN,
        "The journal of a run has its gross pay as wages, its net pay as owed.",
        _wages,
        needs=("journal_entry", "journal_entry_transaction"),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R028.1",
        RUN,
        "The totals of a run are the sums of its stubs.",
        _totals,
        needs=("payroll_stub",),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R028.2",
        RUN,
        "A run has one stub for each of the dealer's staff employed in its period.",
        _one_for_everybody,
        needs=("payroll_stub", "staff_member", "dealer"),
        group=STAFF,
        scope="shard",
    ),
    Rule(
        "R029.1",
        RUN,
        "A period ends after it began and is paid after it ended.",
        _order,
        group=STAFF,
    ),
    Rule(
        "R029.2",
        RUN,
        "The runs of a dealer follow one another without gap or overlap.",
        _tile,
        needs=("dealer",),
        group=STAFF,
        scope="shard",
    ),
)
