"""Which columns look personal: by the words of their name, or by the shape of most values.

A guess that a person confirms.  Names of things (model, fuel name, brand name) are not taken, and
words that speak about a value (email verified, phone type) clear a column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from generator.forms import form_of
from generator.schema import Kind

_TEXT = (Kind.TEXT, Kind.ENUM)
_NUMBERED = (*_TEXT, Kind.INTEGER)
_DATED = (*_NUMBERED, Kind.DATE, Kind.TIMESTAMP)
_WHO = (
    "customer|client|owner|buyer|seller|driver|person|people|employee|staff|contact|holder|user"
    "|patient|guest|member|party|salesperson|manager|spouse|mother|father|nick|legal|cardholder"
)
_NO = "(number|no|nr)"
_WHICH = f"({_NO}|home|work|mobile|cell|private|primary|secondary)"
_NAMES = (
    ("email", _TEXT, rf"(.* )?e ?mails?( address)?( {_WHICH})?|mail( address)?"),
    ("device_id", _TEXT, r"(.* )?(ip|mac)( v)? ?address|(.* )?(imei|imsi|device identifier)"),
    ("name", _TEXT, r"(.* )?(first|last|given|family|middle|full|maiden|sur|fore) ?names?( .*)?"),
    ("name", _TEXT, rf"names?|[fl] ?name|contact person|(.* )?({_WHO}) ?names?"),
    ("phone", _NUMBERED, rf"(.* )?((tele)?phones?|mobile|cell|tel|fax|msisdn)( {_WHICH})?"),
    ("ssn_tax_id", _NUMBERED, r"(.* )?(ssn|social security|nino|national id|tax id)( .*)?"),
    ("ssn_tax_id", _NUMBERED, rf"(.* )?(national|tax|identity) ({_NO}|insurance)( .*)?"),
    ("dob", _DATED, r"(.* )?(birth|birth ?(day|date)|born|dob)( .*)?"),
    ("vin", _TEXT, rf"(.* )?vin( {_NO})?|(.* )?vehicle identification( .*)?|chassis {_NO}"),
    ("licence_plate", _TEXT, rf"((.* )?(number|licen[cs]e|registration|reg|car) )?plate( {_NO})?"),
    ("licence_number", _NUMBERED, r"(.* )?(driver s|drivers?|driving) licen[cs]e( .*)?"),
    ("licence_number", _NUMBERED, rf"licen[cs]e( ({_NO}|id))?"),
    ("passport", _NUMBERED, r"(.* )?passport( .*)?"),
    ("bank_account", _NUMBERED, rf"(.* )?iban( .*)?|(.* )?(account|acct) {_NO}|(.* )?bank account"),
    ("card_number", _NUMBERED, rf"(.* )?card ({_NO}|pan)( .*)?"),
    ("street_address", _TEXT, r"(.* )?(street|address|addr)( .*)?"),
)
_BY_NAME = tuple((word, kinds, re.compile(pattern)) for word, kinds, pattern in _NAMES)
_ABOUT = re.compile(
    r"(.* )?(is|has|have|was|count|total|type|status|flag|verified|valid|validated|consent|opt"
    r"|optin|allowed|preferred|model|brand|make|maker|class|category|score|rate|weight|order"
    r"|country|state|city|county|region|domain|channel|length|plan|operator|carrier|fee|cost"
    r"|price|sent|product|engine|fuel|part|opened|clicked|click|campaign|app|changed|updated"
    r"|created|expiry|expires|web|url|site)( .*)?"
)
_FLAG = re.compile(r"y|n|yes|no|true|false|t|f|0|1|none|ja|nein|si|oui|non", re.IGNORECASE)
_SHORTEST = 10_000  # a number below it is no telephone, account or card number
_ENOUGH = 500  # distinct values tell what most look like
_MOST = 0.8  # of the distinct values must have the shape


def personal_word(
    name: str, kind: Kind, values: Callable[[], Sequence[str]], largest: Callable[[], int]
) -> str | None:
    """The kind of personal data a column seems to hold, in one short word, or None.

    ``values`` gives distinct values of a text column, or of whole numbers as text; ``largest``
    the largest whole number.  They are only asked where the answer depends on them.
    """
    words = _words(name)
    if not _ABOUT.fullmatch(words):
        for word, kinds, pattern in _BY_NAME:
            if kind in kinds and pattern.fullmatch(words):
                return word if _holds_more(word, kind, values, largest) else None
    if kind not in _NUMBERED or (kind is Kind.INTEGER and largest() < 10**12):
        return None
    return _by_shape(values())


def _holds_more(
    word: str, kind: Kind, values: Callable[[], Sequence[str]], largest: Callable[[], int]
) -> bool:
    """Whether values are more than counts (3 telephones) or answers (has a telephone: yes)."""
    if kind is Kind.INTEGER:
        return word == "dob" or largest() >= _SHORTEST
    return kind not in _TEXT or not all(_FLAG.fullmatch(text.strip()) for text in values())


def _words(name: str) -> str:
    """“customerEmail_2” as “customer email”."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[^\W\d_]+", apart.lower()))


def _by_shape(values: Sequence[str]) -> str | None:
    values = values[:_ENOUGH]
    if not values:
        return None
    for word, looks in _SHAPES:
        if sum(map(looks, values)) >= _MOST * len(values):
            return None if word == "phone" and form_of(list(values)) else word
    return None


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text.strip()) is not None


def _iban(text: str) -> bool:
    """ISO 13616: the rearranged number leaves 1 when divided by 97."""
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits whose Luhn sum is a multiple of ten."""
    plain = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[2-6]\d{12,18}", plain):
        return False
    odd, even = plain[-1::-2], plain[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(sign), 10)) for sign in even)) % 10 == 0


_SHAPES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", _matching(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")),
    ("vin", _matching(r"(?=.*[A-Z])(?=.*\d)[A-HJ-NPR-Z0-9]{17}")),
    ("bank_account", _iban),
    ("card_number", _card),
    ("ssn_tax_id", _matching(r"\d{3}-\d{2}-\d{4}")),
    (
        "phone",
        _matching(
            r"\+[1-9][\d ().-]{6,20}\d|(1[ -])?\(\d{3}\) ?\d{3}[ -]\d{4}"
            r"|(1[ .-])?\d{3}[.-]\d{3}[.-]\d{4}|\(?0\d{1,5}\)?[ /-]\d[\d -]{4,12}\d"
        ),
    ),
)
