"""What must hold for warehouses."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LOGISTICS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _of_a_company(tables: Tables) -> Truth:
    """A warehouse belongs to an organisation."""
    return np.asarray(tables.values("warehouse", "party_key.org_indicator").astype(bool))


RULES = (
    Rule(
        "R010.warehouse",
        "warehouse",
        "A warehouse belongs to an organisation",
        _of_a_company,
        needs=("party",),
        group=LOGISTICS,
    ),
)
