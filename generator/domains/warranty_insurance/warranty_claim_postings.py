"""What claims post: owed by whoever covers the car once approved, paid when it pays (2.21)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw


def journals(draw: Draw) -> Sequence[Journal]:
    """The approved amount, labour first as far as it was claimed, the rest for parts."""
    approved = draw["_approved"].astype(np.int64)
    labor = np.minimum(approved, draw["labor_claim_amount"])
    owes = draw["_payer"]
    paid = np.flatnonzero(~draw.frame.missing("paid_date_time"))
    every = np.arange(draw.n)
    return (
        Journal(
            "WARRANTY",
            every,
            draw["adjudicated_date_time"],
            (
                Line("1260", approved, "RECEIVABLE", owes, "SERVICE"),
                Line("4180", -labor, "SERVICE", department="SERVICE"),
                Line("4150", labor - approved, "SALE", department="PARTS"),
            ),
        ),
        Journal(
            "WARRANTY",
            paid,
            draw["paid_date_time"][paid],
            (
                Line("1001", approved[paid], "PAYMENT"),
                Line("1260", -approved[paid], "RECEIVABLE", owes[paid], "SERVICE"),
            ),
        ),
    )
