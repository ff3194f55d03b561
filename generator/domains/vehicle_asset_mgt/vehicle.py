"""Vehicles: identity, looks and prices.  The world decides before which car each row is
(`_specification`, dates, odometer); see ``stock``."""

from __future__ import annotations

import numpy as np

from generator.domains.keys import key_of, numbered
from generator.domains.table import Draw, Made, derived, drawn, key, link
from generator.domains.vehicle_asset_mgt.vin import vin_of

OPTIONS_INVOICE_SHARE = 92  # per cent of the options' MSRP


@key("vehicle_key")
def keys(draw: Draw) -> Made:
    return {"vehicle_key": key_of("vehicle", draw.rows)}


@link("vehicle_specification_key")
def specification(draw: Draw) -> Made:
    return {
        "vehicle_specification_key": key_of("vehicle_specification", draw["_specification"]),
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


VEHICLE_STEPS = (keys, specification, vin, colours, prices, plates)
