"""Vehicles: identity, looks and prices.  The world decides before which car each row is
(`_specification`, dates, odometer); see ``stock``."""

from __future__ import annotations

import numpy as np

from generator.domains.calendar import as_of
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.counts import Noun, limits, one
from generator.domains.graph import Declaration, Draw, Made, about_table, derived, drawn, key, link
from generator.domains.groups import renamed
from generator.domains.keys import numbered
from generator.domains.vehicle_asset_mgt.rules import VEHICLE_RULES
from generator.domains.vehicle_asset_mgt.vin import vin_of
from generator.schema import Link, Table

TABLE = Table(
    "vehicle",
    domain="vehicle_asset_mgt",
    meaning="Physical VIN, one row for life",
    key="vehicle_key",
    columns=(
        text("vehicle_key", 50, unique=True),
        text(
            "vin",
            17,
            "unique, no I/O/Q, ISO-3779 check digit, position 10 = model year, "
            "agrees with specification",
            unique=True,
            personal="vin",
        ),
        text("vehicle_specification_key", 50),
        day("production_date"),
        text("production_plant_code", 30),
        text("exterior_color_code", 10),
        text("exterior_color_name", 40),
        text("interior_color_name", 40),
        decimal("options_msrp", 12, 2),
        decimal("destination_charge", 10, 2),
        decimal("total_msrp", 12, 2, "= spec.base_msrp + options_msrp + destination_charge"),
        decimal(
            "vehicle_invoice_amount",
            12,
            2,
            "= spec.base_invoice_amount + options_invoice + destination_charge",
        ),
        enum("vehicle_status_type", "VehicleStatusTypes"),
        text("license_plate_number", 10, nullable=True, personal="licence_plate"),
        text("license_jurisdiction", 2, nullable=True),
        integer("odometer", "latest reading, miles"),
        day("original_sold_date", "first retail sale = warranty in-service date", nullable=True),
    ),
    links=(
        Link(
            "vehicle_specification_key",
            "vehicle_specification",
            "vehicle_specification_key",
            "parent",
        ),
    ),
)


FIRST_SALE = np.timedelta64(60, "D")  # from production to the first owner of a used car
VEHICLE_STATUS = {
    "SOLD": "SOLD",
    "AVAILABLE": "IN_STOCK",
    "RESERVED": "RESERVED",
    "IN_TRANSIT": "IN_RECEIVING",
}
OPTIONS_INVOICE_SHARE = 92  # per cent of the options' MSRP


@derived(
    "production_date",
    "odometer",
    "original_sold_date",
    "vehicle_status_type",
    "_specification",
    "_first_stint",
    "_last_stint",
    "_sold",
)
def _life(draw: Draw) -> Made:
    """Which car it is, from its stay in stock: made, first sold, driven until the as-of day."""
    stock = draw.frames["inventory_vehicle"]
    sold, new = stock["_sold"], stock["_new"]
    delivered = stock["delivered_date_time"].astype("datetime64[D]")
    today = as_of(draw).astype("datetime64[D]")
    days = np.where(sold, (today - delivered).astype(np.int64), 0)
    yearly = draw.figures["annual_miles_car"]["1"]
    spread = np.exp(draw.figures["mileage_spread"] * (draw.u("driven") - 0.5))
    few = np.where(sold, 1, 0) + np.floor(6 * draw.u("lot_miles")).astype(np.int64)
    first = np.where(new, delivered, stock["_produced"] + FIRST_SALE)
    status = stock["inventory_status_type"]
    return {
        "production_date": stock["_produced"],
        "odometer": stock["odometer_at_stock"]
        + (days * yearly / 365.25 * spread).astype(int)
        + few,
        "original_sold_date": (first, new & ~sold),
        "vehicle_status_type": renamed(status, VEHICLE_STATUS),
        "_specification": stock["_specification"],
        "_first_stint": np.arange(draw.n),
        "_last_stint": np.arange(draw.n),
        "_sold": sold,
    }


@key("vehicle_key")
def keys(draw: Draw) -> Made:
    return {"vehicle_key": draw.key("vehicle", draw.rows)}


@link("vehicle_specification_key", "_vehicle_specification_key")
def specification(draw: Draw) -> Made:
    return {
        "vehicle_specification_key": draw.key("vehicle_specification", draw["_specification"]),
        "_vehicle_specification_key": draw["_specification"],
    }


@derived("vin", "production_plant_code")
def vin(draw: Draw) -> Made:
    """The plant's code is the maker's part of the VIN and its letter of the plant."""
    catalogue, at = draw.frames["vehicle_specification"], draw["_specification"]
    wmi = catalogue.text("vin_wmi")[at].astype("S3")
    vds = catalogue["vin_vds"][at]
    vins = vin_of(wmi, vds, catalogue["model_year"][at], draw.rows)
    plant = np.ascontiguousarray(vins.view("S1").reshape(-1, 17)[:, 10])
    return {"vin": vins, "production_plant_code": np.char.add(wmi, plant)}


@drawn("exterior_color_code", "exterior_color_name", "interior_color_name")
def colours(draw: Draw) -> Made:
    outside = draw.leaf("vehicle.exterior_color_name")
    codes = tuple(label[:3].upper() for label in outside.labels)
    return {
        "exterior_color_name": outside,
        "exterior_color_code": type(outside)(outside.codes, codes),
        "interior_color_name": draw.leaf("vehicle.interior_color_name"),
    }


@drawn("options_msrp", "destination_charge", "total_msrp", "vehicle_invoice_amount")
def prices(draw: Draw) -> Made:
    catalogue, at = draw.frames["vehicle_specification"], draw["_specification"]
    options = np.rint(draw.leaf("vehicle.options_msrp") / 5).astype(np.int64) * 500
    charge = draw.figures["destination_charge"]
    category = catalogue.text("vehicle_category_type")[at].astype(str)
    truck, suv = category == "PICKUP", catalogue["_light_truck"][at]
    dollars = np.where(truck, charge["truck"], np.where(suv, charge["suv"], charge["car"]))
    destination = dollars.astype(np.int64) * 100
    return {
        "options_msrp": options,
        "destination_charge": destination,
        "total_msrp": catalogue["base_msrp"][at] + options + destination,
        "vehicle_invoice_amount": catalogue["base_invoice_amount"][at]
        + options * OPTIONS_INVOICE_SHARE // 100
        + destination,
    }


@derived("license_plate_number", "license_jurisdiction")
def plates(draw: Draw) -> Made:
    """Sold cars carry a plate of the dealer's state."""
    dealers = draw.frames["dealer"]
    state = dealers.text("state")[draw["_dealer"] - dealers.start]
    bare = draw.frame.missing("original_sold_date")
    letters = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZ"))
    head = letters[draw.rows * 7 % 23].astype("S1")
    middle = letters[draw.rows * 13 // 23 % 23].astype("S1")
    plate = np.char.add(np.char.add(head, middle), numbered("", draw.rows % 1_000_000, 6))
    return {"license_plate_number": (plate, bare), "license_jurisdiction": (state, bare)}


COUNT = one(
    "inventory_vehicle",
    Noun("vehicle", "vehicles"),
    why="one for every stay in stock",
    rule="Each stay in stock is of a car of its own",
    back=limits(0.75),
)


VEHICLE = Declaration(
    TABLE,
    prefix="VE",
    count=COUNT,
    makers=(_life, keys, specification, vin, colours, prices, plates),
    rules=about_table(TABLE, VEHICLE_RULES),
)
