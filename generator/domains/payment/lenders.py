"""Which lender takes an application."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw
from generator.domains.groups import evened
from generator.frame import Coded


def lender_of(
    draw: Draw,
    *,
    state: NDArray[np.object_],
    make: NDArray[np.object_],
    last: NDArray[Any],
) -> NDArray[np.int64]:
    """Row of ``org_profile`` for each row of the frame, shape (n,).

    The kind of lender follows the published shares of NEW and USED financing, met evenly; rows
    with a smaller ``last`` come first in a cell and so go to the first kind, the captives (leases
    do).  A captive takes only its own make; where the make has none, a bank takes the row.
    """
    kind = draw.leaf(
        "credit_application.lender_kind", by=(state,), u=evened(draw.u("lender_kind"), state, last)
    )
    orgs = draw.frames["org_profile"]
    have = orgs.text("_lender_kind").astype(str)
    own = text_of(orgs["_make"]).astype(str)
    u = draw.u("lender")
    chosen = np.full(draw.n, -1, dtype=np.int64)
    wanted = kind.text().astype(str)
    for name in np.unique(make[wanted == "captive"].astype(str)):
        _choose(
            chosen, u, (wanted == "captive") & (make == name), (have == "captive") & (own == name)
        )
    for name in ("bank", "credit_union", "other"):
        _choose(chosen, u, (wanted == name) & (chosen < 0), have == name)
    _choose(chosen, u, chosen < 0, have == "bank")
    _choose(chosen, u, chosen < 0, have != "")
    return chosen


def _choose(
    chosen: NDArray[np.int64],
    u: NDArray[np.float64],
    rows: NDArray[np.bool_],
    lenders: NDArray[np.bool_],
) -> None:
    """Give ``rows`` one of ``lenders`` each, all alike; leave them when there is none."""
    found = np.flatnonzero(lenders)
    if len(found):
        chosen[rows] = found[(u[rows] * len(found)).astype(np.int64)]


def text_of(values: Any) -> NDArray[np.object_]:
    """Text of a working column, whatever it was set as."""
    return values.text() if isinstance(values, Coded) else np.asarray(values, dtype=object)
