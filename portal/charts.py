"""What the pages draw: plotly figures built from a bundle's comparison or a profile's summary.

Synthetic is filled, the reference is an outline.  Colours are written ``var(--name)``; the page
replaces them with the colours of its theme.  Beside each figure come the same numbers as rows,
for those who read rather than look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import Any

Figure = dict[str, Any]
Shares = Sequence[float] | None

BARS = 12  # categories drawn; the others are in the numbers only
BINS = 30  # bars of a histogram redrawn in equal widths
TAIL = 0.004  # share at each end that a histogram may leave to the table beneath it
LONG_LABEL = 22
ROOM = 40  # letters that fit side by side under upright bars
ASSUMED = ("approx", "weak", "assumption")  # confidences that carry no reference line
SCORES = (
    ("univariate", "One column"),
    ("bivariate", "Two columns"),
    ("trivariate", "Three columns"),
)
SYN, REF, CARD = "var(--syn)", "var(--ref)", "var(--card)"
SEE_THROUGH = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Chart:
    """One figure with what belongs around it.  ``rows`` are (label, synthetic, reference)."""

    id: str
    table: str
    column: str
    title: str
    figure: Figure
    rows: tuple[tuple[str, Any, Any], ...] = ()
    accuracy: float | None = None
    ceiling: float | None = None
    gap: float = 0.0
    compared: bool = False
    assumption: bool = False
    source: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def columns(comparison: Mapping[str, Any]) -> list[Chart]:
    """One chart a column, worst first; columns that have no reference come last."""
    charts = [
        _column(entry, number) for number, entry in enumerate(comparison.get("columns") or ())
    ]
    return sorted(charts, key=lambda chart: (not chart.compared, -chart.gap, chart.table))


def months(comparison: Mapping[str, Any]) -> list[Chart]:
    """Rows by month over the span, one chart a table and date column; compared ones first, then
    the largest tables, each with its first date before the others."""
    charts = [
        _month(entry, number)
        for number, entry in enumerate(comparison.get("calendar") or ())
        if len(entry["months"]) > 1
    ]
    seen: dict[str, int] = {}
    place = {chart.id: seen.setdefault(chart.table, at) != at for at, chart in enumerate(charts)}
    return sorted(charts, key=lambda chart: (not chart.compared, place[chart.id], -_height(chart)))


def _height(chart: Chart) -> float:
    return float(sum(row[1] or 0 for row in chart.rows))


def children(comparison: Mapping[str, Any]) -> list[Chart]:
    """How many rows of a child table a row of its parent has, one chart a link that is used; the
    most varied families first."""
    used = [
        _family(entry, number)
        for number, entry in enumerate(comparison.get("children") or ())
        if any((entry.get("mean") or {}).values())
    ]
    return sorted(used, key=lambda chart: -sum(bool(row[1] or row[2]) for row in chart.rows))


def dependence(comparison: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each table its heat maps: synthetic, reference (if there is one) and difference."""
    found = []
    for number, (table, entry) in enumerate((comparison.get("dependence") or {}).items()):
        maps = [_heat(entry, part, f"heat-{number}-{part}", table) for part in _HEATS]
        kept = [heat for heat in maps if heat]
        if kept:
            found.append({"table": table, "measure": entry.get("measure", ""), "maps": kept})
    return sorted(found, key=lambda one: (-len(one["maps"]), -len(one["maps"][0].rows)))


def figures(comparison: Mapping[str, Any]) -> dict[str, Figure]:
    """Every figure of a comparison by the id its place on the page has."""
    heats = (heat for table in dependence(comparison) for heat in table["maps"])
    galleries = (columns(comparison), months(comparison), children(comparison), heats)
    return {chart.id: chart.figure for gallery in galleries for chart in gallery}


