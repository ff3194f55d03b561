"""The catalogue: model × powertrain × trim × model year, drawn whole before everything else."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.columns import decimal, enum, integer, text
from generator.domains.counts import Noun, catalogue
from generator.domains.graph import Declaration, Draw, Made, derived, drawn, keyed
from generator.domains.groups import evened
from generator.domains.vehicle_asset_mgt.mix import expected, tilted, usual_extras
from generator.domains.vehicle_asset_mgt.vehicle_specification_rules import RULES
from generator.domains.vehicle_asset_mgt.vin import vds_of
from generator.frame import Coded
from generator.leaves.figures import Figures, figures
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


LIGHT_TRUCKS = ("PICKUP", "SUV", "CROSSOVER", "VAN", "MINIVAN")
BODY = {
    "PICKUP": "TRUCK",
    "MINIVAN": "MINI_VAN",
    "VAN": "VAN",
    "SUV": "SUV",
    "CROSSOVER": "CROSSOVER",
    "SEDAN": "SEDAN",
    "COUPE": "COUPE",
    "HATCHBACK": "HATCHBACK",
}
USED_YEARS = 9


class Entry(NamedTuple):
    make: str
    model: str
    category: str
    segment: str
    units: float
    powertrain: str
    primary: bool
    number: int  # of the model in the list of models
    trim: int
    year: int


def years_of(plan_start: int, plan_stop: int) -> tuple[int, int, int]:
    """Oldest model year, oldest year that is sold new, newest year."""
    return plan_start - USED_YEARS, plan_start - 1, plan_stop + 1


@cache
def entries(start: int, stop: int) -> tuple[Entry, ...]:
    """Every row the catalogue can have for a span of calendar years, most needed first."""
    oldest, new, newest = years_of(start, stop)
    found = []
    makes = {make for make, *_ in figures()["models"]}
    idle = frozenset((m, year) for m in makes for year in range(new, newest + 1) if _idle(m, year))
    for trim in range(len(figures()["trims"])):
        for layer in range(3):
            for years in (range(newest, new - 1, -1), range(new - 1, oldest - 1, -1)):
                for year in years:
                    found += _layer(trim, layer, year, idle if year >= new else frozenset())
    found.sort(key=lambda e: (_turn(e), not e.primary, e.year < new))
    return tuple(found)


def _turn(entry: Entry) -> int:
    """Models begin with different trims, so that a small catalogue has all of them."""
    return (entry.trim - entry.number) % len(figures()["trims"])


def _layer(trim: int, layer: int, year: int, idle: frozenset[tuple[str, int]]) -> list[Entry]:
    """What was built in the year; makes in ``idle`` show all their models, so that their dealers
    have something to sell in spans long ago."""
    rows = []
    for number, (make, model, category, segment, units, trains) in enumerate(figures()["models"]):
        if layer < len(trains) and (
            (make, year) in idle or _built(make, model, trains[layer], year)
        ):
            rows.append(
                Entry(
                    make,
                    model,
                    category,
                    segment,
                    units,
                    trains[layer],
                    layer == 0,
                    number,
                    trim,
                    year,
                )
            )
    return rows


def _idle(make: str, year: int) -> bool:
    """Whether the make built nothing in the year."""
    return not any(
        _built(make, model, train, year)
        for maker, model, *_, trains in figures()["models"]
        if maker == make
        for train in trains
    )


def _built(make: str, model: str, powertrain: str, year: int) -> bool:
    years = figures()["model_years"]
    for name in (f"{make} {model}", f"{make} {model} {powertrain}"):
        first, *last = years.get(name, [0])
        if not first <= year <= (last[0] if last else year):
            return False
    return True


def bounds(start: int, stop: int) -> tuple[int, int, int]:
    """Fewest, usual and most rows of the catalogue for a span of calendar years."""
    rows = entries(start, stop)
    _, new, _ = years_of(start, stop)
    fewest = sum(1 for e in rows if not _turn(e) and e.primary and e.year >= new)
    usual = sum(1 for e in rows if not _turn(e))
    return fewest, usual, len(rows)


def _entries(draw: Draw) -> tuple[Entry, ...]:
    start, stop = _span(draw.plan)
    return entries(start, stop)[: draw.n]


def _span(plan: Plan) -> tuple[int, int]:
    recipe = plan.recipe
    if recipe.start is None or recipe.stop is None:
        raise ValueError("the recipe of a plan has its span")
    return recipe.start.year, recipe.stop.year


@derived("make", "manufacturer_name", "model", "model_code", "model_year", "trim", "series_code")
def _names(draw: Draw) -> Made:
    rows = _entries(draw)
    maker, trims = draw.figures["manufacturer"], draw.figures["trims"]
    return {
        "make": _text(e.make for e in rows),
        "manufacturer_name": _text(maker[e.make] for e in rows),
        "model": _text(e.model for e in rows),
        "model_code": _text(
            f"{e.make[:3].upper()}{e.number:03d}{e.powertrain[0]}{e.trim}" for e in rows
        ),
        "model_year": _whole(e.year for e in rows),
        "trim": _text(trims[e.trim][0] for e in rows),
        "series_code": _text(f"{e.number:03d}-{e.trim}" for e in rows),
    }


@derived(
    "vehicle_body_style_type",
    "vehicle_category_type",
    "vehicle_construction_type",
    "cab_type",
    "seating_capacity",
    "doors_count",
    "_light_truck",
    "_segment",
    "_make",
)
def _body(draw: Draw) -> Made:
    rows = _entries(draw)
    pickup = np.array([e.category == "PICKUP" for e in rows], dtype=bool)
    seats = {"PICKUP": 5, "VAN": 3, "MINIVAN": 8, "COUPE": 4}
    doors = {"PICKUP": 4, "COUPE": 2, "VAN": 3, "SEDAN": 4}
    cabs = np.where(np.array([e.trim for e in rows], dtype=int) == 0, "EXTENDED", "CREW")
    return {
        "vehicle_body_style_type": _text(BODY[e.category] for e in rows),
        "vehicle_category_type": _text(e.category for e in rows),
        "vehicle_construction_type": _text("VEHICLE" for _ in rows),
        "cab_type": (cabs.astype(object), ~pickup),
        "seating_capacity": _whole(
            7 if e.segment in ("midsize_suv", "full_size_suv") else seats.get(e.category, 5)
            for e in rows
        ),
        "doors_count": _whole(doors.get(e.category, 5) for e in rows),
        "_light_truck": np.array([e.category in LIGHT_TRUCKS for e in rows], dtype=bool),
        "_segment": _text(e.segment for e in rows),
        "_make": _text(e.make for e in rows),
    }


@derived(
    "power_train_type",
    "engine_type",
    "fuel_type",
    "drive_train",
    "transmission",
    "cylinder_count",
    "horse_power",
    "gross_vehicle_weight_rating",
    "towing_capacity",
)
def _engine(draw: Draw) -> Made:
    rows = _entries(draw)
    electric = np.array([e.powertrain == "BEV" for e in rows], dtype=bool)
    engine = {"BEV": "ELECTRIC", "ICE": "ICE"}
    large = {"full_size_pickup": 8, "full_size_suv": 8, "midsize_suv": 6, "luxury_midsize_suv": 6}
    weight = {"PICKUP": 6900, "VAN": 8600, "SUV": 6100, "MINIVAN": 6000, "CROSSOVER": 4900}
    tows = {"full_size_pickup": 9500, "small_midsize_pickup": 5000, "full_size_suv": 8000}
    tows |= {"midsize_suv": 5000, "luxury_midsize_suv": 6000, "compact_suv": 2000}
    towing = np.array([tows.get(e.segment, 0) for e in rows], dtype=np.int64)
    return {
        "power_train_type": _text(e.powertrain for e in rows),
        "engine_type": _text(engine.get(e.powertrain, "HYBRID") for e in rows),
        "fuel_type": _text("ELECTRIC" if e.powertrain == "BEV" else "GASOLINE" for e in rows),
        "drive_train": _text(_drive(e) for e in rows),
        "transmission": _text(
            "1-speed direct drive" if e.powertrain == "BEV" else "8-speed automatic" for e in rows
        ),
        "cylinder_count": (_whole(large.get(e.segment, 4) for e in rows), electric),
        "horse_power": _whole(_power(e) for e in rows),
        "gross_vehicle_weight_rating": _whole(
            weight.get(e.category, 4300) + 50 * e.trim for e in rows
        ),
        "towing_capacity": (towing, towing == 0),
    }


def _drive(entry: Entry) -> str:
    if entry.category in LIGHT_TRUCKS and (entry.trim or entry.number % 3):
        return "4WD" if entry.category == "PICKUP" else "AWD"
    return "RWD" if "luxury" in entry.segment or entry.category == "PICKUP" else "FWD"


def _power(entry: Entry) -> int:
    base = {"full_size": 355, "midsize": 265, "luxury": 300, "electric": 290, "minivan": 280}
    found = next((p for name, p in base.items() if entry.segment.startswith(name)), 175)
    return found + 15 * entry.trim + entry.number % 7 * 4


@derived("base_msrp")
def _prices(draw: Draw) -> Made:
    """The segment's transaction price over the industry's ratio, less the usual options and the
    destination charge it includes, stepped by model, trim, year."""
    rows = _entries(draw)
    published = _span(draw.plan)[1]  # the model year the prices are taken for
    atp, ratio = draw.figures["segment_atp"], draw.figures["atp_over_msrp"]
    steps, growth = draw.figures["trims"], draw.figures["price_growth"]
    middle = sum(step for _, step in steps) / len(steps)
    premium = {"HEV": 1.05, "PHEV": 1.15, "BEV": 1.12}
    dollars = np.array(
        [
            atp[e.segment]
            / ratio
            * (0.9 + 0.02 * (e.number * 7 % 11))
            * steps[e.trim][1]
            / middle
            * (1.0 if e.segment == "electric_vehicle" else premium.get(e.powertrain, 1.0))
            * growth ** (published - e.year)
            for e in rows
        ]
    )
    category = draw.frame.text("vehicle_category_type").astype(str)
    dollars -= usual_extras(category, draw["_light_truck"], draw.figures)
    msrp = np.rint(dollars / 5).astype(np.int64) * 500
    return {"base_msrp": msrp}


@derived("vin_wmi", "vin_vds")
def _vin(draw: Draw) -> Made:
    rows = _entries(draw)
    return {
        "vin_wmi": _text(_wmi(e.make, e.category, e.number) for e in rows),
        "vin_vds": vds_of(
            np.array([e.number for e in rows], dtype=np.int64),
            np.array([e.trim for e in rows], dtype=np.int64),
            np.array(["IMHPB".index(_letter(e.powertrain)) for e in rows], dtype=np.int64),
        ),
    }


def _wmi(make: str, category: str, number: int) -> str:
    """One of the make's identifiers for the kind of vehicle, or of all it has."""
    kinds, own = figures()["wmi_kind"], figures()["wmi"][make]
    kind = {"PICKUP": "truck", "VAN": "truck"}.get(category, "other")
    kind = "car" if category in ("SEDAN", "COUPE", "HATCHBACK") else kind
    known = {*kinds["car"], *kinds["truck"]}
    fits = [wmi for wmi in own if (wmi in kinds[kind] if kind in kinds else wmi not in known)]
    return str((fits or own)[number % len(fits or own)])


