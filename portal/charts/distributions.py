"""The gallery of columns, and what every chart of one column says besides its figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.charts.chart import Chart, Compared, source_of
from portal.charts.documents import ColumnEntry, Comparison, Missing
from portal.charts.figure import plainly
from portal.charts.gallery import Gallery

GALLERY = Gallery(
    "distributions",
    title="Distributions",
    says="worst first; accuracy, of what two real samples would reach",
    alone="what bundles are compared with",
    order=10,
    beside=True,
    shown=6,
)
FOLDED = Gallery(
    "columns",
    title="Columns without a published reference",
    says="nothing is compared, so nothing is scored",
    order=90,
    shown=6,
    folded=True,
)


def entries(comparison: Comparison, chart: str) -> Iterator[tuple[int, ColumnEntry]]:
    """(place, entry) of the columns that are to be drawn as ``chart``."""
    for number, entry in enumerate(comparison.get("columns") or ()):
        if entry["chart"] == chart:
            yield number, entry


def compared_of(entry: ColumnEntry) -> Compared:
    return Compared(entry["synthetic"], entry["reference"])


def column_chart(entry: ColumnEntry, number: int, *, note: str = "", **drawn: Any) -> Chart:
    """The chart of a column from its figure, headings and rows."""
    compared = compared_of(entry)
    axis = drawn["figure"]["layout"]["xaxis"]
    axis.setdefault("title", {"text": plainly(entry["column"]), "standoff": 4})
    return Chart(
        id=f"column-{number}",
        table=entry["table"],
        column=entry["column"],
        title=entry.get("title") or f"{entry['table']}.{entry['column']}",
        compared=compared.both,
        accuracy=entry.get("accuracy"),
        ceiling=entry.get("ceiling"),
        assumption=bool(entry.get("assumption")),
        source=source_of(entry),
        unreferenced="No published reference.",
        note=" ".join(filter(None, (_missing(entry.get("missing") or {}), note))),
        rank=(not compared.both, -_gap(entry, compared), number),
        **drawn,
    )


def _gap(entry: ColumnEntry, compared: Compared) -> float:
    """How far a column is from what two real samples would reach; without a score, how far the
    shares are apart."""
    accuracy = entry.get("accuracy")
    return compared.gap() if accuracy is None else (entry.get("ceiling") or 1.0) - accuracy


def _missing(missing: Missing) -> str:
    here, there = missing.get("synthetic"), missing.get("reference")
    if not here and not there:
        return ""
    if here is None:
        return f"{100 * (there or 0):.1f} % missing."
    said = f"{100 * here:.1f} % missing"
    return f"{said}." if there is None else f"{said} (reference {100 * there:.1f} %)."
