"""Rows that stand in the order of a moment: an order's number rises with its date."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.fit.column import Columns
from generator.schema import Kind, Table

MOMENTS = (Kind.DATE, Kind.TIMESTAMP)
LEAST_STEPS = 20  # from one value to a later one: fewer are soon in order by chance


def followed(
    table: Table, rows: pa.Table, own: Columns, *, without: Collection[str] = (), k: int
) -> str:
    """The column of moments that never falls from one row of the extract to the next, "" where
    there is none: rows are drawn in its order, and a key of whole numbers counts them so.

    ``own`` are the encoded columns; those ``without`` are drawn by others.  A key that is not in
    order itself is no number of the order, and then nothing is followed.
    """
    key = table.key
    if key is not None and table.column(key).kind is Kind.INTEGER:
        made = key in own and own[key].codec.form == "pattern"
        if not made or not _rises(rows.column(key), 1):
            return ""
    for column in table.columns:
        name = column.name
        if column.kind not in MOMENTS or name not in own or name in without:
            continue
        if own[name].codec.form != "number" or rows.column(name).null_count:
            continue
        if _rises(rows.column(name), max(k, LEAST_STEPS)):
            return name
    return ""


def _rises(values: pa.ChunkedArray, least: int) -> bool:
    """Whether values never fall, and rise ``least`` times."""
    if values.null_count:
        return False
    if pa.types.is_date32(values.type):
        values = pc.cast(values, pa.int32())
    steps = np.diff(np.asarray(pc.cast(values, pa.int64())))
    return bool((steps >= 0).all()) and int(np.count_nonzero(steps)) >= least
