"""A synthetic summary beside that of the reference: columns, dependence, months, children, scores.

The synthetic side is counted into the bins of the reference (``summary.Counting``); where
there is no reference, its own bins are shown alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.distance import accuracy, ceiling, cramers_v, proportions
from generator.schema import JOIN
from generator.summary import ColumnSummary, Summary, TableSummary
from generator.summary.bins import OTHER
from generator.summary.document import axis_of, share, shares

MEASURE = "Cramér's V (bias-corrected) of the binned columns"
MOST_DEPENDENT = 14
Floats = NDArray[np.float64]


def columns(
    synthetic: Summary, reference: Summary | None, *, label: str | None = None
) -> list[dict[str, Any]]:
    """The ``columns`` of comparison.json, in the order of the tables."""
    charted = []
    for name, table in synthetic.tables.items():
        other = reference.tables.get(name) if reference else None
        for column, entry in table.columns.items():
            if entry.chart is None:
                continue
            drawn = _column((name, column), entry, own=table, other=other, label=label)
            if _varies(drawn):
                charted.append(drawn)
    return charted


def worst_first(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns with a reference before those without, those furthest below what two real
    samples would reach first."""

    def place(entry: dict[str, Any]) -> tuple[bool, float]:
        if entry["accuracy"] is None:
            return entry["reference"] is None, 0.0
        return entry["reference"] is None, entry["accuracy"] - (entry["ceiling"] or 1.0)

    return sorted(entries, key=place)


def _column(
    place: tuple[str, str],
    entry: ColumnSummary,
    *,
    own: TableSummary,
    other: TableSummary | None,
    label: str | None,
) -> dict[str, Any]:
    table, name = place
    assert entry.chart is not None  # only charted columns get here
    model = other.columns.get(name) if other else None
    alike = model is not None and model.chart == entry.chart and other is not None
    scored: dict[str, float | None] = {"accuracy": None, "ceiling": None}
    if alike and model is not None and other is not None:
        scored = univariate(entry, model, own.rows, other.rows)
    return _without_empty_rest(
        {
            "table": table,
            "column": name,
            "kind": entry.role,
            "chart": entry.shown,
            **axis_of(entry.chart, entry),
            "synthetic": shares(entry.chart_counts[:-1]),
            "reference": shares(model.chart_counts[:-1]) if alike and model is not None else None,
            "reference_label": label if alike else None,
            "source": None,
            "confidence": None,
            "assumption": False,
            "missing": {
                "synthetic": share(entry.missing, own.rows),
                "reference": share(model.missing, other.rows) if model and other else None,
            },
            **scored,
        }
    )


def _varies(column: Mapping[str, Any]) -> bool:
    """Whether there is something to see: two bins that hold rows, or a reference to meet."""
    held = sum(value > 0 for value in column["synthetic"])
    return held > 1 or bool(column["synthetic"] and column["reference"] is not None)


def _without_empty_rest(column: dict[str, Any]) -> dict[str, Any]:
    """Bars without a last “(other)” that nobody is in."""
    if (column.get("labels") or [""])[-1] != OTHER or column["synthetic"][-1]:
        return column
    if column["reference"] is not None and column["reference"][-1]:
        return column
    shorter = {
        name: column[name][:-1] if column[name] is not None else None
        for name in ("labels", "synthetic", "reference")
    }
    return column | shorter


def univariate(
    entry: ColumnSummary, model: ColumnSummary, rows: int, other: int
) -> dict[str, float | None]:
    """Accuracy of the coarse bins, missing values as one, and what two samples would reach."""
    return {
        "accuracy": round(accuracy(model.counts, entry.counts), 5),
        "ceiling": round(ceiling(model.counts, other, rows), 5),
    }


