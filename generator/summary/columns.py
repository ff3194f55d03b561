"""Reading one column as numbers or labels, and deciding how it is summarised."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.schema import Column, Kind, Table
from generator.summary.bins import Floats, Labelled
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
            return "category" if _repeats(labelled(tables, table, name), k) else "text"
        case _:
            return "number"


def _repeats(values: Labelled, k: int) -> bool:
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


def labelled(tables: Tables, table: str, path: str) -> Labelled:
    """A text, enum or boolean column (a path may follow links) as codes into its labels."""
    link, _, rest = path.partition(".")
    if not rest:
        return coded(tables.arrow(table, path))
    target = tables.schema[table].link(link)
    if target is None:
        raise KeyError(f"{table}.{link} is not a link")
    found, inner = tables.row_of(table, link), labelled(tables, target.parent, rest)
    codes = np.append(inner.codes, np.int32(-1))  # row -1 is a parent that is not there
    return Labelled(codes[found], inner.labels)


def coded(array: pa.ChunkedArray) -> Labelled:
    """Arrow text or truth values as codes into sorted labels."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    whole = array.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # no chunk at all
        return Labelled(np.zeros(0, dtype=np.int32), ())
    labels = [str(label) for label in whole.dictionary.to_pylist()]
    order = np.argsort(np.array(labels, dtype=object)) if labels else np.zeros(0, dtype=np.int64)
    place = np.empty(len(labels) + 1, dtype=np.int32)
    place[order] = np.arange(len(labels), dtype=np.int32)
    place[-1] = -1
    codes = np.asarray(pc.fill_null(whole.indices.cast(pa.int32()), -1))
    return Labelled(place[codes], tuple(labels[at] for at in order))


def ordered(tables: Tables, table: str, path: str) -> bool:
    """True for columns read with ``numbers``, False for those read with ``labelled``."""
    return tables.column(table, path).kind not in (Kind.TEXT, Kind.ENUM, Kind.BOOLEAN)


def read(tables: Tables, table: str, name: str, role: Role) -> Floats | Labelled:
    """The column in the form its bins count."""
    if role == "category":
        return labelled(tables, table, name)
    return numbers(tables, table, name)


def take(values: Floats | Labelled, rows: NDArray[np.int64]) -> Floats | Labelled:
    return values.take(rows) if isinstance(values, Labelled) else values[rows]
