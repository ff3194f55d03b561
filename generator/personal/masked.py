"""Examples that show how values look and whose they are not."""

from __future__ import annotations

import unicodedata

_LONGEST = 40


def masked(text: str) -> str:
    """Letters as X and x, digits as 9, everything else as it stands; at most 40 signs."""
    return "".join(map(_masked, text[:_LONGEST])) + ("…" if len(text) > _LONGEST else "")


def _masked(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind[0] == "N":
        return "9"
    if kind[0] in "LM":
        return "X" if kind in ("Lu", "Lt") else "x"
    return sign if sign.isprintable() else " "
