"""A built-in profile brought to an extract, as a document: the entries that take the place of its
own, and the summary of the extract they were counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.errors import ProfileError

PARTS = ("leaves", "figures")


@dataclass(frozen=True)
class Calibration:
    """``base`` names the built-in profile, ``rows`` the extract's rows by platform table,
    ``overlay`` the counted documents by part ("leaves", "figures") and name."""

    base: str
    rows: Mapping[str, int]
    overlay: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def document(self) -> dict[str, Any]:
        return {"base": self.base, "rows": dict(self.rows), "entries": self.overlay}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Calibration:
        """Raises ProfileError for anything but what ``document`` gives; the entries themselves
        are read when they are laid over the base."""
        base, rows, overlay = (document.get(name) for name in ("base", "rows", "entries"))
        if not isinstance(base, str) or not isinstance(rows, dict) or not isinstance(overlay, dict):
            raise ProfileError("The profile does not say what it calibrates; fit it again.")
        if not all(type(count) is int and 0 <= count < 1 << 40 for count in rows.values()):
            raise ProfileError("The profile's rows are no numbers of rows; fit it again.")
        parts = {part: overlay.get(part, {}) for part in PARTS}
        for part in parts.values():
            if not isinstance(part, dict) or not all(isinstance(e, dict) for e in part.values()):
                raise ProfileError("The profile's entries are no entries; fit it again.")
        return cls(base, rows, parts)
