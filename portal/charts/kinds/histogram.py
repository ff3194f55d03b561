"""A column of numbers, days or moments: bars between edges, the reference as an outline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from portal.charts import distributions
from portal.charts.bins import are_even, even_edges, rebin
from portal.charts.chart import SHARE, Chart, Compared, Figure, numbers
from portal.charts.documents import ColumnEntry, Comparison, Shares
from portal.charts.figure import CARD, REFERENCE, SYNTHETIC, figure, plain_number, size_axis

GALLERY = distributions.GALLERY
WITH_COMMAS = 10_000  # from here on ticks are written with commas


def charts(comparison: Comparison) -> Iterator[Chart]:
    for number, entry in distributions.entries(comparison, "histogram"):
        yield _chart(entry, number)


def _chart(entry: ColumnEntry, number: int) -> Chart:
    given = entry.get("edges") or ()
    dated = isinstance(given[0], str) or entry.get("kind") in ("date", "timestamp")
    edges = [_number(edge) for edge in given]
    compared = distributions.compared_of(entry)
    headings, rows = numbers([_between(*bin_, dated=dated) for bin_ in pairwise(edges)], compared)
    drawn = draw(edges, compared, dated=dated)
    return distributions.column_chart(entry, number, figure=drawn, headings=headings, rows=rows)


def draw(edges: Sequence[float], compared: Compared, *, dated: bool) -> Figure:
    """Bins of equal widths: of bins of other widths a wide one would look too full."""
    if not are_even(edges):
        judge = compared.reference if compared.reference is not None else compared.synthetic
        even = even_edges(edges, judge or ())
        old = edges
        compared = compared.each(lambda shares: rebin(old, shares, even))
        edges = even
    look = {"synthetic": _filled, "reference": _outline}
    traces = [look[name](edges, shares, dated=dated) for name, shares in compared.named()]
    low, high = edges[0], edges[-1]
    axis: Figure = {"range": [_when(low), _when(high)] if dated else [low, high], "nticks": 5}
    numbered = {"type": "linear", "separatethousands": high >= WITH_COMMAS}
    axis |= {"type": "date"} if dated else numbered
    return figure(traces, bargap=0.06, xaxis=axis, yaxis=size_axis(SHARE))


def _filled(edges: Sequence[float], shares: Shares, *, dated: bool) -> Figure:
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    return {
        "type": "bar",
        "name": "synthetic",
        "x": [_when(middle) for middle in middles] if dated else middles,
        "y": list(shares),
        "width": [high - low for low, high in pairwise(edges)],
        "marker": {"color": SYNTHETIC, "line": {"color": CARD, "width": 0.6}},
        "hovertemplate": "%{x}: %{y:.1%} synthetic<extra></extra>",
    }


def _outline(edges: Sequence[float], shares: Shares, *, dated: bool) -> Figure:
    """Steps from the ground to the ground."""
    places = [edges[0], *edges, edges[-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "reference",
        "x": [_when(place) for place in places] if dated else places,
        "y": [0.0, *shares, shares[-1], 0.0],
        "line": {"shape": "hv", "color": REFERENCE, "width": 1.8},
        "hovertemplate": "%{x}: %{y:.1%} reference<extra></extra>",
    }


def _number(edge: float | str) -> float:
    """An edge as a number; a day or moment in milliseconds since 1970."""
    if not isinstance(edge, str):
        return float(edge)
    moment = datetime.fromisoformat(edge)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _when(milliseconds: float) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _between(low: float, high: float, *, dated: bool) -> str:
    if dated:
        return f"{_when(low)[:10]} to {_when(high)[:10]}"
    return f"{plain_number(low)} to {plain_number(high)}"
