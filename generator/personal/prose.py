"""Free text: whether a column holds sentences, and what personal data they mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.personal import formats
from generator.personal.people import is_honorific, whole_name

_LEAST_WORDS = 4.0  # of a sentence, on average
_NOTED_WORDS = 2.5  # of a note
_LITTLE_WORDS = (
    "the a an and or to of in on at for with is was are were be by from his her not no it as "
    "has had have der die das und ist nicht mit von zu auf le la les des du et est un une pour "
    "el los las y es de en con por il che di per het een van и в на не с по και το να 的 了 は の "
)
_LITTLE = frozenset(_LITTLE_WORDS.split())
_EMAIL = r"[^\s@,;:<>()\"']+@[^\s@,;:<>()\"']+\.[^\W\d_]{2,}"
_PHONE = (
    r"(?<![\w+-])(?:\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d(?:[ .-]?\d){6,12}"
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
    r"|0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5})(?![\w-])"
)
_VIN = r"(?<!\w)(?=[A-HJ-NPR-Z0-9]*\d)(?=[A-HJ-NPR-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}(?!\w)"
_SSN = r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"
_IBAN = r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
_CARD = r"(?<![\w-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?!\w)"
_MAC = r"(?<!\w)[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?!\w)"
_STREET = (
    r"(?<!\w)\d{1,5} (?:[A-Z][\w.'’-]* ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court"
    r"|Ct|Boulevard|Blvd|Way|Place|Square|Terrace)\b\.?(?:,? (?:Apt|Suite|Unit|#) ?\w+)?"
)
_WORD = r"[A-ZÀ-ÞА-ЯΑ-Ω][\w'’-]+"  # with a capital
_TITLES = "Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Mme|Sr|Sra|Señor|Señora"
_TITLED = rf"(?<!\w)(?:{_TITLES})\.? {_WORD}(?: {_WORD})?"
_PAIR = rf"(?<!\w)[A-ZÀ-ÞА-ЯΑ-Ω][a-zß-ÿа-яёά-ώ'’-]+ (?:[A-Z]\.? )?{_WORD}"
_KNOWN = (
    ("email", _EMAIL, formats.email),
    ("bank_account", _IBAN, formats.account),
    ("vin", _VIN, formats.vin),
    ("ssn_tax_id", _SSN, formats.ssn),
    ("card_number", _CARD, formats.card),
    ("device_id", _MAC, formats.device),
    ("phone", _PHONE, lambda _: True),
    ("street_address", _STREET, lambda _: True),
    ("name", _TITLED, lambda _: True),
    ("name", _PAIR, whole_name),
)
_COMPILED = tuple((word, re.compile(pattern), checks) for word, pattern, checks in _KNOWN)
_WORDS = re.compile(r"[\u3040-\u9fff]|[^\W\d_]+")
_SIGNS = re.compile(r"[@\d]|[A-ZÀ-ÞА-ЯΑ-Ω]\w")


@dataclass(frozen=True)
class Span:
    """Where a text mentions something personal."""

    start: int
    stop: int
    word: str


def mentions(text: str) -> list[Span]:
    """All that is personal in a text by its own form, in order, none over another."""
    if not _SIGNS.search(text):
        return []
    found: list[Span] = []
    for word, pattern, checks in _COMPILED:
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end(), word)
            if checks(match.group()) and not any(_over(span, one) for one in found):
                found.append(span)
    return sorted(found, key=lambda span: span.start)


def _over(one: Span, other: Span) -> bool:
    return one.start < other.stop and other.start < one.stop


def is_prose(texts: list[str]) -> bool:
    """Sentences: several words a text, and little words among them."""
    words = [_WORDS.findall(text.lower()) for text in texts]
    if len(texts) < 5 or not _spaced(texts) or sum(map(len, words)) < _LEAST_WORDS * len(texts):
        return False
    return sum(bool(_LITTLE & {*one}) for one in words) >= 0.3 * len(texts)


def written(texts: list[str]) -> bool:
    """Some words a text, as people note them."""
    words = sum(len(_WORDS.findall(text)) for text in texts)
    return bool(texts) and _spaced(texts) and words >= _NOTED_WORDS * len(texts)


def _spaced(texts: list[str]) -> bool:
    """As words stand, but where the script needs no spaces."""
    spaced = sum(" " in text.strip() or "\u3040" <= text[:1] <= "\u9fff" for text in texts)
    return spaced >= 0.5 * len(texts)


def told(texts: list[str]) -> Iterator[str]:
    """The classes that the texts mention."""
    for text in texts:
        yield from (span.word for span in mentions(text) if not is_honorific(text))
