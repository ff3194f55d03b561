"""The increments of a bundle as its page lists them, from the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Increment:
    """Rows that came, changed and went since the day before, in so many tables."""

    day: str
    insert: int
    update: int
    delete: int
    tables: int


def increments_of(manifest: Mapping[str, Any]) -> Iterator[Increment]:
    """Day by day; a change that is told in several formats counts once."""
    for entry in manifest.get("increments") or ():
        told = {(file["table"], file["change"]): file["rows"] for file in entry["files"]}
        rows: Counter[str] = Counter()
        for (_, change), number in told.items():
            rows[change] += number
        tables = len({table for table, _ in told})
        yield Increment(entry["as_of"], rows["insert"], rows["update"], rows["delete"], tables)
