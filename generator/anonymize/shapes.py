"""Letters for letters and digits for digits, where no range is kept for fiction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.anonymize.layout import shaped
from generator.anonymize.signs import Words, groups, matrix, mixed, texts_of

_UPPER, _LOWER = (ord("A"), ord("Z")), (ord("a"), ord("z"))
_LEFT_OUT = np.array([*map(ord, "IOQ")], np.uint32)  # plates leave them out: they read as digits
_ROOM = 10**5  # tokens of such letters that are enough


def shape(words: Words, values: Sequence[str]) -> list[str]:
    return _shaped(words, values, kept=[0] * len(values))


def lettered(words: Words, values: Sequence[str]) -> list[str]:
    """The letters in front say a state or a series, and stay where enough follows."""
    heads = [len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for value in values]
    fits = [
        head if len(value) >= head + 5 else 0 for head, value in zip(heads, values, strict=True)
    ]
    return _shaped(words, values, kept=fits)


def _shaped(words: Words, values: Sequence[str], *, kept: Sequence[int]) -> list[str]:
    made = [""] * len(values)
    ascii_ = [value.isascii() for value in values]
    keys = list(zip(map(len, values), kept, ascii_, strict=True))
    parts: dict[tuple[int, int, bool], list[int]] = {}
    for at, key in enumerate(keys):
        parts.setdefault(key, []).append(at)
    for (size, head, plain), rows in parts.items():
        mine = [values[at] for at in rows]
        chance = words[np.array(rows)]
        found = _matrix(chance, mine, head) if plain and size else _one_by_one(chance, mine, head)
        for at, token in zip(rows, found, strict=True):
            made[at] = token
    return made


def _one_by_one(words: Words, values: Sequence[str], head: int) -> list[str]:
    numbers = [(high << 64) + low for high, low in words.tolist()]
    return [shaped(number, value, kept=head) for number, value in zip(numbers, values, strict=True)]


def _matrix(words: Words, values: Sequence[str], head: int) -> list[str]:
    """Texts of one length; no leading nought where there was none."""
    signs = matrix(values).copy()
    for at in range(head, signs.shape[1]):
        old, chance = signs[:, at], mixed(words, at)
        digit = (old >= ord("0")) & (old <= ord("9"))
        least = (digit & (old != ord("0")) & (at == 0)).astype(np.uint64)
        made = (chance % (np.uint64(10) - least) + least).astype(np.uint32) + ord("0")
        letter = (chance % np.uint64(26)).astype(np.uint32)
        new = np.where(digit, made, old)
        for first, last in (_UPPER, _LOWER):
            new = np.where((old >= first) & (old <= last), letter + first, new)
        signs[:, at] = new
    return texts_of(signs)


def plate(words: Words, values: Sequence[str]) -> list[str]:
    """Letters are such as plates leave out, while there are tokens enough that way."""
    made = shape(words, values)
    layouts = ["".join("A" if sign.isalpha() else "9" for sign in value) for value in values]
    for layout, rows in groups(layouts):
        letters = [at for at, sign in enumerate(layout) if sign == "A"]
        if not letters or 3 ** len(letters) * 10 ** layout.count("9") < _ROOM:
            continue
        signs, chance = matrix([made[at] for at in rows]).copy(), words[np.array(rows)]
        for at in letters:
            signs[:, at] = _LEFT_OUT[(mixed(chance, at + 50) % np.uint64(3)).astype(np.int64)]
        for row, token in zip(rows, texts_of(signs), strict=True):
            made[row] = token
    return made
