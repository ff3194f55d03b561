"""The ledger of a private fit: every look at the rows, and what it cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEIGHBOURS = "add or remove one"
ROW = "row"


@dataclass(frozen=True)
class Budget:
    """What a fit may spend.  ``unit`` is what two neighbouring extracts differ by, one more or one
    less of it: a "row", or the rows that share a value of the column “table.column”."""

    epsilon: float
    delta: float
    unit: str = ROW

    @property
    def _said(self) -> str:
        return ROW if self.unit == ROW else f"{self.unit} with all rows beneath it"

    def document(self) -> dict[str, Any]:
        return {**vars(self), "neighbours": f"{NEIGHBOURS} {self._said}"}


@dataclass(frozen=True)
class Look:
    """One look.  ``way`` is "counts" (Gaussian noise of standard deviation ``sigma`` on ``cells``
    counts), "highest" (of ``cells`` scores the number of about the highest, by noise of scale
    ``sigma``) or "labels" (those whose noisy counts pass a threshold, which fails with ``delta``);
    ``sensitivity`` is how far one unit moves the counts (L2) or a score; ``rho`` is
    what OpenDP says it cost, ``mu`` the same as Gaussian differential privacy has it (counts
    only)."""

    way: str
    about: str
    cells: int
    sensitivity: float
    sigma: float
    rho: float
    delta: float = 0.0

    @property
    def mu(self) -> float | None:
        return self.sensitivity / self.sigma if self.way == "counts" else None

    def document(self) -> dict[str, Any]:
        return {**vars(self), "mu": self.mu}


@dataclass
class Ledger:
    """Looks in their order, within a budget of ``rho``."""

    rho: float
    looks: list[Look] = field(default_factory=list)

    def write(self, look: Look) -> None:
        """Note a look before it happens.  Raises OverflowError where it would cost more than is
        left, so that nothing beyond the budget is ever asked."""
        if look.rho > self.left + 1e-9 * self.rho:
            raise OverflowError(f"{look.about} would cost more than is left")
        self.looks.append(look)

    @property
    def spent(self) -> float:
        return math.fsum(look.rho for look in self.looks)

    @property
    def left(self) -> float:
        return self.rho - self.spent


def ledger_document(
    budget: Budget,
    ledger: Ledger,
    spent: float,
    declared: Mapping[str, Any],
    kept: Mapping[str, int],
) -> dict[str, Any]:
    """The ledger as plain JSON types: what was promised, what was asked, what it came to.

    ``spent`` is epsilon of all looks; ``kept`` is by table how many rows a unit has at most."""
    return {
        **budget.document(),
        "rows_of_a_unit": dict(kept),
        "rho": ledger.rho,
        "spent": {"rho": ledger.spent, "epsilon": spent},
        "declared": dict(declared),
        "looks": [look.document() for look in ledger.looks],
    }
