"""What-if: named targets of a profile that a recipe may give other values.

A target stands in ``[target.NAME]`` of a profile's TOML files: which figures or shares it sets,
within what bounds, which published figures then say nothing about the bundle.  What follows from
these numbers follows from the asked ones, as makers read numbers through ``Figures`` only.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from generator.errors import ProfileError, RecipeError, shown
from generator.leaves.figures import Figures

NEAR = 0.05  # of a published value, within which a target is as published
Set = Mapping[str, float]


@dataclass(frozen=True)
class Target:
    """``present`` is the profile's own value.  ``shown_by`` is the reference that measures the
    target, if any; that one and those that ``moves`` names are not held against what was
    published where the target is set.  ``published`` is a published value where the profile's own
    is another one."""

    name: str
    title: str
    meaning: str
    unit: str
    least: float
    most: float
    present: float
    shown_by: str = ""
    moves: tuple[str, ...] = ()
    published: float | None = None
    source: str = ""

    def differs(self, asked: Set) -> bool:
        """Whether the value in force is far from the published one."""
        if self.published is None:
            return False
        return abs(asked.get(self.name, self.present) - self.published) > NEAR * self.published

    def said(self, value: float) -> str:
        """A value as people read it."""
        return f"{value * 100:.4g} %" if self.unit == "share" else f"{value:.4g} {self.unit}"


def targets_of(figures: Figures) -> tuple[Target, ...]:
    """The targets of a profile, in the order of its files."""
    return tuple(
        Target(
            name=name,
            present=_present(figures, entry["sets"]),
            moves=tuple(entry.get("moves", ())),
            **{key: value for key, value in entry.items() if key not in ("sets", "moves")},
        )
        for name, entry in _entries(figures).items()
    )


def check_set(asked: Set, targets: Iterable[Target]) -> None:
    """Raises RecipeError (field ``set.<target>``) for a target there is none of, and for a value
    out of its bounds."""
    known = {target.name: target for target in targets}
    for name, value in asked.items():
        if not known:
            raise RecipeError(
                f"This profile has no targets, so {shown(name)} cannot be set; leave “set” out.",
                field=f"set.{name}",
            )
        if name not in known:
            near = get_close_matches(shown(name), known, n=1)
            hint = f"did you mean {near[0]}" if near else f"it may be {', '.join(known)}"
            raise RecipeError(f"There is no target “{shown(name)}”; {hint}.", field=f"set.{name}")
        target = known[name]
        if not target.least <= value <= target.most:
            raise RecipeError(
                f"{target.title} ({name}) is {value:g}; it must lie between {target.least:g} and "
                f"{target.most:g}.",
                field=f"set.{name}",
            )


def under(figures: Figures, asked: Set) -> Figures:
    """The numbers of a profile with the targets as they are asked for."""
    if not asked:
        return figures
    documents = copy.deepcopy({name: dict(part) for name, part in figures.documents.items()})
    overlay = copy.deepcopy({part: dict(held) for part, held in figures.overlay.items()})
    for name, entry in _entries(figures).items():
        if name in asked:
            for place in entry["sets"]:
                _put(_stored(documents, overlay, place), place, asked[name])
    changed = Figures(documents)
    return changed.over(overlay) if overlay else changed


def _entries(figures: Figures) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for document in figures.documents.values():
        found |= document.get("target", {})
    return found


def _stored(documents: Any, overlay: Any, place: Mapping[str, Any]) -> dict[str, Any]:
    """The entry that a place is in, as it is laid over, else as the profile has it."""
    part = "figures" if "figure" in place else "leaves"
    name = place["figure" if "figure" in place else "leaf"]
    for held in (overlay, *documents.values()):
        if name in held.get(part, {}):
            stored: dict[str, Any] = held[part][name]
            return stored
    raise ProfileError(f"A target sets “{name}”, which the profile has not.")


def _present(figures: Figures, places: list[Mapping[str, Any]]) -> float:
    """What the first place of a target says now."""
    place = places[0]
    if "now" in place:
        return float(place["now"])
    stored = _stored(figures.documents, figures.overlay, place)
    if "leaf" in place:
        shares = stored["shares"]
        within = place.get("within", list(shares))
        mine = sum(shares[label] for label in place["labels"])
        return round(float(mine / sum(shares[label] for label in within)), 6)
    value = float(stored["value"][place["key"]] if "key" in place else stored["value"])
    return round(1 - value, 6) if place.get("rest") else value


def _put(stored: dict[str, Any], place: Mapping[str, Any], asked: float) -> None:
    value = round(1 - asked, 9) if place.get("rest") else asked
    if "leaf" in place:
        _share(stored, place, asked)
    elif "key" in place:
        stored["value"][place["key"]] = value
    elif "now" in place:  # a level of several numbers, all moved alike
        moved = asked / float(place["now"])
        stored["value"] = {name: one * moved for name, one in stored["value"].items()}
    else:
        stored["value"] = value


def _share(stored: dict[str, Any], place: Mapping[str, Any], asked: float) -> None:
    """Labels that come to the share asked for, of some or all; among themselves, and the others
    among themselves, as they are."""
    shares = stored["shares"]
    within = place.get("within", list(shares))
    mine = [label for label in within if label in place["labels"]]
    rest = [label for label in within if label not in place["labels"]]
    total = sum(shares[label] for label in within)
    for labels, wanted in ((mine, asked), (rest, 1 - asked)):
        held = sum(shares[label] for label in labels)
        for label in labels:
            shares[label] = shares[label] * wanted * total / held
