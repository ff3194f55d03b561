"""Telephone numbers as they are written: read, and written again in the same places.

A number is a text, “1.2128675309”: the code of its country and its national digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from generator.anonymize.layout import digits
from generator.anonymize.signs import groups, matrix, texts_of
from generator.errors import RequestError, shown

_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
_AMERICAN_FORM = re.compile(r"(?:\+?(9)[ .-]?)?\(?(999)\)?[ .-]?(999)[ .-]?(9999)")
_ABROAD = re.compile(r"\+[1-9][\d ().-]*\d", re.ASCII)
_FORMS = {ord(str(digit)): "9" for digit in range(10)}
_DROP = {ord(sign): None for sign in "+ ().-"}
HOME = "US"  # whose numbers are those without a code of a country, where nobody says
_FEWEST, _MOST = 5, 17  # national digits that are read here; the library decides on others


def check_region(region: str) -> None:
    """Raises RequestError for letters that are no region."""
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise RequestError(
            f"“{shown(region)}” is no region of telephone numbers; write the two letters of a "
            "country (ISO 3166-1), such as DE.",
            field="region",
        )


def country_of(number: str) -> int:
    return int(number.partition(".")[0])


def national_of(number: str) -> str:
    return number.partition(".")[2]


def read_all(texts: Sequence[str], region: str = HOME) -> list[str]:
    """The number that each text is, as phonenumbers reads it in the region; "" where it is none."""
    found = [""] * len(texts)
    whole = "\n".join(texts)
    if region != "US" or not whole.isascii() or whole.count("\n") != len(texts) - 1:
        return [_read(text, region) for text in texts]
    for form, rows in groups(whole.translate(_FORMS).split("\n")):
        for row, number in zip(rows, _of_form(form, [texts[row] for row in rows]), strict=True):
            found[row] = number
    return found


def written_all(tokens: Sequence[str], numbers: Sequence[str], plain: Sequence[str]) -> list[str]:
    """National digits of tokens in the place of the numbers' own in ``plain`` texts (letters and
    digits alone): what stands before and behind stays."""
    return [
        _dialled(text, number.partition(".")[2], token)
        for token, number, text in zip(tokens, numbers, plain, strict=True)
    ]


def _dialled(plain: str, national: str, token: str) -> str:
    if plain.endswith(national) and plain.isdecimal():
        return plain[: len(plain) - len(national)] + token
    before, own, behind = digits(plain).rpartition(national)
    return before + token + behind if own else token


def _of_form(form: str, texts: Sequence[str]) -> Iterator[str]:
    """Numbers of texts that differ in their digits alone: most are American, and reading each by
    all rules is dear."""
    match = _AMERICAN_FORM.fullmatch(form)
    if match is None:
        return (_read(text, "US") for text in texts)
    signs = matrix(texts)
    fits = np.ones(len(texts), bool)
    for group, least, most in ((1, "1", "1"), (2, "2", "9"), (3, "2", "9")):
        if (at := match.start(group)) >= 0:
            fits &= (signs[:, at] >= ord(least)) & (signs[:, at] <= ord(most))
    places = [at for group in (2, 3, 4) for at in range(*match.span(group))]
    made = zip(texts, texts_of(signs[:, places]), fits.tolist(), strict=True)
    return (f"1.{national}" if fit else _read(text, "US") for text, national, fit in made)


def _read(text: str, region: str) -> str:
    american = _AMERICAN.fullmatch(text) if region == "US" else None
    if american is not None:
        return "1." + "".join(american.groups())
    if (abroad := _abroad(text)) is not None:
        return abroad
    try:
        found = phonenumbers.parse(text, None if text.lstrip().startswith("+") else region)
    except phonenumbers.NumberParseException:
        return ""
    zeros = "0" * (found.number_of_leading_zeros or 0) if found.italian_leading_zero else ""
    return f"{found.country_code or 0}.{zeros}{found.national_number}"


def _abroad(text: str) -> str | None:
    """What the library reads of “+44 20 7946 0018”, at a thirtieth of its price; None where a
    country's rules may take signs away, and for anything odd."""
    if _ABROAD.fullmatch(text) is None:
        return None
    plain = text.translate(_DROP)
    country = next((plain[:size] for size in (1, 2, 3) if plain[:size] in _countries()), "")
    national = plain[len(country) :]
    if not country or not _FEWEST <= len(national) <= _MOST or national[0] == "0":
        return None
    prefix = _prefix(int(country))
    return None if prefix is not None and prefix.match(national) else f"{country}.{national}"


@cache
def _countries() -> frozenset[str]:
    return frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))


@cache
def _prefix(country: int) -> re.Pattern[str] | None:
    """What may stand before national numbers and is no part of them."""
    region = phonenumbers.region_code_for_country_code(country)
    known: PhoneMetadata | None = PhoneMetadata.metadata_for_region_or_calling_code(country, region)
    prefix = known.national_prefix_for_parsing if known is not None else None
    return re.compile(prefix) if prefix else None
