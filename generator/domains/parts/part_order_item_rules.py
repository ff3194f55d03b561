"""What must hold for lines of parts orders (R087, R088)."""

from __future__ import annotations

import numpy as np

from generator.domains.groups import place_in_group
from generator.domains.headings import PARTS
from generator.rules import Rule, Truth
from generator.tables import Tables

REPLACED = ("PRELIMINARY_SUPERSESSION", "FINAL_SUPERSESSION", "PHASED_OUT")
STOCK = ("PURCHASE", "RUSH", "BACK_ORDER")


def _line(tables: Tables) -> Truth:
    quantity, short, price, total = (
        tables.values("part_order_item", column)
        for column in ("total_quantity", "backordered_quantity", "unit_price", "total_price")
    )
    received = (short >= 0) & (short <= quantity)  # what comes is no more than was ordered
    return np.asarray((total == quantity * price) & (quantity >= 1) & received)


def _numbers(tables: Tables) -> Truth:
    number = tables.values("part_order_item", "line_number")
    order = tables.row_of("part_order_item", "part_order_key")
    sequence = np.lexsort((number, order))
    expected = np.empty(len(number), dtype=np.int64)
    expected[sequence] = place_in_group(order[sequence]) + 1
    return np.asarray((number == expected) | (order < 0))


def _not_replaced(tables: Tables) -> Truth:
    stock = tables.is_one_of("part_order_item", "part_order_key.order_type", *STOCK)
    gone = tables.is_one_of("part_order_item", "part_master_key.product_stage_type", *REPLACED)
    return np.asarray(~(stock & gone))


RULES = (
    Rule(
        "R087.line",
        "part_order_item",
        "total_price = quantity * unit_price; no more is received than was ordered",
        _line,
        group=PARTS,
    ),
    Rule(
        "R087.number",
        "part_order_item",
        "line_number runs from 1 without gaps in every order",
        _numbers,
        needs=("part_order",),
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R088.orders",
        "part_order_item",
        "Parts that were replaced are not ordered for stock any more",
        _not_replaced,
        needs=("part_order", "part_master"),
        group=PARTS,
    ),
)
