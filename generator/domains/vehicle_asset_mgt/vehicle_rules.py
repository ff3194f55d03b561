"""What must hold for vehicles: their VIN, plant and price (R002, R032, R034)."""

from __future__ import annotations

import numpy as np

from generator.domains.headings import CODES
from generator.domains.vehicle_asset_mgt.vin import is_valid, year_letter
from generator.rules import Rule, Truth
from generator.tables import Tables

_SPEC = "vehicle_specification_key"


def _vin(tables: Tables) -> Truth:
    return is_valid(tables.values("vehicle", "vin"))


def _vin_agrees(tables: Tables) -> Truth:
    vins = tables.values("vehicle", "vin").astype("U17")
    wmi = tables.values("vehicle", f"{_SPEC}.vin_wmi").astype("U3")
    vds = tables.values("vehicle", f"{_SPEC}.vin_vds").astype("U5")
    year = year_letter(tables.values("vehicle", f"{_SPEC}.model_year")).astype("U1")
    parts = vins.view("U1").reshape(-1, 17) if len(vins) else np.zeros((0, 17), "U1")
    tenth = parts[:, 9]
    head = np.char.add(wmi, vds)
    return np.asarray(np.char.startswith(vins, head) & (tenth == year))


def _plant(tables: Tables) -> Truth:
    vins = tables.values("vehicle", "vin").astype("U17")
    head = vins.astype("U3").astype(object)
    eleventh = np.array([vin[10:11] for vin in vins.tolist()], dtype=object)
    return np.asarray(tables.values("vehicle", "production_plant_code") == head + eleventh)


def _produced(tables: Tables) -> Truth:
    produced = (
        tables.values("vehicle", "production_date").astype("datetime64[Y]").astype(int) + 1970
    )
    year = tables.values("vehicle", f"{_SPEC}.model_year")
    return np.asarray((produced == year) | (produced == year - 1))


def _msrp(tables: Tables) -> Truth:
    base = tables.values("vehicle", f"{_SPEC}.base_msrp")
    parts = tables.values("vehicle", "options_msrp") + tables.values(
        "vehicle", "destination_charge"
    )
    total = tables.values("vehicle", "total_msrp")
    return np.asarray(
        (total == base + parts) & (tables.values("vehicle", "vehicle_invoice_amount") < total)
    )


RULES = (
    Rule(
        "R002.1",
        "vehicle",
        "A VIN has 17 allowed characters and the right check digit.",
        _vin,
        group=CODES,
    ),
    Rule(
        "R032.1",
        "vehicle",
        "A VIN agrees with maker, model and model year.",
        _vin_agrees,
        needs=("vehicle_specification",),
        group=CODES,
    ),
    Rule(
        "R032.2",
        "vehicle",
        "A car is produced in its model year or the year before.",
        _produced,
        needs=("vehicle_specification",),
        group=CODES,
    ),
    Rule(
        "R032.3",
        "vehicle",
        "The plant's code is the maker's part of the VIN and its eleventh character.",
        _plant,
        group=CODES,
    ),
    Rule(
        "R034.1",
        "vehicle",
        "Total MSRP is base, options and destination; the invoice is below it.",
        _msrp,
        needs=("vehicle_specification",),
        group=CODES,
    ),
)
