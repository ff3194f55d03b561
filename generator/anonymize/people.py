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
    whole = {name: [match.span() for match in _WORDS.finditer(name)] for name in names}
    words = sorted({name[a:b] for name, spans in whole.items() for a, b in spans})
    firsts = _tokens(key, "first", words, _given)
    lasts = _tokens(key, "last", words, _family)
    alone = {
        name: name[slice(*spans[0])]
        for name, spans in whole.items()
        if len(spans) == 1 and _is_whole(name[slice(*spans[0])])
    }
    wholes = _tokens(key, "whole", sorted({*alone.values()}), _eastern)
    return {
        name: name.replace(alone[name], wholes[alone[name]])
        if name in alone
        else _renamed(name, spans, firsts, lasts, family)
        for name, spans in whole.items()
    }


def _is_whole(word: str) -> bool:
    """A last and a first name in one word, as they are written in the east."""
    script = script_of(word)
    known = folded(word) in _gendered(script) or folded(word) in _home(script)
    return script in _WRITTEN_WHOLE and len(word) > 1 and not known


def _renamed(
    name: str,
    spans: list[tuple[int, int]],
    firsts: dict[str, str],
    lasts: dict[str, str],
    family: bool,
) -> str:
    named = [span for span in spans if folded(name[slice(*span)]) not in _KEPT]
    turned = "," in name or (len(named) > 1 and script_of(name) in _WRITTEN_WHOLE)
    made, at = [], 0
    for number, (start, stop) in enumerate(named):
        word = name[start:stop]
        last = number == (0 if turned else len(named) - 1)
        as_last = last if len(named) > 1 else family
        made += [name[at:start], (lasts if as_last else firsts)[word]]
        at = stop
    return "".join([*made, name[at:]])


def _tokens(
    key: Key, part: str, words: Sequence[str], make: Callable[[str, int], str]
) -> dict[str, str]:
    numbers = key.numbers(f"name {part}", [folded(word) for word in words])
    return {word: make(word, number) for word, number in zip(words, numbers, strict=True)}


def _given(word: str, number: int) -> str:
    script = _script(word)
    if len(word) == 1 and script == "latin":
        return _initial(word, number)
    locale, woman = _gendered(script).get(folded(word), (_default(script), bool(number >> 100 & 1)))
    female, male = _first(locale, script)
    return cased(_other(female if woman else male, number, word), word)


def _family(word: str, number: int) -> str:
    script = _script(word)
    if len(word) == 1 and script == "latin":
        return _initial(word, number)
    locale = _home(script).get(folded(word), _default(script))
    return cased(_other(_lists(script).get(locale, ("Doe",)), number, word), word)


def _initial(word: str, number: int) -> str:
    return cased(chr(ord("A") + number % 26), word)


def _eastern(word: str, number: int) -> str:
    """A whole name in one word: last name, first name."""
    script = _script(word)
    locale = _default(script)
    heads = (folded(word[:size]) for size in (2, 1))
    locale = next((_home(script)[head] for head in heads if head in _home(script)), locale)
    female, male = _first(locale, script)
    last = _other(_lists(script)[locale], number, word)
    return last + _other((female, male)[number >> 90 & 1], number >> 40, word)


def _default(script: str) -> str:
    return LOCALES.get(script, ("en_US",))[0]


def _other(words: Sequence[str], number: int, than: str) -> str:
    """One of the words, another than the given one."""
    chosen = words[number % len(words)]
    if folded(chosen) == folded(than):
        chosen = words[(number + 1) % len(words)]
    return chosen


def _script(word: str) -> str:
    """The word's script, or Latin where there are no names in it."""
    script = script_of(word)
    return script if script in LOCALES else "latin"