def scores(measured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accuracies with their ceilings, by how many columns are looked at together."""
    found = measured.get("scores") or {}
    return [{"title": title, **found[name]} for name, title in SCORES if found.get(name)]


def summary(profile: Any) -> dict[str, Any]:
    """A profile's own statistics in the shape of a comparison that has only a reference side:
    the summary of a fitted profile's extract, the published shares of a built-in one."""
    if profile.summary is not None:
        return dict(profile.summary.to_comparison())
    sources = {source.id: source for source in profile.sources}
    return {
        "columns": [
            _published(reference, sources.get(reference.source))
            for reference in profile.references
            if reference.kind == "shares"
        ]
    }


def _published(reference: Any, source: Any) -> dict[str, Any]:
    assumed = reference.confidence in ASSUMED
    return {
        "table": reference.table,
        "column": reference.column,
        "title": reference.title,
        "chart": "bars",
        "labels": list(reference.value),
        "synthetic": None,
        "reference": list(reference.value.values()),
        "source": vars(source) if source is not None else None,
        "confidence": reference.confidence,
        "assumption": assumed,
    }


# One column


def _column(entry: Mapping[str, Any], number: int) -> Chart:
    synthetic, reference = entry.get("synthetic"), entry.get("reference")
    alone = synthetic is None
    entry = {**entry, "labels": [_band(str(label)) for label in entry.get("labels") or ()]}
    by_size = entry.get("chart") == "histogram" and entry.get("edges")
    figure, rows = (_histogram if by_size else _bars)(entry, synthetic, reference)
    said = "" if by_size or entry.get("chart") == "calendar" else _left_out(rows)
    return Chart(
        id=f"column-{number}",
        table=entry["table"],
        column=entry["column"],
        title=entry.get("title") or f"{entry['table']}.{entry['column']}",
        figure=figure,
        rows=tuple((label, there, None) for label, _, there in rows) if alone else tuple(rows),
        accuracy=entry.get("accuracy"),
        ceiling=entry.get("ceiling"),
        gap=_gap(entry, synthetic, reference),
        compared=reference is not None and not alone,
        assumption=bool(entry.get("assumption")),
        source=_source(entry),
        note=" ".join(filter(None, (_missing(entry), said))),
    )


def _band(label: str) -> str:
    """A band "low..high" as people say it; anything else as it is."""
    low, dots, high = label.partition("..")
    if not dots or not all(part == "" or _is_number(part) for part in (low, high)):
        return label
    if not low:
        return f"under {_plain(float(high))}"
    if not high:
        return f"{_plain(float(low))} and more"
    return f"{_plain(float(low))} – {_plain(float(high))}"


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))


def _gap(entry: Mapping[str, Any], synthetic: Shares, reference: Shares) -> float:
    """How far a column is from what two real samples would reach; without a score, half the
    sum of the differences of the shares."""
    if entry.get("accuracy") is not None:
        return float(entry.get("ceiling") or 1.0) - float(entry["accuracy"])
    if reference is None or synthetic is None:
        return 0.0
    return sum(abs(a - b) for a, b in zip(synthetic, reference, strict=False)) / 2


