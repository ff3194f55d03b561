"""Vehicles: identity, looks and prices.  The world decides before which car each row is
(`_specification`, dates, odometer); see ``stock``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, horizon
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.counts import Given, Noun, free, limits, rest_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import ranks, renamed
from generator.domains.keys import numbered
from generator.domains.lives import NOBODY, Track
from generator.domains.vehicle_asset_mgt.miles import usual_miles
from generator.domains.vehicle_asset_mgt.vehicle_rules import RULES
from generator.domains.vehicle_asset_mgt.vin import vin_of
from generator.domains.vehicle_asset_mgt.visitor import FIRST_SALE, visitors
from generator.domains.vehicle_asset_mgt.visitor import MAKERS as VISITOR
from generator.frame import Coded
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


YOUNGEST_USED = 190  # days between production and stock of a used car
PLATE_STEP = 13  # prime to the number of letters
VIN_LENGTH = 17
LEAST_MILES = 900  # of a used car
NEVER = np.datetime64("NaT", "ms")
VISITING = "VISITING"  # of cars that were never in stock
VEHICLE_STATUS = {
    "SOLD": "SOLD",
    "AVAILABLE": "IN_STOCK",
    "RESERVED": "RESERVED",
    "IN_TRANSIT": "IN_RECEIVING",
}


@derived("_first_stay", "_last_stay")
def _stays_in_order(draw: Draw) -> Made:
    """The first and the last of each car's stays in stock, as local rows; -1 for visitors."""
    stays = draw.frames["inventory_vehicle"]
    car = stays["_vehicle_key"] - draw.frame.start
    order = np.lexsort((stays["_stocked"], car))
    first, last = np.full(draw.n, -1), np.full(draw.n, -1)
    first[car[order][::-1]], last[car[order]] = order[::-1], order
    return {"_first_stay": first, "_last_stay": last}


@derived(
    "production_date",
    "original_sold_date",
    "vehicle_status_type",
    "_specification",
    "_sold",
)
def _identity(draw: Draw) -> Made:
    """Which car it is, when it was made and first sold, and what has become of it."""
    stays, first, last = draw.frames["inventory_vehicle"], draw["_first_stay"], draw["_last_stay"]
    specification = _of(stays["_specification"], first, draw["_visitor_specification"])
    produced = _production(
        draw, first, draw.frames["vehicle_specification"]["model_year"][specification]
    )
    new, sold = _of(stays["_new"], first, False), _of(stays["_sold"], first, True)
    delivered = _of(stays["delivered_date_time"], first, NEVER).astype("datetime64[D]")
    status = stays["inventory_status_type"]
    codes = _of(status.codes, last, len(status.labels)).astype(np.int32)
    return {
        "production_date": produced,
        "original_sold_date": (np.where(new, delivered, produced + FIRST_SALE), new & ~sold),
        "vehicle_status_type": renamed(
            Coded(codes, (*status.labels, VISITING)), {**VEHICLE_STATUS, VISITING: "SOLD"}
        ),
        "_specification": specification,
        "_sold": _of(stays["_sold"], last, True),
    }


def _of(values: NDArray[Any], stay: NDArray[np.int64], visitor: Any) -> NDArray[Any]:
    """What the stay of each car says, and for cars without one what is said of visitors."""
    if not len(values):
        return np.broadcast_to(np.asarray(visitor), stay.shape).copy()
    return np.where(stay >= 0, values[np.maximum(stay, 0)], visitor)


