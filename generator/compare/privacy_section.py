"""The privacy of a comparison as a section of its page: attacks first, then epsilon, distances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from generator.compare.words import number


def privacy_section(privacy: Mapping[str, Any]) -> str:
    """The section; empty where nothing is known."""
    if not privacy.get("sharing"):
        return ""
    told = privacy["sharing"]
    parts = [
        f"<p><b>{escape(told['sentence'])}</b></p><p class=soft>{escape(told['why'])}.</p>",
        _table(("Attack", "Reached", "Without", "Gain, 95 %"), list(_attacks(privacy))),
    ]
    if privacy.get("epsilon") is not None:
        parts.append(f"<p>Differential privacy: epsilon {privacy['epsilon']:g}.</p>")
    parts.append(_table(("Distances", "", "Unseen rows", ""), list(_distances(privacy))))
    return f"<section><h2>Privacy</h2>{''.join(parts)}</section>"


def _attacks(privacy: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for one in privacy.get("attacks") or ():
        about = ", ".join(part for part in (one["way"], one["table"], one["about"]) if part)
        yield (
            f"{escape(one['title'])}<br><span class=soft>{escape(about)}</span>",
            number(one["score"]),
            number(one["baseline"]),
            f"{one['low']:+.3f} to {one['high']:+.3f}",
        )


def _distances(privacy: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for table, one in (privacy.get("distances") or {}).items():
        for name, title in (("dcr_share", "DCR share"), ("ims", "Identical rows")):
            if one.get(name) is not None:
                beside = one.get("ims_holdout") if name == "ims" else None
                yield f"{title}, {escape(table)}", number(one[name]), number(beside), ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    top = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f"<div class=wide><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )
