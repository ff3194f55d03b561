"""Values that come as Python's own, of a sheet or a database, as texts: one form a kind."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any


def text_of(value: Any) -> str:
    """As CSV would hold it; empty where there is none."""
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return "true" if value else "false"
        case float():
            return _digits(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(" ", _finest(value.microsecond))
        case date() | time():
            return value.isoformat()
        case timedelta():  # as Excel shows one: [h]:mm:ss
            seconds = round(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def _finest(microsecond: int) -> str:
    if not microsecond:
        return "seconds"
    return "microseconds" if microsecond % 1000 else "milliseconds"


def _digits(value: float) -> str:
    """A number as plain digits where it is whole; of others the fifteen that Excel keeps, or as
    many as tell it from its neighbours."""
    said = f"{value:.15g}"
    if value.is_integer() and abs(value) < 1e22:
        return str(int(float(said)))
    return said if float(said) == value else repr(value)
