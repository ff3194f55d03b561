"""Statements that must hold.  A rule is checked on whole tables, row by row, vectorised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.tables import Tables

Check = Callable[[Tables], NDArray[np.bool_]]
"""One truth value for each row of the rule's table: True where the row obeys."""


@dataclass(frozen=True)
class Rule:
    """``id`` is the platform's (R001 …) with a suffix where one statement needs several checks.

    ``needs`` are the tables the check reads; if one of them is not in the bundle the rule is
    reported as not checked.  ``group`` is the heading it is shown under.  ``level`` is "error"
    (must hold) or "warning".
    """

    id: str
    table: str
    text: str
    check: Check
    needs: tuple[str, ...] = ()
    group: str = ""
    level: str = "error"


def about(said: NDArray[np.bool_], share: float, *, points: float = 0.02) -> NDArray[np.bool_]:
    """All rows obey where ``said`` is true of about ``share`` of them: within ``points``, or within
    three standard deviations of as many coins; else the rows of the side there is too much of
    do not."""
    if not len(said):
        return said
    most = max(points, 3 * float(np.sqrt(share * (1 - share) / len(said))))
    reached = float(said.mean())
    if abs(reached - share) <= most + 1e-9:
        return np.ones(len(said), dtype=bool)
    return ~said if reached > share else said
