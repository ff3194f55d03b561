"""What must hold for incentive programmes (R059, R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import INCENTIVES
from generator.rules import Rule, Truth
from generator.tables import Tables


def _window(tables: Tables) -> Truth:
    start = tables.values("incentive_program", "start_date")
    return np.asarray(start <= tables.values("incentive_program", "end_date"))


def _amount(tables: Tables) -> Truth:
    """A flat sum or a share of the price, never both or neither, and more than nothing."""
    flat = ~tables.missing("incentive_program", "rebate_amount")
    share = ~tables.missing("incentive_program", "rebate_percent")
    amount = tables.values("incentive_program", "rebate_amount")
    percent = tables.values("incentive_program", "rebate_percent")
    return np.asarray((flat != share) & (~flat | (amount > 0)) & (~share | (percent > 0)))


RULES = (
    Rule(
        "R059.amount",
        "incentive_program",
        "A programme gives a flat sum or a share of the price, not both",
        _amount,
        group=INCENTIVES,
    ),
    Rule(
        "R108.program",
        "incentive_program",
        "A programme does not end before it starts",
        _window,
        group=INCENTIVES,
    ),
)
