"""Measuring what a profile's sourced figures speak about."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.compare.labels import Parts, parts_of
from generator.errors import RequestError
from generator.expressions import Expression
from generator.profile import Plan, Reference, Source
from generator.sketch import rank_correlation
from generator.summary.count import sample_rows
from generator.tables import Tables

ASSUMED = ("approx", "weak", "assumption")
FEWEST = 30  # rows below which nothing is said to be met or missed
SIGMAS = 3.0  # of sampling noise, as if rows were drawn one by one, that a figure may be away
ROUNDED = {"shares": 0.01, "share": 0.01, "mean": 0.02, "median": 0.02, "spearman": 0.03}
"""How far a published figure may be away however many rows there are, because it was rounded and
is itself a sample: shares and correlations absolutely, means and medians relatively."""
RANKED_ROWS = 200_000
Truth = NDArray[np.bool_]


class Measured(NamedTuple):
    """What was reached on ``rows`` rows.  ``target`` is the figure, laid over the span of the
    bundle where it is about months; ``noise`` is SIGMAS of sampling noise."""

    reached: Any
    target: Any
    gap: float
    rows: int
    noise: float


def measure(
    references: Iterable[Reference],
    sources: Iterable[Source],
    tables: Tables,
    *,
    start: date | None = None,
    stop: date | None = None,
) -> list[dict[str, Any]]:
    """The ``references`` of comparison.json, in their order; those about tables or rows that
    are not there are left out."""
    known = {source.id: source for source in sources}
    found = []
    for reference in references:
        measured = _measured(reference, tables, start=start, stop=stop)
        if measured is not None:
            found.append(_entry(reference, measured, known.get(reference.source)))
    return found


def span_of(plan: Plan) -> tuple[date | None, date | None]:
    return plan.recipe.start, plan.recipe.stop


def is_there(reference: Reference, tables: Tables) -> bool:
    """Whether every table that the reference's paths lead to is in the data."""
    texts = (reference.column, reference.other, reference.where)
    paths = [path for text in texts if text for path in Expression(text).paths]
    return reference.table in tables and all(
        name in tables for path in paths for name in _along(tables, reference.table, path)
    )


def _along(tables: Tables, table: str, path: str) -> Iterable[str]:
    link, _, rest = path.partition(".")
    if not rest:
        return
    target = tables.schema[table].link(link)
    if target is None:
        raise RequestError(f"A reference follows {table}.{link}, which is not a link.")
    yield target.parent
    if target.parent in tables:
        yield from _along(tables, target.parent, rest)


def source_dict(source: Source | None) -> dict[str, str] | None:
    return None if source is None else dict(vars(source))


def assumed(confidence: str) -> bool:
    return confidence in ASSUMED


def selected(reference: Reference, tables: Tables) -> Truth | None:
    """The rows a reference is about; None for all."""
    if not reference.where:
        return None
    return np.asarray(Expression(reference.where).evaluate(tables, reference.table), dtype=bool)


def _measured(
    reference: Reference, tables: Tables, *, start: date | None, stop: date | None
) -> Measured | None:
    if not is_there(reference, tables):
        return None
    rows = selected(reference, tables)
    match reference.kind:
        case "shares":
            return shares(reference, tables, rows, start=start, stop=stop)
        case "share":
            return _share(reference, tables, rows)
        case "mean" | "median":
            return _average(reference, tables, rows)
        case "spearman":
            return _spearman(reference, tables, rows)
    raise RequestError(
        f"Reference {reference.id} is of kind “{reference.kind}”; it must be shares, share, mean, "
        "median or spearman."
    )


def shares(
    reference: Reference,
    tables: Tables,
    rows: Truth | None,
    *,
    start: date | None = None,
    stop: date | None = None,
) -> Measured | None:
    """Shares by label among the rows that hold a value."""
    parts = share_counts(reference, tables, rows)
    total = int(parts.counts.sum()) + parts.rest
    if not total:
        return None
    target = parts.target(start, stop)
    reached = {
        label: round(float(count) / total, 5)
        for label, count in zip(parts.labels, parts.counts, strict=True)
    }
    gaps = [_missed(reference.goal, reached[label], target[label]) for label in parts.labels]
    noise = max(_binomial(share, total) for share in target.values())
    return Measured(reached, target, max(gaps), total, noise)


