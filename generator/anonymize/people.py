"""Names for names: of the same script, and of the same gender where the first name has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

import numpy as np

from generator.anonymize.key import Key
from generator.anonymize.layout import cased
from generator.anonymize.signs import Words, rest
from generator.personal.words import (
    HONORIFICS,
    LOCALES,
    SUFFIXES,
    folded,
    folded_all,
    person,
    script_of,
)

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
    split = [name.split(" ") for name in names]
    plain = _plain({word for words in split for word in words})
    easy = [plain.issuperset(words) for words in split]
    parts = {
        name: _parts(name, family) for name, known in zip(names, easy, strict=True) if not known
    }
    asked: dict[str, set[str]] = {role: set() for role in _ROLES}
    for found in parts.values():
        for role, _, _, word in found:
            asked[role].add(word)
    for words, known in zip(split, easy, strict=True):
        if known:
            asked["last" if family or len(words) > 1 else "first"].add(words[-1])
            asked["first"].update(words[:-1])
    made = {role: make(key, [*asked[role]]) for role, make in _ROLES.items()}
    first, last = made["first"], made["last"]
    alone = last if family else first
    return {
        name: " ".join([*[first[word] for word in words[:-1]], last[words[-1]]])
        if known and len(words) > 1
        else alone[name]
        if known
        else _renamed(name, parts[name], made)
        for name, words, known in zip(names, split, easy, strict=True)
    }


def _plain(words: Collection[str]) -> set[str]:
    """Those of letters alone that become others, and stand as they do in the west: most do."""
    letters = (word for word in words if word.isalpha() and folded(word) not in _KEPT)
    return {word for word in letters if word.isascii() or script_of(word) not in _WRITTEN_WHOLE}


def last_names(key: Key, words: Collection[str]) -> dict[str, str]:
    """``tokens`` of words that each are a last name."""
    plain = _plain(words)
    odd = [word for word in words if word not in plain]
    return _family(key, [*plain]) | tokens(key, odd, family=True)


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


def _given(key: Key, words: Sequence[str]) -> dict[str, str]:
    chance, plain, scripts = _asked(key, "first", words)
    turns = (chance[:, 0] >> np.uint64(36) & np.uint64(1)).astype(bool).tolist()
    lists = []
    for same, script, turn in zip(plain, scripts, turns, strict=True):
        locale, woman = _gendered(script).get(same, (_default(script), turn))
        lists.append(_first(locale, script)[0 if woman else 1])
    return _named(words, plain, scripts, lists, chance)


def _family(key: Key, words: Sequence[str]) -> dict[str, str]:
    chance, plain, scripts = _asked(key, "last", words)
    lists = []
    for same, script in zip(plain, scripts, strict=True):
        locale = _home(script).get(same) or _default(script)
        lists.append(_lists(script).get(locale, ("Doe",)))
    return _named(words, plain, scripts, lists, chance)


def _asked(key: Key, part: str, words: Sequence[str]) -> tuple[Words, list[str], list[str]]:
    """Of each word 128 bits of chance, itself folded, and its script."""
    plain = folded_all(words)
    scripts = ["latin" if word.isascii() else _script(word) for word in words]
    return key.words(f"name {part}", plain), plain, scripts


def _named(
    words: Sequence[str],
    plain: Sequence[str],
    scripts: Sequence[str],
    lists: Sequence[Sequence[str]],
    chance: Words,
) -> dict[str, str]:
    """One of its list for each word, another than itself, and written as it is."""
    places = rest(chance, np.array([len(one) for one in lists], np.int64)).tolist()
    letters = rest(chance, 26).tolist()
    made: dict[str, str] = {}
    for at, (word, same, names) in enumerate(zip(words, plain, lists, strict=True)):
        if len(word) == 1 and scripts[at] == "latin":
            made[word] = cased(chr(ord("A") + letters[at]), word)
            continue
        chosen = names[places[at]]
        if _known(chosen) == same:
            chosen = names[(places[at] + 1) % len(names)]
        made[word] = chosen if word.istitle() else cased(chosen, word)
    return made


def _eastern(key: Key, words: Sequence[str]) -> dict[str, str]:
    plain = folded_all(words)
    numbers = key.numbers("name whole", plain)
    return {
        word: _whole(word, same, number)
        for word, same, number in zip(words, plain, numbers, strict=True)
    }


def _whole(word: str, plain: str, number: int) -> str:
    """A whole name in one word: last name, first name."""
    script = _script(word)
    locale = _default(script)
    heads = (folded(word[:size]) for size in (2, 1))
    locale = next((_home(script)[head] for head in heads if head in _home(script)), locale)
    female, male = _first(locale, script)
    last = _other(_lists(script)[locale], number, plain)
    return last + _other((female, male)[number >> 90 & 1], number >> 40, plain)


_ROLES: Mapping[str, Callable[[Key, Sequence[str]], dict[str, str]]] = {
    "first": _given,
    "last": _family,
    "whole": _eastern,
}


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
