"""``warranty``: what is covered of a car, how long and how far, by its maker from its first sale.

It follows wholly from the cars that were sold: one row for the whole car, one for the powertrain
where that is covered for longer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.domains.calendar import horizon
from generator.domains.columns import day, decimal, enum, integer, text
from generator.domains.consequences import Caused
from generator.domains.counts import Noun, consequence
from generator.domains.graph import (
    Declaration,
    Draw,
    Frames,
    Made,
    derived,
    drawn,
    keyed_by_cause,
    link,
)
from generator.domains.sales_operations.product_contract import SERVICE
from generator.domains.warranty_insurance.months import months_after
from generator.domains.warranty_insurance.warranty_rules import RULES
from generator.frame import Coded, Frame
from generator.leaves.figures import figures
from generator.schema import Link, Table

TABLE = Table(
    "warranty",
    domain="warranty_insurance",
    meaning="Coverage term of a VIN",
    key="warranty_key",
    columns=(
        text("warranty_key", 50, unique=True),
        text("vehicle_key", 50),
        enum("warranty_term_type", "WarrantyTermTypes"),
        text("provider_org_profile_key", 50),
        text("product_contract_key", 50, "sold coverage", nullable=True),
        day("start_date", "RDR sale_date for factory cover"),
        integer("start_odometer"),
        integer("term_months"),
        day("warranty_expiration_date", "= start_date + term_months", planned=True),
        integer("end_mileage", "= start_odometer + term miles"),
        decimal("deductible_amount", 8, 2),
        enum("warranty_status_type", "LifecycleStatusTypes"),
    ),
    links=(
        Link("vehicle_key", "vehicle", "vehicle_key", "parent"),
        Link("provider_org_profile_key", "org_profile", "org_profile_key", "lookup"),
        Link("product_contract_key", "product_contract", "product_contract_key", "lookup"),
    ),
)

KINDS = ("BUMPER_TO_BUMPER", "POWERTRAIN")
BASIC, POWERTRAIN = 0, 1
Integers = NDArray[np.int64]


def terms(cars: Frame) -> Integers:
    """Months and miles by row of the catalogue of cars and kind of coverage, shape (rows, 2, 2)."""
    known, others = figures()["coverage_terms"], figures()["coverage_of_others"]
    make = cars["make"]
    found = [known.get(label, others) for label in make.labels]
    table = np.array([[one["basic"], one["powertrain"]] for one in found], dtype=np.int64)
    return np.asarray(table.reshape(-1, len(KINDS), 2)[make.codes])


def _follows(frames: Frames) -> Sequence[Caused]:
    cars = frames["vehicle"]
    term = terms(frames["vehicle_specification"])[cars["_specification"]]
    longer = (term[:, POWERTRAIN] > term[:, BASIC]).any(axis=1)
    sold = ~cars.missing("original_sold_date")
    contracts = frames["product_contract"]
    service = np.flatnonzero(contracts["_kind"] == SERVICE)
    return (
        Caused.several_of("vehicle", np.where(sold, 1 + longer, 0)),
        Caused.one_of("product_contract", service),
    )


@link(
    "vehicle_key",
    "provider_org_profile_key",
    "product_contract_key",
    "_provider",
    "_vehicle_key",
    "_car",
    "_contract",
)
def _links(draw: Draw) -> Made:
    """The provider is the maker of the car, or the last company where there are too few; of a
    coverage that was sold with the car too."""
    contracts, deals = draw.frames["product_contract"], draw.frames["deal"]
    contract = np.where(draw["_cause_table"] == 1, draw["_cause"], -1)
    sold = np.flatnonzero(contract >= 0)
    of_car = draw["_cause"].copy()
    keys = np.full(draw.n, b"", dtype="S40")
    if len(sold):
        deal = contracts["_cause"][contract[sold]]
        of_car[sold] = deals["_vehicle_key"][deal] - draw.frames["vehicle"].start
        keys[sold] = contracts["product_contract_key"][contract[sold]]
    cars, companies = draw.frames["vehicle"], draw.frames["org_profile"]
    make = draw.frames["vehicle_specification"]["make"]
    named = {str(name): row for row, name in enumerate(companies.text("legal_name"))}
    maker = draw.figures["manufacturer"]
    rows = [
        named.get(f"{maker[label]} (manufacturer)", companies.rows - 1) for label in make.labels
    ]
    provider = np.array(rows, dtype=np.int64)[make.codes[cars["_specification"][of_car]]]
    car = of_car + cars.start
    return {
        "vehicle_key": draw.key("vehicle", car),
        "_vehicle_key": car,
        "provider_org_profile_key": draw.key("org_profile", provider),
        "_provider": provider,
        "product_contract_key": (keys, contract < 0),
        "_car": of_car,
        "_contract": contract,
    }


@drawn(
    "warranty_term_type",
    "start_date",
    "start_odometer",
    "term_months",
    "warranty_expiration_date",
    "end_mileage",
    "deductible_amount",
    "_begins",
)
def _terms(draw: Draw) -> Made:
    """From the first sale, at what the odometer said then, as the maker is told; of cars that were
    sold elsewhere it is only known that they were new."""
    cars, car = draw.frames["vehicle"], draw["_car"]
    contracts, contract = draw.frames["product_contract"], np.maximum(draw["_contract"], 0)
    of_contract = draw["_contract"] >= 0
    kind = np.where(of_contract, BASIC, draw["_line"] - 1)
    term = terms(draw.frames["vehicle_specification"])[cars["_specification"][car], kind]
    start = cars["original_sold_date"][car].astype("datetime64[D]")
    deductible = np.zeros(draw.n, dtype=np.int64)
    handed_over = np.full(draw.n, np.datetime64("NaT", "ms"))
    if contracts.rows:
        deal = contracts["_cause"][contract]
        delivered = draw.frames["deal"]["delivery_date_time"][deal]
        handed_over = np.where(of_contract, delivered, handed_over)
        start = np.where(of_contract, delivered.astype("datetime64[D]"), start)
        sold = np.stack([contracts["term_months"][contract], contracts["_miles"][contract]], axis=1)
        term = np.where(of_contract[:, None], sold, term)
        deductible = np.where(of_contract, int(draw.figures["service_contract_deductible"]), 0)
    noon = start.astype("datetime64[ms]") + np.timedelta64(12, "h")
    reading = np.floor(cars["_odometer"].line(car, noon)).astype(np.int64)
    low, high = draw.figures["new_odometer"]
    luck = draw.stream("new_miles").uniform(cars.start, cars.start + cars.rows)[car]
    reading = np.minimum(reading, (low + (high - low) * luck).astype(np.int64))
    stays, stay = draw.frames["inventory_vehicle"], cars["_sale_stay"][car]
    if stays.rows:
        handed = cars["_odometer"].line(car, stays["_left"][np.maximum(stay, 0)])
        here = (stay >= 0) & cars["_seen_new"][car]
        reading = np.where(here, np.floor(handed).astype(np.int64), reading)
        at_sale = cars["_odometer"].line(car, np.where(of_contract, handed_over, noon))
        reading = np.where(of_contract, np.floor(at_sale).astype(np.int64), reading)
    kind = np.where(of_contract, len(KINDS), kind)
    return {
        "warranty_term_type": Coded(kind.astype(np.int32), (*KINDS, "EXTENDED_SERVICE_CONTRACT")),
        "start_date": start,
        "start_odometer": reading,
        "term_months": term[:, 0],
        "warranty_expiration_date": months_after(start, term[:, 0]),
        "end_mileage": reading + term[:, 1],
        "deductible_amount": deductible * 100,
        "_begins": np.where(of_contract, handed_over, start.astype("datetime64[ms]")),
    }


@derived("warranty_status_type")
def _status(draw: Draw) -> Made:
    return known(draw, horizon(draw))


def known(draw: Draw, at: np.datetime64) -> Made:
    """Over by time or by miles."""
    odometer = draw.frames["vehicle"]["_odometer"]
    miles = odometer.line(draw["_car"], np.full(draw.n, at.astype("datetime64[ms]")))
    over = draw["warranty_expiration_date"] < at.astype("datetime64[D]")
    over |= miles > draw["end_mileage"]
    return {"warranty_status_type": Coded(over.astype(np.int32), ("ACTIVE", "EXPIRED"))}


COUNT = consequence(
    Noun("coverage", "coverages"),
    "vehicle",
    typical=lambda given: given["vehicle"] * given.figures["coverages_per_vehicle"],
    why="the whole car and the powertrain of every car that was sold",
)


WARRANTY = Declaration(
    TABLE,
    prefix="WA",
    count=COUNT,
    makers=(keyed_by_cause(TABLE), _links, _terms, _status),
    rules=RULES,
    follows=_follows,
    born="_begins",
    known=known,
)
