"""The catalogue: model × trim × engine × drive × cab × model year, drawn whole before everything
else.  What can stand in it is `offers`; who offers it `lineup`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, integer, text
from generator.domains.counts import Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed
from generator.domains.groups import evened
from generator.domains.vehicle_asset_mgt.foretold import foretold
from generator.domains.vehicle_asset_mgt.lineup import Line, lines
from generator.domains.vehicle_asset_mgt.mix import expected, tilted
from generator.domains.vehicle_asset_mgt.offers import Offers, offers
from generator.domains.vehicle_asset_mgt.shown import bounds, entries, sold
from generator.domains.vehicle_asset_mgt.variants import CABS, DRIVES, KINDS
from generator.domains.vehicle_asset_mgt.vehicle_specification_rules import RULES
from generator.domains.vehicle_asset_mgt.vin import vds_of
from generator.frame import Coded
from generator.leaves.figures import figures
from generator.profile import Plan
from generator.schema import Table

TABLE = Table(
    "vehicle_specification",
    domain="vehicle_asset_mgt",
    meaning="Model catalogue row (model code x model year x trim)",
    key="vehicle_specification_key",
    columns=(
        text("vehicle_specification_key", 50, unique=True),
        text("make", 100),
        text("manufacturer_name", 150),
        text("model", 100),
        text("model_code", 30),
        integer("model_year"),
        text("trim", 50),
        text("series_code", 30, nullable=True),
        enum("vehicle_body_style_type", "VehicleBodyStyleTypes"),
        enum(
            "vehicle_category_type",
            "VehicleCategoryTypes",
            'seed "trucks" = PICKUP|WORK_TRUCK|HEAVY_DUTY_TRUCK (body TRUCK); SUV not a truck',
        ),
        enum("vehicle_construction_type", "VehicleConstructionTypes"),
        enum("cab_type", "CabTypes", "only trucks", nullable=True),
        enum("power_train_type", "PowertrainTypes"),
        enum("engine_type", "EngineTypes"),
        enum("fuel_type", "FuelTypes", "must agree with power_train_type"),
        text("drive_train", 20),
        text("transmission", 100),
        integer("cylinder_count", "null for BEV/FCEV", nullable=True),
        integer("horse_power"),
        integer("seating_capacity"),
        integer("doors_count"),
        integer("gross_vehicle_weight_rating", "lb"),
        integer("towing_capacity", "lb", nullable=True),
        decimal("base_msrp", 12, 2, "USD"),
        decimal("base_invoice_amount", 12, 2, "USD, 0.90..0.97 x base_msrp"),
        decimal("holdback_pct", 5, 4),
        text("vin_wmi", 3),
        text("vin_vds", 5, "VIN positions 4-8"),
    ),
    links=(),
)


BODIES = {  # of the line-up: body style, category
    "sedan": ("SEDAN", "SEDAN"),
    "coupe": ("COUPE", "COUPE"),
    "convertible": ("CONVERTIBLE", "CONVERTIBLE"),
    "hatchback": ("HATCHBACK", "HATCHBACK"),
    "wagon": ("WAGON", "WAGON"),
    "suv": ("SUV", "SUV"),
    "crossover": ("CROSSOVER", "CROSSOVER"),
    "minivan": ("MINI_VAN", "MINIVAN"),
    "cargo": ("CARGO_VAN", "VAN"),
    "passenger": ("PASSENGER_VAN", "VAN"),
    "pickup": ("TRUCK", "PICKUP"),
    "heavy": ("TRUCK", "HEAVY_DUTY_TRUCK"),
}
PICKUPS = ("pickup", "heavy")
LIGHT_TRUCKS = (*PICKUPS, "suv", "crossover", "minivan", "cargo", "passenger")
DOORS = {"sedan": 4, "coupe": 2, "convertible": 2, "cargo": 4, "passenger": 4}  # others 5
CAB_NAMES = {"R": "REGULAR", "E": "EXTENDED", "C": "CREW", "M": "MEGA"}
TRAINS = {"ice": "ICE", "mild": "MHEV", "hybrid": "HEV", "plug-in": "PHEV", "electric": "BEV"}
ENGINES = {"ice": "ICE", "electric": "ELECTRIC"}  # others HYBRID
FUELS = {"gasoline": "GASOLINE", "diesel": "DIESEL", "electricity": "ELECTRIC"}
GEARBOXES = {
    "A": "{}-speed automatic",
    "D": "{}-speed dual-clutch automatic",
    "M": "{}-speed manual",
    "C": "Continuously variable automatic",
}
REGULAR_SEATS = 3


def _rows(draw: Draw) -> tuple[Offers, NDArray[np.int64]]:
    """The offers that stand in the catalogue, and their model years."""
    row, year, *_ = entries(*_span(draw.plan))
    return offers().take(row[: draw.n]), year[: draw.n]


def _span(plan: Plan) -> tuple[int, int]:
    recipe = plan.recipe
    if recipe.start is None or recipe.stop is None:
        raise ValueError("the recipe of a plan has its span")
    return recipe.start.year, recipe.stop.year


def _picked(values: Sequence[str], at: NDArray[np.int64]) -> Coded:
    """The value of each row, by its place among ``values``."""
    labels = tuple(dict.fromkeys(values))
    place = {label: n for n, label in enumerate(labels)}
    return Coded(np.array([place[v] for v in values], dtype=np.int32)[at], labels)


@derived("_line", "_built", "_kind", "_trim", "_engine", "_cab", "_power", "_price", "model_year")
def _choice(draw: Draw) -> Made:
    """Which line, engine and trim each row is; more of it is taken from there."""
    rows, year = _rows(draw)
    price = rows.price * float(draw.figures["price_growth"]) ** (rows.year - year)
    return {
        "_line": rows.line,
        "_built": rows.built,
        "_kind": rows.kind,
        "_trim": rows.trim,
        "_engine": rows.engine,
        "_cab": rows.cab,
        "_power": rows.power,
        "_price": price,
        "model_year": year,
    }


@derived(
    "make", "manufacturer_name", "model", "model_code", "trim", "series_code", "_make", "_segment"
)
def _names(draw: Draw) -> Made:
    line, trim = draw["_line"], draw["_trim"]
    maker, all_ = draw.figures["manufacturer"], lines()
    first = np.cumsum([0, *(len(one.trims) for one in all_)])
    number = first[line] + trim  # of the trim among those of all lines
    trims = [(at, n, t.name) for at, one in enumerate(all_) for n, t in enumerate(one.trims)]
    codes = [f"{one.make[:3].upper()}{at:03d}" for at, one in enumerate(all_)]
    make = _picked([one.make for one in all_], line)
    return {
        "make": make,
        "manufacturer_name": _picked([maker[one.make] for one in all_], line),
        "model": _picked([one.model for one in all_], line),
        "model_code": _picked(codes, line),
        "trim": _picked([name for *_, name in trims], number),
        "series_code": _picked([f"{at:03d}-{n:02d}" for at, n, _ in trims], number),
        "_make": make,
        "_segment": _picked([segment_of(one) for one in all_], line),
    }


def segment_of(line: Line) -> str:
    """As trade reports name it: "compact_suv", "luxury_car", "full_size_pickup"."""
    luxury = "luxury_" if line.make in figures()["luxury_makes"] else ""
    if line.body in PICKUPS:
        return "full_size_pickup" if line.size == "large" else "small_midsize_pickup"
    if line.body in ("minivan", "cargo", "passenger"):
        return "minivan" if line.body == "minivan" else "van"
    if line.size == "sport":
        return "sports_car"
    suv = line.body in ("suv", "crossover")
    if luxury and not suv:
        return "luxury_car"
    size = {"small": "subcompact", "large": "full_size"}.get(line.size, line.size)
    return f"{luxury}{size}_{'suv' if suv else 'car'}"


@derived(
    "vehicle_body_style_type",
    "vehicle_category_type",
    "vehicle_construction_type",
    "cab_type",
    "seating_capacity",
    "doors_count",
    "gross_vehicle_weight_rating",
    "towing_capacity",
    "_light_truck",
    "_destination",
)
def _body(draw: Draw) -> Made:
    line, all_, build = draw["_line"], lines(), draw.figures["build"]
    cab = draw["_cab"]
    seats = np.where(
        cab == CABS.index("R"), REGULAR_SEATS, np.array([one.seats for one in all_])[line]
    )
    doors = np.array([one.doors or DOORS.get(one.body, 5) for one in all_])[line]
    doors = np.where(cab > 0, np.where(cab == CABS.index("R"), 2, 4), doors)
    sizes = [build[f"{one.body} {one.size}"] for one in all_]
    towing = np.array([tows for _, tows in sizes])[line]
    heavy = np.where(draw["_kind"] == KINDS.index("electric"), build["battery"], 0)
    light = np.array([one.body in LIGHT_TRUCKS for one in all_])
    charge = draw.figures["destination_charge"]
    dollars = [
        charge["truck"] if one.body in PICKUPS else charge["suv" if light[at] else "car"]
        for at, one in enumerate(all_)
    ]
    return {
        "vehicle_body_style_type": _picked([BODIES[one.body][0] for one in all_], line),
        "vehicle_category_type": _picked([BODIES[one.body][1] for one in all_], line),
        "vehicle_construction_type": _picked(["VEHICLE"], np.zeros_like(line)),
        "cab_type": (_picked([CAB_NAMES.get(name, "CREW") for name in CABS], cab), cab == 0),
        "seating_capacity": seats,
        "doors_count": doors,
        "gross_vehicle_weight_rating": np.array([gross for gross, _ in sizes])[line] + heavy,
        "towing_capacity": (towing, towing == 0),
        "_light_truck": light[line],
        "_destination": np.array(dollars, dtype=np.int64)[line] * 100,
    }


@derived(
    "power_train_type",
    "engine_type",
    "fuel_type",
    "drive_train",
    "transmission",
    "cylinder_count",
    "horse_power",
)
def _drives(draw: Draw) -> Made:
    built, kind, facts = draw["_built"], draw["_kind"], offers().facts
    cylinders = np.array([fact.cylinders for fact in facts])[built]
    return {
        "power_train_type": _picked([TRAINS[name] for name in KINDS], kind),
        "engine_type": _picked([ENGINES.get(name, "HYBRID") for name in KINDS], kind),
        "fuel_type": _picked([FUELS[fact.fuel] for fact in facts], built),
        "drive_train": _picked(DRIVES, _rows(draw)[0].drive),
        "transmission": _picked([_gearbox(fact.gears) for fact in facts], built),
        "cylinder_count": (cylinders, kind == KINDS.index("electric")),
        "horse_power": draw["_power"],
    }


def _gearbox(gears: str) -> str:
    if gears == "A1":
        return "1-speed direct drive"
    return GEARBOXES[gears[0]].format(gears[1:])


@derived("base_msrp")
def _prices(draw: Draw) -> Made:
    """In steps of five dollars."""
    return {"base_msrp": np.rint(draw["_price"] / 5).astype(np.int64) * 5 * 100}


@derived("vin_wmi", "vin_vds")
def _vin(draw: Draw) -> Made:
    """Lines that are built in several plants have the trims and engines shared among them."""
    line, trim, engine = draw["_line"], draw["_trim"], draw["_engine"]
    plants = [one.wmi for one in lines()]
    first = np.cumsum([0, *(len(some) for some in plants)])
    several = np.array([len(some) for some in plants])[line]
    return {
        "vin_wmi": _picked(
            [wmi for some in plants for wmi in some], first[line] + (trim + engine) % several
        ),
        "vin_vds": vds_of(line, trim, engine, draw["_kind"], draw["model_year"]),
    }


@derived("_units", "_units_used")
def _units(draw: Draw) -> Made:
    """Thousands of each row that are sold a year, new and used: those of its line, by how often
    each offer that is shown is taken."""
    weight, year = _rows(draw)[0].weight, draw["model_year"]
    group = draw["_line"] * (int(year.max(initial=0)) + 1) + year
    shown = weight / np.bincount(group, weights=weight)[group]
    return {
        "_units": shown * sold(year, draw["_line"], new=True),
        "_units_used": shown * sold(year, draw["_line"], new=False),
    }


@derived("_weight_new", "_weight_used")
def _weights(draw: Draw) -> Made:
    """New cars lean to what brings the bundle's dealers to the published market."""
    new = tilted(draw.plan, draw.frame, draw.figures)
    return {"_weight_new": new, "_weight_used": draw["_units_used"]}


