"""Whether those who act were employed, in the role and at the dealer (R020, R021)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generator.rules import Truth
from generator.tables import Tables


def employed(table: str, column: str, day: str) -> Callable[[Tables], Truth]:
    """Rows of ``table`` whose ``column`` names somebody employed on ``day`` (or names nobody)."""

    def check(tables: Tables) -> Truth:
        on = tables.values(table, day).astype("datetime64[D]")
        hired = tables.values(table, f"{column}.hire_date")
        left = tables.values(table, f"{column}.termination_date")
        stays = tables.missing(table, f"{column}.termination_date")
        idle = tables.missing(table, column) | tables.missing(table, day)
        return np.asarray(((hired <= on) & (stays | (on <= left))) | idle)

    return check


def in_role(table: str, column: str, roles: tuple[str, ...]) -> Callable[[Tables], Truth]:
    """Rows whose ``column`` names somebody in one of ``roles`` at the row's own dealer."""

    def check(tables: Tables) -> Truth:
        able = tables.is_one_of(table, f"{column}.role_type", *roles)
        there = tables.same(table, f"{column}.dealer_key", "dealer_key")
        return np.asarray((able & there) | tables.missing(table, column))

    return check
