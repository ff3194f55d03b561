"""Payroll cycles: how often a dealer pays."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import clocks_of, span
from generator.domains.clocks import utc
from generator.domains.columns import enum, integer, moment, text
from generator.domains.counts import Noun, asks, one
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.schema import Link, Table

TABLE = Table(
    "payroll_cycle",
    domain="human_resources",
    meaning="Pay schedule of a dealer, effective dated",
    key="payroll_cycle_key",
    columns=(
        text("payroll_cycle_key", 50, unique=True),
        text("dealer_key", 50),
        enum("payroll_cycle_frequency_type", "PayrollCycleFrequencyTypes"),
        integer("pay_lag_days", "from the end of a period to the pay date"),
        moment("start_date_time"),
        moment("complete_date_time", nullable=True),
    ),
    links=(Link("dealer_key", "dealer", "dealer_key", "parent"),),
)


@link("dealer_key")
def _dealer(draw: Draw) -> Made:
    return {"dealer_key": draw.key("dealer", draw["_dealer"])}


@drawn("payroll_cycle_frequency_type", "pay_lag_days", "_parity")
def _schedule(draw: Draw) -> Made:
    """``_parity`` is the week, of two, in which a period begins."""
    return {
        "payroll_cycle_frequency_type": draw.leaf("payroll_cycle.payroll_cycle_frequency_type"),
        "pay_lag_days": np.full(draw.n, int(draw.figures["pay_lag_days"])),
        "_parity": np.floor(2 * draw.u("parity")).astype(np.int64),
    }


@derived("start_date_time", "complete_date_time")
def _since(draw: Draw) -> Made:
    """Since a New Year between the dealer's opening and the span."""
    dealers = draw.frames["dealer"]
    opened = dealers["open_date"][draw["_dealer"] - dealers.start].astype("datetime64[Y]")
    year = span(draw)[0].astype("datetime64[Y]")
    years = (year - opened).astype(np.int64)
    begun = opened + 1 + np.floor(draw.u("since") * np.maximum(years, 1)).astype(np.int64)
    start = utc(np.minimum(begun, year), clocks_of(draw, draw["_dealer"]))
    return {
        "start_date_time": start,
        "complete_date_time": (start, np.ones(draw.n, dtype=bool)),
    }


COUNT = one(
    "dealer",
    Noun("payroll cycle", "payroll cycles"),
    why="one for every dealer",
    rule="Every dealer has exactly one payroll cycle",
    back=asks(60.0),
)


PAYROLL_CYCLE = Declaration(
    TABLE,
    prefix="PC",
    count=COUNT,
    makers=(keyed(TABLE), _dealer, _schedule, _since),
)
