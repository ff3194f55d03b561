"""Areas of the United States, larger ones first: the country, its states, counties, cities and
three-digit postal areas, as far as anybody of the world lives there."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.places import places

KINDS = ("COUNTRY", "STATE", "COUNTY", "CITY", "POSTAL")
PARENT = {"STATE": "COUNTRY", "COUNTY": "STATE", "CITY": "COUNTY", "POSTAL": "COUNTY"}
COUNTRY, STATE, COUNTY, CITY, POSTAL = KINDS
CODE = 20  # letters at most


class Area(NamedTuple):
    """``parent`` is the place of the area around it in the list, -1 of none; ``state`` its
    state's letters; the centre is that of its cities."""

    kind: str
    name: str
    parent: int
    code: str
    state: str
    latitude: float
    longitude: float


@cache
def areas() -> tuple[Area, ...]:
    """All of them, each after the one it lies in."""
    pool = places()
    made: dict[tuple[str, ...], Area] = {}
    number: dict[tuple[str, ...], int] = {}

    def add(key: tuple[str, ...], name: str, around: tuple[str, ...] | None, code: str) -> None:
        state = key[1] if len(key) > 1 else ""
        rows = _inside(key)
        parent = -1 if around is None else number[around]
        center = pool.latitude[rows].mean(), pool.longitude[rows].mean()
        number[key] = len(made)
        made[key] = Area(key[0], name, parent, code, state, float(center[0]), float(center[1]))

    add((COUNTRY,), "United States", None, "US")
    names, codes = _counties()
    for state in dict.fromkeys(pool.state):
        add((STATE, state), names[state], (COUNTRY,), f"US-{state}")
    for state, county in dict.fromkeys(zip(pool.state, pool.county, strict=True)):
        add((COUNTY, state, county), county, (STATE, state), codes[state, county])
    where = list(zip(pool.state, pool.county, pool.city, pool.zip3, strict=True))
    for state, county, city, _ in where:
        add((CITY, state, county, city), city, (COUNTY, state, county), f"{state}-{city}"[:CODE])
    for state, county, _, zip3 in where:
        key = (POSTAL, state, county, zip3)
        if key not in made:
            add(key, f"{zip3} {county}", (COUNTY, state, county), zip3)
    return tuple(made.values())


def city_of(place: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers among the areas of cities that have these among ``places()``."""
    first = next(at for at, area in enumerate(areas()) if area.kind == CITY)
    return np.asarray(first + place)


def _inside(key: tuple[str, ...]) -> NDArray[np.int64]:
    """The cities of an area."""
    pool = places()
    inside = np.ones(len(pool.city), dtype=bool)
    last = pool.zip3 if key[0] == POSTAL else pool.city
    for values, wanted in zip((pool.state, pool.county, last), key[1:], strict=False):
        inside &= values == wanted
    return np.flatnonzero(inside)


def _counties() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Names of the states by their letters; FIPS codes of counties."""
    file = resources.files("generator") / "profiles" / "automotive" / "counties.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    return (
        {row["state"]: row["state_name"] for row in rows},
        {(row["state"], row["county"]): row["fips"] for row in rows},
    )
