"""Why people choose what they choose: how strongly choices lean on each reason.

What rests on an assumption has no reference: what was assumed stands in the numbers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portal.charts.chart import SHARE, Chart, Compared, Unit
from portal.charts.documents import Comparison
from portal.charts.gallery import Gallery
from portal.charts.kinds.bars import draw

GALLERY = Gallery(
    "reasons",
    title="People with reasons",
    says="how strongly choices lean on what people are; what is assumed stands in the numbers",
    order=3,
    shown=9,
)
STRENGTH = Unit("rank correlation", lambda value: f"{value:+.2f}", "+.1f", ":+.2f")
FEW = 5  # choices that fit a chart of the usual height
UNITS = {"spearman": STRENGTH, "share": SHARE}


def charts(comparison: Comparison) -> Iterator[Chart]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in comparison.get("references") or ():
        if entry.get("reason") and entry["kind"] in UNITS:
            found.setdefault((entry["reason"], entry["kind"]), []).append(entry)
    for rank, ((reason, kind), entries) in enumerate(found.items()):
        yield _chart(reason, kind, entries, rank)


def _chart(reason: str, kind: str, entries: Sequence[dict[str, Any]], rank: int) -> Chart:
    unit, names = UNITS[kind], [f"{entry['choice']}: {entry['title']}" for entry in entries]
    compared = Compared([entry["reached"] for entry in entries], _published(entries))
    wanted = [entry["target"] for entry in entries]
    word = "Published" if compared.both else "Assumed"
    return Chart(
        id=f"reasons-{reason}-{kind}",
        title=f"{reason.capitalize()}, {unit.name}",
        figure=draw(names, compared, unit=unit),
        headings=("Choice", "Reached", word),
        rows=tuple(zip(names, compared.synthetic or (), wanted, strict=True)),
        unit=unit,
        compared=compared.both,
        assumption=not compared.both,
        look="tall" if len(entries) > FEW else "",
        rank=(rank,),
    )


def _published(entries: Sequence[dict[str, Any]]) -> list[float] | None:
    """What was published of all of them; None where something is assumed."""
    if any(entry["assumption"] for entry in entries):
        return None
    return [entry["target"] for entry in entries]
