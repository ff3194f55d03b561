"""What orders for the shelves post: into stock when they arrive, paid with the supplier's bill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw


def journals(draw: Draw) -> Sequence[Journal]:
    rows = np.flatnonzero(draw["_stock"])
    amount = draw["total_amount"][rows]
    companies = draw.frames["org_profile"]
    owed_to = companies["_party_key"][draw["_supplier"][rows]]
    arrived = draw["received_date_time"][rows].astype("datetime64[ms]")
    paid = np.maximum(draw["_paid"][rows].astype("datetime64[ms]"), arrived)
    return (
        Journal(
            "PARTS_PURCHASE",
            rows,
            arrived,
            (
                Line("1350", amount, "INVENTORY", department="PARTS"),
                Line("2000", -amount, "PAYABLE", owed_to, "PARTS"),
            ),
        ),
        Journal(
            "PAYMENT",
            rows,
            paid,
            (
                Line("2000", amount, "PAYABLE", owed_to, "PARTS"),
                Line("1001", -amount, "PAYMENT"),
            ),
        ),
    )
