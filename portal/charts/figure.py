"""What every plotly figure here has in common.

Synthetic is filled, the reference is an outline.  Colours are written ``var(--name)``; the page
replaces them with the colours of its theme.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from portal.charts.chart import Figure, Unit

SYNTHETIC, REFERENCE, CARD = "var(--syn)", "var(--ref)", "var(--card)"
SEE_THROUGH = "rgba(0,0,0,0)"
LONG_LABEL = 22

# How bars of each look; a reference is a little wider, so that it stands around what it judges.
BARS = {
    "synthetic": {"marker": {"color": SYNTHETIC, "line": {"width": 0}}, "width": 0.66},
    "reference": {
        "marker": {"color": SEE_THROUGH, "line": {"color": REFERENCE, "width": 1.6}},
        "width": 0.84,
    },
}


def figure(traces: Iterable[Figure], **layout: Any) -> Figure:
    quiet = {"zeroline": False, "showline": False, "fixedrange": True}
    for axis in ("xaxis", "yaxis"):
        layout[axis] = {"showgrid": "gridcolor" in layout[axis], **quiet, **layout[axis]}
    return {
        "data": list(traces),
        "layout": {
            "margin": {"l": 52, "r": 8, "t": 6, "b": 38},
            "paper_bgcolor": SEE_THROUGH,
            "plot_bgcolor": SEE_THROUGH,
            "font": {"size": 11, "color": "var(--soft)", "family": "system-ui, sans-serif"},
            "hoverlabel": {
                "bgcolor": CARD,
                "bordercolor": REFERENCE,
                "font": {"color": "var(--ink)"},
            },
            "showlegend": False,
            **layout,
        },
    }


def size_axis(unit: Unit) -> Figure:
    """The axis along which bars grow."""
    return {
        "title": {"text": unit.name, "standoff": 4},
        "automargin": True,
        "tickformat": unit.tick,
        "nticks": 4,
        "rangemode": "tozero",
        "gridcolor": "var(--line)",
    }


def plainly(label: str) -> str:
    """A label as plotly shows it letter by letter; it would take tags for markup."""
    return escape(label, quote=False)


def trim(label: str) -> str:
    short = label if len(label) <= LONG_LABEL else label[: LONG_LABEL - 1] + "…"
    return plainly(short)


def plain_number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4g}"
