"""Whether people were of age when they acted (R012)."""

from __future__ import annotations

import numpy as np

from generator.rules import Check, Truth
from generator.tables import Tables


def adult(table: str, day: str) -> Check:
    def check(tables: Tables) -> Truth:
        born = tables.values(table, "party_key.birth_date")
        acted = tables.values(table, day).astype("datetime64[D]")
        years = (acted - born).astype(np.int64) / 365.2425
        return np.asarray((years >= 18) | tables.missing(table, "party_key.birth_date"))

    return check
