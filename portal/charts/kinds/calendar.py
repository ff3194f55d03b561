"""Shares of a date column by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from portal.charts import distributions
from portal.charts.chart import SHARE, Chart, Compared, Figure, Unit, numbers
from portal.charts.documents import ColumnEntry, Comparison
from portal.charts.figure import figure, size_axis
from portal.charts.kinds.bars import bar

GALLERY = distributions.GALLERY
TICKS = 12


def charts(comparison: Comparison) -> Iterator[Chart]:
    for number, entry in distributions.entries(comparison, "calendar"):
        yield _chart(entry, number)


def _chart(entry: ColumnEntry, number: int) -> Chart:
    months = [str(label) for label in entry.get("labels") or ()]
    compared = distributions.compared_of(entry)
    headings, rows = numbers(months, compared, first="Month")
    drawn = draw(months, compared)
    return distributions.column_chart(entry, number, figure=drawn, headings=headings, rows=rows)


def draw(months: Sequence[str], compared: Compared, *, unit: Unit = SHARE) -> Figure:
    """Upright bars month by month; of many months some are named."""
    traces = [bar(name, months, sizes, unit=unit, upright=True) for name, sizes in compared.named()]
    ticks = months[:: max(1, -(-len(months) // TICKS))]
    axis: Figure = {"type": "category", "tickangle": 0, "tickvals": list(ticks)}
    axis |= {"title": {"text": "month", "standoff": 4}, "automargin": True}
    axis |= {"ticktext": [month_name(tick) for tick in ticks]}
    margin = {"l": 38, "r": 6, "t": 6, "b": 38}  # two lines: a month, and its year in January
    size = size_axis(unit)
    return figure(traces, barmode="overlay", bargap=0.28, xaxis=axis, yaxis=size, margin=margin)


def month_name(month: str) -> str:
    """2025-01 is Jan, with the year below where a year begins."""
    try:
        day = datetime.strptime(month[:7], "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return month
    return f"{day:%b}<br>{day.year}" if day.month == 1 else f"{day:%b}"
