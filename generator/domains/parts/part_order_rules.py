"""What must hold for orders of parts (R020, R087)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PARTS, STAFF
from generator.domains.human_resources.duty import employed
from generator.rules import Rule, Truth
from generator.tables import Tables

SUPPLIED = ("PURCHASE", "RUSH", "BACK_ORDER", "SPECIAL")


def _in_order(tables: Tables) -> Truth:
    """Days are the dealer's own, up to a day from those of UTC."""
    created = tables.values("part_order", "create_date_time")
    ship = tables.values("part_order", "scheduled_ship_date").astype("datetime64[ms]")
    received = tables.values("part_order", "received_date_time")
    no_ship = tables.missing("part_order", "scheduled_ship_date")
    open_ = tables.missing("part_order", "received_date_time")
    a_day = np.timedelta64(1, "D")
    ships = no_ship | (created <= ship + 2 * a_day)
    arrives = open_ | ((created <= received) & (no_ship | (ship <= received + a_day)))
    return np.asarray(ships & arrives)


def _party(tables: Tables) -> Truth:
    """Orders for stock and jobs have a supplier, sales a customer, special ones a job."""
    supplied = tables.is_one_of("part_order", "order_type", *SUPPLIED)
    sale = tables.is_one_of("part_order", "order_type", "SALES")
    supplier = ~tables.missing("part_order", "supplier_org_profile_key")
    customer = ~tables.missing("part_order", "customer_key")
    return np.asarray((supplier == supplied) & (customer == sale))


def _status(tables: Tables) -> Truth:
    arrived = tables.is_one_of(
        "part_order", "part_order_status_type", "DELIVERED", "OPEN", "OVERDUE", "PAID", "CLOSED"
    )
    received = ~tables.missing("part_order", "received_date_time")
    sale = tables.is_one_of("part_order", "order_type", "SALES")
    return np.asarray((arrived == received) | sale)


def _sums(tables: Tables) -> Truth:
    order = tables.row_of("part_order_item", "part_order_key")
    rows = tables.rows("part_order")
    known = order >= 0
    holds = np.ones(rows, dtype=bool)
    for total, part in (("total_quantity", "total_quantity"), ("total_amount", "total_price")):
        values = tables.values("part_order_item", part)
        summed = np.zeros(rows, dtype=np.int64)
        np.add.at(summed, order[known], values[known])
        holds &= tables.values("part_order", total) == summed
    return holds


RULES = (
    Rule(
        "R020.parts",
        "part_order",
        "Whoever orders is employed on the day",
        employed("part_order", "ordered_by_staff_member_key", "create_date_time"),
        needs=("staff_member",),
        group=STAFF,
    ),
    Rule(
        "R087.order",
        "part_order",
        "Created <= scheduled ship <= received",
        _in_order,
        group=PARTS,
    ),
    Rule(
        "R087.party",
        "part_order",
        "Orders for stock have a supplier, sales at the counter a customer",
        _party,
        group=PARTS,
    ),
    Rule(
        "R087.status",
        "part_order",
        "Orders that have arrived, and no others, are billed, paid or closed",
        _status,
        group=PARTS,
    ),
    Rule(
        "R087.sums",
        "part_order",
        "Quantity and amount are those of the lines",
        _sums,
        needs=("part_order_item",),
        group=PARTS,
        scope="shard",
    ),
)