def share_counts(reference: Reference, tables: Tables, rows: Truth | None) -> Parts:
    """Rows by the labels of a ``shares`` reference."""
    named = {str(label): float(share) for label, share in reference.value.items()}
    expression = Expression(reference.column)
    if expression.paths == (reference.column,):
        column = tables.column(reference.table, reference.column)
        if column.kind in ("text", "enum", "boolean"):
            values = tables.codes(reference.table, reference.column)
            codes = values.codes if rows is None else values.codes[rows]
            return parts_of(named, labels=values.labels, codes=codes)
    found = expression.evaluate(tables, reference.table)
    return parts_of(named, values=found if rows is None else found[rows])


def _share(reference: Reference, tables: Tables, rows: Truth | None) -> Measured | None:
    holds = np.asarray(Expression(reference.column).evaluate(tables, reference.table))
    if holds.dtype != bool:
        raise RequestError(f"Reference {reference.id}: “{reference.column}” is not a statement.")
    chosen = holds if rows is None else holds[rows]
    if not len(chosen):
        return None
    reached, target = float(chosen.mean()), float(reference.value)
    return Measured(
        round(reached, 5),
        target,
        _missed(reference.goal, reached, target),
        len(chosen),
        _binomial(target, len(chosen)),
    )


def _average(reference: Reference, tables: Tables, rows: Truth | None) -> Measured | None:
    values = _numbers(reference, reference.column, tables, rows)
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    target = float(reference.value)
    scale = abs(target) or 1.0
    if reference.kind == "mean":
        reached = float(values.mean())
        noise = SIGMAS * float(values.std()) / math.sqrt(len(values))
    else:
        reached = float(np.median(values))
        noise = _median_noise(values)
    gap = _missed(reference.goal, reached, target) / scale
    return Measured(_plain(reached), target, gap, len(values), noise / scale)


def _median_noise(values: NDArray[np.float64]) -> float:
    """Half the width of the order statistics SIGMAS around the middle."""
    reach = SIGMAS * 0.5 / math.sqrt(len(values))
    low, high = np.quantile(values, [max(0.0, 0.5 - reach), min(1.0, 0.5 + reach)])
    return float(high - low) / 2


def _spearman(reference: Reference, tables: Tables, rows: Truth | None) -> Measured | None:
    first = _numbers(reference, reference.column, tables, rows)
    second = _numbers(reference, reference.other, tables, rows)
    there = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
    there = there[sample_rows(len(there), RANKED_ROWS, name=reference.id)]
    if len(there) < 3:
        return None
    reached = rank_correlation(first[there], second[there])
    if reached is None:
        return None
    target = float(reference.value)
    return Measured(
        round(reached, 4),
        target,
        _missed(reference.goal, reached, target),
        len(there),
        SIGMAS * 1.06 / math.sqrt(max(len(there) - 3, 1)),
    )


def _numbers(
    reference: Reference, text: str, tables: Tables, rows: Truth | None
) -> NDArray[np.float64]:
    values = np.asarray(Expression(text).evaluate(tables, reference.table))
    if values.dtype.kind not in "fb":
        raise RequestError(f"Reference {reference.id}: “{text}” is not a number.")
    found = values.astype(np.float64)
    return found if rows is None else found[rows]


def _missed(goal: str, reached: float, target: float) -> float:
    match goal:
        case "at_most":
            return max(0.0, reached - target)
        case "at_least":
            return max(0.0, target - reached)
    return abs(reached - target)


def _binomial(share: float, rows: int) -> float:
    inside = min(max(share, 0.0), 1.0)
    return SIGMAS * math.sqrt(inside * (1 - inside) / rows)


def _plain(value: float) -> float:
    return round(value, 2) if abs(value) >= 100 else round(value, 5)


def _entry(reference: Reference, measured: Measured, source: Source | None) -> dict[str, Any]:
    is_assumed = assumed(reference.confidence)
    tolerance = max(measured.noise, ROUNDED[reference.kind])
    said = not is_assumed and measured.rows >= FEWEST
    return {
        "id": reference.id,
        "title": reference.title,
        "table": reference.table,
        "column": reference.column,
        "kind": reference.kind,
        "goal": reference.goal,
        "unit": reference.unit,
        "note": reference.note,
        "source": source_dict(source),
        "confidence": reference.confidence,
        "assumption": is_assumed,
        "target": measured.target,
        "reached": measured.reached,
        "rows": measured.rows,
        "gap": round(measured.gap, 5),
        "met": bool(measured.gap <= tolerance + 1e-12) if said else None,
        "tolerance": round(tolerance, 5),
    }