def _source(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    source = entry.get("source")
    if isinstance(source, Mapping):
        return source
    label = source or entry.get("reference_label")
    return {"title": str(label)} if label else {}


def _missing(entry: Mapping[str, Any]) -> str:
    missing = entry.get("missing") or {}
    here, there = missing.get("synthetic"), missing.get("reference")
    if not here and not there:
        return ""
    if here is None:
        return f"{100 * there:.1f} % missing."
    said = f"{100 * here:.1f} % missing"
    return f"{said}." if there is None else f"{said} (reference {100 * there:.1f} %)."


Rows = list[tuple[str, Any, Any]]


def _bars(entry: Mapping[str, Any], synthetic: Shares, reference: Shares) -> tuple[Figure, Rows]:
    labels = [str(label) for label in entry.get("labels") or ()]
    all_rows = [row for row in _rows(labels, synthetic, reference) if not _nothing(row)]
    if entry.get("chart") == "calendar":
        return _by_month(all_rows, synthetic, reference, tickformat=".0%"), all_rows
    rows = _largest(all_rows)
    names = [row[0] for row in rows]
    flat = len(names) * (max(map(len, names), default=0) + 1) <= ROOM
    traces = _both(rows, synthetic, reference, flat=flat)
    share = {"tickformat": ".0%", "nticks": 4, "rangemode": "tozero", "gridcolor": "var(--line)"}
    name: Figure = {"type": "category", "automargin": True, "ticks": "", "tickangle": 0}
    if not flat:
        name |= {"autorange": "reversed"}
        name |= {"tickvals": [_plainly(label) for label in names]}
        name |= {"ticktext": [_trim(label) for label in names]}
    axes = {"xaxis": name, "yaxis": share} if flat else {"yaxis": name, "xaxis": share}
    return _figure(traces, barmode="overlay", bargap=0.28, **axes), all_rows


def _nothing(row: tuple[str, Any, Any]) -> bool:
    """Everything rare taken together, where nothing is rare."""
    return row[0] == "(other)" and not row[1] and not row[2]


def _both(rows: Rows, synthetic: Shares, reference: Shares, *, flat: bool) -> list[Figure]:
    sides = ((1, "synthetic", synthetic), (2, "reference", reference))
    return [_bar(rows, at, name, flat=flat) for at, name, shares in sides if shares is not None]


def _by_month(rows: Rows, synthetic: Shares, reference: Shares, *, tickformat: str) -> Figure:
    ticks = [row[0] for row in rows[:: max(1, -(-len(rows) // 12))]]
    name = {"type": "category", "tickangle": 0, "tickvals": ticks}
    name |= {"ticktext": [_month_name(tick) for tick in ticks]}
    size = {"rangemode": "tozero", "nticks": 4, "gridcolor": "var(--line)"}
    size |= {"tickformat": tickformat}
    traces = _both(rows, synthetic, reference, flat=True)
    if tickformat != ".0%":
        traces = [
            bar | {"hovertemplate": f"%{{x}}: %{{y:,.0f}} rows {bar['name']}<extra></extra>"}
            for bar in traces
        ]
    margin = {"l": 38, "r": 6, "t": 6, "b": 38}  # two lines: a month, and its year in January
    return _figure(traces, barmode="overlay", bargap=0.28, xaxis=name, yaxis=size, margin=margin)


def _rows(labels: Sequence[str], synthetic: Shares, reference: Shares) -> Rows:
    nothing: list[float | None] = [None] * len(labels)
    here = nothing if synthetic is None else synthetic
    there = nothing if reference is None else reference
    return list(zip(labels, here, there, strict=False))


def _largest(rows: Rows) -> Rows:
    """The largest categories, in the order they came in."""
    ranked = sorted(rows, key=lambda row: -max(row[1] or 0, row[2] or 0))[:BARS]
    return [row for row in rows if row in ranked]


def _left_out(rows: Rows) -> str:
    """What is said of categories that are not drawn."""
    if len(rows) <= BARS:
        return ""
    drawn = _largest(rows)
    rest = sum((here or 0) if here is not None else (there or 0) for _, here, there in rows)
    rest -= sum((here or 0) if here is not None else (there or 0) for _, here, there in drawn)
    more = len(rows) - len(drawn)
    said = "1 smaller category is" if more == 1 else f"{more} smaller categories are"
    return f"{said} in the numbers only ({100 * rest:.1f} %)."


def _bar(rows: Rows, which: int, name: str, *, flat: bool) -> Figure:
    labels, shares = [_plainly(row[0]) for row in rows], [row[which] for row in rows]
    place = {"x": labels, "y": shares} if flat else {"x": shares, "y": labels}
    share, label = ("y", "x") if flat else ("x", "y")
    look = (
        {"color": SYN, "line": {"width": 0}}
        if which == 1
        else {"color": SEE_THROUGH, "line": {"color": REF, "width": 1.6}}
    )
    return {
        "type": "bar",
        "name": name,
        "orientation": "v" if flat else "h",
        "marker": look,
        "width": 0.66 if which == 1 else 0.84,
        "hovertemplate": f"%{{{label}}}: %{{{share}:.1%}} {name}<extra></extra>",
        **place,
    }


def _histogram(
    entry: Mapping[str, Any], synthetic: Shares, reference: Shares
) -> tuple[Figure, Rows]:
    dated = isinstance(entry["edges"][0], str) or entry.get("kind") in ("date", "timestamp")
    edges = [_number(edge) for edge in entry["edges"]]
    names = [_between(low, high, dated=dated) for low, high in pairwise(edges)]
    rows = _rows(names, synthetic, reference)
    if not _even(edges):
        even = _even_edges(edges, synthetic if reference is None else reference)
        synthetic = None if synthetic is None else rebin(edges, synthetic, even)
        reference = None if reference is None else rebin(edges, reference, even)
        edges = even
    traces = [] if synthetic is None else [_filled(edges, synthetic, dated=dated)]
    if reference is not None:
        traces.append(_outline(edges, reference, dated=dated))
    low, high = edges[0], edges[-1]
    axis: Figure = {"range": [_when(low), _when(high)] if dated else [low, high], "nticks": 5}
    axis |= {"type": "date"} if dated else {"type": "linear", "separatethousands": high >= 10_000}
    share = {"tickformat": ".0%", "nticks": 4, "rangemode": "tozero", "gridcolor": "var(--line)"}
    return _figure(traces, bargap=0.06, xaxis=axis, yaxis=share), rows


def rebin(edges: Sequence[float], shares: Sequence[float], onto: Sequence[float]) -> list[float]:
    """``shares`` between ``edges`` laid over other edges; mass is spread evenly in a bin, a bin
    of no width goes where its value lies.  Mass beyond the new edges is left out."""
    found = [0.0] * (len(onto) - 1)
    for low, high, share in zip(edges, edges[1:], shares, strict=False):
        for at, (left, right) in enumerate(pairwise(onto)):
            last = at == len(found) - 1
            if high <= low:
                inside = left <= low < right or (last and low == right)
                found[at] += share if inside else 0.0
            else:
                found[at] += share * max(0.0, min(high, right) - max(low, left)) / (high - low)
    return found


def _even(edges: Sequence[float]) -> bool:
    widths = [high - low for low, high in pairwise(edges)]
    return max(widths) <= 1.05 * min(widths)


def _even_edges(edges: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Equal widths from where the first ``TAIL`` of the mass ends to where the last begins."""
    low, high = _quantile(edges, shares, TAIL), _quantile(edges, shares, 1 - TAIL)
    if high <= low:
        low, high = edges[0], max(edges[-1], edges[0] + 1)
    bins = min(BINS, max(len(edges) - 1, 8))
    whole = all(float(edge).is_integer() for edge in edges) and 0 < high - low <= BINS
    if whole:
        low, high = float(int(low)), float(int(high) + 1)
        bins = int(high - low)
    return [low + (high - low) * at / bins for at in range(bins + 1)]


def _quantile(edges: Sequence[float], shares: Sequence[float], level: float) -> float:
    passed, wanted = 0.0, level * sum(shares)
    for low, high, share in zip(edges, edges[1:], shares, strict=False):
        if passed + share >= wanted and share > 0:
            return low + (high - low) * (wanted - passed) / share
        passed += share
    return edges[-1]


def _filled(edges: Sequence[float], shares: Sequence[float], *, dated: bool) -> Figure:
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    return {
        "type": "bar",
        "name": "synthetic",
        "x": [_when(middle) for middle in middles] if dated else middles,
        "y": list(shares),
        "width": [high - low for low, high in pairwise(edges)],
        "marker": {"color": SYN, "line": {"color": CARD, "width": 0.6}},
        "hovertemplate": "%{x}: %{y:.1%} synthetic<extra></extra>",
    }


def _outline(edges: Sequence[float], shares: Sequence[float], *, dated: bool) -> Figure:
    places = [edges[0], *edges]
    heights = [0.0, *shares, shares[-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "reference",
        "x": [_when(place) for place in [*places, edges[-1]]] if dated else [*places, edges[-1]],
        "y": [*heights, 0.0],
        "line": {"shape": "hv", "color": REF, "width": 1.8},
        "hovertemplate": "%{x}: %{y:.1%} reference<extra></extra>",
    }


def _number(edge: Any) -> float:
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
    return f"{_plain(low)} to {_plain(high)}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"


# Months and heat maps


def _month(entry: Mapping[str, Any], number: int) -> Chart:
    synthetic, reference = entry.get("synthetic"), entry.get("reference")
    rows = _rows([str(month) for month in entry["months"]], synthetic, reference)
    alone = synthetic is None
    return Chart(
        id=f"month-{number}",
        table=entry["table"],
        column=entry["column"],
        title=f"{entry['table']} by month of {entry['column']}",
        figure=_by_month(rows, synthetic, reference, tickformat="~s"),
        rows=tuple((month, there, None) for month, _, there in rows) if alone else tuple(rows),
        compared=reference is not None and not alone,
        source=_source(entry),
    )


def _month_name(month: str) -> str:
    """2025-01 is Jan, with the year below where a year begins."""
    try:
        day = datetime.strptime(month[:7], "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return month
    return f"{day:%b}<br>{day.year}" if day.month == 1 else f"{day:%b}"


def _family(entry: Mapping[str, Any], number: int) -> Chart:
    bars = {"table": entry["parent"], "chart": "bars", **entry}
    means = entry.get("mean") or {}
    here, there = means.get("synthetic"), means.get("reference")
    said = [f"{here:.3g} on average" if here is not None else ""]
    said += [f"{there:.3g} in the reference" if there is not None else ""]
    return replace(
        _column(bars, number),
        id=f"children-{number}",
        title=_family_title(entry),
        note=", ".join(filter(None, said)) + "." if any(said) else "",
    )


def _family_title(entry: Mapping[str, Any]) -> str:
    """The link's column is named where the parent's name does not say which link is meant."""
    column = entry.get("column") or ""
    told = column in ("", f"{entry['parent']}_key")
    return f"{entry['child']} per {entry['parent']}" + ("" if told else f", by {column}")


_HEATS = ("synthetic", "reference", "difference")


def _heat(entry: Mapping[str, Any], part: str, name: str, table: str) -> Chart | None:
    values = entry.get(part)
    if not values:
        return None
    labels = [str(label) for label in entry["columns"]]
    signed = part == "difference" or any(v < 0 for row in values for v in row if v is not None)
    largest = max((abs(v) for row in values for v in row if v is not None), default=0)
    top = 1.0 if part != "difference" else max(0.1, largest)
    trace = {
        "type": "heatmap",
        "x": [_plainly(label) for label in labels],
        "y": [_plainly(label) for label in labels],
        "z": values,
        "zmin": -top if signed else 0,
        "zmax": top,
        "colorscale": _SIGNED if signed else [[0, "var(--wash)"], [1, SYN]],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{y} × %{x}: %{z:.2f}<extra></extra>",
    }
    ticks = {"tickvals": trace["x"], "ticktext": [_trim(label) for label in labels]}
    axis = {"type": "category", "automargin": True, "tickfont": {"size": 9}, **ticks}
    figure = _figure(
        [trace],
        xaxis={**axis, "tickangle": -60},
        yaxis={**axis, "autorange": "reversed"},
    )
    pairs = _pairs(labels, values)
    return Chart(name, table, "", part, figure, rows=pairs, compared=part != "synthetic")


_SIGNED = [[0, "var(--warn)"], [0.5, "var(--wash)"], [1, SYN]]


def _pairs(labels: Sequence[str], values: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """The ten strongest pairs of a heat map, strongest first."""
    found = [
        (f"{labels[i]} × {labels[j]}", values[i][j], None)
        for i in range(len(labels))
        for j in range(i)
        if values[i][j] is not None
    ]
    return tuple(sorted(found, key=lambda row: -abs(row[1]))[:10])


# Every figure


def _plainly(label: str) -> str:
    """A label as plotly shows it letter by letter; it would take tags for markup."""
    return escape(label, quote=False)


def _trim(label: str) -> str:
    short = label if len(label) <= LONG_LABEL else label[: LONG_LABEL - 1] + "…"
    return _plainly(short)


def _figure(traces: Iterable[Figure], **layout: Any) -> Figure:
    quiet = {"zeroline": False, "showline": False, "fixedrange": True}
    for axis in ("xaxis", "yaxis"):
        layout[axis] = {"showgrid": "gridcolor" in layout[axis], **quiet, **layout[axis]}
    return {
        "data": list(traces),
        "layout": {
            "margin": {"l": 38, "r": 6, "t": 6, "b": 24},
            "paper_bgcolor": SEE_THROUGH,
            "plot_bgcolor": SEE_THROUGH,
            "font": {"size": 11, "color": "var(--soft)", "family": "system-ui, sans-serif"},
            "hoverlabel": {"bgcolor": CARD, "bordercolor": REF, "font": {"color": "var(--ink)"}},
            "showlegend": False,
            **layout,
        },
    }
