"""Parents with what their children amount to, for a classifier that is to see tables as a whole.

After SyntheRela's C2ST-Agg: the number of children, the mean of each of their numbers and the
number of distinct categories are columns of the parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.compare.rows import MOST_ROWS, TableRows, drawn, rows_of
from generator.stop import asking
from generator.summary import Summary
from generator.summary.columns import numbers
from generator.tables import Tables

Floats = NDArray[np.float64]
MOST_CHILDREN = 2_000_000  # rows of a child table beyond which only its rows are counted


def with_aggregates(
    tables: Tables, table: str, reference: Summary, *, name: str
) -> TableRows | None:
    """The table's rows with columns about their children; None for a table without children."""
    more = dict(_amounts(tables, table, reference))
    if not more:
        return None
    roles = {column: entry.role for column, entry in reference.tables[table].columns.items()}
    side = rows_of(tables, table, roles, name=name)
    chosen = drawn(tables.rows(table), MOST_ROWS, name=f"{table} {name}")
    amounts = {column: values[chosen] for column, values in more.items()}
    return replace(side, columns={**side.columns, **amounts})


def _amounts(tables: Tables, table: str, reference: Summary) -> Iterator[tuple[str, Floats]]:
    parents = tables.rows(table)
    for child in tables.schema:
        if child.name not in tables or child.name not in reference.tables:
            continue
        for link in child.links:
            if link.parent != table or child.name == table:
                continue
            parent = tables.row_of(child.name, link.path)
            prefix = f"{child.name} by {link.said}"
            rows = np.bincount(parent[parent >= 0], minlength=parents)
            yield f"{prefix}: rows", rows.astype(np.float64)
            if len(parent) <= MOST_CHILDREN:
                roles = {c: entry.role for c, entry in reference.tables[child.name].columns.items()}
                for column, role in asking(roles.items(), every=1):
                    if role in ("number", "moment"):
                        held = numbers(tables, child.name, column)
                        yield f"{prefix}: mean {column}", _means(held, parent, parents)
                    elif role == "category":
                        codes = tables.codes(child.name, column).codes
                        yield f"{prefix}: distinct {column}", _distinct(codes, parent, parents)


def _means(values: Floats, parent: NDArray[np.int64], parents: int) -> Floats:
    """Means by parent; NaN for parents whose children hold none."""
    there = (parent >= 0) & ~np.isnan(values)
    sums = np.bincount(parent[there], weights=values[there], minlength=parents)
    rows = np.bincount(parent[there], minlength=parents)
    means: Floats = np.where(rows > 0, sums / np.maximum(rows, 1), np.nan)
    return means


def _distinct(codes: NDArray[np.int32], parent: NDArray[np.int64], parents: int) -> Floats:
    there = (parent >= 0) & (codes >= 0)
    width = int(codes.max(initial=0)) + 1
    pairs = np.unique(parent[there] * width + codes[there])
    return np.bincount(pairs // width, minlength=parents).astype(np.float64)
