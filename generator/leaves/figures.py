"""The numbers of a platform's profile: leaf entries, and figures its makers calculate with.

A figure is ``[figures.NAME]`` with a ``value`` (a number, a list, a mapping); an entry is
``[leaves."table.column"]``.  Each has a ``source`` or an ``assumption``.  A figure that says what
it is counted ``of`` is a share (of a statement), or a mean or median (``is``) of a number, for each
label of its mapping where it has a ``by``; it is measured anew when an extract calibrates it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from generator.errors import ProfileError, shown
from generator.leaves.entry import Entry
from generator.leaves.overlay import check_entry, check_figure


class Figures:
    """``documents`` maps the name of a file to its content; ``over`` lays other entries over."""

    def __init__(
        self,
        documents: Mapping[str, Mapping[str, Any]],
        *,
        over: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    ) -> None:
        self.documents = documents
        self.overlay = over or {}
        self._figures = self._stored("figures")
        self._leaves = self._stored("leaves")
        self._entries: dict[str, Entry] = {}

    def _stored(self, part: str) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for name, document in self.documents.items():
            for entry, content in document.get(part, {}).items():
                if entry in found:
                    raise ProfileError(f"{name}.toml: “{entry}” is defined twice.")
                found[entry] = content
        for entry, content in self.overlay.get(part, {}).items():
            if entry not in found:
                raise ProfileError(f"{shown(entry)}: the profile has no such entry to calibrate.")
            check = check_entry if part == "leaves" else check_figure
            check(entry, found[entry], content)
            found[entry] = content
        return found

    def over(self, overlay: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figures:
        """These numbers with those of ``overlay`` (parts "figures" and "leaves", each by name) in
        the place of theirs.  Raises ProfileError for a name there is none of."""
        return Figures(self.documents, over=overlay)

    def joined(self, name: str, document: Mapping[str, Any]) -> Figures:
        """These numbers and those of one more document."""
        return Figures({**self.documents, name: document}, over=self.overlay)

    def __getitem__(self, name: str) -> Any:
        """The ``value`` of a figure: a number, a list or a mapping."""
        try:
            return self._figures[name]["value"]
        except KeyError:
            raise ProfileError(f"The profile has no figure “{name}”.") from None

    def documents_of(self, part: str) -> Mapping[str, Mapping[str, Any]]:
        """All documents of a part, "figures" or "leaves", by name."""
        return self._figures if part == "figures" else self._leaves

    def entries(self) -> dict[str, Mapping[str, Any]]:
        return {**self._figures, **self._leaves}

    def entry(self, name: str) -> Entry:
        if name not in self._entries:
            if name not in self._leaves:
                raise ProfileError(f"The profile has no leaf “{name}”.")
            self._entries[name] = Entry.read(name, self._leaves[name])
        return self._entries[name]


@cache
def figures(profile: str = "automotive") -> Figures:
    """All TOML files of a built-in profile."""
    folder = resources.files("generator") / "profiles" / profile
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return Figures(
        {name[:-5]: tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in names}
    )
