"""A bundle against its profile's reference: the summary of an extract, or sourced figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from generator.compare.distance import ceiling
from generator.compare.fitness import fit_for
from generator.compare.labels import calendar_of, month_weights
from generator.compare.references import (
    assumed,
    is_there,
    measure,
    selected,
    share_counts,
    source_dict,
    span_of,
)
from generator.compare.sides import calendar, children, columns, dependence, scores, worst_first
from generator.profile import Plan, Profile, Reference, Source
from generator.summary import Summary, summarize
from generator.summary.count import PAIR_ROWS
from generator.tables import Tables


def compare_profile(
    profile: Profile, tables: Tables, plan: Plan, *, engine_version: str = ""
) -> dict[str, Any]:
    """Compare a bundle with what its profile knows, in the shape of comparison.json.

    A fitted profile is compared with the summary of its extract; a built-in one with its sourced
    figures, and columns no figure speaks about have no reference.  One-way tables, months and
    children rest on all rows; two-way tables of longer tables on a fixed sample (``sampled``).
    """
    reference = profile.summary if isinstance(profile.summary, Summary) else None
    found = summarize(tables, k=1, like=reference)
    entries = columns(found, reference, label="extract" if reference else None)
    months = calendar(found, reference)
    figures: list[dict[str, Any]] = []
    scored: dict[str, Any] = {"univariate": None, "bivariate": None, "trivariate": None}
    if reference is not None:
        scored = scores(found, reference, entries)
    if profile.references:
        start, stop = span_of(plan)
        figures = measure(profile.references, profile.sources, tables, start=start, stop=stop)
        entries = _with_figures(entries, profile, tables, plan)
        months = _with_months(months, profile, plan)
    families = children(found, reference)
    return {
        "engine_version": engine_version,
        "profile": {"name": profile.name, "version": profile.version, "kind": profile.kind},
        "references": figures,
        "columns": worst_first(entries),
        "dependence": dependence(found, reference),
        "calendar": months,
        "children": families,
        "scores": scored,
        "fit_for": fit_for(
            rows=sum(table.rows for table in found.tables.values()),
            orphans=orphans(tables),
            references=figures,
            scores=scored,
            children=families,
        ),
        "sampled": sampled(found),
    }


def sampled(summary: Summary) -> dict[str, Any]:
    """Which tables' two-way counts rest on a sample, and of how many rows."""
    return {
        "note": f"Pairs of columns of tables with more than {PAIR_ROWS:,} rows are counted on a "
        "fixed sample of them; everything else on all rows.",
        "tables": {
            name: {"rows": table.rows, "sample": table.pair_rows}
            for name, table in summary.tables.items()
            if table.pair_rows < table.rows
        },
    }


def orphans(tables: Tables) -> int:
    """Links that are set and lead nowhere, over all tables that are there."""
    found = 0
    for table in tables.schema:
        for link in table.links:
            if table.name in tables and link.parent in tables:
                lost = tables.row_of(table.name, link.column) < 0
                found += int((lost & ~tables.missing(table.name, link.column)).sum())
    return found


def _with_figures(
    entries: Sequence[dict[str, Any]], profile: Profile, tables: Tables, plan: Plan
) -> list[dict[str, Any]]:
    """Columns drawn against the published shares about them.  Shares about some rows, or about
    a column of a linked table, are charts of their own."""
    sources = {source.id: source for source in profile.sources}
    place = {(entry["table"], entry["column"]): entry for entry in entries}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    more = []
    for reference in profile.references:
        if reference.kind != "shares" or not is_there(reference, tables):
            continue
        key = (reference.table, reference.column)
        base = place.get(key)
        source = sources.get(reference.source)
        if base is not None and not reference.where and key not in found:
            found[key] = _published(base, reference, source, tables, plan)
        elif not assumed(reference.confidence) and reference.value:
            more.append(_published(_blank(reference, base), reference, source, tables, plan))
    return [found.get((e["table"], e["column"]), e) for e in entries] + more


def _blank(reference: Reference, base: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "table": reference.table,
        "column": reference.column,
        "kind": base["kind"] if base else "category",
        "title": reference.title,
        "missing": {"synthetic": None, "reference": None},
    }


def _published(
    base: dict[str, Any],
    reference: Reference,
    source: Source | None,
    tables: Tables,
    plan: Plan,
) -> dict[str, Any]:
    """One column with the shares somebody published; an assumption keeps its own chart and has
    no reference line."""
    named = {
        "source": source_dict(source),
        "confidence": reference.confidence,
        "assumption": assumed(reference.confidence),
    }
    if named["assumption"]:
        return base | named
    parts = share_counts(reference, tables, selected(reference, tables))
    start, stop = span_of(plan)
    target = parts.target(start, stop)
    unnamed = max(0.0, 1.0 - sum(target.values()))
    extra = ["(other)"] if parts.rest or unnamed > 0.005 else []
    counts = [*(int(count) for count in parts.counts), *([parts.rest] if extra else [])]
    expected = [*target.values(), *([unnamed] if extra else [])]
    total = max(1, sum(counts))
    reached = [round(count / total, 5) for count in counts]
    return {
        **{name: value for name, value in base.items() if name != "edges"},
        "chart": "bars",
        "labels": [*target, *extra],
        "synthetic": reached,
        "reference": [round(value, 5) for value in expected],
        "reference_label": (source.publisher or source.title) if source else reference.source,
        **named,
        "accuracy": round(1 - float(np.abs(np.array(reached) - expected).sum()) / 2, 5),
        "ceiling": round(ceiling(expected, float("inf"), total), 5),
    }


def _with_months(
    months: Sequence[dict[str, Any]], profile: Profile, plan: Plan
) -> list[dict[str, Any]]:
    """Rows expected by month where monthly shares are published."""
    sources = {source.id: source for source in profile.sources}
    published = {
        (reference.table, reference.column): reference
        for reference in profile.references
        if reference.kind == "shares"
        and not reference.where
        and not assumed(reference.confidence)
        and calendar_of([str(label) for label in reference.value]) == "month"
    }
    found = []
    for entry in months:
        reference = published.get((entry["table"], entry["column"]))
        if reference is None:
            found.append(entry)
            continue
        start, stop = _whole_span(plan, entry["months"])
        weights = month_weights(list(reference.value.values()), start, stop)
        rows = sum(entry["synthetic"])
        expected = [round(rows * weights.get(month, 0.0), 1) for month in entry["months"]]
        source = source_dict(sources.get(reference.source))
        found.append(entry | {"reference": expected, "source": source})
    return sorted(found, key=lambda entry: entry["reference"] is None)


def _whole_span(plan: Plan, months: Sequence[str]) -> tuple[date, date]:
    """The recipe's span; without one, whole months from the first row's to the last's."""
    start, stop = span_of(plan)
    first = date.fromisoformat(f"{months[0]}-01")
    last = date.fromisoformat(f"{months[-1]}-01")
    following = (last + timedelta(days=32)).replace(day=1)
    return start or first, stop or following - timedelta(days=1)
