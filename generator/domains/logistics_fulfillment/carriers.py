"""Companies that carry parcels, and those that carry loads and cars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw

ROLE = "FLEET_SERVICES"


def carrier_rows(draw: Draw, loads: NDArray[np.bool_], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """A carrier (row of the companies) for each load or parcel; any company where the bundle has
    none."""
    companies = draw.frames["org_profile"]
    names = companies.text("legal_name").astype(str)
    carries = companies.text("org_role").astype(str) == ROLE
    heavy = np.isin(names, np.array(draw.figures["carriers_of_loads"], dtype=str))
    found = np.zeros(len(u), dtype=np.int64)
    for wanted, kind in ((loads, carries & heavy), (~loads, carries & ~heavy)):
        rows = np.flatnonzero(kind) if kind.any() else np.arange(companies.rows)
        found[wanted] = rows[(u[wanted] * len(rows)).astype(np.int64)]
    return found
