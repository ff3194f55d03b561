"""Vehicles: identity, looks and prices.  The world decides before which car each row is
(`_specification`, dates, odometer); see ``stock``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import DAY, horizon
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.counts import Bound, Count, Noun, Relation, limits, rest_of, some_of
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed, link
from generator.domains.groups import leaning, place_in_group, ranks, renamed
from generator.domains.keys import numbered
from generator.domains.leanings import leaned, uniform
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
    "ON_ORDER": "IN_RECEIVING",
    "IN_TRANSIT": "IN_RECEIVING",
    "WHOLESALE": "DISPOSED",
}


@derived("_first_stay", "_sale_stay", "_last_stay", "_trade")
def _stays_in_order(draw: Draw) -> Made:
    """The first and the last of each car's stays in stock, as local rows, -1 for none, and the
    first one that no other dealer took the car from; and of a car that was offered in payment and
    not taken the local row of the trade-in.  These lie behind the cars of the stays."""
    stays, counts = draw.frames["inventory_vehicle"], draw.counts
    car = stays["_vehicle_key"] - draw.frame.start
    order = np.lexsort((stays["_stocked"], car))
    first, last = np.full(draw.n, NOBODY), np.full(draw.n, NOBODY)
    first[car[order][::-1]], last[car[order]] = order[::-1], order
    sale, transfers = first.copy(), draw.frames["vehicle_transfer_order"]
    sent = np.flatnonzero(first >= 0)
    sent = sent[stays["_moved"][first[sent]]]
    sale[sent] = transfers["_to"][stays["_out"][first[sent]]]
    local = draw["_dealer"] - draw.frames["dealer"].start
    place = place_in_group(local) - counts["stay_cars"][local]
    trades, declined = draw.frames["trade_in_vehicle"], counts["declined"]
    begin = np.cumsum(declined) - declined
    mine = (place >= 0) & (place < declined[local])
    trade = np.full(draw.n, NOBODY)
    trade[mine] = np.flatnonzero(~trades["_taken"])[(begin[local] + place)[mine]]
    return {"_first_stay": first, "_sale_stay": sale, "_last_stay": last, "_trade": trade}


@derived("_seen", "_seen_new", "_specification")
def _first_seen(draw: Draw) -> Made:
    """The moment at which a car is first heard of, whether it was new then, and which car it is:
    of a first stay in stock, of a car offered in payment, or of a visitor of the workshop."""
    stays, trades = draw.frames["inventory_vehicle"], draw.frames["trade_in_vehicle"]
    stay, trade = draw["_first_stay"], draw["_trade"]
    seen = draw["_came"].astype("datetime64[ms]")
    car = draw["_visitor_specification"]
    if trades.rows:
        deal = trades["_deal"][np.maximum(trade, 0)]
        seen = np.where(trade >= 0, draw.frames["deal"]["occurrence_date_time"][deal], seen)
        car = np.where(trade >= 0, trades["_specification"][np.maximum(trade, 0)], car)
    return {
        "_seen": _of(stays["_stocked"], stay, seen).astype("datetime64[ms]"),
        "_seen_new": _of(stays["_new"], stay, False),
        "_specification": _of(stays["_specification"], stay, car),
    }


@derived("production_date", "original_sold_date", "vehicle_status_type", "_sold")
def _identity(draw: Draw) -> Made:
    """When a car was made and first sold, and what has become of it."""
    stays, first, last = draw.frames["inventory_vehicle"], draw["_sale_stay"], draw["_last_stay"]
    produced, new = _production(draw), draw["_seen_new"]
    left = _of(stays["_left"], first, NEVER).astype("datetime64[D]")
    status = stays["inventory_status_type"]
    codes = _of(status.codes, last, len(status.labels)).astype(np.int32)
    return {
        "production_date": produced,
        "original_sold_date": (
            np.where(new, left, produced + FIRST_SALE),
            new & ~_of(stays["_sold"], first, True),
        ),
        "vehicle_status_type": renamed(
            Coded(codes, (*status.labels, VISITING)), {**VEHICLE_STATUS, VISITING: "SOLD"}
        ),
        "_sold": _of(stays["_sold"], last, True),
    }


def _of(values: NDArray[Any], stay: NDArray[np.int64], visitor: Any) -> NDArray[Any]:
    """What the stay of each car says, and for cars without one what is said of visitors."""
    if not len(values):
        return np.broadcast_to(np.asarray(visitor), stay.shape).copy()
    return np.where(stay >= 0, values[np.maximum(stay, 0)], visitor)


def _production(draw: Draw) -> NDArray[Any]:
    """New cars leave the factory before their transit, used ones in the year before their model
    year or in it; always from 1 January before the model year to its end, and before they are
    seen."""
    stays, stay = draw.frames["inventory_vehicle"], draw["_first_stay"]
    year = draw.frames["vehicle_specification"]["model_year"][draw["_specification"]]
    seen = draw["_seen"].astype("datetime64[D]")
    new = seen - _of(stays["_transit"], stay, 0) * DAY
    january = (year - 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    made = draw.leaf("day_of_production", stream="production").astype(np.int64)
    used = np.minimum(january + made * DAY, seen - YOUNGEST_USED * DAY)
    december = january + (2 * 365 - 1) * DAY
    day: NDArray[Any] = np.clip(np.where(draw["_seen_new"], new, used), january, december)
    return np.asarray(np.where(draw["_visitor"], draw["_visitor_made"], day))


@derived("_stay")
def _in_stock(draw: Draw) -> Made:
    """A track of the stay in stock a car is in (its row number)."""
    stays = draw.frames["inventory_vehicle"]
    car = stays["_vehicle_key"] - draw.frame.start
    here = np.flatnonzero(~stays.missing("stock_date_time"))
    gone = np.flatnonzero(stays["_sold"] | stays["_gone"])
    made = (np.arange(draw.n), draw["production_date"], np.full(draw.n, NOBODY))
    return {
        "_stay": Track.of(
            draw.n,
            made,
            (car[here], stays["stock_date_time"][here], here + stays.start),
            (car[gone], stays["_left"][gone], np.full(len(gone), NOBODY)),
        ),
    }


@derived("_owner")
def _whose(draw: Draw) -> Made:
    """A track of the party a car belongs to: whoever has it in the garage, the dealer from when
    it is stocked until it is delivered, or until another dealer picks it up, who has it then;
    nobody we know before and after that.  What is taken in is its owner's for some hours more,
    until it is stocked (R080)."""
    stays, items = draw.frames["inventory_vehicle"], draw.frames["garage_item"]
    dealers, customers = draw.frames["dealer"], draw.frames["customer"]
    car = stays["_vehicle_key"] - draw.frame.start
    here = np.flatnonzero(~stays.missing("stock_date_time"))
    gone = np.flatnonzero(stays["_gone"])
    party = dealers["_party_key"]
    mine = items["_vehicle_key"] - draw.frame.start
    owner = customers["_party_key"][items["_customer_key"] - customers.start]
    made = (np.arange(draw.n), draw["production_date"], np.full(draw.n, NOBODY))
    next_ = np.full(len(gone), NOBODY)
    sent = np.flatnonzero(stays["_moved"][gone])
    to = draw.frames["vehicle_transfer_order"]["_dealer"][stays["_out"][gone[sent]]]
    next_[sent] = party[to - dealers.start]
    return {
        "_owner": Track.of(
            draw.n,
            made,
            (
                car[here],
                stays["stock_date_time"][here],
                party[stays["_dealer"][here] - dealers.start],
            ),
            (car[gone], stays["_left"][gone], next_),
            (mine, items["start_date_time"], owner),
        ),
    }


@drawn("_miles_new")
def _when_new(draw: Draw) -> Made:
    low, high = draw.figures["new_odometer"]
    return {"_miles_new": low + (high - low) * draw.u("new_miles")}


@drawn("_odometer_of_stays", "odometer")
def _miles(draw: Draw) -> Made:
    """A track of the odometer: nothing when made, tens of miles when it is first sold, the reading
    when it is first heard of and at each stay in stock, some miles on the lot, then what its owner
    drives; a visitor is driven evenly."""
    stays = draw.frames["inventory_vehicle"]
    car = stays["_vehicle_key"] - draw.frame.start
    today, n = horizon(draw), stays.rows
    stocked, out = stays["_stocked"], stays["_sold"] | stays["_gone"]
    turn = ranks(car, stocked)  # which of its car's each stay is
    left = np.where(out, stays["_left"], today).astype("datetime64[ms]")
    yearly = draw.figures["annual_miles_car"]["1"]
    spread = np.exp(draw.figures["mileage_spread"] * (draw.u("driven") - 0.5))
    daily = yearly / 365.25 * spread
    first = _first_reading(draw)
    lot = np.floor(draw.leaf("miles_on_lot", stream="lot_miles")).astype(np.int64)[car] + out
    away = np.zeros(n, dtype=np.int64)  # days that its owner drove it before the stay
    before = np.full(n, -1)  # each stay's stay before
    latest = np.full(draw.n, -1)
    for nth in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == nth)
        before[rows], latest[car[rows]] = latest[car[rows]], rows
    again = np.flatnonzero((before >= 0) & (stays["_in"] < 0))
    away[again] = _days(stocked[again] - left[before[again]])

    def readings() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        came, went = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        for nth in range(int(turn.max(initial=-1)) + 1):
            rows = np.flatnonzero(turn == nth)
            driven = went[before[rows]] + (away[rows] * daily[car[rows]]).astype(np.int64)
            came[rows] = np.where(before[rows] < 0, first[car[rows]], driven)
            went[rows] = came[rows] + lot[rows]
        return came, went

    came, went = readings()
    held = _held_back(draw, car, came)
    if (held < 1).any():  # cars that are certified later were driven little before
        first, daily = (first * held).astype(np.int64), daily * held
        came, went = readings()
    last, since, reading = draw["_last_stay"], draw["_seen"].copy(), first.copy()
    rows = np.flatnonzero(last >= 0)
    since[rows], reading[rows] = left[last[rows]], went[last[rows]]
    driven = np.where(draw["_sold"], _days(today - since) * daily, 0)
    visitor = draw["_visitor"]
    reading = np.where(visitor, draw["_visitor_miles"], reading + driven.astype(np.int64))
    everyone, known = np.arange(draw.n), np.flatnonzero(~visitor)
    driven_before = np.flatnonzero(~draw["_seen_new"])  # first sold before it is heard of
    heard = np.where(visitor, reading, first)[driven_before]
    delivered = np.minimum(draw["_miles_new"][driven_before].astype(np.int64), heard)
    return {
        "_odometer_of_stays": Track.of(
            draw.n,
            (everyone, draw["production_date"], np.zeros(draw.n, dtype=np.int64)),
            (driven_before, draw["original_sold_date"][driven_before], delivered),
            (known, draw["_seen"][known], first[known]),
            (car, stocked, came),
            (car, left, went),
            (everyone, np.full(draw.n, today), reading),
        ),
        "odometer": reading,
    }


def _held_back(draw: Draw, car: NDArray[Any], came: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of its usual miles that each car may have been driven (n,), so that it is within
    the limit whenever it is stocked as certified."""
    most = float(draw.figures["certified"]["miles"])
    stays = draw.frames["inventory_vehicle"]
    over = np.flatnonzero((stays.text("product_state_type") == "CERTIFIED") & (came > most))
    share = np.ones(draw.n)
    below = most * (1 - draw.u("certified_again") / 4)
    np.minimum.at(share, car[over], below[car[over]] / came[over])
    return share