@drawn("base_invoice_amount", "holdback_pct")
def _invoices(draw: Draw) -> Made:
    """What the dealer pays, evened over a year's sales in dollars, so that few dealers have the
    usual margin too."""
    low, high = draw.figures["invoice_share"]
    least, most = draw.figures["holdback_share"]
    msrp = draw["base_msrp"]
    sold = msrp * expected(draw.plan, draw.frame, draw.figures)
    weight = 1 + np.rint(1e7 * sold / max(float(sold.sum()), 1.0)).astype(np.int64)
    place = evened(draw.u("base_invoice_amount"), draw["model_year"], weight=weight)
    held = least + (most - least) * draw.u("holdback_pct")
    return {
        "base_invoice_amount": np.rint(msrp * (low + (high - low) * place)).astype(np.int64),
        "holdback_pct": np.rint(held * 10_000).astype(np.int64),
    }


COUNT = catalogue(
    Noun("row of the catalogue", "rows of the catalogue"),
    bounds=lambda start, stop: bounds(start.year, stop.year),
    typical=lambda given: entries(given.start.year, given.stop.year)[3],
    why="models, trims, engines and model years",
    rule="The catalogue of these years has {least} to {most} rows",
)


VEHICLE_SPECIFICATION = Declaration(
    TABLE,
    prefix="VS",
    count=COUNT,
    makers=(
        keyed(TABLE),
        _choice,
        _names,
        _body,
        _drives,
        _prices,
        _vin,
        _units,
        _weights,
        _invoices,
    ),
    rules=RULES,
    foretells=foretold,
)