def scores(
    synthetic: Summary, reference: Summary, entries: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Mean accuracies of single columns and of pairs with their ceilings; None where there is
    nothing to score."""
    singles = [(e["accuracy"], e["ceiling"]) for e in entries if e["accuracy"] is not None]
    pairs = [
        scored
        for name, table in synthetic.tables.items()
        if name in reference.tables
        for scored in _pair_scores(table, reference.tables[name])
    ]
    return {"univariate": _mean(singles), "bivariate": _mean(pairs), "trivariate": None}


def _pair_scores(table: TableSummary, reference: TableSummary) -> Iterator[tuple[float, float]]:
    for pair, counts in table.pairs.items():
        if pair in reference.pairs and reference.pairs[pair].shape == counts.shape:
            model = filled(reference, pair)
            yield (
                accuracy(model, counts),
                ceiling(model, reference.pair_rows, table.pair_rows),
            )


def _mean(scored: Sequence[tuple[float, float]]) -> dict[str, float] | None:
    if not scored:
        return None
    means = np.mean(np.array(scored, dtype=np.float64), axis=0)
    return {"accuracy": round(float(means[0]), 5), "ceiling": round(float(means[1]), 5)}


def filled(table: TableSummary, pair: tuple[str, str]) -> Floats:
    """Two-way counts with the rows of cells too small to be kept spread over the empty cells
    in proportion to the two columns' own shares."""
    counts = table.pairs[pair].astype(np.float64)
    rest = table.pair_rows - counts.sum()
    first, second = (proportions(table.columns[name].counts) for name in pair)
    expected = np.where(counts > 0, 0.0, np.outer(first, second))
    whole: Floats = counts + max(rest, 0.0) * proportions(expected)
    return whole


# Dependence


def dependence(synthetic: Summary, reference: Summary | None) -> dict[str, Any]:
    """The ``dependence`` of comparison.json: tables with three or more columns that vary."""
    by_table = {}
    for name, table in synthetic.tables.items():
        other = reference.tables.get(name) if reference else None
        entry = _dependence(table, other)
        if entry is not None:
            by_table[name] = entry
    return by_table


def _dependence(table: TableSummary, other: TableSummary | None) -> dict[str, Any] | None:
    here, there = _strengths(table), _strengths(other) if other else {}
    names = _informative(table, there or here)
    if len(names) < 3:
        return None
    first = _matrix(names, here)
    second = _matrix(names, there) if there else None
    return {
        "columns": names,
        "measure": MEASURE,
        "synthetic": first,
        "reference": second,
        "difference": None if second is None else _difference(first, second),
    }


def _strengths(table: TableSummary) -> dict[frozenset[str], float | None]:
    return {
        frozenset(pair): cramers_v(filled(table, pair)) if table.pair_rows else None
        for pair in table.pairs
    }


def _informative(
    table: TableSummary, strengths: Mapping[frozenset[str], float | None]
) -> list[str]:
    """The columns that depend most on others, in the order of the table."""
    weight: dict[str, float] = {}
    for pair, strength in strengths.items():
        for name in pair:
            if strength is not None:
                weight[name] = weight.get(name, 0.0) + strength
    chosen = set(sorted(weight, key=lambda name: (-weight[name], name))[:MOST_DEPENDENT])
    return [name for name in table.columns if name in chosen]


def _matrix(
    names: Sequence[str], strengths: Mapping[frozenset[str], float | None]
) -> list[list[float | None]]:
    def cell(first: str, second: str) -> float | None:
        strength = 1.0 if first == second else strengths.get(frozenset((first, second)))
        return None if strength is None else round(strength, 4)

    return [[cell(first, second) for second in names] for first in names]


def _difference(
    first: Sequence[Sequence[float | None]], second: Sequence[Sequence[float | None]]
) -> list[list[float | None]]:
    return [
        [None if a is None or b is None else round(a - b, 4) for a, b in zip(x, y, strict=True)]
        for x, y in zip(first, second, strict=True)
    ]


# Months and children


def calendar(synthetic: Summary, reference: Summary | None) -> list[dict[str, Any]]:
    """Rows by month; expected are the reference's over the same months, to the same total."""
    by_column = []
    for name, table in synthetic.tables.items():
        other = reference.tables.get(name) if reference else None
        for column, months in table.calendar.items():
            model = other.calendar.get(column) if other else None
            by_column.append(
                {
                    "table": name,
                    "column": column,
                    "months": list(months),
                    "synthetic": list(months.values()),
                    "reference": _expected(months, model) if model else None,
                    "source": None,
                }
            )
    return sorted(by_column, key=lambda entry: entry["reference"] is None)


def _expected(months: Mapping[str, int], model: Mapping[str, int]) -> list[float] | None:
    """None where the reference covers fewer than half of the months."""
    held = [model.get(month, 0) for month in months]
    common = sum(month in model for month in months)
    if not sum(held) or 2 * common < len(months):
        return None
    scale = sum(count for month, count in months.items() if month in model) / sum(held)
    return [round(count * scale, 1) for count in held]


def children(synthetic: Summary, reference: Summary | None) -> list[dict[str, Any]]:
    """Parents by their number of children."""
    known = {(c.child, c.column): c for c in reference.children} if reference else {}
    by_link = []
    for entry in synthetic.children:
        model = known.get((entry.child, entry.column))
        alike = model is not None and model.bins == entry.bins
        by_link.append(
            {
                "parent": entry.parent,
                "child": entry.child,
                "column": entry.column.replace(JOIN, ", "),
                "labels": list(entry.bins.labels),
                "synthetic": shares(entry.counts),
                "reference": shares(model.counts) if alike and model is not None else None,
                "mean": {
                    "synthetic": entry.mean,
                    "reference": model.mean if model is not None else None,
                },
            }
        )
    return by_link
