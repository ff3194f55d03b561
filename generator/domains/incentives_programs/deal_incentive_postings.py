"""What incentives post: owed by the company behind the programme, or given by the dealer, against
what the buyer owes; the money when it comes, and what is cut off it (domain-model 2.21)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw


def journals(draw: Draw) -> Sequence[Journal]:
    """Posted with the deal's invoice; a reversed deal has none."""
    deals, at = draw.frames["deal"], draw["_deal"]
    rows = np.flatnonzero(deals["_posted"][at])
    deal, given = at[rows], draw["rebate_amount"][rows]
    customers = draw.frames["customer"]
    buyer = customers["_party_key"][deals["_customer_key"][deal] - customers.start]
    dealers = draw.frames["dealer"]
    house = dealers["_party_key"][draw["_dealer"][rows] - dealers.start]
    own = draw["_payer"][rows] == house
    posted = deals["post_date_time"][deal]
    paid = np.maximum(draw["reimbursed_date"][rows].astype("datetime64[ms]"), posted)
    got = np.where(own, 0, draw["reimbursed_amount"][rows])
    cut = np.where(own, 0, given - got)
    return (
        Journal(
            "INCENTIVE",
            rows,
            posted,
            (
                Line("1280", np.where(own, 0, given), "INCENTIVE", draw["_payer"][rows], "SALES"),
                Line("6800", np.where(own, given, 0), "DISCOUNT", department="SALES"),
                Line("1200", -given, "RECEIVABLE", buyer, "SALES"),
            ),
        ),
        Journal(
            "INCENTIVE",
            rows,
            paid,
            (
                Line("1001", got, "PAYMENT"),
                Line("6800", cut, "DISCOUNT", department="SALES"),
                Line("1280", -(got + cut), "INCENTIVE", draw["_payer"][rows], "SALES"),
            ),
        ),
    )