@derived("_odometer")
def _road(draw: Draw) -> Made:
    """The track that every table reads: that of the stays, with the trips that were recorded; so
    what a workshop reads fits between two events of telemetry."""
    connected = draw.frames["connected_vehicle"]
    return {"_odometer": draw["_odometer_of_stays"].joined(connected["_road"], connected["_local"])}


def _first_reading(draw: Draw) -> NDArray[np.int64]:
    """When a car is first heard of: a few miles of a new one; the usual miles of a used one,
    some more, some fewer."""
    stays, stay = draw.frames["inventory_vehicle"], draw["_first_stay"]
    years = _days(draw["_seen"] - draw["production_date"]) / 365.25
    truck = draw.frames["vehicle_specification"]["_light_truck"][draw["_specification"]]
    usual = usual_miles(draw.figures, years, truck=truck)
    spread = np.exp(draw.figures["mileage_spread"] * (_rank_of_miles(draw) - 0.5))
    driven = np.maximum(usual * spread, LEAST_MILES)
    certified = _of(stays.text("product_state_type") == "CERTIFIED", stay, False)
    most = float(draw.figures["certified"]["miles"])
    below = most * (1 - draw.u("certified_miles") / 4)  # cars with more are not certified
    driven = np.where(certified & (driven > most), below, driven)
    reading = np.where(draw["_seen_new"], draw["_miles_new"], driven)
    return np.asarray(reading.astype(np.int64))


