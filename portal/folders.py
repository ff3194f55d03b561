"""Files of a bundle as a page lists them: the parts of a long table stand in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from portal.models import BundleFile

SHOWN = 200  # parts that are linked one by one; the ZIP has them all


@dataclass(frozen=True)
class Folder:
    """A table whose rows lie in several files, the files of an increment, or those of one kind."""

    path: str
    parts: tuple[BundleFile, ...]

    @property
    def rows(self) -> int:
        """Each once, in however many formats."""
        first = self.parts[0].format
        return sum(part.rows or 0 for part in self.parts if part.format == first)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)

    @property
    def shown(self) -> tuple[BundleFile, ...]:
        return self.parts[:SHOWN]

    @property
    def hidden(self) -> int:
        return len(self.parts) - len(self.shown)


def in_folders(files: Sequence[BundleFile]) -> list[BundleFile | Folder]:
    """In the same order, those of no table in folders (increments, aggregates) last; files of one
    folder stand side by side."""
    listed: list[BundleFile | Folder] = []
    ordered = sorted(files, key=lambda file: "/" in file.path and not file.table)
    for folder, some in groupby(ordered, key=lambda file: file.path.rpartition("/")[0]):
        parts = tuple(some)
        listed += [Folder(f"{folder}/", parts)] if folder else parts
    return listed
