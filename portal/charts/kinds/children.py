"""How many rows of a child table a row of its parent has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.charts.chart import SHARE, Chart, Compared, numbers
from portal.charts.documents import ChildrenEntry, Comparison
from portal.charts.gallery import Gallery
from portal.charts.kinds.bars import draw

GALLERY = Gallery(
    "children", title="Children per parent", says="how many rows a parent has", order=30
)
PARENTS = SHARE._replace(name="share of parents")


def charts(comparison: Comparison) -> Iterator[Chart]:
    """Links that are used; the most varied first."""
    for number, entry in enumerate(comparison.get("children") or ()):
        if any((entry.get("mean") or {}).values()):
            yield _chart(entry, number)


def _chart(entry: ChildrenEntry, number: int) -> Chart:
    labels = [str(label) for label in entry["labels"]]
    compared = Compared(entry["synthetic"], entry["reference"])
    headings, rows = numbers(labels, compared, first="Children")
    return Chart(
        id=f"children-{number}",
        table=entry["parent"],
        column=entry.get("column", ""),
        title=_title(entry),
        figure=draw(labels, compared, unit=PARENTS, across=f"rows of {entry['child']}"),
        headings=headings,
        rows=rows,
        unit=PARENTS,
        compared=compared.both,
        note=_means(entry),
        rank=(-sum(any(row[1:]) for row in rows),),
    )


def _means(entry: ChildrenEntry) -> str:
    means: dict[str, Any] = {**(entry.get("mean") or {})}
    here, there = means.get("synthetic"), means.get("reference")
    said = [f"{here:.3g} on average"] if here is not None else []
    said += [f"{there:.3g} in the reference"] if there is not None else []
    return f"{', '.join(said)}." if said else ""


def _title(entry: ChildrenEntry) -> str:
    """The link's column is named where the parent's name does not say which link is meant."""
    column = entry.get("column", "")
    obvious = column in ("", f"{entry['parent']}_key")
    return f"{entry['child']} per {entry['parent']}" + ("" if obvious else f", by {column}")
