"""What must hold for service orders (R078, R081)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import SERVICE
from generator.rules import Rule, Truth
from generator.tables import Tables


def _dates(tables: Tables) -> Truth:
    opened = tables.values("service_order", "service_order_opened_date")
    done = tables.values("service_order", "service_order_completed_date")
    return np.asarray(
        (opened <= done) | tables.missing("service_order", "service_order_completed_date")
    )


def _has_order(tables: Tables) -> Truth:
    """One or two repair orders of the same car and customer."""
    row = tables.row_of("repair_order", "service_order_key")
    linked = row >= 0
    counted = np.bincount(row[linked], minlength=tables.rows("service_order"))
    same = tables.same("repair_order", "service_order_key.vehicle_key", "vehicle_key")
    same &= tables.same("repair_order", "service_order_key.customer_key", "customer_key")
    strange = np.bincount(row[linked & ~same], minlength=tables.rows("service_order"))
    return np.asarray((counted >= 1) & (counted <= 2) & (strange == 0))


RULES = (
    Rule(
        "R078.service_order",
        "service_order",
        "A service order is opened before it is completed.",
        _dates,
        group=SERVICE,
    ),
    Rule(
        "R080.service_order",
        "service_order",
        "A service order has one or two repair orders of its car and customer.",
        _has_order,
        needs=("repair_order", "customer", "vehicle"),
        group=SERVICE,
        scope="shard",
    ),
)
