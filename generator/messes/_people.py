"""People among the parties, and how their names are mistyped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.staging import Scene

FORMS = 3  # two letters swapped, one dropped, one doubled


def customers(scene: Scene) -> NDArray[np.bool_]:
    """Active people who are customers."""
    people = scene.is_one_of("party", "party_type", "CUSTOMER")
    people &= scene.is_one_of("party", "party_status_type", "ACTIVE")
    return people & ~scene.missing("party", "given_name") & ~scene.missing("party", "family_name")


def called(
    scene: Scene, rows: NDArray[np.int64], given: Sequence[str], family: Sequence[str]
) -> None:
    """Give people other names, in full too where the full name holds the old ones."""
    old_given, old_family, full = (
        scene.column("party", column)[rows] for column in ("given_name", "family_name", "full_name")
    )
    told = [
        text.replace(was, now, 1)[::-1].replace(last[::-1], new[::-1], 1)[::-1]
        for text, was, now, last, new in zip(
            full, old_given, given, old_family, family, strict=True
        )
    ]
    scene.set("party", "given_name", rows, given)
    scene.set("party", "family_name", rows, family)
    scene.set("party", "full_name", rows, told)


def mistyped(text: str, lot: float) -> str:
    """A text with one slip of the keys behind its first letter, never as it was."""
    places = [
        at
        for at in range(1, len(text) - 1)
        if text[at].islower() and text[at + 1].islower() and text[at] != text[at + 1]
    ]
    if not places:
        return f"{text}{text[-1:]}"
    number = int(lot * len(places) * FORMS)
    at, form = places[number // FORMS], number % FORMS
    one, two = text[at], text[at + 1]
    return text[:at] + (two + one, two, one + one + two)[form] + text[at + 2 :]
