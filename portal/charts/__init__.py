"""What the pages draw: charts of a bundle's comparison or of a profile's summary.

Beside each figure stand the same numbers as a table, for those who read rather than look.  One
kind of chart is one file of ``kinds``.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.charts import distributions, kinds
from portal.charts.chart import Chart, Figure
from portal.charts.documents import Comparison
from portal.charts.gallery import Gallery, Section
from portal.charts.scores import scores
from portal.charts.summary import ASSUMED, summary

__all__ = [
    "ASSUMED",
    "Chart",
    "Comparison",
    "Gallery",
    "Section",
    "figures",
    "scores",
    "sections",
    "summary",
]


def sections(comparison: Comparison) -> list[Section]:
    """The galleries that have something to show, in the order of the page."""
    placed: dict[Gallery, list[Chart]] = {}
    for kind in kinds.every():
        placed.setdefault(kind.GALLERY, []).extend(kind.charts(comparison))
    if comparison.get("references"):
        placed = _folded(placed)
    return [
        Section(gallery, sorted(charts, key=lambda chart: chart.rank))
        for gallery, charts in sorted(placed.items(), key=lambda entry: entry[0].order)
        if charts
    ]


def _folded(placed: Mapping[Gallery, list[Chart]]) -> dict[Gallery, list[Chart]]:
    """Where published figures are charts of their own, columns without a reference are folded."""
    columns = placed.get(distributions.GALLERY, [])
    rest = {gallery: charts for gallery, charts in placed.items() if charts is not columns}
    return {**rest, distributions.FOLDED: [one for one in columns if not one.compared]}


def figures(comparison: Comparison) -> dict[str, Figure]:
    """Every figure by the id its place on the page has."""
    return {chart.id: chart.figure for section in sections(comparison) for chart in section.charts}
