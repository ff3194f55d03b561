"""Payroll runs: a pay period of a dealer, worked out, posted and paid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, MINUTE, clocks_of, span
from generator.domains.clocks import utc
from generator.domains.closing import last_open, next_open
from generator.domains.columns import day, decimal, enum, text
from generator.domains.consequences import Caused
from generator.domains.counts import Given, Noun, consequence
from generator.domains.courses import Steps
from generator.domains.finance.journals import journal_key
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.human_resources.payroll_calendar import (
    FREQUENCIES,
    periods,
)
from generator.domains.human_resources.payroll_run_postings import journals
from generator.domains.human_resources.payroll_run_rules import RULES
from generator.frame import Coded
from generator.schema import Link, Table

TABLE = Table(
    "payroll_run",
    domain="human_resources",
    meaning="Pay period of a dealer",
    key="payroll_run_key",
    columns=(
        text("payroll_run_key", 50, unique=True),
        text("dealer_key", 50),
        text("payroll_cycle_key", 50, nullable=True),
        enum("run_type", "PayrollCycleFrequencyTypes"),
        enum("payroll_run_status_type", "PayrollRunStatusTypes"),
        day("period_start_date"),
        day("period_end_date", "exclusive"),
        day("pay_date", planned=True),
        decimal("gross_total", 14, 2, "= sum(payroll_stub.gross_pay)"),
        decimal("tax_total", 14, 2, "= sum(payroll_stub.total_taxes)"),
        decimal("deduction_total", 14, 2, "= sum(payroll_stub.total_deductions)"),
        decimal("net_total", 14, 2, "= sum(payroll_stub.net_pay)"),
        text("journal_entry_transaction_key", 50, "set once POSTED", nullable=True),
    ),
    links=(
        Link("dealer_key", "dealer", "dealer_key", "lookup"),
        Link("payroll_cycle_key", "payroll_cycle", "payroll_cycle_key", "parent"),
        Link(
            "journal_entry_transaction_key",
            "journal_entry_transaction",
            "journal_entry_transaction_key",
            "lookup",
        ),
    ),
)
TOTALS = {
    "gross_total": "gross_pay",
    "tax_total": "total_taxes",
    "deduction_total": "total_deductions",
    "net_total": "net_pay",
}


def _calendars(draw: Draw) -> dict[tuple[str, int], tuple[NDArray[Any], NDArray[Any]]]:
    """The periods of each schedule there is."""
    first, last = span(draw)
    return {
        (name, parity): periods(name, parity, first, last)
        for name in FREQUENCIES
        for parity in (0, 1)
    }


def _schedules(frames: Frames) -> list[tuple[str, int]]:
    """The schedule of each cycle."""
    cycles = frames["payroll_cycle"]
    names = cycles.text("payroll_cycle_frequency_type").tolist()
    return list(zip(names, cycles["_parity"].tolist(), strict=True))


def _follows(frames: Frames) -> tuple[Caused, ...]:
    calendars = _calendars(frames.draw(frames["payroll_cycle"]))
    each = [len(calendars[one][0]) for one in _schedules(frames)]
    return (Caused.several_of("payroll_cycle", np.array(each, dtype=np.int64)),)


@link("dealer_key", "payroll_cycle_key", "_dealer_key")
def _links(draw: Draw) -> Made:
    cycles = draw.frames["payroll_cycle"]
    return {
        "dealer_key": draw.key("dealer", draw["_dealer"]),
        "_dealer_key": draw["_dealer"],
        "payroll_cycle_key": draw.key("payroll_cycle", draw["_cause"] + cycles.start),
    }


@derived("run_type", "period_start_date", "period_end_date", "pay_date")
def _period(draw: Draw) -> Made:
    calendars, schedules = _calendars(draw), _schedules(draw.frames)
    none = np.zeros(0, dtype="datetime64[D]")
    starts = np.concatenate([none, *(calendars[one][0] for one in schedules)])
    ends = np.concatenate([none, *(calendars[one][1] for one in schedules)])
    cycles = draw.frames["payroll_cycle"]
    lag = cycles["pay_lag_days"][draw["_cause"]]
    return {
        "run_type": cycles["payroll_cycle_frequency_type"].take(draw["_cause"]),
        "period_start_date": starts,
        "period_end_date": ends,
        "pay_date": last_open(ends + lag * DAY, "bank"),
    }


@drawn("payroll_run_status_type", "_created", "_posted", "_submitted")
def _course(draw: Draw) -> Made:
    """Worked out on the first working day after the period, posted two days before it is paid."""
    clocks, hours = clocks_of(draw, draw["_dealer"]), draw.figures["payroll_hours"]

    def done(day_: NDArray[Any], name: str) -> NDArray[Any]:
        minutes = np.floor(60 * (hours[name] + draw.u(name))).astype(np.int64) * MINUTE
        return utc(day_.astype("datetime64[ms]") + minutes, clocks)

    pay = draw["pay_date"]
    created = done(next_open(draw["period_end_date"], "bank"), "created")
    posted = np.maximum(done(pay - 2 * DAY, "posted"), created + 3 * 60 * MINUTE)
    submitted = np.maximum(done(pay - DAY, "submitted"), posted + 60 * MINUTE)
    paid = Coded(np.zeros(draw.n, dtype=np.int32), ("PAYMENT_SUBMITTED",))
    return {
        "payroll_run_status_type": paid,
        "_created": created,
        "_posted": posted,
        "_submitted": submitted,
    }


@derived(*TOTALS)
def _totals(draw: Draw) -> Made:
    stubs = draw.frames["payroll_stub"]
    return {
        total: np.rint(np.bincount(stubs["_run"], weights=stubs[column], minlength=draw.n)).astype(
            np.int64
        )
        for total, column in TOTALS.items()
    }


@derived("journal_entry_transaction_key")
def _journal(draw: Draw) -> Made:
    return {"journal_entry_transaction_key": journal_key(draw, 1)}


def _steps(draw: Draw) -> Steps:
    return Steps.along(
        "payroll_run",
        draw["payroll_run_status_type"],
        begin=draw["_created"],
        end=draw["_submitted"],
        at={"POSTED": draw["_posted"]},
    )


def runs_a_dealer(given: Given) -> float:
    return float(max(given.days / 365 * given.figures["runs_a_year"] - 1, 0))


PAYROLL_RUN = Declaration(
    TABLE,
    prefix="PU",
    count=consequence(
        Noun("payroll run", "payroll runs"),
        "payroll_cycle",
        typical=lambda given: given["dealer"] * runs_a_dealer(given),
        why="every two weeks or twice a month",
        instead="dealer",
    ),
    makers=(keyed_by_cause(TABLE), _links, _period, _course, _totals, _journal),
    rules=RULES,
    follows=_follows,
    born="_created",
    state="payroll_run_status_type",
    steps=_steps,
    reveals={"journal_entry_transaction_key": "_posted"},
    journals=journals,
)
