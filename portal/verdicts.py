"""Verdicts of a comparison or a certificate as a page shows them: the worst, and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 8
LIGHTS = {"poor": "red", "fair": "amber", "good": "green", "unsaid": "grey"}
WORDS = {"poor": "poor", "fair": "fair", "good": "good", "unsaid": "too little to say"}


def told(verdicts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``told``: the worst that are not good, each with its light; ``counts`` in words."""
    levels = [one["level"] for one in verdicts]
    counts = [f"{levels.count(level)} {WORDS[level]}" for level in WORDS if level in levels]
    shown = [one for one in verdicts if one["level"] != "good"][:SHOWN]
    return {
        "told": [{**one, "light": LIGHTS[one["level"]]} for one in shown],
        "counts": f"Verdicts: {', '.join(counts)}" if counts else "",
    }


def all_of(verdicts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every verdict, worst first, with its light and its level in words."""
    return [
        {**one, "light": LIGHTS[one["level"]], "words": WORDS[one["level"]]} for one in verdicts
    ]
