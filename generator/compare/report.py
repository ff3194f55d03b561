"""A comparison as one HTML page that needs nothing else, or as a few lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from generator.errors import RequestError

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;
padding:0 1rem;color:#1b1f24}
h1{font-size:1.6rem}h2{margin-top:2.5rem;font-size:1.2rem}h3{margin:.2rem 0;font-size:1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:left;
border-bottom:1px solid #d8dee4}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1.2rem}
figure{margin:0;padding:.8rem;border:1px solid #d8dee4;border-radius:6px}
figcaption,.soft{color:#59636e;font-size:.85rem}svg{width:100%;height:auto}
span.yes,span.no{white-space:nowrap}.yes{color:#1a7f37}.no{color:#b3261e}
"""
_WIDTH, _HEIGHT = 320, 120
_SYNTHETIC, _REFERENCE = "#3f7cc4", "#1b1f24"
_WAYS = {
    "univariate": "Single columns",
    "bivariate": "Pairs of columns",
    "trivariate": "Three columns",
}


def to_html(comparison: Mapping[str, Any]) -> str:
    """The page: what it is fit for, scores beside their ceilings, figures, columns worst first,
    dependence.  Raises RequestError for a document that is no comparison."""
    _check(comparison)
    title = f"Comparison {comparison['profile'].get('name') or ''}".strip()
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=soft>Engine {escape(str(comparison.get('engine_version') or '–'))}. Blue is "
        "synthetic, the black line is the reference. A ceiling is what real data would reach "
        "against real data.</p>",
        _fitness(comparison["fit_for"]),
        _scores(comparison["scores"]),
        _references(comparison["references"]),
        _columns(comparison["columns"]),
        _children(comparison["children"]),
        _dependence(comparison["dependence"]),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"{''.join(parts)}</body></html>\n"
    )


def to_text(comparison: Mapping[str, Any]) -> str:
    """The scores and uses as lines for a terminal."""
    _check(comparison)
    lines = [
        f"{name:<64} {_number(score):>9}   ceiling {_number(ceiling)}"
        for name, score, ceiling in _all_scores(comparison["scores"])
    ]
    judged = [entry for entry in comparison["references"] if entry["met"] is not None]
    if judged:
        met = sum(bool(entry["met"]) for entry in judged)
        lines.append(f"{met} of {len(judged)} published figures are met")
    lines += [
        f"{'fit' if use['fit'] else 'not fit'} for {use['use']}: {use['why']}"
        for use in comparison["fit_for"]
    ]
    return "\n".join(lines)


def _check(comparison: Mapping[str, Any]) -> None:
    wanted = ("profile", "scores", "columns", "references", "fit_for", "children", "dependence")
    lacking = [name for name in wanted if name not in comparison]
    if lacking:
        raise RequestError(f"This document is no comparison; it lacks {', '.join(lacking)}.")


def _fitness(uses: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            use["use"],
            f"<span class={'yes' if use['fit'] else 'no'}>{'✓ fit' if use['fit'] else '✕ not fit'}"
            "</span>",
            escape(use["why"]),
        )
        for use in uses
    ]
    return _section("What it is fit for", _table(("Use", "", "Why"), rows))


def _scores(scores: Mapping[str, Any]) -> str:
    rows = [
        (escape(name), _number(score), _number(ceiling))
        for name, score, ceiling in _all_scores(scores)
    ]
    note = ""
    if scores.get("detection"):
        note = "<p class=soft>An AUC well below 0.5 means that rows were copied.</p>"
    if scores.get("copies"):
        note += (
            "<p class=soft>A DCR share near 0.5 shows no copying of this kind; it is no proof of "
            "privacy.</p>"
        )
    return _section("Scores", _table(("Score", "Reached", "Ceiling"), rows) + note)


