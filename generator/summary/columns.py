"""Reading one column as numbers or labels, and deciding how it is summarised."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generator.frame import Coded
from generator.schema import Column, Kind, Table
from generator.summary.bins import Floats
from generator.tables import Tables

Role = Literal["key", "category", "number", "moment", "text"]
"""``key``: keys, links and identifiers; ``text``: free text and personal values.  Of these two
only missing values are counted."""

_CHARTED_PERSONAL = ("financial", "demographic")  # classes of the built-in world with published
# figures; ``fit`` summarises no personal column of an extract, whatever its class
_MANY = 100  # distinct labels a text column may have however few its rows


def is_key(table: Table, column: Column) -> bool:
    """Keys, links, and columns that name a row."""
    return column.name == table.key or column.unique or table.link(column.name) is not None


def role_of(tables: Tables, table: str, name: str, *, k: int) -> Role:
    """How a column is summarised.  Text counts as categories when it repeats: a label has two
    rows on average, there are at most a hundred or 5 % as many labels as rows (mostlyai-qa's
    border), and half of the rows hold a label of ``k`` rows."""
    column = tables.schema[table].column(name)
    if is_key(tables.schema[table], column):
        return "key"
    if column.personal and column.personal not in _CHARTED_PERSONAL:
        return "text"
    match column.kind:
        case Kind.ENUM | Kind.BOOLEAN:
            return "category"
        case Kind.DATE | Kind.TIMESTAMP:
            return "moment"
        case Kind.TEXT:
            return "category" if _repeats(tables.codes(table, name), k) else "text"
        case _:
            return "number"


def _repeats(values: Coded, k: int) -> bool:
    there = values.codes[values.codes >= 0]
    if len(values.labels) > max(_MANY, 0.05 * len(values)) or 2 * len(values.labels) > len(there):
        return False
    rows = np.bincount(there, minlength=len(values.labels))
    return bool(rows[rows >= k].sum() * 2 >= len(there))


def numbers(tables: Tables, table: str, path: str) -> Floats:
    """An ordered column as float64, NaN where missing: decimals in units, dates and moments in
    milliseconds since 1970."""
    column = tables.column(table, path)
    values = tables.values(table, path)
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        values = values.astype("datetime64[ms]").astype(np.int64)
    found = values.astype(np.float64)
    if column.kind is Kind.DECIMAL and column.scale:
        found /= 10.0**column.scale
    missing = tables.missing(table, path)
    if missing.any():
        found[missing] = np.nan
    return found


def ordered(tables: Tables, table: str, path: str) -> bool:
    """True for columns read with ``numbers``, False for those read with ``Tables.codes``."""
    return tables.column(table, path).kind not in (Kind.TEXT, Kind.ENUM, Kind.BOOLEAN)


def read(tables: Tables, table: str, name: str, role: Role) -> Floats | Coded:
    """The column in the form its bins count."""
    if role == "category":
        return tables.codes(table, name)
    return numbers(tables, table, name)


def take(values: Floats | Coded, rows: NDArray[np.int64]) -> Floats | Coded:
    return values.take(rows) if isinstance(values, Coded) else values[rows]
