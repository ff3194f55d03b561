"""Tokens of telephone numbers: of those that a country keeps for fiction, and what follows where
these run out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from generator.anonymize.dialled import national_of
from generator.anonymize.fiction import AREA, american_areas, slots
from generator.anonymize.key import Key, Register
from generator.anonymize.layout import shaped
from generator.anonymize.signs import Words, digits, matrix, rest, texts_of

_EXPANSION = tuple(f"{first}9{last}" for first in range(2, 10) for last in range(10) if last != 1)


def tokens(key: Key, numbers: Sequence[str], register: Register) -> dict[str, str]:
    """National digits of a token for each number (“1.2128675309”): of its own area while that has
    any free, then of any; never one of the numbers.  The register keeps which slot a number was
    given, and learns it."""
    parts: dict[str, list[str]] = {}
    for number in numbers:
        parts.setdefault(number.partition(".")[0], []).append(number)
    found: dict[str, str] = {}
    for country, mine in parts.items():
        given = register.of(f"phone {country}, key {key.mark}")
        found.update(_of_country(key, int(country), mine, given))
    return found


def _of_country(
    key: Key, country: int, mine: Sequence[str], given: dict[str, int]
) -> Iterator[tuple[str, str]]:
    nationals = [number.partition(".")[2] for number in mine]
    originals = {*nationals}
    words = key.words("phone", mine)
    order = np.lexsort((words[:, 1], words[:, 0])).tolist()
    marks = words.astype(">u8").tobytes().hex()
    first = rest(words, AREA).tolist()
    kept = slots(country)
    free = _Free(key, country, originals, given)
    ends: list[int] = []
    for row in order:
        mark = marks[32 * row : 32 * row + 32]
        at = given.get(mark)
        if at is None:
            at = free.next_to(nationals[row], first[row])
            if at is not None:
                given[mark] = at
        if at is not None and at < len(kept):
            yield mine[row], kept[at]
        else:
            ends.append(row)
    if ends:
        yield from _beyond(key, country, [mine[row] for row in ends], words[ends], originals)


class _Free:
    """The slots of a country that nobody has yet, and how many each area has of them."""

    def __init__(
        self, key: Key, country: int, originals: set[str], given: Mapping[str, int]
    ) -> None:
        kept = slots(country)
        self._key, self._country, self._count = key, country, len(kept)
        taken = {*given.values()} | {at for at, slot in enumerate(kept) if slot in originals}
        self._free = [at not in taken for at in range(len(kept))]
        self._left = [sum(self._free[at : at + AREA]) for at in range(0, len(kept), AREA)]
        self._starts = _starts() if country == 1 else {}
        self._anywhere, self._full = self._shuffled(), False

    def next_to(self, national: str, first: int) -> int | None:
        """A slot of the number's own area, tried from the ``first`` on, else of any; or None."""
        own = self._starts.get(national[:3])
        if own is not None and self._left[own // AREA]:
            ways = (own + (first + step) % AREA for step in range(AREA))
            return self._taken(next(at for at in ways if self._free[at]))
        if self._full:
            return None
        at = next((at for at in self._anywhere if self._free[at]), None)
        self._full = at is None
        return None if at is None else self._taken(at)

    def _taken(self, at: int) -> int:
        self._free[at] = False
        self._left[at // AREA] -= 1
        return at

    def _shuffled(self) -> Iterator[int]:
        """All slots in an order that rests on the key, worked out when the first is asked for."""
        order = self._key.numbers("phone slot", [str(at) for at in range(self._count)])
        yield from sorted(range(self._count), key=order.__getitem__)


@cache
def _starts() -> Mapping[str, int]:
    return {area: at * AREA for at, area in enumerate(american_areas())}


def _beyond(
    key: Key, country: int, numbers: Sequence[str], words: Words, used: set[str]
) -> Iterator[tuple[str, str]]:
    """Where the numbers for fiction have run out: area codes that the American plan keeps for its
    expansion and has given to nobody; elsewhere other digits.  ``used`` are taken, and learns."""
    made = _expanded(words) if country == 1 else _shaped(words, numbers)
    for number, first in zip(numbers, made, strict=True):
        token, again = first, 0
        while token in used:
            again += 1
            chance = key.words("phone", [f"{number} {again}"])
            (token,) = _expanded(chance) if country == 1 else _shaped(chance, [number])
        used.add(token)
        yield number, token


def _shaped(words: Words, numbers: Sequence[str]) -> list[str]:
    whole = [(high << 64) + low for high, low in words.tolist()]
    return [shaped(one, national_of(number)) for one, number in zip(whole, numbers, strict=True)]


def _expanded(words: Words) -> list[str]:
    number = rest(words, 10**4 * 800 * len(_EXPANSION))
    line, exchange = number % 10**4, number // 10**4 % 800
    areas = matrix(_EXPANSION)[number // (10**4 * 800)]
    return texts_of(
        np.hstack(
            [
                areas,
                digits((200 + exchange).astype(np.uint64), 3),
                digits(line.astype(np.uint64), 4),
            ]
        )
    )
