"""How far figures are missed, and a light for each table.  The thresholds are those of
docs/comparison.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

FAR_SHARE = 1 / 3  # of a share, by which it is far off
FAR_SHARES = 0.10  # of a table of shares, of its largest difference
FAR_RELATIVE = 0.15  # of a mean, a median, a ratio or a rate
FAR_RANK = 0.15  # of a correlation of ranks
AMBER = 0.8  # of a table's figures that are met, below which its light is red

Light = Literal["green", "amber", "red", "grey"]


def is_far(entry: Mapping[str, Any]) -> bool:
    """Whether a figure is missed by so much that who counts with it is misled."""
    if entry["met"] is not False:
        return False
    gap = float(entry["gap"])
    match entry["kind"]:
        case "share":
            return gap > FAR_SHARE * float(entry["target"])
        case "shares" | "split":
            return gap > FAR_SHARES
        case "spearman":
            return gap > FAR_RANK
    return gap > FAR_RELATIVE


def severity(entry: Mapping[str, Any]) -> float:
    """How often its tolerance a figure is away: what is worse comes first."""
    return float(entry["gap"]) / max(float(entry["tolerance"]), 1e-9)


def lights(references: Sequence[Mapping[str, Any]], tables: Iterable[str]) -> list[dict[str, Any]]:
    """For each table how many of its figures are met, worst first; grey where none says anything:
    nothing is claimed of it."""
    found = [_light(name, [one for one in references if one["table"] == name]) for name in tables]
    order = ("red", "amber", "green", "grey")
    return sorted(found, key=lambda one: (order.index(one["light"]), -one["judged"], one["table"]))


def _light(table: str, references: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    judged = [one for one in references if one["met"] is not None]
    met = sum(bool(one["met"]) for one in judged)
    light: Light = "green"
    if not judged:
        light = "grey"
    elif any(one["far"] for one in judged) or met < AMBER * len(judged):
        light = "red"
    elif met < len(judged):
        light = "amber"
    return {"table": table, "light": light, "met": met, "judged": len(judged)}
