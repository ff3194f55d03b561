"""Counting tables into a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import Coded, Frame
from generator.schema import Column, Kind, Schema
from generator.streams import Stream
from generator.summary.bins import (
    Bins,
    Floats,
    category_bins,
    even_bins,
    month_bins,
    quantile_bins,
    value_bins,
)
from generator.summary.columns import read, role_of, take
from generator.summary.document import Children, ColumnSummary, Matrix, Summary, TableSummary
from generator.tables import Tables

COARSE, FINE = 10, 24  # bins scored and bins drawn
MOST_COLUMNS = 300  # of a table that two-way tables are made of
PAIR_ROWS = 50_000  # rows two-way tables are made of, of longer tables a fixed sample
EDGE_ROWS = 200_000  # rows that bin edges are found on
MOST_CELLS = 600_000  # two-way cells of a whole summary, so that it stays under 5 MB
MOST_MONTHS = 60
LONG = 200_000  # rows from which a table is dropped from memory once it is counted

Values = Floats | Coded


def summarize(tables: Tables, *, k: int = 10, like: Summary | None = None) -> Summary:
    """One- and two-way tables, months, children per parent and moments of all tables.

    ``k`` is the fewest rows a label, an edge or a two-way cell may rest on.  ``like`` counts
    into the bins of another summary, so that the two can be compared (then k matters only for
    columns ``like`` does not have).  Two-way tables and correlations of more than ``PAIR_ROWS``
    rows rest on a fixed sample; everything else on all rows.
    """
    names = [name for name in tables.schema.names if name in tables]
    cells = MOST_CELLS
    found = {}
    for name in names:
        found[name] = _table(tables, name, k=k, like=like, cells=cells // max(1, len(names)))
        if tables.rows(name) > LONG:
            tables.forget(name)
    return Summary(k, found, tuple(_children(tables, names, k=k, like=like)))


def summarize_frames(
    schema: Schema,
    frames: Mapping[str, pa.Table | Frame],
    *,
    k: int = 10,
    like: Summary | None = None,
) -> Summary:
    """As ``summarize``, of tables in memory."""
    return summarize(tables_of(schema, frames), k=k, like=like)


def tables_of(schema: Schema, frames: Mapping[str, pa.Table | Frame]) -> Tables:
    """Read access to tables in memory."""
    made = {
        name: frame.to_arrow() if isinstance(frame, Frame) else frame
        for name, frame in frames.items()
    }
    return Tables(
        schema,
        {name: table.select for name, table in made.items()},
        {name: table.num_rows for name, table in made.items()},
    )


def sample_rows(rows: int, most: int, *, name: str) -> NDArray[np.int64]:
    """About ``most`` row numbers in order, the same for the same name and number of rows."""
    if rows <= most:
        return np.arange(rows)
    return np.flatnonzero(Stream(0, name, "(sample)").uniform(0, rows) < most / rows)


def _table(tables: Tables, name: str, *, k: int, like: Summary | None, cells: int) -> TableSummary:
    model = like.tables.get(name) if like is not None else None
    rows = tables.rows(name)
    chosen = sample_rows(rows, PAIR_ROWS, name=name)
    columns: dict[str, ColumnSummary] = {}
    codes: dict[str, NDArray[np.int16]] = {}
    sampled: dict[str, Floats] = {}
    calendar: dict[str, Mapping[str, int]] = {}
    for column in tables.schema[name].columns:
        found, values = _column(
            tables, name, column, k=k, model=model.columns.get(column.name) if model else None
        )
        columns[column.name] = found
        if values is None or found.bins is None:
            continue
        if len(codes) < MOST_COLUMNS:
            codes[column.name] = found.bins.code(take(values, chosen))
        if isinstance(values, np.ndarray):
            sampled[column.name] = values[chosen]
            if found.role == "moment":
                months = _months(values, k=k)
                calendar |= {column.name: months} if months else {}
    only = None if model is None else set(model.pairs)
    return TableSummary(
        rows=rows,
        pair_rows=len(chosen),
        columns=columns,
        pairs=_pairs(codes, columns, k=k, cells=cells, only=only),
        correlation=_correlation(sampled),
        calendar=calendar,
    )


def _column(
    tables: Tables, table: str, column: Column, *, k: int, model: ColumnSummary | None
) -> tuple[ColumnSummary, Values | None]:
    role = model.role if model is not None else role_of(tables, table, column.name, k=k)
    missing = int(tables.arrow(table, column.name).null_count)
    if role in ("key", "text"):
        return ColumnSummary(role, _kept(missing, k)), None
    values = read(tables, table, column.name, role)
    if model is not None and model.bins is not None and model.chart is not None:
        bins, chart, shown = model.bins, model.chart, model.shown
    else:
        bins = _coarse(table, values, k=k, dated=role == "moment")
        chart, shown = _fine(table, values, column, k=k)
    there = values[~np.isnan(values)] if isinstance(values, np.ndarray) else np.zeros(0)
    measured = role == "number" and len(there) >= max(k, 1)
    return ColumnSummary(
        role=role,
        missing=_kept(missing, k),
        bins=bins,
        counts=_counted(bins, values, k),
        chart=chart,
        chart_counts=_counted(chart, values, k),
        shown=shown,
        mean=float(there.mean()) if measured else None,
        deviation=float(there.std()) if measured else None,
    ), values


def _kept(count: int, k: int) -> int:
    return count if count >= k else 0


def _counted(bins: Bins, values: Values, k: int) -> tuple[int, ...]:
    """Counts by bin; those under ``k`` are not told."""
    return tuple(_kept(int(count), k) for count in bins.count(values))


def _coarse(table: str, values: Values, *, k: int, dated: bool) -> Bins:
    if isinstance(values, Coded):
        return category_bins(values, most=COARSE, k=max(k, 5))
    chosen = sample_rows(len(values), EDGE_ROWS, name=table)
    return quantile_bins(values[chosen], most=COARSE, k=k, dated=dated)


def _fine(table: str, values: Values, column: Column, *, k: int) -> tuple[Bins, str]:
    """The bins a column is drawn with, and how."""
    if isinstance(values, Coded):
        return category_bins(values, most=FINE, k=k), "bars"
    values = values[sample_rows(len(values), EDGE_ROWS, name=table)]
    there = values[~np.isnan(values)]
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        return _dated(there, k=k)
    few = value_bins(np.sort(there), most=12, k=k)
    if few is not None:
        return few, "bars"
    whole = column.kind is Kind.INTEGER
    return even_bins(there, about=FINE, k=k, whole=whole), "histogram"


def _dated(there: Floats, *, k: int) -> tuple[Bins, str]:
    """Months of a span up to five years; else bins of as many whole months as make about FINE."""
    months = _month_numbers(np.sort(there))
    if len(months) < max(k, 1):
        return Bins(("none",), (0.0, 0.0)), "histogram"
    first, last = int(months[max(k, 1) - 1]), int(months[-max(k, 1)])
    first, last = min(first, last), max(first, last)
    bins = month_bins(first, last)
    if last - first < MOST_MONTHS:
        return bins, "calendar"
    every = -(-(last - first + 1) // FINE)
    assert bins.edges is not None  # months have edges
    edges = (*bins.edges[:-1:every], bins.edges[-1])
    return Bins(tuple(bins.labels[::every]), edges), "histogram"


def _month_numbers(milliseconds: Floats) -> NDArray[np.int64]:
    moments = milliseconds.astype(np.int64).view("datetime64[ms]")
    return moments.astype("datetime64[M]").astype(np.int64)


def _months(values: Floats, *, k: int) -> dict[str, int]:
    """Rows by month, months under ``k`` rows as none; empty for spans over ``MOST_MONTHS``."""
    numbers_ = _month_numbers(values[~np.isnan(values)])
    if not len(numbers_):
        return {}
    first = int(numbers_.min())
    if int(numbers_.max()) - first >= 10 * MOST_MONTHS:
        return {}
    rows = np.bincount(numbers_ - first)
    rows[rows < max(k, 1)] = 0
    held = np.flatnonzero(rows)
    if not len(held) or held[-1] - held[0] >= MOST_MONTHS:
        return {}
    months = np.arange(first + held[0], first + held[-1] + 1).astype("datetime64[M]")
    return {
        str(month): int(count)
        for month, count in zip(months, rows[held[0] : held[-1] + 1], strict=True)
    }


# Two columns at a time


def _pairs(
    codes: Mapping[str, NDArray[np.int16]],
    columns: Mapping[str, ColumnSummary],
    *,
    k: int,
    cells: int,
    only: set[tuple[str, str]] | None,
) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Two-way counts of all pairs while they fit into ``cells``, evenly thinned beyond."""
    wanted = [pair for pair in combinations(codes, 2) if only is None or pair in only]
    sizes = [_levels(columns, a) * _levels(columns, b) for a, b in wanted]
    if only is None and sum(sizes) > cells:
        every = sum(sizes) / max(cells, 1)
        wanted = [wanted[int(at * every)] for at in range(int(len(wanted) / every))]
    found = {}
    for a, b in wanted:
        shape = (_levels(columns, a), _levels(columns, b))
        counts = crossed(codes[a], codes[b], shape)
        counts[counts < k] = 0
        found[a, b] = counts
    return found


