"""Charts of a stand-alone page, as inline SVG: bars of shares with the reference as a line, and
maps of strengths."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 320, 110
SYNTHETIC, REFERENCE, AGAINST = "var(--made)", "var(--ink)", "var(--bad)"


def bars(
    names: Sequence[Any], synthetic: Sequence[float] | None, reference: Sequence[float] | None
) -> str:
    """Bars of shares with the reference as a line across each; names as titles to point at.
    ``names`` are one for each bar, or the edges between them."""
    shares = synthetic if synthetic is not None else reference
    if not shares:
        return ""
    top = max([*shares, *(reference or ()), 1e-9])
    step = WIDTH / len(shares)
    labels = _labels(names, len(shares))
    marks = []
    for at, share in enumerate(shares):
        height = HEIGHT * share / top
        said = f"{labels[at]}: {share:.1%}"
        if reference is not None:
            said += f", real {reference[at]:.1%}"
        marks.append(
            f'<rect x="{at * step + 0.1 * step:.1f}" y="{HEIGHT - height:.1f}" '
            f'width="{0.8 * step:.1f}" height="{max(height, 0.5):.1f}" fill="{SYNTHETIC}">'
            f"<title>{escape(said)}</title></rect>"
        )
        if reference is not None:
            y = HEIGHT - HEIGHT * reference[at] / top
            marks.append(
                f'<path d="M{at * step:.1f} {y:.1f}h{step:.1f}" stroke="{REFERENCE}" '
                'stroke-width="1.6"/>'
            )
    first, last = (escape(_short(names[at])) if names else "" for at in (0, -1))
    ends = (
        f'<text x="0" y="{HEIGHT + 15}">{first}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 15}" text-anchor="end">{last}</text>'
    )
    return (
        f'<svg viewBox="0 -4 {WIDTH} {HEIGHT + 24}" role="img">{"".join(marks)}'
        f"{ends if len(shares) > 1 else ends[: ends.index('</text>') + 7]}</svg>"
    )


def _labels(names: Sequence[Any], bars: int) -> list[str]:
    if len(names) == bars + 1:
        return [f"{_short(names[at])} to {_short(names[at + 1])}" for at in range(bars)]
    return [str(names[at]) if at < len(names) else "" for at in range(bars)]


def _short(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)[:22]


def heat(names: Sequence[str], values: Sequence[Sequence[float | None]]) -> str:
    """A square map of strengths from -1 to 1, named along its left side."""
    margin, longest = 92, 15
    size = (WIDTH - margin) / len(names)
    cells = [
        f'<text x="{margin - 4}" y="{(row + 0.68) * size:.1f}" text-anchor="end" '
        f'font-size="{min(11.0, size):.1f}">{escape(_cut(name, longest))}</text>'
        for row, name in enumerate(names)
    ]
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            strength = 0.0 if value is None else min(1.0, abs(value))
            colour = AGAINST if value is not None and value < 0 else SYNTHETIC
            said = f"{names[row]} × {names[column]}: {'–' if value is None else f'{value:.3f}'}"
            cells.append(
                f'<rect x="{margin + column * size:.1f}" y="{row * size:.1f}" '
                f'width="{size - 1:.1f}" height="{size - 1:.1f}" fill="{colour}" '
                f'fill-opacity="{0.06 + 0.94 * strength:.2f}">'
                f"<title>{escape(said)}</title></rect>"
            )
    height = size * len(names)
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img">{"".join(cells)}</svg>'


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
