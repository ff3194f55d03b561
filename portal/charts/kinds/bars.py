"""Shares of a column's categories, as bars: the largest are drawn, all are in the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from portal.charts import distributions
from portal.charts.chart import SHARE, Chart, Compared, Figure, Unit, numbers
from portal.charts.documents import ColumnEntry, Comparison
from portal.charts.figure import BARS, figure, plain_number, plainly, size_axis, trim

GALLERY = distributions.GALLERY
MOST = 12  # categories drawn
ROOM = 40  # letters that fit side by side under upright bars
REST = "(other)"  # everything rare taken together


def charts(comparison: Comparison) -> Iterator[Chart]:
    for number, entry in distributions.entries(comparison, "bars"):
        yield _chart(entry, number)


def _chart(entry: ColumnEntry, number: int) -> Chart:
    labels = [band(str(label)) for label in entry.get("labels") or ()]
    labels, compared = _without_empty_rest(labels, distributions.compared_of(entry))
    headings, rows = numbers(labels, compared)
    return distributions.column_chart(
        entry,
        number,
        figure=draw(labels, compared),
        headings=headings,
        rows=rows,
        note=_left_out(labels, compared),
    )


def draw(
    labels: Sequence[str], compared: Compared, *, unit: Unit = SHARE, across: str = ""
) -> Figure:
    """Bars of the largest categories, upright if their labels fit side by side; ``across`` is what
    they are categories of, where the chart's place does not say it."""
    kept = _largest(compared)
    names = [labels[at] for at in kept]
    upright = len(names) * (max(map(len, names), default=0) + 1) <= ROOM
    traces = [
        bar(name, names, [shares[at] for at in kept], unit=unit, upright=upright)
        for name, shares in compared.named()
    ]
    axis: Figure = {"type": "category", "automargin": True, "ticks": "", "tickangle": 0}
    if across:
        axis["title"] = {"text": plainly(across), "standoff": 6}
    size = size_axis(unit)
    if upright:
        return figure(traces, barmode="overlay", bargap=0.28, xaxis=axis, yaxis=size)
    axis |= {"autorange": "reversed"}
    axis |= {"tickvals": [plainly(name) for name in names], "ticktext": [trim(n) for n in names]}
    return figure(traces, barmode="overlay", bargap=0.28, xaxis=size, yaxis=axis)


def bar(
    name: str, labels: Sequence[str], sizes: Sequence[float], *, unit: Unit, upright: bool
) -> Figure:
    """The bars of ``synthetic`` or of ``reference``."""
    plain = [plainly(label) for label in labels]
    size, label = ("y", "x") if upright else ("x", "y")
    return {
        "type": "bar",
        "name": name,
        "orientation": "v" if upright else "h",
        "hovertemplate": f"%{{{label}}}: %{{{size}{unit.hover}}} {name}<extra></extra>",
        label: plain,
        size: list(sizes),
        **BARS[name],
    }


def band(label: str) -> str:
    """A band "low..high" as people say it; anything else as it is."""
    low, dots, high = label.partition("..")
    if not dots or not all(part == "" or _is_number(part) for part in (low, high)):
        return label
    if not low:
        return f"under {plain_number(float(high))}"
    if not high:
        return f"{plain_number(float(low))} and more"
    return f"{plain_number(float(low))} – {plain_number(float(high))}"


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))


def _without_empty_rest(labels: list[str], compared: Compared) -> tuple[list[str], Compared]:
    """Without everything rare taken together, where nothing is rare."""
    kept = [
        at
        for at, label in enumerate(labels)
        if label != REST or any(shares[at] for _, shares in compared.named())
    ]
    return [labels[at] for at in kept], compared.each(lambda shares: [shares[at] for at in kept])


def _largest(compared: Compared) -> list[int]:
    """Places of the largest categories, in the order they came in."""
    largest = [max(both) for both in zip(*(shares for _, shares in compared.named()), strict=False)]
    return sorted(sorted(range(len(largest)), key=lambda at: -largest[at])[:MOST])


def _left_out(labels: Sequence[str], compared: Compared) -> str:
    """What is said of categories that are not drawn."""
    more = len(labels) - MOST
    if more <= 0:
        return ""
    _, shares = next(compared.named())
    rest = sum(shares) - sum(shares[at] for at in _largest(compared))
    said = "1 smaller category is" if more == 1 else f"{more} smaller categories are"
    return f"{said} in the numbers only ({100 * rest:.1f} %)."
