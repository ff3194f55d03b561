"""Cities of the United States: name, county, state, ZIP prefix, position, time zone, area code.

Public geography; `profiles/automotive/places.csv` holds it.  The UTC offset is standard time.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from generator.domains.clocks import clock
from generator.leaves import Choice
from generator.leaves.figures import figures

Text = NDArray[np.object_]


@dataclass(frozen=True)
class Places:
    """One entry a city; ``latitude``/``longitude`` in degrees, ``utc_offset`` in hours;
    ``clock`` as in ``clocks``."""

    city: Text
    county: Text
    state: Text
    zip3: Text
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    utc_offset: NDArray[np.int64]
    area_code: Text
    clock: NDArray[np.int64]
    weight: NDArray[np.float64]

    def draw(self, u: NDArray[np.float64]) -> NDArray[np.int64]:
        """Cities by the population of their states, shared evenly among a state's cities."""
        leaf = Choice(tuple(map(str, range(len(self.city)))), tuple(self.weight.tolist()))
        return leaf.draw(u).astype(np.int64)


@cache
def places() -> Places:
    """All cities, in the order of the file."""
    file = resources.files("generator") / "profiles" / "automotive" / "places.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))

    def text(name: str) -> Text:
        return np.array([row[name] for row in rows], dtype=object)

    def number(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) for row in rows])

    state = text("state")
    weights = figures()["state_weights"]
    cities = {name: int((state == name).sum()) for name in set(state)}
    weight = np.array([weights[name] / cities[name] for name in state])
    return Places(
        text("city"),
        text("county"),
        state,
        text("zip3"),
        number("latitude"),
        number("longitude"),
        number("utc_offset").astype(np.int64),
        text("area_code"),
        _clocks(number("utc_offset").astype(np.int64), text("county"), state),
        weight,
    )


def _clocks(utc_offset: NDArray[np.int64], county: Text, state: Text) -> NDArray[np.int64]:
    """With summer time and closed Sundays by the laws of the states."""
    laws = figures()
    shut = np.isin(state.astype(str), laws["sunday_sales_banned"])
    shut &= ~np.isin((county + ", " + state).astype(str), laws["sunday_sales_allowed"])
    return clock(utc_offset, ~np.isin(state.astype(str), laws["no_summer_time"]), shut)
