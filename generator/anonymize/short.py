"""Tokens of values of a few signs: there are too few to draw from, so all that could be written in
the same places are put in a ring by the key, and each value's token is the next.

So no two values have one token in any extract, and none has itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generator.anonymize.key import Key

MOST = 100_000  # ways to write the signs of a value, that are put in a ring
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def fits(value: str) -> bool:
    """Whether the ways to fill its places can be put in a ring, and there is more than one."""
    found = 1
    for signs in _places(value):
        found *= len(signs)
    return value.isascii() and 1 < found <= MOST


def ringed(key: Key, kind: str, values: Sequence[str]) -> dict[str, str]:
    """A token for each, of values that ``fits`` says have one."""
    return {value: _next(key, kind, value) for value in values}


def _next(key: Key, kind: str, value: str) -> str:
    places = _places(value)
    number = 0
    for sign, signs in zip(value, places, strict=True):
        number = number * len(signs) + signs.index(sign)
    number = int(_ring(key, kind, "/".join(places))[number])
    made = []
    for signs in reversed(places):
        number, at = divmod(number, len(signs))
        made.append(signs[at])
    return "".join(reversed(made))


def _places(value: str) -> list[str]:
    """The signs that may stand in each place; a nought in front stays, and none comes there."""
    return [_signs(sign, first=at == 0 and value.isdigit()) for at, sign in enumerate(value)]


def _signs(sign: str, *, first: bool) -> str:
    if "0" <= sign <= "9":
        return ("0" if sign == "0" else "123456789") if first else "0123456789"
    for letters in (_LETTERS, _LETTERS.upper()):
        if sign in letters:
            return letters
    return sign


@lru_cache(maxsize=16)
def _ring(key: Key, kind: str, places: str) -> NDArray[np.int64]:
    """What follows each of all ways to fill the places, in an order that rests on the key."""
    count = 1
    for signs in places.split("/"):
        count *= len(signs)
    words = key.words(f"{kind} ring {places}", [str(at) for at in range(count)])
    order = np.lexsort((words[:, 1], words[:, 0]))
    follows = np.empty(count, np.int64)
    follows[order] = np.roll(order, -1)
    return follows
