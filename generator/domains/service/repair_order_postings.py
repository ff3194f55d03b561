"""What repair orders post beside the customer's bill: the parts that the maker or the house pays
for, and those that no shelf had, bought in the town."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw

Ints = NDArray[np.int64]


def journals(draw: Draw) -> Sequence[Journal]:
    """When the order is closed; parts a customer pays for leave the stock with the bill."""
    issued, lines = draw.frames["repair_order_part"], draw.frames["repair_order_line"]
    order = lines["_order"][issued["_line"]]
    cost = issued["unit_cost"] * issued["quantity"]
    billed = lines["_pay"][issued["_line"]] == "CUSTOMER_PAY"
    others, bought = (
        np.bincount(order[some], weights=cost[some], minlength=draw.n).astype(np.int64)
        for some in (~billed, _bought_in(draw))
    )
    rows, closed = np.arange(draw.n), draw["closed_date_time"]
    return (
        Journal(
            "PARTS_ISSUED",
            rows,
            closed,
            (
                Line("5150", others, "COST_OF_SALE", department="PARTS"),
                Line("1350", -others, "INVENTORY", department="PARTS"),
            ),
        ),
        Journal(
            "PARTS_PURCHASE",
            rows,
            closed,
            (
                Line("1350", bought, "INVENTORY", department="PARTS"),
                Line("1001", -bought, "PAYMENT"),
            ),
        ),
    )


def _bought_in(draw: Draw) -> NDArray[np.bool_]:
    """Parts that their dealer does not stock and did not order for a job."""
    issued, shelves = draw.frames["repair_order_part"], draw.frames["part_inventory"]
    items, parts = draw.frames["part_order_item"], draw.frames["part_master"].rows
    ordered = items["_special"] >= 0
    known = np.concatenate(
        [
            shelves["_dealer"] * parts + shelves["_part"],
            (items["_dealer"] * parts + items["_special"])[ordered],
        ]
    )
    return ~np.isin(issued["_dealer"] * parts + issued["_part"], known)
