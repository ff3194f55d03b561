"""A comparison as one HTML page that needs nothing else: the verdicts, worst first, then scores
beside their ceilings, then charts, those that differ most first and the many others folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from generator.compare.lines import lines_of
from generator.compare.pictures import bars, heat
from generator.compare.privacy_section import privacy_section
from generator.compare.style import STYLE
from generator.compare.words import checked, number, value

SHOWN = 24  # charts of a section that stand open, the worst; the others are folded
FOLDED = 200  # further charts that are drawn at all; of what is beyond, only the name is kept
_LEVELS = {"poor": "✕ poor", "fair": "– fair", "good": "✓ good", "unsaid": "? too little to say"}


def to_html(comparison: Mapping[str, Any]) -> str:
    """The page.  Raises RequestError for a document that is no comparison."""
    checked(comparison)
    title = f"Comparison {comparison['profile'].get('name') or ''}".strip()
    against = comparison.get("against") or "the reference"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=soft>Engine {escape(str(comparison.get('engine_version') or '–'))}. Blue is "
        f"synthetic, the dark line is the reference: {escape(against)}. A ceiling is what real "
        "rows reach against real rows by the same code.</p>",
        _fitness(comparison["fit_for"]),
        privacy_section(comparison.get("privacy") or {}),
        _not_scored(comparison),
        _verdicts(comparison.get("verdicts") or ()),
        _figures(comparison["scores"].get("figures") or ()),
        _scores(comparison["scores"]),
        _references(comparison["references"]),
        _charts("Columns, worst first", [_column(entry) for entry in comparison["columns"]]),
        _charts("Children per parent", [_children(entry) for entry in comparison["children"]]),
        _charts("Rows by month", [_months(entry) for entry in comparison.get("calendar") or ()]),
        _dependence(comparison["dependence"]),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(parts)}</body></html>\n"
    )


def _fitness(uses: Iterable[Mapping[str, Any]]) -> str:
    cards = [
        f"<div class='use {'yes' if use['fit'] else 'no'}'><b>{escape(use['use'])}</b>"
        f"<span>{'✓ fit' if use['fit'] else '✕ not fit'}</span><p>{escape(use['why'])}</p></div>"
        for use in uses
    ]
    return _section("What it is fit for", f"<div class=uses>{''.join(cards)}</div>")


def _not_scored(comparison: Mapping[str, Any]) -> str:
    said = [
        f"<p class=note><b>{words}:</b> {escape(', '.join(names[:30]))}"
        f"{f' and {len(names) - 30:,} more' if names[30:] else ''}</p>"
        for words, names in (
            ("Not understood, and so not compared", comparison.get("not_understood") or ()),
            ("Free text and personal values, not compared", comparison.get("not_scored") or ()),
        )
        if names
    ]
    return "".join(said)


def _verdicts(verdicts: Sequence[Mapping[str, Any]]) -> str:
    if not verdicts:
        return ""
    counts = [
        f"{sum(one['level'] == level for one in verdicts)} {words[2:]}"
        for level, words in _LEVELS.items()
        if any(one["level"] == level for one in verdicts)
    ]
    told = [one for one in verdicts if one["level"] != "good"]
    good = [one for one in verdicts if one["level"] == "good"]
    content = f"<p class=soft>{', '.join(counts)}; worst first.</p>"
    content += _verdict_list(told[:SHOWN])
    content += _folded(f"{len(told) - SHOWN:,} more", _verdict_list(told[SHOWN:]), told[SHOWN:])
    content += _folded(f"{len(good):,} good", _verdict_list(good), good)
    return _section("Verdicts", content)


def _verdict_list(verdicts: Sequence[Mapping[str, Any]]) -> str:
    items = [
        f"<li><span class='{one['level']}'>{_LEVELS[one['level']]}</span>"
        f"<div>{escape(one['title'])}<br><span class=soft>{escape(one['about'])}</span></div>"
        f"<div class=soft>{escape(one['why'])}</div></li>"
        for one in verdicts
    ]
    return f"<ol class=verdicts>{''.join(items)}</ol>" if items else ""


def _figures(figures: Sequence[Mapping[str, Any]]) -> str:
    missed = [one for one in figures if not one["met"]]
    if not figures:
        return ""
    rows = [
        (
            f"{escape(one['figure'])}<br><span class=soft>{escape(one['table'])}."
            f"{escape(one['column'])}</span>",
            number(one["target"]),
            number(one["reached"]),
            number(one["allowed"]),
        )
        for one in missed
    ]
    head = ("Figure", "Real", "Synthetic", "May be off by")
    said = f"{len(figures) - len(missed):,} of {len(figures):,} are met."
    content = f"<p class=soft>{said}</p>" + (_table(head, rows[:SHOWN]) if rows else "")
    content += _folded(f"{len(rows) - SHOWN:,} more", _table(head, rows[SHOWN:]), rows[SHOWN:])
    return _section("Means, spreads and tails", content)


def _scores(scores: Mapping[str, Any]) -> str:
    parts = []
    for group, lines in groupby(lines_of(scores), key=lambda line: line.group):
        rows = [
            (
                f"{escape(line.title)}<br><span class=soft>{escape(line.about)}</span>",
                number(line.score),
                number(line.ceiling),
            )
            for line in lines
        ]
        head = (escape(group), "Synthetic", "Real")
        parts.append(_table(head, rows[:SHOWN]))
        parts.append(
            _folded(f"{len(rows) - SHOWN:,} more", _table(head, rows[SHOWN:]), rows[SHOWN:])
        )
    if scores.get("detection"):
        parts.append("<p class=soft>An AUC well below 0.5 means that rows were copied.</p>")
    if scores.get("copies"):
        parts.append(
            "<p class=soft>A DCR share near 0.5 shows no copying of this kind; it is no proof of "
            "privacy.</p>"
        )
    return _section("Scores", "".join(parts)) if parts else ""


def _references(references: Sequence[Mapping[str, Any]]) -> str:
    if not references:
        return ""
    rows = [
        (
            f"{escape(entry['title'])}<br><span class=soft>{escape(_cited(entry))}</span>",
            value(entry["target"]),
            value(entry["reached"]),
            f"{entry['rows']:,}",
            _met(entry),
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


def _met(entry: Mapping[str, Any]) -> str:
    if entry["met"] is None:
        return "<span class=soft>not judged</span>"
    return "<span class=good>✓ met</span>" if entry["met"] else "<span class=poor>✕ missed</span>"


# Charts


def _charts(title: str, figures: Sequence[str]) -> str:
    """The first stand open, further ones are folded."""
    if not figures:
        return ""
    content = f"<div class=grid>{''.join(figures[:SHOWN])}</div>"
    more = figures[SHOWN : SHOWN + FOLDED]
    content += _folded(f"{len(more):,} more", f"<div class=grid>{''.join(more)}</div>", more)
    beyond = len(figures) - SHOWN - FOLDED
    if beyond > 0:
        content += f"<p class=soft>{beyond:,} further charts are left out; the JSON has all.</p>"
    return _section(title, content)


def _figure(title: str, chart: str, said: str) -> str:
    return (
        f"<figure><h3>{escape(title)}</h3>{chart}<figcaption>{escape(said)}</figcaption></figure>"
    )


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
    chart = bars(names, entry["synthetic"], entry["reference"])
    return _figure(str(title), chart, "; ".join(said))


def _children(entry: Mapping[str, Any]) -> str:
    mean = entry["mean"]
    said = f"mean {number(mean['synthetic'])}"
    if mean["reference"] is not None:
        said += f", real {number(mean['reference'])}"
    title = f"{entry['child']} per {entry['parent']}"
    return _figure(title, bars(entry["labels"], entry["synthetic"], entry["reference"]), said)


def _months(entry: Mapping[str, Any]) -> str:
    made, real = entry["synthetic"], entry["reference"]
    total = max(sum(made or ()), 1)
    shares = [[rows / total for rows in side] if side else None for side in (made, real)]
    title = f"{entry['table']}.{entry['column']}"
    return _figure(title, bars(entry["months"], *shares), f"{total:,} rows")


def _dependence(tables: Mapping[str, Any]) -> str:
    parts = []
    for table, entry in tables.items():
        maps = [
            _figure(f"{table}, {part}", heat(entry["columns"], entry[part]), "")
            for part in ("synthetic", "reference", "difference")
            if entry[part]
        ]
        parts.append(f"<div class=grid>{''.join(maps)}</div>")
    said = "<p class=soft>Stronger is darker; red is negative. The columns that depend most.</p>"
    return _section("How columns depend on each other", said + "".join(parts)) if parts else ""


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _folded(title: str, content: str, held: Sequence[Any]) -> str:
    if not held:
        return ""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column is words, the others numbers.  ``rows`` hold HTML; callers escape what came
    from data."""
    top = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<div class=wide><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )
