"""A comparison in words: numbers as they are shown, and the lines of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import groupby
from typing import Any

from generator.compare.lines import lines_of
from generator.errors import RequestError

WORST = 12  # verdicts that a terminal shows


def to_text(comparison: Mapping[str, Any]) -> str:
    """Scores, the worst verdicts and the uses as lines for a terminal."""
    checked(comparison)
    lines: list[str] = []
    for group, held in groupby(lines_of(comparison["scores"]), key=lambda line: line.group):
        lines.append(group)
        lines += [
            f"  {line.said:<70} {number(line.score):>9}   ceiling {number(line.ceiling)}"
            for line in held
        ]
    judged = [entry for entry in comparison["references"] if entry["met"] is not None]
    if judged:
        met = sum(bool(entry["met"]) for entry in judged)
        lines.append(f"{met} of {len(judged)} published figures are met")
    lines += _privacy(comparison.get("privacy") or {})
    lines += _verdicts(comparison)
    if comparison.get("against"):
        lines.append(f"held against {comparison['against']}")
    lines += [
        f"{'fit' if use['fit'] else 'not fit'} for {use['use']}: {use['why']}"
        for use in comparison["fit_for"]
    ]
    return "\n".join(lines)


def _privacy(privacy: Mapping[str, Any]) -> list[str]:
    """Attacks with their baselines and intervals, and who may receive it."""
    lines = [
        f"  {one['title']} ({', '.join(filter(None, (one['way'], one['table'], one['about'])))}): "
        f"{number(one['score'])}, without {number(one['baseline'])}, gain {one['low']:+.3f} to "
        f"{one['high']:+.3f}"
        for one in privacy.get("attacks") or ()
    ]
    said = [privacy["sharing"]["sentence"]] if privacy.get("sharing") else []
    return ["Attacks", *lines, *said] if lines else said


def _verdicts(comparison: Mapping[str, Any]) -> list[str]:
    told = [one for one in comparison.get("verdicts") or () if one["level"] != "good"]
    lines = [
        f"{one['level']}: {one['title']}{', ' + one['about'] if one['about'] else ''}: {one['why']}"
        for one in told[:WORST]
    ]
    return lines + ([f"and {len(told) - WORST:,} more verdicts"] if told[WORST:] else [])


def checked(comparison: Mapping[str, Any]) -> None:
    """Raises RequestError for a document that is no comparison."""
    wanted = ("profile", "scores", "columns", "references", "fit_for", "children", "dependence")
    lacking = [name for name in wanted if name not in comparison]
    if lacking:
        raise RequestError(f"This document is no comparison; it lacks {', '.join(lacking)}.")


def number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def value(held: Any) -> str:
    """A figure as HTML: a number, or the four largest shares."""
    if isinstance(held, Mapping):
        largest = sorted(held.items(), key=lambda item: -item[1])[:4]
        return "<br>".join(f"{escape(str(label))} {share:.1%}" for label, share in largest)
    return number(held)
