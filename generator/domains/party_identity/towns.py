"""Where people around a place live: its own ZIP codes and those of the towns nearby, and the
telephone area codes of its state.

Public geography: `profiles/automotive/towns.csv` (ZIP codes with their centres, a choice of those
within 32 miles and in the same state) and `area_codes.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from generator.domains.places import places

Text = NDArray[np.object_]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Towns:
    """One entry a ZIP code near a place, place by place; ``near`` is the place's number, ``home``
    whether it is the place's own, ``miles`` how far its centre is."""

    near: Rows
    zip: Text
    city: Text
    state: Text
    county: Text
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    miles: NDArray[np.float64]
    home: NDArray[np.bool_]

    def draw(self, place: Rows, u: NDArray[np.float64], *, at_home: float, reach: float) -> Rows:
        """An entry near each place: ``at_home`` of them in the place itself, the others the rarer
        the farther they are (``reach`` miles make a third of it)."""
        weight = np.where(self.home, 1.0, np.exp(-self.miles / reach))
        own = self._of_place(np.where(self.home, weight, 0.0))
        other = self._of_place(np.where(self.home, 0.0, weight))
        share = np.where(self.home, weight / own * at_home, weight / other * (1 - at_home))
        share /= self._of_place(share)
        upto = np.cumsum(share)
        first = np.searchsorted(self.near, place)
        last = np.searchsorted(self.near, place, side="right") - 1
        target = upto[first] - share[first] + u * (upto[last] - upto[first] + share[first])
        return np.asarray(np.clip(np.searchsorted(upto, target, side="right"), first, last))

    def _of_place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum over each entry's place, never nothing."""
        total = np.bincount(self.near, weights=values)[self.near]
        return np.where(total > 0, total, 1.0)


@cache
def towns() -> Towns:
    """All entries, in the order of the places."""
    rows = _rows("towns.csv")
    pool = places()
    number = {key: at for at, key in enumerate(zip(pool.city, pool.state, strict=True))}
    near = np.array([number[row["near"], row["state"]] for row in rows])
    order = np.argsort(near, kind="stable")

    def text(name: str) -> Text:
        return np.array([rows[at][name] for at in order], dtype=object)

    def real(name: str) -> NDArray[np.float64]:
        return np.array([float(rows[at][name]) for at in order])

    return Towns(
        near[order],
        text("zip"),
        text("city"),
        text("state"),
        text("county"),
        real("latitude"),
        real("longitude"),
        real("miles"),
        text("city") == text("near"),
    )


@cache
def area_codes() -> dict[str, tuple[str, ...]]:
    """The area codes of each state."""
    return {row["state"]: tuple(row["area_codes"].split()) for row in _rows("area_codes.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("generator") / "profiles" / "automotive" / name
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
