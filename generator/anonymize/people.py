"""Names for names: of the same script, and of the same gender where the first name has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from generator.anonymize.key import Key
from generator.anonymize.layout import cased
from generator.personal.words import HONORIFICS, LOCALES, SUFFIXES, folded, person, script_of

_WORDS = re.compile(r"[^\W\d_]+(?:[’'`\-‐][^\W\d_]+)*")
_LITTLE = "inc llc ltd co corp gmbh ag plc sa bv and of the de van von der la el bin al"
_FIRMS = frozenset(_LITTLE.split())
_KEPT = HONORIFICS | SUFFIXES | _FIRMS
_FEMALE = ("first_names_female", "first_kana_names_female")
_MALE = ("first_names_male", "first_kana_names_male")
_LAST = ("last_names", "male_last", "unisex_last", "last_kana_names")
_WRITTEN_WHOLE = ("han", "hangul", "kana")  # last name first, no space between
Part = tuple[str, int, int, str]


@cache
def _lists(script: str) -> dict[str, tuple[str, ...]]:
    """Names of a script, by kind; of Latin ones those of the country whose they are, see _home."""
    return {locale: _single(locale, script, _LAST) for locale in LOCALES.get(script, ())}


def _single(locale: str, script: str, lists: tuple[str, ...]) -> tuple[str, ...]:
    """Names of one word in the script."""
    words = (word for word in person(locale, *lists) if _WORDS.fullmatch(word))
    return tuple(word for word in words if script_of(word) == script)


@cache
def _first(locale: str, script: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _single(locale, script, _FEMALE), _single(locale, script, _MALE)


@cache
def _gendered(script: str) -> dict[str, tuple[str, bool]]:
    """Of each known first name the locale that has it first, and whether it is a woman's."""
    found: dict[str, tuple[str, bool]] = {}
    for locale in LOCALES.get(script, ()):
        for woman, words in zip((True, False), _first(locale, script), strict=True):
            for word in words:
                found.setdefault(folded(word), (locale, woman))
    return found


@cache
def _home(script: str) -> dict[str, str]:
    """Of each known last name the locale that has it first."""
    found: dict[str, str] = {}
    for locale, words in _lists(script).items():
        for word in words:
            found.setdefault(folded(word), locale)
    return found


def tokens(key: Key, names: Sequence[str], *, family: bool) -> dict[str, str]:
    """A name for each; a single word is a last name where ``family`` says so.  A word has the same
    token wherever it stands, so that full names go with first and last names beside them."""
    parts = {name: _parts(name, family) for name in names}
    asked: dict[str, set[str]] = {role: set() for role in _ROLES}
    for found in parts.values():
        for role, _, _, word in found:
            asked[role].add(word)
    made = {role: _tokens(key, role, [*asked[role]], make) for role, make in _ROLES.items()}
    return {name: _renamed(name, found, made) for name, found in parts.items()}


def _parts(name: str, family: bool) -> list[Part]:
    """The words of a name that become others: what each is, where it stands, and itself."""
    spans = [(*match.span(), match.group()) for match in _WORDS.finditer(name)]
    if len(spans) == 1 and _is_whole(spans[0][2]):
        return [("whole", *spans[0])]
    named = [span for span in spans if folded(span[2]) not in _KEPT]
    if len(named) < 2:
        return [("last" if family else "first", *span) for span in named]
    turned = "," in name or script_of(name) in _WRITTEN_WHOLE
    last = 0 if turned else len(named) - 1
    return [("last" if at == last else "first", *span) for at, span in enumerate(named)]


def _is_whole(word: str) -> bool:
    """A last and a first name in one word, as they are written in the east."""
    if word.isascii():
        return False
    script = script_of(word)
    known = folded(word) in _gendered(script) or folded(word) in _home(script)
    return script in _WRITTEN_WHOLE and len(word) > 1 and not known


def _renamed(name: str, parts: list[Part], tokens: dict[str, dict[str, str]]) -> str:
    made, at = [], 0
    for role, start, stop, word in parts:
        made += [name[at:start], tokens[role][word]]
        at = stop
    return "".join([*made, name[at:]])


def _tokens(
    key: Key, part: str, words: Sequence[str], make: Callable[[str, str, int], str]
) -> dict[str, str]:
    """What ``make`` makes of each word, of the word folded, and of its number."""
    plain = [folded(word) for word in words]
    numbers = key.numbers(f"name {part}", plain)
    return {
        word: make(word, same, number)
        for word, same, number in zip(words, plain, numbers, strict=True)
    }


def _given(word: str, plain: str, number: int) -> str:
    script = _script(word)
    if len(word) == 1 and script == "latin":
        return _initial(word, number)
    locale, woman = _gendered(script).get(plain, (_default(script), bool(number >> 100 & 1)))
    female, male = _first(locale, script)
    return cased(_other(female if woman else male, number, plain), word)


def _family(word: str, plain: str, number: int) -> str:
    script = _script(word)
    if len(word) == 1 and script == "latin":
        return _initial(word, number)
    locale = _home(script).get(plain, _default(script))
    return cased(_other(_lists(script).get(locale, ("Doe",)), number, plain), word)


def _initial(word: str, number: int) -> str:
    return cased(chr(ord("A") + number % 26), word)


def _eastern(word: str, plain: str, number: int) -> str:
    """A whole name in one word: last name, first name."""
    script = _script(word)
    locale = _default(script)
    heads = (folded(word[:size]) for size in (2, 1))
    locale = next((_home(script)[head] for head in heads if head in _home(script)), locale)
    female, male = _first(locale, script)
    last = _other(_lists(script)[locale], number, plain)
    return last + _other((female, male)[number >> 90 & 1], number >> 40, plain)


_ROLES = {"first": _given, "last": _family, "whole": _eastern}


def _default(script: str) -> str:
    return LOCALES.get(script, ("en_US",))[0]


def _other(words: Sequence[str], number: int, than: str) -> str:
    """One of the words, another than the one that is ``than`` when folded."""
    chosen = words[number % len(words)]
    if _known(chosen) == than:
        chosen = words[(number + 1) % len(words)]
    return chosen


_known = cache(folded)  # of names that tokens are made of, some thousands


def _script(word: str) -> str:
    """The word's script, or Latin where there are no names in it."""
    if word.isascii():
        return "latin"
    script = script_of(word)
    return script if script in LOCALES else "latin"
