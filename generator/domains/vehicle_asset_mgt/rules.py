"""Rules of the catalogue, of vehicles and of stock (R002, R009, R032–R039)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.vehicle_asset_mgt.vin import is_valid, year_letter
from generator.rules import Rule
from generator.tables import Tables

Truth = NDArray[np.bool_]
GROUP = "VINs, money, dates, codes"
_SPEC = "vehicle_specification_key"


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


SPECIFICATION_RULES = (
    Rule("R033.1", "vehicle_specification", "Fuel, engine and cylinders fit the powertrain.", _powertrain, ("vehicle_specification",), GROUP),
    Rule("R033.2", "vehicle_specification", "Only trucks have a kind of cab.", _cab, ("vehicle_specification",), GROUP),
    Rule("R034.2", "vehicle_specification", "The invoice is 90 to 97 % of the MSRP.", _invoice_share, ("vehicle_specification",), GROUP),
)  # fmt: skip

VEHICLE_RULES = (
    Rule("R002.1", "vehicle", "A VIN has 17 allowed characters and the right check digit.", _vin, ("vehicle",), GROUP),
    Rule("R032.1", "vehicle", "A VIN agrees with maker, model and model year.", _vin_agrees, ("vehicle", "vehicle_specification"), GROUP),
    Rule("R032.2", "vehicle", "A car is produced in its model year or the year before.", _produced, ("vehicle", "vehicle_specification"), GROUP),
    Rule("R032.3", "vehicle", "The plant's code is the maker's part of the VIN and its eleventh character.", _plant, ("vehicle",), GROUP),
    Rule("R034.1", "vehicle", "Total MSRP is base, options and destination; the invoice is below it.", _msrp, ("vehicle", "vehicle_specification"), GROUP),
)  # fmt: skip


STOCK = "inventory_vehicle"


def _stay_order(tables: Tables) -> Truth:
    stocked = tables.values(STOCK, "stock_date_time")
    delivered = tables.values(STOCK, "delivered_date_time")
    produced = tables.values(STOCK, "vehicle_key.production_date").astype("datetime64[ms]")
    away = tables.missing(STOCK, "stock_date_time")
    kept = tables.missing(STOCK, "delivered_date_time")
    return np.asarray((away | (produced <= stocked)) & (kept | (stocked <= delivered)))


def _no_overlap(tables: Tables) -> Truth:
    """Stays of one car, ordered by their beginning, end before the next one begins."""
    car = tables.row_of(STOCK, "vehicle_key")
    begin = tables.values(STOCK, "stock_date_time").astype("i8")
    open_ = tables.missing(STOCK, "delivered_date_time")
    end = np.where(
        open_, np.iinfo(np.int64).max, tables.values(STOCK, "delivered_date_time").astype("i8")
    )
    order = np.lexsort((begin, car))
    obeys = np.ones(len(car), dtype=bool)
    same = (car[order][1:] == car[order][:-1]) & (car[order][1:] >= 0)
    obeys[order[1:]] = ~same | (end[order][:-1] <= begin[order][1:])
    return obeys


def _fresh(tables: Tables) -> Truth:
    certified = tables.is_one_of(STOCK, "product_state_type", "CERTIFIED")
    preowned = tables.is_one_of(STOCK, "condition_type", "CERTIFIED_PREOWNED")
    alike = tables.same(STOCK, "condition_type", "product_state_type")
    agrees = np.where(certified, preowned, alike)
    new = tables.is_one_of(STOCK, "product_state_type", "NEW")
    miles = tables.values(STOCK, "odometer_at_stock")
    stocked = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    produced = tables.values(STOCK, "vehicle_key.production_date")
    half_year = (stocked - produced).astype(np.int64) >= 182
    return np.asarray(
        agrees & np.where(new, miles < 300, half_year | tables.missing(STOCK, "stock_date_time"))
    )


def _source(tables: Tables) -> Truth:
    new = tables.is_one_of(STOCK, "product_state_type", "NEW")
    factory = tables.is_one_of(STOCK, "acquisition_source", "FACTORY")
    return np.asarray((new == factory) & (new == ~tables.missing(STOCK, "on_order_date")))


def _on_the_way(tables: Tables) -> Truth:
    away = tables.is_one_of(STOCK, "inventory_status_type", "IN_TRANSIT")
    return np.asarray(away == tables.missing(STOCK, "stock_date_time"))


def _days(tables: Tables) -> Truth:
    came = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    left = tables.values(STOCK, "delivered_date_time").astype("datetime64[D]")
    right = tables.values(STOCK, "inventory_days") == (left - came).astype(np.int64)
    return np.asarray(right | tables.missing(STOCK, "delivered_date_time"))


def _ordered(tables: Tables) -> Truth:
    ordered = tables.values(STOCK, "on_order_date")
    came = tables.values(STOCK, "stock_date_time").astype("datetime64[D]")
    open_ = tables.missing(STOCK, "on_order_date") | tables.missing(STOCK, "stock_date_time")
    return np.asarray((ordered <= came) | open_)


def _sold(tables: Tables) -> Truth:
    sold = tables.is_one_of(STOCK, "inventory_status_type", "SOLD")
    return np.asarray(sold == ~tables.missing(STOCK, "delivered_date_time"))


def _odometer(tables: Tables) -> Truth:
    latest = tables.values(STOCK, "vehicle_key.odometer")
    return np.asarray(tables.values(STOCK, "odometer_at_stock") <= latest)


def _stock_numbers(tables: Tables) -> Truth:
    import pandas as pd  # most of a second that planning need not wait for

    pair = pd.DataFrame(
        {
            column: tables.fingerprints(STOCK, column).mixed()
            for column in ("dealer_key", "stock_number")
        }
    )
    return np.asarray(~pair.duplicated(keep=False))


STOCK_RULES = (
    Rule(
        "R035.1",
        STOCK,
        "A car is produced, comes into stock and is delivered in this order.",
        _stay_order,
        (STOCK, "vehicle"),
        "Cars and stock",
    ),
    Rule(
        "R036.1",
        STOCK,
        "Stays of one car do not overlap.",
        _no_overlap,
        (STOCK, "vehicle"),
        "Cars and stock",
        scope="shard",
    ),
    Rule(
        "R037.1",
        STOCK,
        "New cars have few miles, used ones are half a year old; the condition says the same.",
        _fresh,
        (STOCK, "vehicle"),
        "Cars and stock",
    ),
    Rule(
        "R037.2",
        STOCK,
        "New cars are ordered from the factory, used ones come from elsewhere.",
        _source,
        (STOCK,),
        "Cars and stock",
    ),
    Rule(
        "R035.3",
        STOCK,
        "A car is ordered before it comes into stock.",
        _ordered,
        (STOCK,),
        "Cars and stock",
    ),
    Rule(
        "R035.4",
        STOCK,
        "Days in stock run from stock to delivery.",
        _days,
        (STOCK,),
        "Cars and stock",
    ),
    Rule(
        "R038.3",
        STOCK,
        "A car on the way is not in stock yet, every other one is.",
        _on_the_way,
        (STOCK,),
        "Cars and stock",
    ),
    Rule(
        "R038.1",
        STOCK,
        "A car is sold exactly when it was delivered.",
        _sold,
        (STOCK,),
        "Cars and stock",
    ),
    Rule(
        "R039.4",
        STOCK,
        "An odometer does not run back after stock.",
        _odometer,
        (STOCK, "vehicle"),
        "Cars and stock",
    ),
    Rule(
        "R009.1",
        STOCK,
        "Stock numbers are unique at a dealer.",
        _stock_numbers,
        (STOCK,),
        "Cars and stock",
        scope="shard",
    ),
)
