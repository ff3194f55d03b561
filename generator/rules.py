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


@dataclass(frozen=True)
class Violation:
    """How one rule failed: rows looked at, rows that broke it, the first few row numbers."""

    rule: str
    rows: int
    broken: int
    examples: tuple[int, ...]