def _levels(columns: Mapping[str, ColumnSummary], name: str) -> int:
    bins = columns[name].bins
    return 0 if bins is None else bins.levels


def crossed(
    first: NDArray[np.int16], second: NDArray[np.int16], shape: tuple[int, int]
) -> NDArray[np.int64]:
    """Rows by two codes, shape ``shape``."""
    joint = first.astype(np.int32) * shape[1] + second
    return np.bincount(joint, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def _correlation(columns: Mapping[str, Floats]) -> tuple[tuple[str, ...], Matrix] | None:
    """Pearson's correlation of every two ordered columns over the rows that hold both."""
    if len(columns) < 2:
        return None
    names = tuple(columns)[:MOST_COLUMNS]
    return names, pearson(np.column_stack([columns[name] for name in names]))


def pearson(values: Floats) -> Matrix:
    """Pairwise-complete correlations of the columns of ``values`` (n, m); NaN where a column
    does not vary.  Shape (m, m)."""
    there = ~np.isnan(values)
    rows = there.sum(axis=0)
    held = np.where(there, values, 0.0)
    centred = np.where(there, held - held.sum(axis=0) / np.maximum(rows, 1), 0.0)
    scale = np.sqrt((centred**2).sum(axis=0) / np.maximum(rows, 1))
    unit = centred / np.where(scale > 0, scale, 1.0)
    mask = there.astype(np.float64)
    n = np.maximum(mask.T @ mask, 1.0)
    first = unit.T @ mask
    square = (unit**2).T @ mask
    covariance = unit.T @ unit - first * first.T / n
    spread = square - first**2 / n
    product = spread * spread.T
    varying = (product > 1e-18) & (n >= 2)
    return np.where(varying, covariance / np.sqrt(np.where(varying, product, 1.0)), np.nan)


# Children per parent


def _children(
    tables: Tables, names: Iterable[str], *, k: int, like: Summary | None
) -> Iterator[Children]:
    bins = {} if like is None else {(c.child, c.column): c.bins for c in like.children}
    for name in names:
        for link in tables.schema[name].links:
            if link.parent not in tables or not tables.rows(link.parent):
                continue
            found = tables.row_of(name, link.column)
            held = np.bincount(found[found >= 0], minlength=tables.rows(link.parent))
            rows = held.astype(np.float64)
            chosen = bins.get((name, link.column)) or _family_bins(rows, k=k)
            yield Children(
                link.parent,
                name,
                link.column,
                chosen,
                tuple(_kept(int(count), k) for count in chosen.count(rows)[:-1]),
                round(float(rows.mean()), 4),
            )


def _family_bins(rows: Floats, *, k: int) -> Bins:
    """A bin for each number of children up to a number that few parents exceed; quantile-like
    bins where families are large."""
    most = int(rows.max())
    if most <= 12:
        while most > 1 and (rows >= most).sum() < k:
            most -= 1
        labels = [str(number) for number in range(most + 1)]
        if (rows > most).any():
            labels[-1] = f"{most}+"
        return Bins(tuple(labels), tuple(number - 0.5 for number in range(most + 2)))
    return quantile_bins(rows, most=COARSE, k=k)
