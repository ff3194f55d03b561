"""What must hold for the catalogue (R033, R034)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CODES
from generator.rules import Rule, Truth
from generator.tables import Tables


def _powertrain(tables: Tables) -> Truth:
    table = "vehicle_specification"
    electric = tables.is_one_of(table, "power_train_type", "BEV")
    fuel = tables.is_one_of(table, "fuel_type", "ELECTRIC")
    engine = tables.is_one_of(table, "engine_type", "ELECTRIC")
    bare = tables.missing(table, "cylinder_count")
    return np.asarray((electric == fuel) & (electric == engine) & (electric == bare))


def _cab(tables: Tables) -> Truth:
    table = "vehicle_specification"
    truck = tables.is_one_of(
        table, "vehicle_category_type", "PICKUP", "WORK_TRUCK", "HEAVY_DUTY_TRUCK"
    )
    return truck | tables.missing(table, "cab_type")


def _invoice_share(tables: Tables) -> Truth:
    msrp = tables.values("vehicle_specification", "base_msrp")
    share = tables.values("vehicle_specification", "base_invoice_amount") / np.maximum(msrp, 1)
    return np.asarray((share >= 0.9) & (share <= 0.97))


RULES = (
    Rule(
        "R033.1",
        "vehicle_specification",
        "Fuel, engine and cylinders fit the powertrain.",
        _powertrain,
        group=CODES,
    ),
    Rule("R033.2", "vehicle_specification", "Only trucks have a kind of cab.", _cab, group=CODES),
    Rule(
        "R034.2",
        "vehicle_specification",
        "The invoice is 90 to 97 % of the MSRP.",
        _invoice_share,
        group=CODES,
    ),
)
