"""The ``references`` of comparison.json: what a profile's figures came to, met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from generator.compare.figure import Figure
from generator.compare.verdict import is_far
from generator.compare.ways import Measured, Seen, Span, binomial
from generator.profile import Plan, Reference, Source
from generator.tables import Tables

ASSUMED = ("approx", "weak", "assumption")
FEWEST = 30  # rows below which nothing is said to be met or missed
ROUNDED = {"shares": 0.01, "share": 0.01, "mean": 0.02, "median": 0.02, "spearman": 0.03}
ROUNDED |= {"ratio": 0.02, "rate": 0.02, "split": 0.01}
"""How far a published figure may be away however many rows there are, because it was rounded and
is itself a sample: shares and correlations absolutely, all others relatively."""


def measure(
    references: Iterable[Reference],
    sources: Iterable[Source],
    tables: Tables,
    *,
    start: date | None = None,
    stop: date | None = None,
) -> list[dict[str, Any]]:
    """The ``references`` of comparison.json for whole tables, in their order; those about tables
    or rows that are not there are left out."""
    figures = [Figure(reference, stop) for reference in references]
    seen = {
        at: figure.seen(tables)
        for at, figure in enumerate(figures)
        if figure.is_there(tables.schema, tables)
    }
    return entries(figures, seen, sources, span=(start, stop))


def entries(
    figures: Sequence[Figure],
    seen: Mapping[int, Seen | None],
    sources: Iterable[Source],
    *,
    span: Span,
) -> list[dict[str, Any]]:
    """The ``references`` of comparison.json from what was seen of each, by its place."""
    known = {source.id: source for source in sources}
    reached = [figure.measured(seen.get(at), span=span) for at, figure in enumerate(figures)]
    return [
        _entry(figure.reference, measured, known.get(figure.reference.source))
        for figure, measured in zip(figures, reached, strict=True)
        if measured is not None
    ]


def span_of(plan: Plan) -> Span:
    return plan.recipe.start, plan.recipe.stop


def source_dict(source: Source | None) -> dict[str, str] | None:
    return None if source is None else dict(vars(source))


def assumed(confidence: str) -> bool:
    return confidence in ASSUMED


def _entry(reference: Reference, measured: Measured, source: Source | None) -> dict[str, Any]:
    is_assumed = assumed(reference.confidence)
    published = measured.target
    if reference.asked is not None:
        measured = _about(reference, measured)
    tolerance = max(measured.noise, ROUNDED[reference.kind])
    said = not is_assumed and measured.rows >= FEWEST
    said = measured.rows >= FEWEST if reference.asked is not None else said
    said = said and (not reference.overridden or reference.asked is not None)
    entry = {
        "id": reference.id,
        "title": reference.title,
        "table": reference.table,
        "column": reference.column,
        "kind": reference.kind,
        "goal": reference.goal,
        "unit": reference.unit,
        "note": reference.note,
        "reason": reference.reason,
        "choice": reference.choice,
        "source": source_dict(source),
        "confidence": reference.confidence,
        "assumption": is_assumed,
        "target": measured.target,
        "reached": measured.reached,
        "rows": measured.rows,
        "gap": round(measured.gap, 5),
        "met": bool(measured.gap <= tolerance + 1e-12) if said else None,
        "tolerance": round(tolerance, 5),
        "overridden": reference.overridden,
        "published": published if reference.overridden else None,
    }
    return {**entry, "far": is_far(entry)}


def _about(reference: Reference, measured: Measured) -> Measured:
    """What was reached, held against the value asked for in the place of the published one."""
    asked = float(reference.asked or 0.0)
    scale = 1.0 if reference.kind in ("share", "spearman") else abs(asked) or 1.0
    gap = abs(measured.reached - asked) / scale
    noise = measured.noise
    if reference.kind == "share":
        noise = binomial(asked, measured.rows)
    return measured._replace(target=asked, gap=gap, noise=noise)