def _rank_of_miles(draw: Draw) -> NDArray[np.float64]:
    """How much a car has been driven beside others of its age, from 0 to 1: cars that were offered
    in payment the less, the better they are kept."""
    trades, first, trade = draw.frames["trade_in_vehicle"], draw["_first_stay"], draw["_trade"]
    stay = np.full(draw.frames["inventory_vehicle"].rows, NOBODY)
    stay[trades["_slot"][trades["_taken"]]] = np.flatnonzero(trades["_taken"])
    trade = np.where(first >= 0, _of(stay, first, NOBODY), trade)
    known = trade >= 0
    kept = np.zeros(draw.n)
    kept[known] = trades["_condition"][trade[known]]
    strength = np.where(known, float(draw.figures["condition_and_miles"]), 0.0)
    return uniform(leaned(draw.u("miles"), {"kept": strength}, kept=kept))


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
    vins = vin_of(wmi, vds, catalogue["model_year"][at], draw.frames.numbers("vehicle"))
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
    """In steps of five dollars; more of them on dearer cars."""
    price = draw.frames["vehicle_specification"]["base_msrp"][draw["_specification"]]
    new = _of(draw.frames["inventory_vehicle"]["_new"], draw["_first_stay"], False)
    place = leaning(draw.u("options_msrp"), new, price, draw.figures["options_price_lean"])
    dollars = draw.leaf("vehicle.options_msrp", u=place)
    return {"options_msrp": np.rint(dollars / 5).astype(np.int64) * 5 * 100}


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
    number = draw.frames.numbers("vehicle")
    head = letters[number * 7 % len(letters)].astype("S1")
    middle = letters[number * PLATE_STEP // len(letters) % len(letters)].astype("S1")
    plate = np.char.add(np.char.add(head, middle), numbered("", number % 1_000_000, 6))
    return {"license_plate_number": (plate, bare), "license_jurisdiction": (state, bare)}


PARTS = ("stay_cars", "declined", "workshop_cars")


def _relations(name: str) -> tuple[Relation, ...]:
    stays = Bound((("stay_cars", 1), (name, -1)), 0, "Each stay in stock is of a car of its own")
    parts = ((name, -1), *((part, 1) for part in PARTS))
    rule = "A car is of a stay in stock, was not taken in, or is known to the workshop only"
    # Follows from the stays, but ranges alone do not show it where some of them are of moved cars.
    own = Bound((("deal", 1), (name, -1)), 0, "Every deal takes a car of its own from stock")
    return (stays, own, Bound(parts, 0, rule), Bound(tuple((n, -f) for n, f in parts), 0, rule))


COUNT = Count(
    Noun("vehicle", "vehicles"),
    lambda given: sum(given[part] for part in PARTS),
    "one for every stay in stock, and those only the workshop knows",
    _relations,
    back=limits(0.2),
    parts=(
        rest_of(
            "inventory_vehicle",
            "stay_cars",
            Noun("car that was in stock", "cars that were in stock"),
            minus=("moved_away",),
            rule="Each stay in stock is of a car of its own unless it goes to another dealer",
        ),
        some_of(
            "workshop_cars",
            Noun("car that only the workshop knows", "cars that only the workshop knows"),
            typical=lambda given: int(visitors(given)),
            weight=lambda lay: lay["deal"] + 0.01,
        ),
    ),
    roles=PARTS,
)


def known(draw: Draw, at: np.datetime64) -> Made:
    """The reading and what has become of a car at a moment: by its latest stay in stock then; a
    car that was in none is somebody's."""
    stays = draw.frames["inventory_vehicle"]
    status = draw.frames.steps(stays.table.name).at_moment(stays.rows, at)
    here = np.flatnonzero(stays["_known_from"] <= at)
    order = here[np.argsort(stays["_stocked"][here], kind="stable")]
    last = np.full(draw.n, NOBODY)
    last[stays["_vehicle_key"][order] - draw.frame.start] = order
    # what a car on its way will have on its odometer is known when it is made
    then = np.maximum(_of(stays["_stocked"], last, at), at).astype("datetime64[ms]")
    reading = np.floor(draw["_odometer"].line(np.arange(draw.n), then)).astype(np.int64)
    codes = _of(status.codes, last, len(status.labels)).astype(np.int32)
    names = {**dict.fromkeys(status.labels, "IN_STOCK"), **VEHICLE_STATUS, VISITING: "SOLD"}
    coded = renamed(Coded(codes, (*status.labels, VISITING)), names)
    return {"odometer": reading, "vehicle_status_type": coded}


VEHICLE = Declaration(
    TABLE,
    prefix="VE",
    by_lot=True,
    count=COUNT,
    makers=(
        *VISITOR,
        _stays_in_order,
        _first_seen,
        _identity,
        _in_stock,
        _whose,
        _when_new,
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
    born="production_date",
    reveals={
        "original_sold_date": "original_sold_date",
        "license_plate_number": "original_sold_date",
        "license_jurisdiction": "original_sold_date",
    },
    known=known,
)
