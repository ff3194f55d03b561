"""What must hold for parts issued to jobs (R081, R085, R108)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import PARTS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _extended(tables: Tables) -> Truth:
    quantity, price, total = (
        tables.values("repair_order_part", column)
        for column in ("quantity", "unit_price", "extended_amount")
    )
    return np.asarray((total == quantity * price) & (quantity >= 1))


def _listed(tables: Tables) -> Truth:
    """What the customer pays for is sold at the list price in force when it was issued."""
    part = tables.row_of("repair_order_part", "part_master_key")
    issued = _ms(tables.values("repair_order_part", "issued_date_time"))
    owner = tables.row_of("price_list_item", "part_master_key")
    start = _ms(tables.values("price_list_item", "start_date_time"))
    amount = tables.values("price_list_item", "price_amount")
    listed = tables.is_one_of("price_list_item", "price_type", "LIST")
    rows = np.flatnonzero(listed)
    rows = rows[np.lexsort((start[rows], owner[rows]))]
    reach = np.int64(1) << 43
    place = np.searchsorted(owner[rows] * reach + start[rows], part * reach + issued, "right") - 1
    at = np.append(rows, -1)[place]
    known = (place >= 0) & (np.append(owner, -1)[at] == part)
    price = np.append(amount, 0)[at]
    paid = tables.is_one_of("repair_order_part", "repair_order_line_key.pay_type", "CUSTOMER_PAY")
    right = known & (price == tables.values("repair_order_part", "unit_price"))
    return np.asarray(right | ~paid | (part < 0))


def _summed(tables: Tables) -> Truth:
    line = tables.row_of("repair_order_part", "repair_order_line_key")
    amount = tables.values("repair_order_part", "extended_amount")
    known = line >= 0
    summed = np.zeros(tables.rows("repair_order_line"), dtype=np.int64)
    np.add.at(summed, line[known], amount[known])
    done = tables.is_one_of("repair_order_line", "repair_line_status_type", "CLOSED", "COMPLETED")
    parts = tables.values("repair_order_line", "parts_amount")
    # What is still worked on may have parts that are not issued yet.
    return np.asarray((parts == summed) | (~done & (summed <= parts)))


def _ms(moments: np.ndarray) -> np.ndarray:
    return np.asarray(moments.astype("datetime64[ms]").astype(np.int64))


RULES = (
    Rule(
        "R081.parts",
        "repair_order_line",
        "The parts of a line are those issued to it",
        _summed,
        needs=("repair_order_part",),
        group=PARTS,
        scope="shard",
    ),
    Rule(
        "R081.part",
        "repair_order_part",
        "extended_amount = quantity * unit_price",
        _extended,
        group=PARTS,
    ),
    Rule(
        "R108.issued",
        "repair_order_part",
        "Customers pay the list price in force when a part is issued",
        _listed,
        needs=("repair_order_line", "part_master", "price_list_item"),
        group=PARTS,
    ),
)
