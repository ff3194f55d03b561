"""Families of parts, and the numbers that makes have in each: what the catalogue can hold."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from generator.leaves.figures import figures

ANY_MAKE = ""


class Family(NamedTuple):
    """``counter`` and ``body`` say how often it is sold at the counter and to body shops beside
    others; a make has ``variants`` of it, for one or other of its models."""

    name: str
    category: str
    base: str
    cost: float  # dollars
    weight: float  # pounds
    core: float  # dollars
    hazardous: int
    returnable: int
    fit: str  # "make" or "any"
    counter: float
    body: float
    variants: int


class Entry(NamedTuple):
    """One number of the catalogue: ``replaced`` ones were superseded by the same make's number of
    the same family and variant."""

    family: int
    make: str  # ANY_MAKE fits all
    variant: int
    replaced: bool = False


@cache
def families() -> tuple[Family, ...]:
    return tuple(Family(*row) for row in figures()["part_families"])


@cache
def place_of() -> dict[str, int]:
    """The place of each family by its name."""
    return {family.name: place for place, family in enumerate(families())}


def fewest() -> int:
    """Enough that no dealer stocks all of them."""
    return int(figures()["parts_in_catalogue"]["least"])


def most() -> int:
    return int(figures()["parts_in_catalogue"]["most"])


@cache
def entries(makes: tuple[str, ...]) -> tuple[Entry, ...]:
    """Every number there can be, most needed first: what fits all, then all that the dealers'
    ``makes`` have, then what other makes have, the commonest numbers of all of them first."""
    others = [make for make in figures()["make_share"] if make not in makes]
    found = _for_any()
    for make in makes:
        found += [entry for layer in range(_deepest()) for entry in _layer(make, layer)]
    found += [e for layer in range(_deepest()) for make in others for e in _layer(make, layer)]
    return tuple(found)


def _for_any() -> list[Entry]:
    return [
        Entry(place, ANY_MAKE, variant)
        for place, family in enumerate(families())
        for variant in range(family.variants if family.fit == "any" else 1)
    ]


@cache
def _deepest() -> int:
    return max(family.variants for family in families() if family.fit == "make")


def _layer(make: str, layer: int) -> list[Entry]:
    """A make's numbers of one variant, each followed by the one it replaced."""
    number = list(figures()["make_share"]).index(make)
    every = figures()["used_part_numbers"]
    found = []
    for place, family in enumerate(families()):
        if family.fit == "make" and family.variants > layer:
            found.append(Entry(place, make, layer))
            if layer == 0 and (place + number) % every == 0:
                found.append(Entry(place, make, layer, replaced=True))
    return found
