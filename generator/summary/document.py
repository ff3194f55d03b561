"""The summary of tables as a document: counts and moments, never a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import ProfileError, shown
from generator.summary.bins import Bins, day
from generator.summary.columns import Role

FORMAT = 1
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class ColumnSummary:
    """One-way tables of a column.

    ``counts`` go with ``bins`` (coarse, as scored), ``chart_counts`` with ``chart`` (finer, as
    drawn); the last count of each is that of missing values.  ``shown`` is bars, histogram or
    calendar.  ``mean`` and ``deviation`` are None but for numbers.
    """

    role: Role
    missing: int
    bins: Bins | None = None
    counts: tuple[int, ...] = ()
    chart: Bins | None = None
    chart_counts: tuple[int, ...] = ()
    shown: str = "bars"
    mean: float | None = None
    deviation: float | None = None


@dataclass(frozen=True)
class TableSummary:
    """One table.  ``pairs`` maps two column names (in column order) to their two-way counts,
    shape (levels of the first, levels of the second), made from ``pair_rows`` rows;
    ``correlation`` is Pearson's of the columns it names; ``calendar`` maps a date column to rows
    by month."""

    rows: int
    pair_rows: int
    columns: Mapping[str, ColumnSummary]
    pairs: Mapping[tuple[str, str], NDArray[np.int64]] = field(default_factory=dict)
    correlation: tuple[tuple[str, ...], Matrix] | None = None
    calendar: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Children:
    """How many rows of ``child`` point at a row of ``parent``: parents by bin (no missing)."""

    parent: str
    child: str
    column: str
    bins: Bins
    counts: tuple[int, ...]
    mean: float


@dataclass(frozen=True)
class Summary:
    """``k``: no label, edge or cell shown rests on fewer rows."""

    k: int
    tables: Mapping[str, TableSummary]
    children: tuple[Children, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the inverse of ``Summary.from_dict``."""
        return {
            "format": FORMAT,
            "k": self.k,
            "tables": {name: _table_dict(table) for name, table in self.tables.items()},
            "children": [
                {**vars(entry), "bins": entry.bins.to_dict(), "counts": list(entry.counts)}
                for entry in self.children
            ],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Summary:
        """Read what ``to_dict`` wrote.  Raises ProfileError on anything else."""
        try:
            if document["format"] != FORMAT:
                raise ProfileError(
                    f"The summary has format {shown(document['format'])}; this version reads "
                    f"{FORMAT}."
                )
            return cls(
                k=int(document["k"]),
                tables={name: _table_from(entry) for name, entry in document["tables"].items()},
                children=tuple(_children_from(entry) for entry in document["children"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as problem:
            raise ProfileError(
                "The summary of this profile cannot be read "
                f"({shown(str(problem), most=100)}); fit the extract again."
            ) from problem

    def to_comparison(self) -> dict[str, Any]:
        """The summary in the shape of comparison.json, with a reference side only."""
        columns, calendar = [], []
        for name, table in self.tables.items():
            for column, entry in table.columns.items():
                if entry.chart is not None:
                    columns.append(chart_of(name, column, entry, rows=table.rows))
            for column, months in table.calendar.items():
                calendar.append(
                    {
                        "table": name,
                        "column": column,
                        "months": list(months),
                        "synthetic": None,
                        "reference": list(months.values()),
                        "source": None,
                    }
                )
        return {"columns": columns, "calendar": calendar, "dependence": {}}


def chart_of(table: str, column: str, entry: ColumnSummary, *, rows: int) -> dict[str, Any]:
    """A column as an entry of ``columns`` in comparison.json that has a reference side only."""
    assert entry.chart is not None  # callers ask for charted columns only
    return {
        "table": table,
        "column": column,
        "kind": entry.role,
        "chart": entry.shown,
        **axis_of(entry.chart, entry),
        "synthetic": None,
        "reference": shares(entry.chart_counts[:-1]),
        "reference_label": "extract",
        "source": None,
        "confidence": None,
        "assumption": False,
        "missing": {"synthetic": None, "reference": share(entry.missing, rows)},
        "accuracy": None,
        "ceiling": None,
    }


def axis_of(bins: Bins, entry: ColumnSummary) -> dict[str, list[Any]]:
    """``labels`` of bars, ``edges`` of a histogram (days as text for moments)."""
    if entry.shown != "histogram" or bins.edges is None:
        return {"labels": list(bins.labels)}
    if entry.role == "moment":
        return {"edges": [day(edge) for edge in bins.edges]}
    return {"edges": list(bins.edges)}


def shares(counts: Any) -> list[float]:
    """Counts as shares of their sum, to five digits; all zero when nothing was counted."""
    held = np.asarray(counts, dtype=np.float64)
    return [round(float(value), 5) for value in held / max(held.sum(), 1.0)]


def share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0


def _table_dict(table: TableSummary) -> dict[str, Any]:
    names = list(table.columns)
    return {
        "rows": table.rows,
        "pair_rows": table.pair_rows,
        "columns": {name: _column_dict(column) for name, column in table.columns.items()},
        "pairs": [
            [names.index(a), names.index(b), counts.ravel().tolist()]
            for (a, b), counts in table.pairs.items()
        ],
        "correlation": None
        if table.correlation is None
        else {
            "columns": list(table.correlation[0]),
            "values": _nullable(table.correlation[1]),
        },
        "calendar": {name: dict(months) for name, months in table.calendar.items()},
    }


def _nullable(matrix: Matrix) -> list[list[float | None]]:
    return [[None if np.isnan(x) else round(float(x), 4) for x in row] for row in matrix]


def _column_dict(column: ColumnSummary) -> dict[str, Any]:
    entry = dict(vars(column))
    for name in ("bins", "chart"):
        entry[name] = None if entry[name] is None else entry[name].to_dict()
    return entry | {"counts": list(column.counts), "chart_counts": list(column.chart_counts)}


def _table_from(entry: Mapping[str, Any]) -> TableSummary:
    columns = {name: _column_from(column) for name, column in entry["columns"].items()}
    names = list(columns)
    pairs = {}
    for a, b, counts in entry["pairs"]:
        levels = [_levels(columns[names[at]]) for at in (a, b)]
        pairs[names[a], names[b]] = np.array(counts, dtype=np.int64).reshape(levels)
    correlation = entry["correlation"]
    return TableSummary(
        rows=int(entry["rows"]),
        pair_rows=int(entry["pair_rows"]),
        columns=columns,
        pairs=pairs,
        correlation=None
        if correlation is None
        else (tuple(correlation["columns"]), np.array(correlation["values"], dtype=np.float64)),
        calendar=entry["calendar"],
    )


def _levels(column: ColumnSummary) -> int:
    if column.bins is None:
        raise ValueError("a pair of columns without bins")
    return column.bins.levels


def _column_from(entry: Mapping[str, Any]) -> ColumnSummary:
    bins = {name: entry[name] for name in ("bins", "chart")}
    return ColumnSummary(
        **{
            **entry,
            "counts": tuple(entry["counts"]),
            "chart_counts": tuple(entry["chart_counts"]),
            **{n: None if b is None else Bins.from_dict(b) for n, b in bins.items()},
        }
    )


def _children_from(entry: Mapping[str, Any]) -> Children:
    return Children(
        **{**entry, "bins": Bins.from_dict(entry["bins"]), "counts": tuple(entry["counts"])}
    )
