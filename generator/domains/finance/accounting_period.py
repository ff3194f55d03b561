"""Fiscal months: open while they run, then closed, and locked a year later."""

from __future__ import annotations

from datetime import date

import numpy as np

from generator.domains.calendar import DAY, span
from generator.domains.columns import day, enum, integer, text
from generator.domains.counts import Given, Noun, catalogue
from generator.domains.finance.accounting_period_rules import RULES
from generator.domains.graph import Declaration, Draw, Made, derived, key
from generator.frame import Coded
from generator.schema import Table

TABLE = Table(
    "accounting_period",
    domain="finance",
    meaning="Fiscal month",
    key="accounting_period_key",
    columns=(
        text("accounting_period_key", 50, "YYYY-MM", unique=True),
        text("period_name", 30),
        integer("fiscal_year"),
        day("start_date", planned=True),
        day("end_date", planned=True),
        enum("accounting_period_status_type", "AccountingPeriodStatusTypes"),
    ),
)


AFTER = 2  # months after the span in which what was begun in it is settled
NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
STATUSES = ("FUTURE", "OPEN", "PENDING_CLOSURE", "CLOSED", "LOCKED")


@key("accounting_period_key")
def _keys(draw: Draw) -> Made:
    months = span(draw)[0].astype("datetime64[M]") + np.arange(draw.n)
    return {"accounting_period_key": months.astype("S7")}


@derived("period_name", "fiscal_year", "start_date", "end_date")
def _months(draw: Draw) -> Made:
    months = span(draw)[0].astype("datetime64[M]") + np.arange(draw.n)
    number = months.astype(np.int64)
    year = number // 12 + 1970
    names = [f"{NAMES[at]} {of}" for at, of in zip(number % 12, year, strict=True)]
    return {
        "period_name": np.array(names, dtype=object),
        "fiscal_year": year,
        "start_date": months.astype("datetime64[D]"),
        "end_date": (months + 1).astype("datetime64[D]") - DAY,
    }


@derived("accounting_period_status_type")
def _status(draw: Draw) -> Made:
    return known(draw, np.datetime64(draw.plan.recipe.as_of, "D"))


def known(draw: Draw, at: np.datetime64) -> Made:
    """Closed some days after the month's end, locked with the year's accounts."""
    today = at.astype("datetime64[D]")
    figures, end = draw.figures, draw["end_date"]
    past = (today - end).astype(np.int64)
    code = np.where(draw["start_date"] > today, 0, 1)
    code = np.where(past > 0, 2, code)
    code = np.where(past > int(figures["days_to_close_period"]), 3, code)
    code = np.where(past > int(figures["days_to_lock_period"]), 4, code)
    return {"accounting_period_status_type": Coded(code.astype(np.int32), STATUSES)}


def _months_of(start: date, stop: date) -> int:
    return (stop.year - start.year) * 12 + stop.month - start.month + 1 + AFTER


def _bounds(start: date, stop: date) -> tuple[int, int]:
    months = _months_of(start, stop)
    return months, months


def _typical(given: Given) -> float:
    return float(_months_of(given.start, given.stop))


COUNT = catalogue(
    Noun("accounting period", "accounting periods"),
    typical=_typical,
    why="the months of the span, and two in which it is settled",
    bounds=_bounds,
    rule="The span has {most} accounting periods",
)


ACCOUNTING_PERIOD = Declaration(
    TABLE,
    prefix="AP",
    count=COUNT,
    makers=(_keys, _months, _status),
    rules=RULES,
    known=known,
)
