"""Parents with what their children amount to, for a classifier that is to see tables as a whole.

After SyntheRela's C2ST-Agg: the number of children, of each of their numbers the mean, standard
deviation, least and largest, and the number of distinct categories are columns of the parent.
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
LEFT_OVER = 1e-9  # of the largest number: what sums leave over of nothing is less
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
                    if column in link.columns:
                        continue  # the parent's own
                    if role in ("number", "moment"):
                        held = numbers(tables, child.name, column)
                        for word, values in _moments(held, parent, parents):
                            yield f"{prefix}: {word} {column}", values
                    elif role == "category":
                        codes = tables.codes(child.name, column).codes
                        yield f"{prefix}: distinct {column}", _distinct(codes, parent, parents)


def _moments(
    values: Floats, parent: NDArray[np.int64], parents: int
) -> Iterator[tuple[str, Floats]]:
    """Mean, standard deviation, least and largest by parent; NaN for parents whose children hold
    none.  Means and deviations are rounded to single precision, and 0 where they are nothing but
    what sums leave over: such digits would tell of which rows they were worked out where all
    children say the same."""
    there = (parent >= 0) & ~np.isnan(values)
    held, of = values[there], parent[there]
    rows = np.bincount(of, minlength=parents)
    middle = float(held.mean()) if len(held) else 0.0
    sums = np.bincount(of, weights=held - middle, minlength=parents)
    means = np.where(rows > 0, sums / np.maximum(rows, 1), np.nan)
    nothing = LEFT_OVER * np.abs(held).max(initial=0.0)
    yield "mean", _rounded(means + middle, nothing)
    squares = np.bincount(of, weights=(held - middle - means[of]) ** 2, minlength=parents)
    spread = np.sqrt(squares / np.maximum(rows, 1))
    yield "deviation", _rounded(np.where(rows > 0, spread, np.nan), nothing)
    for word, edge, start in (("least", np.minimum, np.inf), ("largest", np.maximum, -np.inf)):
        ends = np.full(parents, start)
        edge.at(ends, of, held)
        yield word, np.where(rows > 0, ends, np.nan)


def _rounded(values: Floats, nothing: float) -> Floats:
    single = values.astype(np.float32).astype(np.float64)
    return np.where(np.abs(single) < nothing, 0.0, single)


def _distinct(codes: NDArray[np.int32], parent: NDArray[np.int64], parents: int) -> Floats:
    there = (parent >= 0) & (codes >= 0)
    width = int(codes.max(initial=0)) + 1
    pairs = np.unique(parent[there] * width + codes[there])
    return np.bincount(pairs // width, minlength=parents).astype(np.float64)