def _letter(powertrain: str) -> str:
    return {"ICE": "I", "MHEV": "M", "HEV": "H", "PHEV": "P", "BEV": "B"}[powertrain]


@derived("_units")
def _units(draw: Draw) -> Made:
    """How often each row is sold: units of the model, shared by its powertrains and trims."""
    rows = _entries(draw)
    weight = _powertrain_weights(draw.figures)
    shown: dict[tuple[int, str, int], int] = {}
    for e in rows:
        shown[e.number, e.powertrain, e.year] = shown.get((e.number, e.powertrain, e.year), 0) + 1
    sold = [
        e.units * weight[e.number][e.powertrain] / shown[e.number, e.powertrain, e.year]
        for e in rows
    ]
    return {"_units": np.array(sold, dtype=np.float64)}


@derived("_weight_new", "_weight_used")
def _weights(draw: Draw) -> Made:
    """New cars lean to what brings the bundle's dealers to the published market."""
    new = tilted(draw.plan, draw.frame, draw.figures)
    return {"_weight_new": new, "_weight_used": draw["_units"]}


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


def _powertrain_weights(numbers: Figures) -> list[dict[str, float]]:
    published = numbers["powertrain_weight"]
    found = []
    for *_, trains in numbers["models"]:
        total = sum(published[name] for name in trains)
        found.append({name: published[name] / total for name in trains})
    return found


def _text(values: Any) -> Coded:
    texts = list(values)
    labels = tuple(dict.fromkeys(texts))
    place = {label: at for at, label in enumerate(labels)}
    return Coded(np.array([place[text] for text in texts], dtype=np.int32), labels)


def _whole(values: Any) -> NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)


COUNT = catalogue(
    Noun("row of the catalogue", "rows of the catalogue"),
    bounds=lambda start, stop: bounds(start.year, stop.year)[::2],
    typical=lambda given: bounds(given.start.year, given.stop.year)[1],
    why="models, powertrains and model years",
    rule="The catalogue of these years has {least} to {most} rows",
)


VEHICLE_SPECIFICATION = Declaration(
    TABLE,
    prefix="VS",
    count=COUNT,
    makers=(keyed(TABLE), _names, _body, _engine, _prices, _vin, _units, _weights, _invoices),
    rules=RULES,
)
