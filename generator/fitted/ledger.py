"""Whether the ledger of a private fit that somebody brought can be shown and added up.

What it says cannot be proven from the file: a ledger is worth what its maker is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MOST_LOOKS = 100_000
MOST_COLUMNS = 100_000
_LONGEST = 1000  # letters of a text
_LARGEST = 1e18
_NUMBERS = ("cells", "sensitivity", "sigma", "rho", "delta")


def check_ledger(ledger: Any) -> None:
    """Raises ValueError for what is no ledger."""
    for name in ("unit", "neighbours"):
        _text(ledger[name])
    if "source" in ledger:
        _text(ledger["source"])
    for name in ("epsilon", "delta", "rho"):
        _number(ledger[name])
    for most in ledger["rows_of_a_unit"].values():
        _number(most)
    for name in ("rho", "epsilon"):
        _number(ledger["spent"][name])
    looks, declared = ledger["looks"], ledger["declared"]
    if not isinstance(looks, list) or len(looks) > MOST_LOOKS:
        raise ValueError("looks of the ledger")
    for look in looks:
        _check_look(look)
    if not isinstance(declared, Mapping) or len(declared) > MOST_COLUMNS:
        raise ValueError("what the ledger says is declared")
    for column, said in declared.items():
        _check_declared(column, said)
    if math.fsum(look["rho"] for look in looks) > ledger["rho"] * (1 + 1e-6):
        raise ValueError("the ledger has spent more than its budget")


def _check_look(look: Any) -> None:
    if look["way"] not in ("counts", "highest", "labels"):
        raise ValueError("way of a look")
    _text(look["about"])
    for name in _NUMBERS:
        _number(look[name])
    if look["mu"] is not None:
        _number(look["mu"])


def _check_declared(column: Any, said: Any) -> None:
    _text(column)
    if not isinstance(said, Mapping) or len(said) > len(_NUMBERS):
        raise ValueError("what is declared of a column")
    for value in said.values():
        if value is not None and not isinstance(value, bool):
            _number(value, least=-_LARGEST)


def _text(value: Any) -> None:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError("a text of the ledger")


def _number(value: Any, *, least: float = 0.0) -> None:
    if type(value) not in (int, float) or not least <= value <= _LARGEST:
        raise ValueError("a number of the ledger")
