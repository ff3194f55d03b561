"""Addresses: another street and number of the same kind, a code of the same region."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.anonymize import people
from generator.anonymize.key import Key
from generator.anonymize.layout import shaped
from generator.personal.words import folded, roads

_WORDS = re.compile(r"[^\W\d_]+(?:[’'`\-‐.][^\W\d_]+)*\.?")
_SHORT = "apt apartment suite ste unit flat studio room po box floor n s e w"
_UNITS = frozenset(_SHORT.split())
_ABROAD = re.compile(
    r"(?i)(stra(ss|ß)e|str|weg|gasse|allee|platz|ring|damm|ufer|straat|laan|gatan|vägen|gata|vej|katu"
    r"|rue|via|viale|piazza|corso|calle|avenida|paseo|plaza|rua|ul|ulica|aleja|ул|улица|пр|пер|вул|д|к"
    r"|οδος|chemin|impasse|cours|de|del|di|la|le|les|des|du)\.?"
)
_ENDS = re.compile(
    r"(?i)^(.{2,}?)(stra(?:ss|ß)e|str\.?|weg|gasse|allee|platz|ring|damm|straat|gatan)$"
)
_DIGITS = re.compile(r"\d+")


def streets(key: Key, values: Sequence[str]) -> dict[str, str]:
    """The kind of road, units and signs stay; names of roads are other names, digits others."""
    words = {word for value in values for word in _WORDS.findall(value)}
    ends = {word: ending for word in words if (ending := _ENDS.match(word)) is not None}
    plain = [word for word in words if word not in ends and not _kept(word)]
    named = people.tokens(key, [*plain, *{end[1] for end in ends.values()}], family=True)
    moved = {word: named[word] for word in plain}
    moved |= {word: named[end[1]].title() + end[2] for word, end in ends.items()}
    numbers = key.numbers("street", [folded(value) for value in values])
    return {
        value: _moved(value, moved, number) for value, number in zip(values, numbers, strict=True)
    }


def _kept(word: str) -> bool:
    plain = folded(word.rstrip("."))
    return plain in roads() or plain in _UNITS or _ABROAD.fullmatch(word) is not None


def _moved(value: str, words: dict[str, str], number: int) -> str:
    moved = _WORDS.sub(lambda match: words.get(match[0], match[0]), value)
    return _DIGITS.sub(lambda match: _counted(match[0], number + match.start()), moved)


def _counted(old: str, number: int) -> str:
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
