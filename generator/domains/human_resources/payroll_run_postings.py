"""What payroll posts: wages against what is owed to the staff, the states, the plans (R031)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.finance.journals import Journal, Line
from generator.domains.graph import Draw


def journals(draw: Draw) -> Sequence[Journal]:
    """One for each run, when it is posted, with the employer's own taxes and match."""
    stubs, dealers = draw.frames["payroll_stub"], draw.frames["dealer"]

    def total(column: str) -> NDArray[np.int64]:
        sums = np.bincount(stubs["_run"], weights=stubs[column], minlength=draw.n)
        found: NDArray[np.int64] = np.rint(sums).astype(np.int64)
        return found

    house = dealers["_party_key"][draw["_dealer"] - dealers.start]
    gross, net, match = (total(name) for name in ("gross_pay", "net_pay", "_match"))
    taxes, employer = total("total_taxes"), total("employer_taxes")
    withheld = total("_benefit") + total("garnishments")
    return (
        Journal(
            "PAYROLL",
            np.arange(draw.n),
            draw["_posted"],
            (
                Line("6000", gross, "PAYROLL_EARNING"),
                Line("6100", employer, "EXPENSE"),
                Line("6300", match, "EXPENSE"),
                Line("2100", -net, "PAYABLE", house),
                Line("2200", -(taxes + employer), "TAX", house),
                Line("2300", -(total("_retirement") + match), "PAYABLE", house),
                Line("2400", -withheld, "PAYABLE", house),
            ),
        ),
    )
