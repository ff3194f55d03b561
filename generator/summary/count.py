"""Counting tables into a summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.frame import Coded, Frame
from generator.holders import EACH_ROW, Holders
from generator.schema import Column, Kind, Schema
from generator.stop import asking
from generator.streams import Stream
from generator.summary.bins import (
    COARSE,
    Bins,
    Floats,
    bins_in_order,
    category_bins,
    even_bins,
    in_order,
    month_bins,
    value_bins,
)
from generator.summary.children import NOBODY, children_of
from generator.summary.columns import Role, read, role_of, take
from generator.summary.document import ColumnSummary, Matrix, Summary, TableSummary
from generator.tables import Tables

FINE = 24  # bins drawn
MOST_COLUMNS = 300  # of a table that two-way tables are made of
PAIR_ROWS = 50_000  # rows two-way tables are made of, of longer tables a fixed sample
EDGE_ROWS = 200_000  # rows that bin edges are found on
MOST_CELLS = 600_000  # two-way cells of a whole summary, so that it stays under 5 MB
MOST_OF_TABLE = 300_000  # of one table: half a megabyte of a profile
LEAST_SHOWN = 0.9  # of rows, in bins that so many share that they are told of
MOST_MONTHS = 60
MOST_DAYS = 200_000  # between the first and the last day, up to which each has a place
DAY = 86_400_000  # milliseconds
LONG = 200_000  # rows from which a table is dropped from memory once it is counted

Values = Floats | Coded


def summarize(tables: Tables, *, k: int = 20, holders: Mapping[str, Holders] = NOBODY) -> Summary:
    """One- and two-way tables, months, children per parent and moments of whole tables.

    ``k`` is the fewest rows a label, an edge or a two-way cell may rest on, or the fewest
    ``holders`` of a table's rows where they are known.  Two-way tables and
    correlations of more than ``PAIR_ROWS`` rows rest on a fixed sample; everything else on all
    rows.
    """
    names = [name for name in tables.schema.names if name in tables]
    cells = min(MOST_OF_TABLE, MOST_CELLS // max(1, len(names)))
    counted = {}
    for name in names:
        theirs = holders.get(name, EACH_ROW)
        counted[name] = _table(tables, name, k=k, cells=cells, holders=theirs)
        if tables.rows(name) > LONG:
            tables.forget(name)
    return Summary(k, counted, tuple(children_of(tables, names, k=k, holders=holders)))


def summarize_frames(
    schema: Schema, frames: Mapping[str, pa.Table | Frame], *, k: int = 20
) -> Summary:
    """As ``summarize``, of tables in memory."""
    return summarize(tables_of(schema, frames), k=k)


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


def _table(tables: Tables, name: str, *, k: int, cells: int, holders: Holders) -> TableSummary:
    rows = tables.rows(name)
    chosen = sample_rows(rows, PAIR_ROWS, name=name)
    columns: dict[str, ColumnSummary] = {}
    codes: dict[str, NDArray[np.int16]] = {}
    sampled: dict[str, Floats] = {}
    calendar: dict[str, Mapping[str, int]] = {}
    for column in asking(tables.schema[name].columns, every=1):
        role = role_of(tables, name, column.name, k=k, holders=holders)
        gone = tables.missing(name, column.name)
        missing = int(np.count_nonzero(gone)) if holders.count(gone) >= k else 0
        if role in ("key", "text"):
            columns[column.name] = ColumnSummary(role, missing)
            continue
        values = read(tables, name, column.name, role)
        counted = column_of(name, column, role, values, missing=missing, k=k, holders=holders)
        columns[column.name] = counted
        if counted.bins is not None and len(codes) < MOST_COLUMNS:
            codes[column.name] = counted.bins.code(take(values, chosen))
        if isinstance(values, np.ndarray):
            sampled[column.name] = values[chosen]
            if role == "moment" and (months := calendar_of(_months(values, k, holders), k=k)):
                calendar[column.name] = months
    return TableSummary(
        rows=rows,
        pair_rows=len(chosen),
        columns=columns,
        pairs=pairs_of(codes, columns, k=k, cells=cells, holders=holders.at(chosen)),
        correlation=_correlation(sampled),
        calendar=calendar,
    )


def column_of(
    table: str,
    column: Column,
    role: Role,
    values: Values,
    *,
    missing: int,
    k: int,
    holders: Holders = EACH_ROW,
) -> ColumnSummary:
    """A column counted into bins of its own, found on these values."""
    if isinstance(values, Coded):
        bins = category_bins(values, most=COARSE, k=max(k, 5), holders=holders)
        chart, shown = category_bins(values, most=FINE, k=k, holders=holders), "bars"
    else:
        chosen = sample_rows(len(values), EDGE_ROWS, name=table)
        some, theirs = in_order(values[chosen], holders.at(chosen))
        dated = role == "moment"
        bins = bins_in_order(some, most=COARSE, k=k, dated=dated, holders=theirs)
        chart, shown = _fine(some, column, k=k, holders=theirs)
        if _hides(chart, some, k, theirs):
            chart, shown = bins, "histogram"
    told = ~np.isnan(values) if isinstance(values, np.ndarray) else np.zeros(0, dtype=bool)
    there = values[told] if isinstance(values, np.ndarray) else np.zeros(0)
    measured = role == "number" and len(there) > 0 and holders.count(told) >= k
    return ColumnSummary(
        role=role,
        missing=missing,
        bins=bins,
        counts=_counted(bins, values, k, holders),
        chart=chart,
        chart_counts=_counted(chart, values, k, holders),
        shown=shown,
        mean=float(there.mean()) if measured else None,
        deviation=float(there.std()) if measured else None,
    )


def _hides(bins: Bins, there: Floats, k: int, holders: Holders) -> bool:
    """Whether so many rows lie in bins of too few that a chart would show another distribution."""
    codes = bins.code(there)
    told = holders.number(codes, bins.levels) >= k
    return bool(told[codes].mean() < LEAST_SHOWN) if len(codes) else False


def kept(count: int, k: int) -> int:
    return count if count >= k else 0


def _counted(bins: Bins, values: Values, k: int, holders: Holders) -> tuple[int, ...]:
    """Counts by bin; those under ``k`` are not told."""
    codes = bins.code(values)
    counts = np.bincount(codes, minlength=bins.levels)
    shared = holders.number(codes, bins.levels) >= k
    return tuple(np.where(shared, counts, 0).tolist())


def _fine(there: Floats, column: Column, *, k: int, holders: Holders) -> tuple[Bins, str]:
    """The bins that numbers, in their order, are drawn with, and how."""
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        return _dated(there, k=k, holders=holders)
    few = value_bins(there, most=12, k=k, holders=holders)
    if few is not None:
        return few, "bars"
    whole = column.kind is Kind.INTEGER
    return even_bins(there, about=FINE, k=k, whole=whole, holders=holders), "histogram"


def _dated(there: Floats, *, k: int, holders: Holders) -> tuple[Bins, str]:
    """Months of a span up to five years; else bins of as many whole months as make about FINE."""
    months = _month_numbers(there)
    if not len(months) or holders.count(slice(0, len(months))) < k:
        return Bins(("none",), (0.0, 0.0)), "histogram"
    first, last = int(months[_kth(holders, k)]), int(months[-1 - _kth(holders.back(), k)])
    first, last = min(first, last), max(first, last)
    bins = month_bins(first, last)
    if last - first < MOST_MONTHS:
        return bins, "calendar"
    every = -(-(last - first + 1) // FINE)
    assert bins.edges is not None  # months have edges
    edges = (*bins.edges[:-1:every], bins.edges[-1])
    return Bins(tuple(bins.labels[::every]), edges), "histogram"


def _kth(holders: Holders, k: int) -> int:
    """The place of the row by which ``k`` persons have come up."""
    if holders.of is None:
        return max(k, 1) - 1
    return int(np.sort(np.unique(holders.of, return_index=True)[1])[max(k, 1) - 1])


def _months(values: Floats, k: int, holders: Holders) -> dict[int, int]:
    """Rows by month, without months of fewer than ``k`` persons where these are known."""
    if holders.of is None:
        return month_rows(days_of(values))
    told = ~np.isnan(values)
    months, place = np.unique(_month_numbers(values[told]), return_inverse=True)
    shared = holders.at(told).number(place, len(months)) >= k
    rows = np.bincount(place, minlength=len(months))
    return dict(zip(months[shared].tolist(), rows[shared].tolist(), strict=True))


def _month_numbers(milliseconds: Floats) -> NDArray[np.int64]:
    moments = milliseconds.astype(np.int64).view("datetime64[ms]")
    return moments.astype("datetime64[M]").astype(np.int64)


def month_rows(days: NDArray[np.int64]) -> dict[int, int]:
    """Rows by month (months since January 1970), given days since 1970."""
    if not len(days):
        return {}
    first = int(days.min())
    if int(days.max()) - first > MOST_DAYS:
        held, rows = np.unique(days, return_counts=True)
    else:
        counts = np.bincount(days - first)
        held = np.flatnonzero(counts)
        rows, held = counts[held], held + first
    months = held.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.diff(months, prepend=months[0] - 1))
    counts = np.add.reduceat(rows, starts)
    return dict(zip(months[starts].tolist(), counts.tolist(), strict=True))


def days_of(milliseconds: Floats) -> NDArray[np.int64]:
    """Days since 1970 of the moments that are there."""
    return np.floor(milliseconds[~np.isnan(milliseconds)] / DAY).astype(np.int64)


def calendar_of(rows: Mapping[int, int], *, k: int) -> dict[str, int]:
    """Rows by month in order, months under ``k`` rows as none; empty for spans over
    ``MOST_MONTHS``."""
    if not rows or max(rows) - min(rows) >= 10 * MOST_MONTHS:
        return {}
    held = [month for month, count in rows.items() if count >= max(k, 1)]
    if not held or max(held) - min(held) >= MOST_MONTHS:
        return {}
    return {
        str(np.datetime64(month, "M")): kept(rows.get(month, 0), max(k, 1))
        for month in range(min(held), max(held) + 1)
    }


# Two columns at a time


def pairs_of(
    codes: Mapping[str, NDArray[np.int16]],
    columns: Mapping[str, ColumnSummary],
    *,
    k: int,
    cells: int,
    holders: Holders = EACH_ROW,
) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Two-way counts of all pairs while they fit into ``cells``, evenly thinned beyond."""
    wanted = list(combinations(codes, 2))
    sizes = [_levels(columns, a) * _levels(columns, b) for a, b in wanted]
    if sum(sizes) > cells:
        every = sum(sizes) / max(cells, 1)
        wanted = [wanted[int(at * every)] for at in range(int(len(wanted) / every))]
    return {
        pair: _paired(codes, columns, pair, k=k, holders=holders)
        for pair in asking(wanted, every=20)
    }


def these_pairs(
    wanted: Iterable[tuple[str, str]],
    codes: Mapping[str, NDArray[np.int16]],
    columns: Mapping[str, ColumnSummary],
) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Two-way counts of the pairs whose columns both have codes."""
    return {
        pair: _paired(codes, columns, pair, k=1)
        for pair in asking(wanted, every=20)
        if pair[0] in codes and pair[1] in codes
    }


def _paired(
    codes: Mapping[str, NDArray[np.int16]],
    columns: Mapping[str, ColumnSummary],
    pair: tuple[str, str],
    *,
    k: int,
    holders: Holders = EACH_ROW,
) -> NDArray[np.int64]:
    first, second = pair
    shape = (_levels(columns, first), _levels(columns, second))
    counts = crossed(codes[first], codes[second], shape)
    if holders.of is None:
        counts[counts < k] = 0
        return counts
    joint = codes[first].astype(np.int64) * shape[1] + codes[second]
    held = holders.number(joint, shape[0] * shape[1]).reshape(shape)
    return np.where(held >= k, counts, 0)


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
