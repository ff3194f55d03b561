"""Accuracies with their ceilings, by how many columns are looked at together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCORES = (
    ("univariate", "One column"),
    ("bivariate", "Two columns"),
    ("trivariate", "Three columns"),
)


def scores(measured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of a comparison or a certificate that are there, each with its title."""
    known = measured.get("scores") or {}
    return [{"title": title, **known[name]} for name, title in SCORES if known.get(name)]
