"""What a workshop does: flat-rate operations, for which cars they are, what they are done for.

``profiles/automotive/labor_operations.csv`` holds them, the indispensable ones first.  ``use`` says
when one is done: ``service`` (the visit itself, by miles), ``due`` (with it, by miles), ``wear``,
``fault`` (a complaint), ``test`` (to find it), ``recall``, ``check``, ``inspect``, ``new`` and
``used`` (cars that come into stock), ``ready`` (before delivery), ``lot`` (in stock), ``fit``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from generator.frame import Frame

FEWEST = 15  # operations without which some car, complaint or stay could not be served
USES = (
    *("service", "due", "wear", "fault", "test", "recall"),
    *("check", "inspect", "new", "used", "ready", "lot", "fit"),
)


@dataclass(frozen=True)
class Operation:
    """``interval`` in miles, 0 if none; ``parts`` and ``sublet`` usual dollars.  ``wears`` is what
    wears and is new afterwards, ``wears_from`` the miles it usually lasts; ``claimed`` the weight
    beside other faults while everything is covered."""

    code: str
    name: str
    type: str
    hours: float
    interval: int
    system: str
    skill: int
    fits: str
    use: str
    weight: float
    wears: str
    wears_from: int
    claimed: float
    parts: float
    sublet: float
    faults: tuple[str, ...]


@cache
def operations() -> tuple[Operation, ...]:
    """All operations, in the order of the file."""
    file = resources.files("generator") / "profiles" / "automotive" / "labor_operations.csv"
    return tuple(
        Operation(
            row["code"],
            row["name"],
            row["type"],
            float(row["hours"]),
            int(row["interval"] or 0),
            row["system"],
            int(row["skill"]),
            row["fits"],
            row["use"],
            float(row["weight"]),
            row["wears"] or row["code"],
            int(row["wears_from"] or 0),
            float(row["claimed"] or 0),
            float(row["parts"]),
            float(row["sublet"]),
            tuple(row["faults"].split()),
        )
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    )


@dataclass(frozen=True)
class Catalogue:
    """The first operations of the file as arrays, and which cars of the specifications they fit,
    shape (kinds of car, operations); ``car`` is the kind of each specification."""

    use: NDArray[np.int64]
    hours: NDArray[np.int64]  # hundredths
    interval: NDArray[np.int64]
    skill: NDArray[np.int64]
    system: NDArray[np.int64]
    weight: NDArray[np.float64]
    thing: NDArray[np.int64]  # what is new afterwards: no order does one twice
    lasts: NDArray[np.int64]  # miles that it usually lasts, 0 where it does not wear
    claimed: NDArray[np.float64]
    parts: NDArray[np.int64]  # cents
    sublet: NDArray[np.int64]  # cents
    fits: NDArray[np.bool_]
    car: NDArray[np.int64]
    systems: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.use)

    def of(self, *uses: str) -> NDArray[np.bool_]:
        return np.isin(self.use, [USES.index(use) for use in uses])

    @property
    def powertrain(self) -> NDArray[np.bool_]:
        """Which operations the coverage of the powertrain alone is for."""
        return np.isin(self.system, [self.systems.index(name) for name in POWERTRAIN])


def catalogue(rows: int, specifications: Frame) -> Catalogue:
    """Of the first ``rows`` operations."""
    some = operations()[:rows]
    systems = tuple(dict.fromkeys(one.system for one in operations()))
    things = tuple(dict.fromkeys(one.wears for one in some))
    kinds = _kinds(specifications)
    packed = (kinds * (1 << np.arange(len(kinds)))[:, None]).sum(axis=0)
    _, first, car = np.unique(packed, return_index=True, return_inverse=True)
    place = {name: at for at, name in enumerate(FITS)}
    fits = kinds[[place[one.fits] for one in some]][:, first].T
    return Catalogue(
        np.array([USES.index(one.use) for one in some]),
        np.array([round(one.hours * 100) for one in some]),
        np.array([one.interval for one in some]),
        np.array([one.skill for one in some]),
        np.array([systems.index(one.system) for one in some]),
        np.array([one.weight for one in some]),
        np.array([things.index(one.wears) for one in some]),
        np.array([one.wears_from for one in some]),
        np.array([one.claimed for one in some]),
        np.array([round(one.parts * 100) for one in some]),
        np.array([round(one.sublet * 100) for one in some]),
        fits,
        np.asarray(car).reshape(-1),
        systems,
    )


POWERTRAIN = ("engine", "transmission", "driveline", "timing", "high voltage", "cooling")
FITS = ("A", "G", "E", "H", "P", "4", "4CYL", "V", "TRUCK", "OLD")
SIX = 6  # cylinders
SYNTHETIC_FROM = 2013  # model years from which engines want synthetic oil


def _kinds(specifications: Frame) -> NDArray[np.bool_]:
    """Whether each specification is one of ``FITS``, shape (FITS, specifications)."""
    power = specifications.text("power_train_type").astype(str)
    burns = ~np.isin(power, ["BEV", "FCEV"])
    driven = np.isin(specifications.text("drive_train").astype(str), ["4WD", "AWD"])
    cylinders = np.where(
        specifications.missing("cylinder_count"), 0, specifications["cylinder_count"]
    )
    category = specifications.text("vehicle_category_type").astype(str)
    truck = np.isin(category, ["PICKUP", "WORK_TRUCK", "HEAVY_DUTY_TRUCK", "SUV"])
    return np.stack(
        [
            np.ones(len(power), dtype=bool),
            burns,
            ~burns,
            np.isin(power, ["HEV", "PHEV", "BEV", "FCEV"]),
            np.isin(power, ["PHEV", "BEV"]),
            burns & driven,
            burns & (cylinders < SIX),
            burns & (cylinders >= SIX),
            truck,
            burns & (specifications["model_year"] < SYNTHETIC_FROM),
        ]
    )
