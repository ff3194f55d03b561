"""Addresses: another street and number of the same kind, a code of the same region."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from generator.anonymize import people
from generator.anonymize.key import Key
from generator.anonymize.layout import shaped
from generator.anonymize.signs import rest
from generator.personal.words import folded, folded_all, roads

_WORDS = re.compile(r"[^\W\d_]+(?:[’'`\-‐.][^\W\d_]+)*\.?")
_SHORT = "apt apartment suite ste unit flat studio room po box floor n s e w"
_UNITS = frozenset(_SHORT.split())
_ROADS_ABROAD = (
    "strasse straße str weg gasse allee platz ring damm ufer straat laan gatan vägen gata vej katu"
    " rue via viale piazza corso calle avenida paseo plaza rua ul ulica aleja ул улица пр пер вул д"
    " к οδος chemin impasse cours de del di la le les des du"
)
_ABROAD = frozenset(_ROADS_ABROAD.split())
_ENDINGS = ("straße", "strasse", "str", "weg", "gasse", "allee", "platz", "ring", "damm", "straat")
_ENDS = re.compile(rf"(?i)^(.{{2,}}?)({'|'.join(_ENDINGS)}|gatan|str\.)$")
_ENDED = (*_ENDINGS, "gatan", "str.")
_SHORT_NUMBER = 6  # digits
_TURNS = 7 * 90 * 10**5  # numbers with the same remainder move a short number alike
_DIGITS = re.compile(r"\d+")


def streets(key: Key, values: Sequence[str]) -> dict[str, str]:
    """The kind of road, units and signs stay; names of roads are other names, digits others."""
    split = [value.split(" ") for value in values]
    pieces = {piece for parts in split for piece in parts}
    words = {piece for piece in pieces if piece.isalpha()}
    counted = {piece for piece in pieces - words if _is_short(piece)}
    easy = words | counted
    odd = [value for value, parts in zip(values, split, strict=True) if not easy.issuperset(parts)]
    words.update(word for value in odd for word in _WORDS.findall(value))
    moved = _renamed(key, words)
    chance = rest(key.words("street", folded_all(values)), _TURNS).tolist()
    made = {
        value: _in_pieces(parts, moved, counted, number)
        for value, parts, number in zip(values, split, chance, strict=True)
        if easy.issuperset(parts)
    }
    numbers = key.numbers("street", folded_all(odd))
    return made | {
        value: _moved(value, moved, number) for value, number in zip(odd, numbers, strict=True)
    }


def _is_short(piece: str) -> bool:
    return piece.isascii() and piece.isdigit() and len(piece) <= _SHORT_NUMBER


def _renamed(key: Key, words: Collection[str]) -> dict[str, str]:
    """Another name for each word that is one of a road."""
    known = _kept()
    plain: set[str] = set()
    ends: dict[str, re.Match[str]] = {}
    for word in words:
        small = word.lower()
        if small in known or folded(small.rstrip(".")) in known:
            continue
        if small.endswith(_ENDED) and (ending := _ENDS.match(word)) is not None:
            ends[word] = ending
        else:
            plain.add(word)
    named = people.last_names(key, {*plain, *(end[1] for end in ends.values())})
    moved = {word: named[word] for word in plain}
    return moved | {word: named[end[1]].title() + end[2] for word, end in ends.items()}


@cache
def _kept() -> frozenset[str]:
    """Small letters: kinds of roads and of what lies at them, and little words between."""
    return roads() | _UNITS | _ABROAD


def _in_pieces(
    parts: Sequence[str], words: Mapping[str, str], counted: Collection[str], number: int
) -> str:
    """``_moved`` of a value whose parts are words or short numbers alone."""
    made, at = [], 0
    for part in parts:
        new = _shortly(part, number + at) if part in counted else words.get(part, part)
        made.append(new)
        at += len(new) + 1
    return " ".join(made)


def _moved(value: str, words: dict[str, str], number: int) -> str:
    moved = _WORDS.sub(lambda match: words.get(match[0], match[0]), value)
    return _DIGITS.sub(lambda match: _counted(match[0], number + match.start()), moved)


def _shortly(old: str, number: int) -> str:
    """``_counted`` of a short number, at a third of its price."""
    if len(old) > 1 and old[0] == "0":
        return "0" + _shortly(old[1:], number)
    least, rest = int(old[0] != "0"), len(old) - 1
    number, first = divmod(number // 7, 10 - least)
    made = f"{first + least}{number % 10**rest:0{rest}}" if rest else str(first + least)
    made = made[0] + made[:0:-1]
    return made if made != old else old[:-1] + str((int(old[-1]) + 1) % 10)


def _counted(old: str, number: int) -> str:
    """Other digits, as many; noughts in front stay, as no number of a house begins with one."""
    if len(old) > 1 and old[0] == "0":
        return "0" + _counted(old[1:], number)
    made = shaped(number // 7, old)
    return made if made != old else old[:-1] + str((int(old[-1]) + 1) % 10)


def codes(key: Key, values: Sequence[str]) -> dict[str, str]:
    """The first three signs, or half of a short code, are the region and stay."""
    numbers = key.numbers("postal", [folded(value) for value in values])
    return {
        value: shaped(number, value, kept=min(3, len(value) // 2 + 1))
        for value, number in zip(values, numbers, strict=True)
    }


def positions(key: Key, values: Sequence[str]) -> dict[str, str]:
    """Numbers keep their first decimal (some ten kilometres) and how many they have."""
    numbers = key.numbers("position", values)
    return {value: _within(value, number) for value, number in zip(values, numbers, strict=True)}


def _within(value: str, number: int) -> str:
    return re.sub(r"(\.\d)(\d+)", lambda match: match[1] + _filled(match[2], number), value)


def _filled(old: str, number: int) -> str:
    return f"{number % 10 ** len(old):0{len(old)}}"
