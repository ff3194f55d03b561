"""A profile's own statistics in the shape of a comparison that has a reference only."""

from __future__ import annotations

from typing import cast

import generator
from portal.charts.documents import ColumnEntry, Comparison, SourceEntry

ASSUMED = ("approx", "weak", "assumption")  # confidences nothing is compared with


def summary(profile: generator.Profile) -> Comparison:
    """The summary of a fitted profile's extract, the published shares of a built-in one."""
    if profile.summary is not None:
        return cast(Comparison, profile.summary.to_comparison())
    sources = {source.id: source for source in profile.sources}
    return {
        "columns": [
            _published(reference, sources.get(reference.source))
            for reference in profile.references
            if reference.kind == "shares" and reference.confidence not in ASSUMED
        ]
    }


def _published(reference: generator.Reference, source: generator.Source | None) -> ColumnEntry:
    return {
        "table": reference.table,
        "column": reference.column,
        "title": reference.title,
        "chart": "bars",
        "labels": list(reference.value),
        "synthetic": None,
        "reference": list(reference.value.values()),
        "source": None if source is None else cast(SourceEntry, vars(source)),
    }
