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
_HAN = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]")


def streets(key: Key, values: Sequence[str]) -> dict[str, str]:
    """The kind of road, units and signs stay; names of roads are other names, digits others."""
    words = sorted({word for value in values for word in _named(value)})
    named = people.tokens(key, words, family=True)
    numbers = key.numbers("street", [folded(value) for value in values])
    return {
        value: _moved(value, named, number) for value, number in zip(values, numbers, strict=True)
    }


def _named(value: str) -> list[str]:
    found = []
    for match in _WORDS.finditer(value):
        word = match.group()
        ending = _ENDS.match(word)
        if ending:
            found.append(ending[1])
        elif not _kept(word):
            found.append(word)
    return found


def _kept(word: str) -> bool:
    plain = folded(word.rstrip("."))
    return plain in roads() or plain in _UNITS or _ABROAD.fullmatch(word) is not None


def _moved(value: str, named: dict[str, str], number: int) -> str:
    def one(match: re.Match[str]) -> str:
        word = match.group()
        ending = _ENDS.match(word)
        if ending:
            return named[ending[1]].title() + ending[2]
        return word if _kept(word) else named[word]

    moved = _WORDS.sub(one, value)
    return re.sub(r"\d+", lambda match: _counted(match.group(), number + match.start()), moved)


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