def _production(draw: Draw, stay: NDArray[np.int64], year: NDArray[np.int64]) -> NDArray[Any]:
    """New cars leave the factory before their transit, used ones in the year before their model
    year or in it; always from 1 January before the model year to its end, and first stay
    in stock."""
    stays = draw.frames["inventory_vehicle"]
    stocked = _of(stays["_stocked"], stay, NEVER).astype("datetime64[D]")
    new = stocked - _of(stays["_transit"], stay, 0) * DAY
    january = (year - 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    made = draw.leaf("day_of_production", stream="production").astype(np.int64)
    used = january + made * DAY
    used = np.minimum(used, stocked - YOUNGEST_USED * DAY)
    december = january + (2 * 365 - 1) * DAY
    wanted = np.where(_of(stays["_new"], stay, False), new, used)
    day: NDArray[Any] = np.clip(wanted, january, december)
    return np.asarray(np.where(stay >= 0, day, draw["_visitor_made"]))


@derived("_stay", "_owner")
def _whereabouts(draw: Draw) -> Made:
    """Tracks of the stay in stock a car is in (its row number), and of the party it belongs to:
    the dealer while it is in stock, then who bought it."""
    stays, dealers = draw.frames["inventory_vehicle"], draw.frames["dealer"]
    car = stays["_vehicle_key"] - draw.frame.start
    here = np.flatnonzero(~stays.missing("stock_date_time"))
    gone = np.flatnonzero(stays["_sold"])
    dealer = dealers["_party_key"][stays["_dealer"] - dealers.start]
    made = (np.arange(draw.n), draw["production_date"], np.full(draw.n, NOBODY))
    came, left = stays["stock_date_time"][here], stays["delivered_date_time"][gone]
    return {
        "_stay": Track.of(
            draw.n,
            made,
            (car[here], came, here + stays.start),
            (car[gone], left, np.full(len(gone), NOBODY)),
        ),
        "_owner": Track.of(
            draw.n,
            made,
            (car[here], came, dealer[here]),
            (car[gone], left, _buyers(draw, gone)),
            _visitors(draw),
        ),
    }


def _visitors(draw: Draw) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64]]:
    """Visitors, since when they have their owner, and the owner's party."""
    rows, customers = np.flatnonzero(draw["_visitor"]), draw.frames["customer"]
    owner = draw["_visitor_customer"][rows] - customers.start
    return rows, draw["_bought"][rows], customers["_party_key"][owner]


def _buyers(draw: Draw, stays: NDArray[np.int64]) -> NDArray[np.int64]:
    """The parties that bought the cars of these stays (local rows)."""
    if not len(stays):
        return stays
    deals, customers = draw.frames["deal"], draw.frames["customer"]
    deal = draw.frames["inventory_vehicle"]["_deal"][stays]
    customer = deals["_customer_key"][deal] - customers.start
    return np.asarray(customers["_party_key"][customer])


@drawn("_odometer_of_stays", "odometer")
def _miles(draw: Draw) -> Made:
    """A track of the odometer: nothing when made, the reading at each stay in stock, some miles on
    the lot, then what its owner drives until the as-of day; a visitor is driven evenly."""
    stays = draw.frames["inventory_vehicle"]
    car, sold = stays["_vehicle_key"] - draw.frame.start, stays["_sold"]
    today, n = horizon(draw), stays.rows
    stocked = stays["_stocked"]
    turn = ranks(car, stocked)  # which of its car's each stay is
    left = np.where(sold, stays["delivered_date_time"], today).astype("datetime64[ms]")
    yearly = draw.figures["annual_miles_car"]["1"]
    spread = np.exp(draw.figures["mileage_spread"] * (draw.u("driven") - 0.5))
    daily = yearly / 365.25 * spread
    lot = np.floor(draw.leaf("miles_on_lot", stream="lot_miles")).astype(np.int64)[car] + sold
    came, went = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    before = np.zeros(draw.n, dtype=np.int64)  # each car's stay before
    for nth in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == nth)
        if nth == 0:
            came[rows] = _first_reading(draw)[car[rows]]
        else:
            last = before[car[rows]]
            days = _days(stocked[rows] - left[last])
            came[rows] = went[last] + (days * daily[car[rows]]).astype(np.int64)
        went[rows] = came[rows] + lot[rows]
        before[car[rows]] = rows
    last, visitor = draw["_last_stay"], draw["_visitor"]
    since = _of(left, last, today)
    driven = np.where(_of(sold, last, False), _days(today - since) * daily, 0).astype(np.int64)
    reading = np.where(visitor, draw["_visitor_miles"], _of(went, last, 0) + driven)
    everyone = np.arange(draw.n)
    return {
        "_odometer_of_stays": Track.of(
            draw.n,
            (everyone, draw["production_date"], np.zeros(draw.n, dtype=np.int64)),
            (car, stocked, came),
            (car, left, went),
            (everyone, np.full(draw.n, today), reading),
        ),
        "odometer": reading,
    }


