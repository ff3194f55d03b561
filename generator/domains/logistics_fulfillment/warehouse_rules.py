"""What must hold for warehouses."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import LOGISTICS
from generator.rules import Rule, Truth
from generator.tables import Tables


def _of_a_company(tables: Tables) -> Truth:
    """A warehouse belongs to an organisation."""
    return np.asarray(tables.values("warehouse", "party_key.org_indicator").astype(bool))


def _lot(tables: Tables) -> Truth:
    own = tables.same("inventory_vehicle", "warehouse_key.party_key", "dealer_key.party_key")
    return np.asarray(own | tables.missing("inventory_vehicle", "warehouse_key"))


def _store(tables: Tables) -> Truth:
    own = tables.same("part_inventory", "warehouse_key.party_key", "dealer_key.party_key")
    return np.asarray(own | tables.missing("part_inventory", "warehouse_key"))


RULES = (
    Rule(
        "R098.lot",
        "inventory_vehicle",
        "A car in stock stands on a lot of its dealer",
        _lot,
        needs=("warehouse", "dealer"),
        group=LOGISTICS,
    ),
    Rule(
        "R086.store",
        "part_inventory",
        "Parts are kept in a store of their dealer",
        _store,
        needs=("warehouse", "dealer"),
        group=LOGISTICS,
    ),
    Rule(
        "R010.warehouse",
        "warehouse",
        "A warehouse belongs to an organisation",
        _of_a_company,
        needs=("party",),
        group=LOGISTICS,
    ),
)
