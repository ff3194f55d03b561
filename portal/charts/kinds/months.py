"""Rows of a table by month of each of its date columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.charts.chart import Chart, Compared, Unit, numbers, source_of
from portal.charts.documents import Comparison, MonthsEntry
from portal.charts.gallery import Gallery
from portal.charts.kinds.calendar import draw

GALLERY = Gallery("months", title="Rows by month", says="does the year look like a year?", order=20)


def _rows(number: Any) -> str:
    return f"{number:,.0f}"


ROWS = Unit("rows", _rows, "~s", ":,.0f")


def charts(comparison: Comparison) -> Iterator[Chart]:
    """Compared ones first, then the largest tables, each with its first date before the others."""
    seen: set[str] = set()
    for number, entry in enumerate(comparison.get("calendar") or ()):
        if len(entry["months"]) > 1:
            yield _chart(entry, number, again=entry["table"] in seen)
            seen.add(entry["table"])


def _chart(entry: MonthsEntry, number: int, *, again: bool) -> Chart:
    months = [str(month) for month in entry["months"]]
    compared = Compared(entry["synthetic"], entry["reference"])
    headings, rows = numbers(months, compared, first="Month")
    return Chart(
        id=f"month-{number}",
        table=entry["table"],
        column=entry["column"],
        title=f"{entry['table']} by month of {entry['column']}",
        figure=draw(months, compared, unit=ROWS),
        headings=headings,
        rows=rows,
        unit=ROWS,
        compared=compared.both,
        source=source_of(entry),
        look="month",
        rank=(not compared.both, again, -sum(row[1] for row in rows)),
    )