@derived("_odometer")
def _road(draw: Draw) -> Made:
    """The track that every table reads: that of the stays, with the trips that were recorded; so
    what a workshop reads fits between two events of telemetry."""
    connected = draw.frames["connected_vehicle"]
    return {"_odometer": draw["_odometer_of_stays"].joined(connected["_road"], connected["_local"])}


def _first_reading(draw: Draw) -> NDArray[np.int64]:
    """When a car first comes into stock: a few miles of a new one; the usual miles of a used one,
    some more, some fewer."""
    stays, stay = draw.frames["inventory_vehicle"], draw["_first_stay"]
    stocked = _of(stays["_stocked"], stay, draw["production_date"])
    years = _days(stocked - draw["production_date"]) / 365.25
    truck = draw.frames["vehicle_specification"]["_light_truck"][draw["_specification"]]
    usual = usual_miles(draw.figures, years, truck=truck)
    low, high = draw.figures["new_odometer"]
    fresh = low + (high - low) * draw.u("new_miles")
    spread = np.exp(draw.figures["mileage_spread"] * (draw.u("miles") - 0.5))
    driven = np.maximum(usual * spread, LEAST_MILES)
    certified = _of(stays.text("product_state_type") == "CERTIFIED", stay, False)
    most = float(draw.figures["certified"]["miles"])
    below = most * (1 - draw.u("certified_miles") / 4)  # cars with more are not certified
    driven = np.where(certified & (driven > most), below, driven)
    reading = np.where(_of(stays["_new"], stay, False), fresh, driven)
    return np.asarray(reading.astype(np.int64))


def _days(span: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(span.astype("timedelta64[D]").astype(np.int64))


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
    plant = np.ascontiguousarray(vins.view("S1").reshape(-1, VIN_LENGTH)[:, 10])
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


@drawn("options_msrp")
def options(draw: Draw) -> Made:
    """In steps of five dollars."""
    return {
        "options_msrp": np.rint(draw.leaf("vehicle.options_msrp") / 5).astype(np.int64) * 5 * 100
    }


@derived("destination_charge", "total_msrp", "vehicle_invoice_amount")
def prices(draw: Draw) -> Made:
    catalogue, at = draw.frames["vehicle_specification"], draw["_specification"]
    chosen, destination = draw["options_msrp"], catalogue["_destination"][at]
    return {
        "destination_charge": destination,
        "total_msrp": catalogue["base_msrp"][at] + chosen + destination,
        "vehicle_invoice_amount": catalogue["base_invoice_amount"][at]
        + chosen * int(draw.figures["options_invoice_per_cent"]) // 100
        + destination,
    }


@derived("license_plate_number", "license_jurisdiction")
def plates(draw: Draw) -> Made:
    """Sold cars carry a plate of the dealer's state."""
    dealers = draw.frames["dealer"]
    state = dealers.text("state")[draw["_dealer"] - dealers.start]
    bare = draw.frame.missing("original_sold_date")
    letters = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZ"))
    head = letters[draw.rows * 7 % len(letters)].astype("S1")
    middle = letters[draw.rows * PLATE_STEP // len(letters) % len(letters)].astype("S1")
    plate = np.char.add(np.char.add(head, middle), numbered("", draw.rows % 1_000_000, 6))
    return {"license_plate_number": (plate, bare), "license_jurisdiction": (state, bare)}


def _vehicles(given: Given) -> float:
    return given["inventory_vehicle"] + visitors(given)


COUNT = free(
    Noun("vehicle", "vehicles"),
    typical=_vehicles,
    why="one for every stay in stock, and those only the workshop knows",
    no_fewer_than=("inventory_vehicle", "Each stay in stock is of a car of its own"),
    weight=lambda lay: lay["inventory_vehicle"] + lay["deal"] + 0.01,
    back=limits(0.2),
    parts=(
        rest_of(
            "vehicle",
            "workshop_cars",
            Noun("car that only the workshop knows", "cars that only the workshop knows"),
            minus=("inventory_vehicle",),
            rule="A car that was never in stock is known to the workshop only",
        ),
    ),
)


VEHICLE = Declaration(
    TABLE,
    prefix="VE",
    count=COUNT,
    makers=(
        *VISITOR,
        _stays_in_order,
        _identity,
        _whereabouts,
        _miles,
        _road,
        keyed(TABLE),
        specification,
        vin,
        colours,
        options,
        prices,
        plates,
    ),
    rules=RULES,
)
