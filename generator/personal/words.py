"""Word lists: first and last names, cities, forms of address, of many countries and scripts.

Names are those that Faker keeps for its locales, towns of the United States the built-in
profile's.  A list is read when it is first asked for.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

_LATIN = (
    *("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "es_MX", "it_IT", "nl_NL", "pt_PT", "pt_BR"),
    *("pl_PL", "cs_CZ", "sv_SE", "no_NO", "da_DK", "fi_FI", "hu_HU", "ro_RO", "tr_TR", "hr_HR"),
    *("en_IN", "vi_VN"),
)
LOCALES = {
    "latin": _LATIN,
    "cyrillic": ("ru_RU", "uk_UA", "bg_BG"),
    "greek": ("el_GR",),
    "arabic": ("ar_AA", "fa_IR"),
    "hebrew": ("he_IL",),
    "han": ("zh_CN", "zh_TW", "ja_JP"),
    "kana": ("ja_JP",),
    "hangul": ("ko_KR",),
    "devanagari": ("hi_IN",),
    "thai": ("th_TH",),
}
_SCRIPTS = {
    "LATIN": "latin",
    "CYRILLIC": "cyrillic",
    "GREEK": "greek",
    "ARABIC": "arabic",
    "HEBREW": "hebrew",
    "CJK": "han",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "HANGUL": "hangul",
    "DEVANAGARI": "devanagari",
    "THAI": "thai",
}
_TOWNS = Path(__file__).parents[1] / "profiles" / "automotive" / "towns.csv"
_CITY_LISTS = ("cities", "city_names", "concelhos", "metropolitan_cities", "localities")
_HONORIFICS = (
    "mr mrs ms miss mx dr prof sir madam herr frau monsieur madame m mme mlle señor señora sr sra"
    " srta signor signora sig dhr mevr pan pani г-н г-жа κος κα السيد السيدة 先生 女士 "
    "様 さん 씨 님"
)
HONORIFICS = frozenset(_HONORIFICS.split())
SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "dds", "dvm"))


@dataclass(frozen=True)
class Names:
    """Folded first and last names of a script."""

    first: frozenset[str]
    last: frozenset[str]


def script_of(text: str) -> str:
    """The script of the first letter; empty where there is none."""
    letter = next(filter(str.isalpha, text), "")
    return _script_of(letter) if letter else ""


@cache
def _script_of(letter: str) -> str:
    """Kept by letter, of which there are only so many, and never by the text of anybody."""
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0], "other")


def folded(text: str) -> str:
    """Small letters without accents."""
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def folded_all(texts: Sequence[str]) -> list[str]:
    """``folded`` of each."""
    whole = "\n".join(texts)
    if not whole.isascii() or whole.count("\n") != len(texts) - 1:
        return [folded(text) for text in texts]
    return whole.casefold().split("\n")


def person(locale: str, *lists: str) -> Iterator[str]:
    """The words of a locale's lists whose names begin so, each once and in their order."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    seen: dict[str, None] = {}
    for name in sorted(vars(provider)):
        words = getattr(provider, name)
        if name.startswith(lists) and isinstance(words, list | tuple | dict):
            seen.update(dict.fromkeys(word for word in words if isinstance(word, str)))
    yield from seen


@cache
def names(script: str) -> Names:
    locales = LOCALES.get(script, ())
    first, last = (
        frozenset(folded(word) for one in locales for word in person(one, *lists))
        for lists in (
            ("first_names", "first_kana", "first_romanized"),
            ("last_names", "male_last", "unisex_last", "last_kana", "last_romanized"),
        )
    )
    return Names(first, last)


@cache
def cities(script: str) -> frozenset[str]:
    """Folded names of cities, counties and states."""
    found: set[str] = set()
    for locale in LOCALES.get(script, ()):
        try:
            provider = import_module(f"faker.providers.address.{locale}").Provider
        except ModuleNotFoundError:
            continue  # not every locale has addresses
        for name in _CITY_LISTS:
            found.update(
                folded(word) for word in vars(provider).get(name, ()) if isinstance(word, str)
            )
    geo = import_module("faker.providers.geo").Provider
    if script == "latin":
        found.update(folded(place[2]) for place in geo.land_coords)
        found.update(folded(place) for place in _towns())
    return frozenset(found)


@cache
def areas() -> frozenset[str]:
    """Folded names of states, counties and countries, and codes of states: no cities."""
    provider = import_module("faker.providers.address.en_US").Provider
    british = import_module("faker.providers.address.en_GB").Provider
    words = {*provider.states, *provider.states_abbr, *provider.countries, *british.counties}
    with _TOWNS.open(encoding="utf-8", newline="") as file:
        counties = {row[4] for row in csv.reader(file) if len(row) > 4}
    return frozenset(folded(word) for word in words | counties)


@cache
def roads() -> frozenset[str]:
    """Small letters: what streets of English addresses are called, short or in full."""
    provider = import_module("faker.providers.address.en_US").Provider
    short = ("st", "ave", "rd", "ln", "dr", "ct", "blvd", "pl", "sq", "ter", "hwy", "pkwy", "cir")
    words = {*map(str.lower, provider.street_suffixes), *short, "close", "crescent"}
    return frozenset(words - {"ford", "fords"})  # more often a make of cars


@cache
def states() -> frozenset[str]:
    """Codes of the states of the United States."""
    return frozenset(import_module("faker.providers.address.en_US").Provider.states_abbr)


def _towns() -> set[str]:
    with _TOWNS.open(encoding="utf-8", newline="") as file:
        return {row[at] for row in csv.reader(file) for at in (0, 3) if len(row) > 4}


def parts(text: str) -> list[str]:
    """The words of a name, folded, without forms of address and suffixes; “Last, First” turned."""
    last, comma, first = text.partition(",")
    turned = f"{first} {last}" if comma and "," not in first else text
    words = re.findall(r"[^\W\d_]+(?:[’'`\-‐.][^\W\d_]+)*\.?", turned)
    plain = (folded(word.rstrip(".")) for word in words)
    return [word for word in plain if word not in HONORIFICS | SUFFIXES]
