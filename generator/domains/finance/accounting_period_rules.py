"""What must hold for accounting periods: months, one after the other, locked in order."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LEDGER
from generator.rules import Rule, Truth
from generator.tables import Tables


def _months(tables: Tables) -> Truth:
    """A period is one month, named by it."""
    first = tables.values("accounting_period", "start_date")
    last = tables.values("accounting_period", "end_date")
    month = first.astype("datetime64[M]")
    year = month.astype(np.int64) // 12 + 1970
    keys = tables.values("accounting_period", "accounting_period_key")
    return np.asarray(
        (first == month.astype("datetime64[D]"))
        & (last + 1 == (month + 1).astype("datetime64[D]"))
        & (tables.values("accounting_period", "fiscal_year") == year)
        & (keys == month.astype(str))
    )


def _in_order(tables: Tables) -> Truth:
    """No period is further closed than an earlier one."""
    ranks = {"FUTURE": 0, "OPEN": 1, "PENDING_CLOSURE": 2, "ADJUSTMENT": 2, "CLOSED": 3}
    status = tables.codes("accounting_period", "accounting_period_status_type")
    rank = np.array([*(ranks.get(label, 4) for label in status.labels), -1])[status.codes]
    order = np.argsort(tables.values("accounting_period", "start_date"), kind="stable")
    holds = np.ones(len(rank), dtype=bool)
    holds[order[1:]] = rank[order[1:]] <= np.minimum.accumulate(rank[order])[:-1]
    return holds


RULES = (
    Rule("R074.month", "accounting_period", "A period is one month.", _months, group=LEDGER),
    Rule(
        "R074.order",
        "accounting_period",
        "Periods close one after the other.",
        _in_order,
        group=LEDGER,
        scope="shard",
    ),
)
