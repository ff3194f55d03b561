"""Whether an entry or a figure may take the place of another: makers rely on its cells, its
labels and its magnitude.  Profiles come from files that somebody brought."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from generator.errors import ProfileError, shown
from generator.leaves.choice import Choice
from generator.leaves.entry import ANY, Entry

_LARGEST = 1e9


def check_entry(name: str, base: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raises ProfileError unless ``other`` draws for every cell that ``base`` draws for, and the
    labels that ``base`` draws, or numbers as it does."""
    mine, new = Entry.read(name, base), Entry.read(name, other)
    if not mine.counting.of:
        raise _uncounted(name)
    if new.by != mine.by or new.counting.bands != mine.counting.bands:
        raise ProfileError(f"{name}: it is by {list(mine.by)}, not by {list(new.by)}.")
    patterns = set(new.cells)
    if not patterns or ((ANY,) * len(mine.by) not in patterns and not patterns >= set(mine.cells)):
        raise ProfileError(f"{name}: it has no leaf for some of its cells.")
    for leaf in new.cells.values():
        if isinstance(leaf, Choice) != bool(mine.labels):
            raise ProfileError(f"{name}: its leaves must draw {_said(mine)}.")
        if isinstance(leaf, Choice):
            if new.labels != mine.labels:
                raise ProfileError(f"{name}: its labels must be {', '.join(mine.labels)}.")
        elif not _small(list(leaf.document().values())):
            raise ProfileError(f"{name}: a number lies beyond {_LARGEST:,.0f}.")


def _uncounted(name: str) -> ProfileError:
    return ProfileError(f"{name}: it is counted from nothing, so no extract can change it.")


def _said(entry: Entry) -> str:
    return "labels" if entry.labels else "numbers"


def check_figure(name: str, base: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raises ProfileError unless the value of ``other`` is made like that of ``base``: the same
    names, shares where all of it are shares."""
    mine, new = base["value"], other.get("value")
    if "of" not in base:
        raise _uncounted(name)
    if not _alike(mine, new) or not _small(new):
        raise ProfileError(f"{name}: its value must be made like {shown(mine)}.")
    if _shares(mine) and not _shares(new):
        raise ProfileError(f"{name}: its numbers must lie between 0 and 1.")


def _alike(mine: Any, new: Any) -> bool:
    match mine:
        case Mapping():
            same = isinstance(new, Mapping) and set(new) == set(mine)
            return same and all(_alike(mine[name], new[name]) for name in mine)
        case list():
            same = isinstance(new, list) and len(new) == len(mine)
            return same and all(map(_alike, mine, new))
        case bool() | str():
            return type(new) is type(mine)
    return isinstance(new, int | float) and not isinstance(new, bool) and math.isfinite(new)


def _shares(value: Any) -> bool:
    return all(0 <= number <= 1 for number in _numbers(value))


def _small(value: Any) -> bool:
    return all(abs(number) <= _LARGEST for number in _numbers(value))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [number for part in value for number in _numbers(part)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []
