"""Miles between two places, by road."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.domains.graph import Draw

EARTH = 3958.8  # radius in miles
MICRO = 1e6


class Spots(NamedTuple):
    """Places in degrees, shape (n,)."""

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]

    def where(self, mine: NDArray[np.bool_], other: Spots) -> Spots:
        return Spots(*(np.where(mine, a, b) for a, b in zip(self, other, strict=True)))


def miles_between(one: Spots, other: Spots, detour: float) -> NDArray[np.float64]:
    """The great circle, and what roads are longer."""
    north, east, up, right = (np.radians(axis) for axis in (*one, *other))
    lift = np.sin((up - north) / 2) ** 2
    across = np.cos(north) * np.cos(up) * np.sin((right - east) / 2) ** 2
    miles: NDArray[np.float64] = (
        2 * EARTH * np.arcsin(np.sqrt(np.clip(lift + across, 0.0, 1.0))) * detour
    )
    return miles


def home_of(draw: Draw, party: NDArray[np.int64]) -> Spots:
    """The first address of parties of the shard (numbers in the whole table)."""
    parties, addresses = draw.frames["party"], draw.frames["party_address"]
    lives = parties["_address"]
    at = lives.value[lives.first[party - parties.start]] - addresses.start
    return Spots(*(addresses[axis][at] / MICRO for axis in ("latitude", "longitude")))
