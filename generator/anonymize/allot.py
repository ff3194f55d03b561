"""One token for each value: never two alike, and never one that the extract holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from generator.anonymize.key import Key
from generator.errors import RequestError

_TRIES = 200

Make = Callable[[int, str], str | None]
"""Given a number of 128 bits and a value: its token, or None where the number makes none."""


def allotted(
    key: Key, kind: str, values: Sequence[str], make: Make, originals: Collection[str]
) -> dict[str, str]:
    """Tokens of distinct values.  Two that meet are told apart by the value's next number: the one
    with the smaller number keeps the token, so the same extract has the same tokens in any order.

    Raises RequestError where the range is too small.
    """
    numbers = key.numbers(kind, values)
    order = sorted(range(len(values)), key=numbers.__getitem__)
    used: set[str] = set()
    tokens: dict[str, str] = {}
    open_: list[str] = []
    for at in order:
        token = make(numbers[at], values[at])
        if token is None or token in used or token in originals:
            open_.append(values[at])
        else:
            used.add(token)
            tokens[values[at]] = token
    for value in open_:
        tokens[value] = _next(key, kind, value, make, used, originals)
    return tokens


def _next(
    key: Key, kind: str, value: str, make: Make, used: set[str], originals: Collection[str]
) -> str:
    for number in key.numbers(kind, [f"{value}\0{again}" for again in range(1, _TRIES)]):
        token = make(number, value)
        if token is not None and token not in used and token not in originals:
            used.add(token)
            return token
    raise RequestError(
        f"There are too few tokens of the kind {kind} for so many values; leave the column out.",
        field="findings",
    )
