"""Draws of operations that fit a car, by weight, and the lines of orders that they are put on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generator.domains.service.operations import Catalogue, operations

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

CLAIMED, CLAIMED_POWER, EXCLUDED = "claimed", "claimed powertrain", "fault beside powertrain"
"""What breaks while everything is covered, while the powertrain is, and what that is not for."""
RECONDITION = "recondition"  # what is done to a used car after it was looked over
PREPARE, SHINE = "prepare", "shine"  # for its buyer, and for whoever may look at it


class Picks:
    """Draws of operations by weight among those of some uses that fit a kind of car."""

    def __init__(self, kinds: Catalogue, worn_from: tuple[float, float]) -> None:
        self.kinds = kinds
        self._sums: dict[tuple[str, ...], Floats] = {}
        self.told: dict[str, Floats] = {}  # of what alerts tell of
        self._worn, self._worn_from = np.flatnonzero(kinds.of("wear")), worn_from
        systems = [
            np.flatnonzero(kinds.of("test") & (kinds.system == s))
            for s in range(len(kinds.systems))
        ]
        any_car = np.flatnonzero(kinds.of("test") & kinds.fits.all(axis=0))
        self.test = np.array([found[0] if len(found) else any_car[0] for found in systems])

    def _weights(self, *uses: str) -> Floats:
        kinds, power = self.kinds, self.kinds.powertrain
        fault = kinds.of("fault")
        named = operations()[: len(kinds)]
        prepares = np.array([one.name.startswith("Prepare") for one in named], dtype=bool)
        pools = {
            CLAIMED: kinds.claimed * fault,
            CLAIMED_POWER: kinds.claimed * (fault & power),
            EXCLUDED: kinds.weight * (fault & ~power),
            PREPARE: kinds.weight * (kinds.of("ready") & prepares),
            SHINE: kinds.weight * (kinds.of("ready") & ~prepares),
            RECONDITION: kinds.weight * kinds.of("used") * (np.cumsum(kinds.of("used")) > 1),
        }
        return pools[uses[0]] if uses[0] in pools else kinds.weight * kinds.of(*uses)

    def sums(self, *uses: str) -> Floats:
        if uses not in self._sums:
            self._sums[uses] = np.cumsum(self._weights(*uses) * self.kinds.fits, axis=1)
        return self._sums[uses]

    def pick(self, kind: Rows, u: Floats, *uses: str) -> Rows:
        """An operation for each (n,) kind of car; -1 where none fits."""
        sums = self.sums(*uses)
        total = sums[:, -1]
        width = float(total.max(initial=0)) + 1
        flat = (sums + np.arange(len(sums))[:, None] * width).ravel()
        target = np.minimum(u, 1 - 1e-9) * total[kind] + kind * width
        at = np.searchsorted(flat, target, side="right") - kind * sums.shape[1]
        return np.where(total[kind] > 0, np.minimum(at, sums.shape[1] - 1), -1)

    def worn(self, kind: Rows, since: Floats, u: Floats) -> Rows:
        """What has worn, by the miles ``since`` each operation was done (n, operations): none
        before its time, the more likely the longer it is over; -1 where nothing has."""
        kinds, some = self.kinds, self._worn
        low, high = self._worn_from
        lasts = kinds.lasts[some]
        part = since[:, some] / np.maximum(lasts, 1)
        likely = np.where(lasts > 0, np.clip((part - low) / (high - low), 0.0, 1.0), 1.0)
        sums = np.cumsum(likely * kinds.weight[some] * kinds.fits[kind][:, some], axis=1)
        total = sums[:, -1] if len(some) else np.zeros(len(kind))
        at = (sums <= (u * total)[:, None]).sum(axis=1)
        at = np.minimum(at, max(len(some) - 1, 0))
        return np.where(total > 0, some[at] if len(some) else -1, -1)

    def first(self, kind: Rows, *uses: str) -> Rows:
        """The first operation of the catalogue that fits, of these uses; -1 where none does."""
        fits = self.kinds.of(*uses) & self.kinds.fits
        return np.where(fits.any(axis=1), np.argmax(fits, axis=1), -1)[kind]

    def fitting(self, kind: Rows, operation: Rows) -> Rows:
        """The operation, or -1 where it does not fit the car."""
        return np.where(self.kinds.fits[kind, operation], operation, -1)

    def add(self, chosen: Rows, rows: Rows, lines: Rows, operation: Rows) -> None:
        """Put an operation on the next free line, unless the order is full or has done what is
        new afterwards."""
        mine, thing = chosen[rows], self.kinds.thing
        have = ((mine >= 0) & (thing[mine] == thing[operation][:, None])).any(axis=1)
        used = (mine >= 0).sum(axis=1)
        free = (operation >= 0) & ~have & (used < lines[rows])
        chosen[rows[free], used[free]] = operation[free]
