"""How strongly each two columns of a table depend on each other, as heat maps: synthetic,
reference (if there is one) and their difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.charts.chart import Chart, Figure, Row, Unit
from portal.charts.documents import Comparison, DependenceEntry, Matrix
from portal.charts.figure import SYNTHETIC, figure, plainly, trim
from portal.charts.gallery import Gallery

GALLERY = Gallery(
    "dependence",
    title="Dependence",
    says="which columns of a table move together; the stronger the colour, the more",
    alone="which columns of a table move together; the stronger the colour, the more",
    order=40,
    by_table=True,
)
MAPS = ("synthetic", "reference", "difference")
STRONGEST = 10  # pairs in the numbers
ONE_WAY = [[0, "var(--wash)"], [1, SYNTHETIC]]
TWO_WAYS = [[0, "var(--warn)"], [0.5, "var(--wash)"], [1, SYNTHETIC]]


def charts(comparison: Comparison) -> Iterator[Chart]:
    """Tables with most maps first, then those with most columns."""
    for number, (table, entry) in enumerate((comparison.get("dependence") or {}).items()):
        values: Mapping[str, Any] = entry
        maps = [name for name in MAPS if values.get(name)]
        rank = (-len(maps), -len(entry["columns"]), number)
        for name in maps:
            yield _chart(entry, values[name], name, f"heat-{number}-{name}", table, rank)


def _chart(
    entry: DependenceEntry, values: Matrix, name: str, id_: str, table: str, rank: tuple[int, ...]
) -> Chart:
    labels = [str(label) for label in entry["columns"]]
    return Chart(
        id=id_,
        table=table,
        title=name,
        figure=draw(labels, values, name),
        headings=("Pair", "Strength"),
        rows=_strongest(labels, values),
        unit=Unit(entry.get("measure") or "strength", _strength, ".1f", ":.2f"),
        compared=name != "synthetic",
        look="tall",
        rank=rank,
    )


def _strength(value: Any) -> str:
    return f"{value:.2f}"


def draw(labels: Sequence[str], values: Matrix, name: str) -> Figure:
    """A square of colours; a difference goes both ways and is stretched to be seen."""
    known = [value for row in values for value in row if value is not None]
    signed = name == "difference" or any(value < 0 for value in known)
    top = max(0.1, *map(abs, known)) if name == "difference" and known else 1.0
    plain = [plainly(label) for label in labels]
    trace = {
        "type": "heatmap",
        "name": name,
        "x": plain,
        "y": plain,
        "z": values,
        "zmin": -top if signed else 0,
        "zmax": top,
        "colorscale": TWO_WAYS if signed else ONE_WAY,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{y} × %{x}: %{z:.2f}<extra></extra>",
    }
    axis = {"type": "category", "automargin": True, "tickfont": {"size": 9}}
    axis |= {"tickvals": plain, "ticktext": [trim(label) for label in labels]}
    return figure(
        [trace], xaxis={**axis, "tickangle": -60}, yaxis={**axis, "autorange": "reversed"}
    )


def _strongest(labels: Sequence[str], values: Matrix) -> tuple[Row, ...]:
    """The strongest pairs, strongest first."""
    pairs = [
        (f"{labels[i]} × {labels[j]}", value)
        for i in range(len(labels))
        for j in range(i)
        if (value := values[i][j]) is not None
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair[1]))[:STRONGEST])
