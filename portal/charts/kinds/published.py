"""Published figures, one chart each: what was reached, what was published, and how near is near
enough; worst first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal.charts.chart import SHARE, Chart, Compared, Figure, Unit, numbers, source_of
from portal.charts.documents import Comparison
from portal.charts.figure import BARS, figure, size_axis
from portal.charts.gallery import Gallery
from portal.charts.kinds.bars import band, draw
from portal.templatetags.say import of_hundred, percent, words

GALLERY = Gallery(
    "published",
    title="Published figures",
    says="worst first; the whisker is the tolerance",
    order=1,
    shown=9,
)
ABSOLUTE = ("share", "shares", "split", "spearman")  # kinds whose gaps are not relative


def charts(comparison: Comparison) -> Iterator[Chart]:
    for entry in comparison.get("references") or ():
        if entry["confidence"] != "rule" and not entry["assumption"]:
            yield _shares(entry) if isinstance(entry["target"], dict) else _number(entry)


def _shares(entry: dict[str, Any]) -> Chart:
    labels = list(entry["target"])
    compared = Compared(
        [entry["reached"][label] for label in labels], list(entry["target"].values())
    )
    names = [band(label) for label in labels]
    headings, rows = numbers(names, compared)
    return _chart(
        entry, figure=draw(names, compared, across=_across(entry)), headings=headings, rows=rows
    )


def _across(entry: dict[str, Any]) -> str:
    """The column whose labels stand there, in words; nothing where it is worked out."""
    column = entry.get("column") or ""
    name = column.rpartition(".")[2]
    return words(name).lower() if re.fullmatch(r"[a-z_.]+", column) else ""


def _number(entry: dict[str, Any]) -> Chart:
    """Two bars; the tolerance stands at the published one."""
    unit = _unit(entry)
    near = (entry.get("tolerance") or 0) * (
        1 if entry["kind"] in ABSOLUTE else abs(entry["target"])
    )
    traces = [
        _bar("synthetic", "reached", entry["reached"], unit),
        _bar("reference", "published", entry["target"], unit)
        | {"error_x": _whisker(entry["target"], near)},
    ]
    axis: Figure = {"type": "category", "automargin": True, "ticks": "", "autorange": "reversed"}
    drawn = figure(traces, barmode="overlay", xaxis=size_axis(unit), yaxis=axis)
    row = (entry["title"], entry["reached"], entry["target"], near)
    headings = ("Figure", "Reached", "Published", "Tolerance ±")
    return _chart(entry, figure=drawn, headings=headings, rows=(row,), unit=unit)


def _whisker(target: float, near: float) -> Figure:
    """The tolerance on both sides; what cannot be negative has none below zero."""
    below = min(near, target) if target >= 0 else near
    whisker = {"type": "data", "symmetric": False, "array": [near], "arrayminus": [below]}
    return whisker | {"color": "var(--ref)", "thickness": 1.2}


def _bar(name: str, label: str, value: float, unit: Unit) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "y": [label],
        "x": [value],
        "hovertemplate": f"%{{x{unit.hover}}} {label}<extra></extra>",
        **BARS[name],
    }


def _unit(entry: dict[str, Any]) -> Unit:
    if entry["kind"] == "share":
        return SHARE
    named = entry.get("unit") or ""
    if of_hundred(named):
        return Unit(named, percent, ".0%", ":.1%")
    unit = named or {"spearman": "rank correlation", "ratio": "ratio"}.get(entry["kind"], "mean")
    return Unit(
        unit, lambda value: f"{value:,.4g}", "~g" if abs(entry["target"]) < 1000 else ",", ":,.4~g"
    )


def _chart(entry: dict[str, Any], **drawn: Any) -> Chart:
    return Chart(
        id=f"figure-{entry['id']}",
        table=entry.get("table", ""),
        column=entry.get("column", ""),
        title=entry["title"],
        compared=True,
        source=source_of(entry),
        note=" ".join(filter(None, (_said(entry), entry.get("note")))),
        rank=(_order(entry), -entry["gap"] / (entry.get("tolerance") or 1)),
        **drawn,
    )


def _said(entry: dict[str, Any]) -> str:
    rows = f"{entry.get('rows') or 0:,} rows."
    if entry.get("overridden") and entry["met"] is None:
        return f"Not scored: “{entry['overridden']}” overrides it. {rows}"
    if entry["met"] is None:
        return f"Too few rows to say: {entry['rows']}."
    if entry["met"]:
        return f"Matches. {rows}"
    return f"{'Far off.' if entry.get('far') else 'Misses.'} {rows}"


def _order(entry: dict[str, Any]) -> int:
    return {False: 0, True: 1, None: 2}[entry["met"]]
