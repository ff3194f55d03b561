"""What must hold for coverage (R089, R094)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.headings import CLAIMS
from generator.rules import Rule, Truth
from generator.tables import Tables

FACTORY = ("BUMPER_TO_BUMPER", "POWERTRAIN")


def _begins(tables: Tables) -> Truth:
    start = tables.values("warranty", "start_date")
    sold = tables.values("warranty", "vehicle_key.original_sold_date")
    known = ~tables.missing("warranty", "vehicle_key.original_sold_date")
    factory = tables.is_one_of("warranty", "warranty_term_type", *FACTORY)
    return np.asarray((start == sold) & known | ~factory)


def _ends(tables: Tables) -> Truth:
    start = tables.values("warranty", "start_date")
    months = tables.values("warranty", "term_months")
    end = tables.values("warranty", "warranty_expiration_date")
    later = start.astype("datetime64[M]") + months.astype("timedelta64[M]")
    first = later.astype("datetime64[D]")
    last = (later + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    wanted = first + (start - start.astype("datetime64[M]").astype("datetime64[D]"))
    miles = tables.values("warranty", "end_mileage") > tables.values("warranty", "start_odometer")
    return np.asarray((end == np.minimum(wanted, last)) & (months > 0) & miles)


def _longer(tables: Tables) -> Truth:
    """No powertrain is covered for less time or miles than its whole car."""
    car = tables.row_of("warranty", "vehicle_key")
    whole = tables.is_one_of("warranty", "warranty_term_type", FACTORY[0])
    power = tables.is_one_of("warranty", "warranty_term_type", FACTORY[1])
    good = np.ones(len(car), dtype=bool)
    for column in ("term_months", "end_mileage"):
        values = tables.values("warranty", column)
        most = _most(car, values, whole & (car >= 0), tables.rows("vehicle"))
        good &= values >= most[np.maximum(car, 0)] if len(most) else True
    return np.asarray(good | ~power | (car < 0))


def _most(
    car: NDArray[np.int64], values: NDArray[np.int64], rows: Truth, cars: int
) -> NDArray[np.int64]:
    most = np.zeros(cars, dtype=np.int64)
    np.maximum.at(most, car[rows], values[rows])
    return most


RULES = (
    Rule(
        "R089.start",
        "warranty",
        "Factory coverage begins with the first sale of the car",
        _begins,
        needs=("vehicle",),
        group=CLAIMS,
    ),
    Rule(
        "R089.end",
        "warranty",
        "Coverage ends its months after it began, some miles on",
        _ends,
        group=CLAIMS,
    ),
    Rule(
        "R094.longer",
        "warranty",
        "The powertrain is covered for no less than the whole car",
        _longer,
        needs=("vehicle",),
        group=CLAIMS,
        scope="shard",
    ),
)