def _all_scores(scores: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(name, score, ceiling) of everything measured."""
    lines = [
        (f"{title}, accuracy", scores[name]["accuracy"], scores[name]["ceiling"])
        for name, title in _WAYS.items()
        if scores.get(name)
    ]
    made = scores.get("sdmetrics")
    if made:
        lines += [
            (f"{title} ({made['label']})", made[name], made["ceiling"].get(name))
            for name, title in (
                ("column_shapes", "Column Shapes"),
                ("column_pair_trends", "Column Pair Trends"),
                ("column_pair_trends_capped", "Column Pair Trends, real edges"),
                ("column_pair_trends_all_pairs", "Column Pair Trends, all pairs"),
                ("column_pair_trends_shared_edges", "Column Pair Trends, all pairs, real edges"),
                ("column_pair_trends_exchanged", "Column Pair Trends, sides exchanged"),
                ("cardinality", "Cardinality"),
            )
            if made.get(name) is not None
        ]
    told = scores.get("detection") or {}
    for table, entry in (told.get("tables") or {}).items():
        lines.append((f"Detection, AUC (0.5 ideal), {table}", entry["auc"], entry["real"]))
    for table, entry in (scores.get("relations") or {}).items():
        name = f"Detection with its children, AUC (0.5 ideal), {table}"
        lines.append((name, entry["auc"], entry["real"]))
    for table, entry in (scores.get("copies") or {}).items():
        lines.append((f"DCR share (0.5 ideal), {table}", entry["dcr_share"], 0.5))
        lines.append((f"Identical to a learnt row, {table}", entry["ims"], entry["ims_holdout"]))
    lacking = scores.get("missingness") or {}
    if lacking.get("columns") is not None:
        lines.append(("Missing values", lacking["columns"], lacking["ceiling"]["columns"]))
    useful = scores.get("usefulness")
    if useful:
        name = f"Predicting {useful['target']} ({useful['measure']})"
        lines.append((name, useful["synthetic"], useful["real"]))
    return lines


def _references(references: Sequence[Mapping[str, Any]]) -> str:
    if not references:
        return ""
    rows = [
        (
            f"{escape(entry['title'])}<br><span class=soft>{escape(_cited(entry))}</span>",
            _value(entry["target"]),
            _value(entry["reached"]),
            f"{entry['rows']:,}",
            _verdict(entry),
        )
        for entry in references
    ]
    head = ("Figure", "Published", "Reached", "Rows", "")
    return _section("Published figures", _table(head, rows))


def _cited(entry: Mapping[str, Any]) -> str:
    source = entry["source"]
    if entry["assumption"]:
        return "assumption" + (f", after {source['publisher']}" if source else "")
    return f"{source['publisher']}, {source['title']} ({source['year']})" if source else "platform"


def _verdict(entry: Mapping[str, Any]) -> str:
    if entry["met"] is None:
        return "<span class=soft>not judged</span>"
    return "<span class=yes>✓ met</span>" if entry["met"] else "<span class=no>✕ missed</span>"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        largest = sorted(value.items(), key=lambda item: -item[1])[:4]
        return "<br>".join(f"{escape(str(label))} {share:.1%}" for label, share in largest)
    return _number(value)


def _columns(columns: Sequence[Mapping[str, Any]]) -> str:
    figures = [_column(entry) for entry in columns]
    return _section("Columns, worst first", f"<div class=grid>{''.join(figures)}</div>")


def _column(entry: Mapping[str, Any]) -> str:
    title = entry.get("title") or f"{entry['table']}.{entry['column']}"
    names = entry.get("labels") or entry.get("edges") or ()
    said = []
    if entry["accuracy"] is not None:
        said.append(f"accuracy {entry['accuracy']:.1%}, ceiling {entry['ceiling']:.1%}")
    missing = entry["missing"]
    if missing["synthetic"]:
        said.append(f"{missing['synthetic']:.1%} missing")
    if entry["assumption"]:
        said.append("rests on an assumption")
    return (
        f"<figure><h3>{escape(str(title))}</h3>"
        f"{_bars(names, entry['synthetic'], entry['reference'])}"
        f"<figcaption>{escape('; '.join(said))}</figcaption></figure>"
    )


def _children(children: Sequence[Mapping[str, Any]]) -> str:
    figures = [
        f"<figure><h3>{escape(entry['child'])} per {escape(entry['parent'])}</h3>"
        f"{_bars(entry['labels'], entry['synthetic'], entry['reference'])}</figure>"
        for entry in children
    ]
    if not figures:
        return ""
    return _section("Children per parent", f"<div class=grid>{''.join(figures)}</div>")


def _bars(
    names: Sequence[Any], synthetic: Sequence[float] | None, reference: Sequence[float] | None
) -> str:
    """Bars of shares with the reference as a line across each; names as titles to point at."""
    shares = synthetic if synthetic is not None else reference
    if not shares:
        return ""
    top = max([*shares, *(reference or ()), 1e-9])
    step = _WIDTH / len(shares)
    marks = []
    for at, share in enumerate(shares):
        height = _HEIGHT * share / top
        label = escape(str(names[at])) if at < len(names) else ""
        marks.append(
            f'<rect x="{at * step + 0.1 * step:.1f}" y="{_HEIGHT - height:.1f}" '
            f'width="{0.8 * step:.1f}" height="{height:.1f}" fill="{_SYNTHETIC}">'
            f"<title>{label}: {share:.1%}</title></rect>"
        )
        if reference is not None:
            y = _HEIGHT - _HEIGHT * reference[at] / top
            marks.append(
                f'<path d="M{at * step:.1f} {y:.1f}h{step:.1f}" stroke="{_REFERENCE}" '
                'stroke-width="1.6"/>'
            )
    first, last = (escape(str(names[at])[:24]) if names else "" for at in (0, -1))
    return (
        f'<svg viewBox="0 -4 {_WIDTH} {_HEIGHT + 22}" role="img">{"".join(marks)}'
        f'<text x="0" y="{_HEIGHT + 14}" font-size="11">{first}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 14}" font-size="11" text-anchor="end">{last}</text>'
        "</svg>"
    )


def _dependence(tables: Mapping[str, Any]) -> str:
    parts = []
    for table, entry in tables.items():
        maps = [
            f"<figure><h3>{escape(table)}, {part}</h3>"
            f"{_heat(entry['columns'], entry[part])}</figure>"
            for part in ("synthetic", "reference", "difference")
            if entry[part]
        ]
        parts.append(f"<div class=grid>{''.join(maps)}</div>")
    return _section("How columns depend on each other", "".join(parts)) if parts else ""


def _heat(names: Sequence[str], values: Sequence[Sequence[float | None]]) -> str:
    size = _WIDTH / len(names)
    cells = []
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            strength = 0.0 if value is None else min(1.0, abs(value))
            colour = "#b3261e" if value is not None and value < 0 else _SYNTHETIC
            said = f"{names[row]} × {names[column]}: {_number(value)}"
            cells.append(
                f'<rect x="{column * size:.1f}" y="{row * size:.1f}" width="{size - 1:.1f}" '
                f'height="{size - 1:.1f}" fill="{colour}" '
                f'fill-opacity="{0.05 + 0.95 * strength:.2f}">'
                f"<title>{escape(said)}</title></rect>"
            )
    return f'<svg viewBox="0 0 {_WIDTH} {_WIDTH}" role="img">{"".join(cells)}</svg>'


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>{content}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """``rows`` hold HTML; callers escape what came from data."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
