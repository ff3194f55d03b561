"""Who lends dealers the money for the cars in their stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Frames

Ints = NDArray[np.int64]


def lender_parties(frames: Frames) -> Ints:
    """The party that finances each dealer's stock, shape (dealers,): the lender of its maker, else
    one of the banks, else any company there is."""
    dealers, companies = frames["dealer"], frames["org_profile"]
    kind = companies.text("_lender_kind").astype(str)
    make = companies.text("_make").astype(str)
    banks = np.flatnonzero(kind == "bank")
    banks = banks if len(banks) else np.arange(companies.rows)
    found = banks[np.arange(dealers.start, dealers.start + dealers.rows) % len(banks)]
    own = dealers.text("primary_make").astype(str)
    for row in np.flatnonzero(kind == "captive"):
        found[own == make[row]] = row
    return np.asarray(companies["_party_key"][found])
