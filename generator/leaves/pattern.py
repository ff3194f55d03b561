"""Patterns of text: which characters stand where, with nothing of a single value in them."""

from __future__ import annotations

from collections import Counter

from generator.stop import asking

SIGNS = (
    "0123456789",
    "0123456789abcdef",
    "0123456789ABCDEF",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
    "abcdefghijklmnopqrstuvwxyz0123456789",
)
_LONGEST = 64
_MOST_VALUES = 5000
_EMAIL = (*([SIGNS[4]] * 10), *"@example.com")


def pattern_of(texts: list[str], k: int) -> tuple[str, ...]:
    """Characters that may stand at each position of a value of the usual length.  A position
    keeps a character only if (nearly) all values have it there; else it is open to its class."""
    usual = Counter(map(len, texts)).most_common(1)[0][0]
    sample = [text for text in texts if len(text) == usual][:_MOST_VALUES]
    signs = []
    for place in range(min(usual, _LONGEST)):
        here = Counter(text[place] for text in sample)
        first, count = here.most_common(1)[0]
        fixed = count >= 0.98 * len(sample) and count >= k
        signs.append(first if fixed else _class_of(set(here)))
    return tuple(signs) or (SIGNS[0],)


def shape_of(texts: set[str], personal: str, k: int) -> tuple[str, ...]:
    """The pattern of personal values: the usual length, classes of letters and digits, and the
    ASCII punctuation of the usual shape where ``k`` distinct values have that shape.  No letter
    and no digit of a value is kept; an e-mail address becomes one of example.com."""
    if personal == "email":
        return _EMAIL
    ordered = sorted(texts)
    shape, values = Counter(map(_shape, asking(ordered))).most_common(1)[0]
    if values >= k:
        alike = [text for text in ordered if _shape(text) == shape][:_MOST_VALUES]
    else:
        usual = Counter(map(len, ordered)).most_common(1)[0][0]
        shape, alike = "?" * usual, [text for text in ordered if len(text) == usual]
    signs = [
        _class_of({text[place] for text in alike}) if sign == "?" else sign
        for place, sign in enumerate(shape[:_LONGEST])
    ]
    return tuple(signs) or (SIGNS[0],)


def _shape(text: str) -> str:
    """The text with “?” for all that is no ASCII punctuation or blank."""
    return "".join("?" if sign.isalnum() or not " " <= sign <= "~" else sign for sign in text)


def _class_of(signs: set[str]) -> str:
    """The first class of characters that holds all letters and digits of ``signs``."""
    plain = {sign for sign in signs if sign.isascii() and sign.isalnum()}
    return next((known for known in SIGNS if plain and plain <= set(known)), SIGNS[-1])
