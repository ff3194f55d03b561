"""Reading one column as numbers or labels, and deciding how it is summarised."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import Coded
from generator.holders import EACH_ROW, Holders
from generator.schema import Column, Kind, Table
from generator.summary.bins import Floats
from generator.tables import Tables, coded, numpy_values

Role = Literal["key", "category", "number", "moment", "text"]
"""``key``: keys, links and identifiers; ``text``: free text and personal values.  Of these two
only missing values are counted."""

_CHARTED_PERSONAL = ("financial", "demographic")  # classes of the built-in world with published
# figures; ``fit`` summarises no personal column of an extract, whatever its class
_MANY = 100  # distinct labels a text column may have however few its rows


def is_key(table: Table, column: Column) -> bool:
    """Keys, links, and columns that name a row."""
    return column.name == table.key or column.unique or table.link(column.name) is not None


def declared_role(table: Table, column: Column) -> Role | None:
    """How a column is summarised, as far as its declaration says; None for text, which counts
    as categories when it repeats."""
    if is_key(table, column):
        return "key"
    if column.personal and column.personal not in _CHARTED_PERSONAL:
        return "text"
    match column.kind:
        case Kind.ENUM | Kind.BOOLEAN:
            return "category"
        case Kind.DATE | Kind.TIMESTAMP:
            return "moment"
        case Kind.TEXT:
            return None
        case _:
            return "number"


def role_of(tables: Tables, table: str, name: str, *, k: int, holders: Holders = EACH_ROW) -> Role:
    """How a column is summarised, its values seen."""
    column = tables.schema[table].column(name)
    declared = declared_role(tables.schema[table], column)
    if declared is not None:
        return declared
    return "category" if repeats(tables.codes(table, name), k, holders) else "text"


def repeats(values: Coded, k: int, holders: Holders = EACH_ROW) -> bool:
    """Whether text counts as categories: a label has two rows on average, there are at most a
    hundred or 5 % as many labels as rows (mostlyai-qa's border), and half of the rows hold a
    label of ``k`` rows."""
    there = values.codes[values.codes >= 0]
    if len(values.labels) > most_labels(len(values)) or 2 * len(values.labels) > len(there):
        return False
    rows = np.bincount(there, minlength=len(values.labels))
    shared = holders.number(values.codes, len(values.labels)) >= k
    return bool(rows[shared].sum() * 2 >= len(there))


def most_labels(rows: int) -> int:
    """Labels beyond which text is no category."""
    return max(_MANY, int(0.05 * rows))


def numbers(tables: Tables, table: str, path: str) -> Floats:
    """An ordered column as float64, NaN where missing: decimals in units, dates and moments in
    milliseconds since 1970."""
    return _floats(
        tables.column(table, path), tables.values(table, path), tables.missing(table, path)
    )


def _floats(column: Column, values: NDArray[Any], missing: NDArray[np.bool_]) -> Floats:
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        values = values.astype("datetime64[ms]").astype(np.int64)
    plain = values.astype(np.float64)
    if column.kind is Kind.DECIMAL and column.scale:
        plain /= 10.0**column.scale
    if missing.any():
        plain[missing] = np.nan
    return plain


def ordered(tables: Tables, table: str, path: str) -> bool:
    """True for columns read with ``numbers``, False for those read with ``Tables.codes``."""
    return tables.column(table, path).kind not in (Kind.TEXT, Kind.ENUM, Kind.BOOLEAN)


def read(tables: Tables, table: str, name: str, role: Role) -> Floats | Coded:
    """The column in the form its bins count."""
    if role == "category":
        return tables.codes(table, name)
    return numbers(tables, table, name)


def read_array(column: Column, array: pa.ChunkedArray) -> Floats | Coded:
    """Some values of a column in the form its bins count: codes of text and truth, else numbers."""
    if column.kind in (Kind.TEXT, Kind.ENUM, Kind.BOOLEAN):
        return coded(array)
    return _floats(column, numpy_values(column, array), np.asarray(array.is_null()))


def take(values: Floats | Coded, rows: NDArray[np.int64]) -> Floats | Coded:
    return values.take(rows) if isinstance(values, Coded) else values[rows]
