"""One token for each value: never two alike, and never one that the extract holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from generator.anonymize.key import Key
from generator.anonymize.signs import Words
from generator.errors import RequestError

_ROUNDS = 200

Make = Callable[[Words, Sequence[str]], list[str]]
"""Given 128 bits of chance for each of some values: their tokens, or "" where that makes none."""


def allotted(
    key: Key, kind: str, values: Sequence[str], make: Make, originals: Collection[str]
) -> dict[str, str]:
    """Tokens of distinct values.  Two that meet are told apart by the value's next number: the one
    with the smaller number keeps the token, so the same extract has the same tokens in any order.

    Raises RequestError where the range is too small.
    """
    words = key.words(kind, values)
    tokens = make(words, values)
    used = {*tokens}
    if len(used) == len(values) and "" not in used and used.isdisjoint(originals):
        return dict(zip(values, tokens, strict=True))
    counted = Counter(tokens)
    found = {
        value: token
        for value, token in zip(values, tokens, strict=True)
        if token and counted[token] == 1 and token not in originals
    }
    met = (at for at, value in enumerate(values) if value not in found)
    order = sorted(met, key=lambda at: (*words[at].tolist(), values[at]))
    tried = [(values[at], tokens[at]) for at in order]
    return _told_apart(key, kind, tried, make, originals, found)


def _told_apart(
    key: Key,
    kind: str,
    tried: Sequence[tuple[str, str]],
    make: Make,
    originals: Collection[str],
    found: dict[str, str],
) -> dict[str, str]:
    """``found`` with tokens for those that met, in their order."""
    used = {*found.values()}
    for again in range(1, _ROUNDS):
        open_: list[str] = []
        for value, token in tried:
            if not token or token in used or token in originals:
                open_.append(value)
            else:
                used.add(token)
                found[value] = token
        if not open_:
            return found
        words = key.words(kind, [f"{value}\0{again}" for value in open_])
        tried = list(zip(open_, make(words, open_), strict=True))
    raise RequestError(
        f"There are too few tokens of the kind {kind} for so many values; leave the column out.",
        field="findings",
    )
