"""Numbers of parts as their makers write them, no two of a maker alike."""

from __future__ import annotations

from math import gcd, prod

from generator.domains.parts.families import Entry, families
from generator.leaves.figures import figures

LETTERS = "ABCDEFGHJKLMNPRSTUVW"
VARIANTS = 8  # numbers kept for the variants of a family, and as many for those they replaced
STEP = 7919  # a prime: what it multiplies is spread over all numbers of a form


def part_number(entry: Entry, manufacturer: str) -> str:
    """Digits and letters of the maker's form count up from a number that is the entry's own."""
    form = str(figures()["part_number_forms"][manufacturer])
    base = families()[entry.family].base
    radices = [10 if mark == "#" else len(LETTERS) for mark in form if mark in "#@"]
    number = _number(entry)
    size = prod(radices)
    if number >= size or gcd(STEP, size) > 1:
        raise ValueError(f"the numbers of {manufacturer} are too short for its parts")
    rest = number * STEP % size
    text = []
    for mark in form:
        if mark in "#@":
            rest, digit = divmod(rest, radices.pop(0))
            text.append(str(digit) if mark == "#" else LETTERS[digit])
        else:
            text.append(mark)
    return "".join(text).replace("{base}", base)


def _number(entry: Entry) -> int:
    makes = ["", *figures()["make_share"]]
    place = makes.index(entry.make) * len(families()) + entry.family
    return (place * VARIANTS + entry.variant) * 2 + entry.replaced
