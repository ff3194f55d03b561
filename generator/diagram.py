"""How tables belong together, drawn as an SVG by nothing but this file.

Domains are panels, packed into columns; a table is a box that lists its links.  A line leads from
each table to the one its rows are born in; where links merely point is said in the box, so that
the drawing of sixty tables can still be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from generator.dictionary import by_domain
from generator.schema import Link, Table

_WIDTH, _GUTTER, _MARGIN = 292, 44, 24  # of a box; between columns of panels; around
_HEAD, _ROW, _GAP, _PAD, _TITLE = 40, 17, 14, 14, 30
_TITLE_TOP = 64  # of the drawing
_MOST_LETTERS = 43  # of a line in a box
_SHAPE = 1.5  # about how much wider than high the whole is
_HUES = (212, 262, 152, 28, 340, 188, 48, 288, 100, 8, 232, 168, 312, 72)
_STYLE = """\
text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:11px;fill:#374151}
.page{fill:#fff}.panel{fill:#f8fafc;stroke:#e2e8f0}.box{fill:#fff;stroke:#cbd5e1}
.top{font-size:20px;font-weight:650;fill:#111827}.domain{font-size:13px;font-weight:650}
.name{font-size:12.5px;font-weight:650;fill:#fff}.said{font-size:10px;fill:#fff;opacity:.85}
.born{font-weight:650}.to{fill:#64748b}.line{fill:none;stroke-width:1.4;opacity:.55}
@media (prefers-color-scheme:dark){text{fill:#cbd5e1}.page{fill:#0f172a}.panel{fill:#111c33;
stroke:#1e293b}.box{fill:#16213a;stroke:#334155}.top{fill:#f1f5f9}.to{fill:#94a3b8}}
"""


@dataclass(frozen=True)
class _Box:
    table: Table
    hue: int
    left: int
    top: int

    @property
    def height(self) -> int:
        return _height(self.table)


@dataclass(frozen=True)
class _Panel:
    domain: str
    hue: int
    column: int
    left: int
    top: int
    height: int
    boxes: tuple[_Box, ...]


def diagram(
    tables: Sequence[Table], *, title: str = "", titles: Mapping[str, str] | None = None
) -> str:
    """The drawing of some tables; links to others are said and not drawn."""
    panels = _packed(tables)
    right = max((panel.left for panel in panels), default=_MARGIN) + _WIDTH + 2 * _PAD + _MARGIN
    bottom = max((panel.top + panel.height for panel in panels), default=_TITLE_TOP) + _MARGIN
    said = f"{title or 'Tables'} · {len(tables)} tables"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right} {bottom}" '
            f'width="{right}" height="{bottom}" role="img">',
            f"<title>{escape(said)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="page" width="{right}" height="{bottom}"/>',
            f'<text class="top" x="{_MARGIN}" y="36">{escape(said)}</text>',
            f'<text class="to" x="{_MARGIN}" y="54">A line leads to the table in which a row is '
            "born; other links are named in the boxes.</text>",
            *(line for panel in panels for line in _panel(panel, titles or {})),
            *_lines(panels),
            *(line for panel in panels for box in panel.boxes for line in _box(box)),
            "</svg>\n",
        ]
    )


def _packed(tables: Sequence[Table]) -> list[_Panel]:
    """Panels one under the other, each in the column that is shortest so far."""
    domains = by_domain(tables)
    heights = {name: _panel_height(some) for name, some in domains.items()}
    column_width = _WIDTH + 2 * _PAD + _GUTTER
    wanted = round((sum(heights.values()) * _SHAPE / column_width) ** 0.5)
    columns = max(1, min(wanted, len(domains)))
    ends = [_TITLE_TOP + _GAP] * columns
    panels = []
    for number, (name, some) in enumerate(domains.items()):
        column = min(range(columns), key=lambda at: (ends[at], at))
        left, top = _MARGIN + column * column_width, ends[column]
        hue = _HUES[number % len(_HUES)]
        panels.append(
            _Panel(name, hue, column, left, top, heights[name], _stacked(some, hue, left, top))
        )
        ends[column] += heights[name] + 2 * _GAP
    return panels


def _stacked(tables: Sequence[Table], hue: int, left: int, top: int) -> tuple[_Box, ...]:
    boxes, at = [], top + _TITLE + _PAD // 2
    for table in tables:
        boxes.append(_Box(table, hue, left + _PAD, at))
        at += _height(table) + _GAP
    return tuple(boxes)


def _panel_height(tables: Sequence[Table]) -> int:
    return _TITLE + _PAD + sum(_height(table) + _GAP for table in tables)


def _height(table: Table) -> int:
    return _HEAD + _ROW * len(table.links) + (8 if table.links else 0)


def _panel(panel: _Panel, titles: Mapping[str, str]) -> Iterator[str]:
    name = titles.get(panel.domain) or panel.domain.replace("_", " ") or "tables"
    yield (
        f'<rect class="panel" x="{panel.left}" y="{panel.top}" width="{_WIDTH + 2 * _PAD}" '
        f'height="{panel.height}" rx="12"/>'
    )
    yield (
        f'<text class="domain" x="{panel.left + _PAD}" y="{panel.top + 22}" '
        f'style="fill:hsl({panel.hue} 55% 48%)">{escape(name)}</text>'
    )


def _box(box: _Box) -> Iterator[str]:
    x, y, table = box.left, box.top, box.table
    said = f"{len(table.columns)} columns"
    yield f"<g><title>{escape(table.meaning or table.name)}</title>"
    yield (
        f'<rect class="box" x="{x}" y="{y}" width="{_WIDTH}" height="{box.height}" rx="8"/>'
        f'<path d="M{x} {y + 8}a8 8 0 0 1 8-8h{_WIDTH - 16}a8 8 0 0 1 8 8v{_HEAD - 8}h-{_WIDTH}z" '
        f'style="fill:hsl({box.hue} 48% 44%)"/>'
    )
    yield f'<text class="name" x="{x + 10}" y="{y + 17}">{escape(_cut(table.name))}</text>'
    key = " · ".join([", ".join(table.key_columns), said]) if table.key_columns else said
    yield f'<text class="said" x="{x + 10}" y="{y + 32}">{escape(_cut(key))}</text>'
    for number, link in enumerate(table.links):
        at = y + _HEAD + _ROW * (number + 1)
        yield _link(link, x + 10, at)
    yield "</g>"


def _link(link: Link, x: int, y: int) -> str:
    there = f"→ {link.parent}"
    own = _cut(link.said, _MOST_LETTERS - len(there))
    born = ' class="born"' if link.kind == "parent" else ""
    return (
        f'<text x="{x}" y="{y}"><tspan{born}>{escape(own)}</tspan>'
        f'<tspan class="to" dx="5">{escape(there)}</tspan></text>'
    )


def _cut(text: str, most: int = _MOST_LETTERS) -> str:
    return text if len(text) <= max(most, 8) else text[: max(most, 8) - 1] + "…"


def _lines(panels: Sequence[_Panel]) -> Iterator[str]:
    """From each table to those its rows are born in, through the gutters between the panels."""
    places = {box.table.name: (panel, box) for panel in panels for box in panel.boxes}
    for panel, box in places.values():
        parents = {link.parent for link in box.table.links if link.kind == "parent"}
        for parent in sorted(parents & places.keys() - {box.table.name}):
            yield _line(panel, box, *places[parent])


def _line(panel: _Panel, box: _Box, there: _Panel, parent: _Box) -> str:
    y, end = box.top + _HEAD // 2, parent.top + _HEAD // 2
    if there.column == panel.column:
        x, stop = box.left, parent.left
        bend = 8 + min(abs(end - y) // 40, _PAD + _GUTTER // 2 - 8)
        curve = f"M{x} {y}C{x - bend} {y} {stop - bend} {end} {stop} {end}"
    else:
        towards = 1 if there.column > panel.column else -1
        x = box.left + (_WIDTH if towards > 0 else 0)
        stop = parent.left + (0 if towards > 0 else _WIDTH)
        half = towards * (_PAD + _GUTTER)
        curve = f"M{x} {y}C{x + half} {y} {stop - half} {end} {stop} {end}"
    return (
        f'<path class="line" d="{curve}" style="stroke:hsl({parent.hue} 50% 50%)"/>'
        f'<circle cx="{stop}" cy="{end}" r="3" style="fill:hsl({parent.hue} 50% 50%)"/>'
    )
