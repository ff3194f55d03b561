"""Which of several numbers a value of a class is: an IBAN, a routing number, an account …"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from generator.anonymize import numbers
from generator.anonymize.signs import bares
from generator.personal import formats

_FEW = 5  # signs
_ONE_PART = {
    "licence_plate": "plate",
    "licence_number": "licence",
    "passport": "licence",
    "user_name": "user",
}


def parts_of(word: str, values: Sequence[str]) -> list[str]:
    """The kind of token that each value of a class gets."""
    plain = bares(values)
    if word not in _PARTS:
        part = _ONE_PART.get(word, "personal")
        return [_LAST if len(one) <= _FEW else part for one in plain]
    part_of = _PARTS[word]
    return [part_of(value, one) for value, one in zip(values, plain, strict=True)]


def _ssn(value: str, plain: str) -> str:
    if len(plain) == 9 and plain.isdigit():
        return "ein" if value.lstrip()[2:3] == "-" else "ssn"
    return _short_or("personal", plain)


def _account(value: str, plain: str) -> str:
    if not plain.isdigit():  # an IBAN begins with its country
        return "iban" if formats.account(value.strip()) else _short_or("account", plain)
    return "routing" if formats.routing(plain) else _short_or("account", plain)


def _card(value: str, plain: str) -> str:
    del value
    card = len(plain) >= 12 and _digits_alone(plain) and numbers.checked(plain)
    return "card" if card else _short_or("personal", plain)


def _vin(value: str, plain: str) -> str:
    del value
    return "vin" if formats.vin(plain) else "serial"


def _device(value: str, plain: str) -> str:
    del value
    imei = len(plain) == 15 and _digits_alone(plain) and numbers.checked(plain)
    return "imei" if imei else "device"


def _digits_alone(plain: str) -> bool:
    return plain.isdigit() and plain.isascii()


def _short_or(part: str, plain: str) -> str:
    return _LAST if len(plain) <= _FEW else part


_LAST = "last four"
_PARTS: Mapping[str, Callable[[str, str], str]] = {
    "ssn_tax_id": _ssn,
    "bank_account": _account,
    "card_number": _card,
    "vin": _vin,
    "device_id": _device,
}
