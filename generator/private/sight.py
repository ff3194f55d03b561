"""From the values of an extract to levels, by what is declared and nothing else.

Each value is read alone, so that one row more or less changes no other row's level.  What is not
of the declared type, or no declared category, counts as missing: no message tells of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.private.levels import Levels
from generator.schema import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_DAY_MS = 86_400_000.0
LONGEST = 200  # letters of a label that nobody declared


def coded(levels: Levels, values: pa.ChunkedArray) -> Ints:
    """The level of each value (n,), what is missing after the last."""
    if levels.ordered:
        return levels.code(numbers(levels.column.kind, values))
    import pandas as pd

    found = pd.Index(levels.labels).get_indexer(pd.Index(texts(values)))
    return np.where(found < 0, levels.size, found).astype(np.int64)


def numbers(kind: Kind, values: pa.ChunkedArray) -> Floats:
    """Values (n,) in the memory form of the kind; NaN for what is none."""
    import pandas as pd

    said = pd.Series(texts(values), dtype=object)
    if kind is Kind.BOOLEAN:
        words = said.str.strip().str.lower()
        told = np.where(words.isin(_TRUE), 1.0, np.where(words.isin(_FALSE), 0.0, np.nan))
        return np.asarray(told, dtype=np.float64)
    if kind in (Kind.DATE, Kind.TIMESTAMP):
        moments = pd.to_datetime(said, errors="coerce", format="ISO8601", utc=True)
        whole = moments.dt.tz_convert(None).to_numpy().astype("datetime64[ms]")
        ms = np.where(np.isnat(whole), np.nan, whole.astype(np.int64).astype(np.float64))
        return np.floor(ms / _DAY_MS) if kind is Kind.DATE else ms
    found = pd.to_numeric(said, errors="coerce").to_numpy(dtype=np.float64)
    found = np.where(np.isfinite(found), found, np.nan)
    return np.rint(found) if kind is Kind.INTEGER else found


def counted(values: pa.ChunkedArray) -> dict[str, int]:
    """Rows by text, of texts that may be labels."""
    import pandas as pd

    rows = pd.Series(texts(values), dtype=object).value_counts()
    return {
        text: int(count)
        for text, count in zip(rows.index, rows.to_numpy(), strict=True)
        if text and len(text) <= LONGEST and "\0" not in text
    }


def texts(values: pa.ChunkedArray) -> NDArray[Any]:
    """Values (n,) as text, None for what is missing."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=object)
