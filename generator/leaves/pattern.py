"""Patterns of text: which characters stand where, with nothing of a single value in them."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.holders import EACH_ROW, Holders
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
_MOST_SHAPES = 8
_LEAST_SHARE = 0.01  # of the distinct values, that a shape must have
COVERED = 0.9  # of the distinct values must have one of the shapes for them to be codes
_MASK = str.maketrans(
    {**dict.fromkeys(string.digits, "9"), **dict.fromkeys(string.ascii_uppercase, "A")}
    | dict.fromkeys(string.ascii_lowercase, "a")
)
_EMAIL = (*([SIGNS[4]] * 10), *"@example.com")


@dataclass(frozen=True)
class Shapes:
    """What codes look like: for each shape the characters that may stand at each position and how
    many of the distinct values have it; ``covered`` is the share of those that have one of them."""

    patterns: tuple[tuple[str, ...], ...]
    weights: tuple[int, ...]
    covered: float


def shapes_of(texts: Sequence[str], k: int, holders: Holders = EACH_ROW) -> Shapes:
    """The shapes of distinct texts.  A position keeps a character only if (nearly) all values of
    the shape have it there; else it is open to its class.  Of each of the ``holders`` of the texts
    one text of a shape is looked at, so that many texts are many persons'."""
    every = slice(0, len(texts), max(1, len(texts) // _MOST_VALUES))
    all_, theirs = list(texts[every]), holders.at(every)
    for mask in (mask_of, _shape):
        sample = _one_each(all_, mask, theirs)
        rows = Counter(map(mask, asking(sample)))
        least = max(k, _LEAST_SHARE * len(sample))
        kept = [shape for shape, count in rows.most_common(_MOST_SHAPES) if count >= least]
        covered = sum(rows[shape] for shape in kept) / len(sample)
        if covered >= COVERED:
            alike = [[text for text in sample if mask(text) == shape] for shape in kept]
            patterns = tuple(_signs(some, k) for some in alike)
            return Shapes(patterns, tuple(map(len, alike)), covered)
    sample = _one_each(all_, len, theirs)
    usual = Counter(map(len, sample)).most_common(1)[0][0]
    alike = [[text for text in sample if len(text) == usual]]
    return Shapes((_signs(alike[0], k),), (1,), 0.0 if len(sample) >= k else 1.0)


def _one_each(texts: list[str], alike: Callable[[str], object], holders: Holders) -> list[str]:
    """One text of each person of those that are ``alike``; all where texts are nobody's."""
    if holders.of is None:
        return texts
    first = {
        (of, alike(text)): text
        for of, text in zip(holders.of[::-1].tolist(), asking(texts[::-1]), strict=True)
    }
    return list(first.values())[::-1]


def mask_of(text: str) -> str:
    """The text with 9 for digits, A and a for letters, all other signs as they are."""
    return text[:_LONGEST].translate(_MASK) if text.isascii() else _shape(text)


def _signs(texts: list[str], k: int) -> tuple[str, ...]:
    """What may stand at each position of texts of one length."""
    signs = []
    for place in range(min(*map(len, texts), _LONGEST)):
        here = Counter(text[place] for text in texts)
        first, count = here.most_common(1)[0]
        fixed = count >= 0.98 * len(texts) and count >= k
        signs.append(first if fixed else _open(here, k))
    return tuple(signs) or (SIGNS[0],)


def _open(here: Counter[str], k: int) -> str:
    """The class of the signs; of letters only those that stand there, where rows enough say so.
    Digits stay open, so that numbers can go on."""
    whole = _class_of(set(here))
    seen = "".join(sorted(sign for sign, rows in here.items() if rows >= k))
    enough = here.total() >= 5 * len(whole) and sum(here[s] for s in seen) >= 0.98 * here.total()
    return seen if enough and len(seen) > 1 and not whole.isdecimal() else whole


def shape_of(
    texts: Sequence[str], personal: str, k: int, holders: Holders = EACH_ROW
) -> tuple[str, ...]:
    """The pattern of personal values: the usual length, classes of letters and digits, and the
    ASCII punctuation of the usual shape where ``k`` distinct values have that shape.  No letter
    and no digit of a value is kept; an e-mail address becomes one of example.com."""
    if personal == "email":
        return _EMAIL
    ordered = sorted(set(_one_each(list(texts), _shape, holders)))
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
    """The first class of characters that holds all letters and digits of ``signs``; letters from A
    to F are no digits where no digit stands beside them."""
    plain = {sign for sign in signs if sign.isascii() and sign.isalnum()}
    letters = not any(sign.isdecimal() for sign in plain)
    classes = (known for known in SIGNS if not (letters and known[0] == "0" and len(known) == 16))
    return next((known for known in classes if plain and plain <= set(known)), SIGNS[-1])
