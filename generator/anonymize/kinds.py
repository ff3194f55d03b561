"""What makes the tokens of each class of personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from stdnum import luhn

from generator.anonymize import contact, numbers, people, phones, places, vehicles
from generator.anonymize.allot import Make, allotted
from generator.anonymize.key import Key, Register
from generator.anonymize.layout import bare, digits, poured, shaped
from generator.personal import formats

Tokens = dict[str, str]


@dataclass(frozen=True)
class Maker:
    """The key, and the register of small ranges."""

    key: Key
    register: Register

    def tokens(self, word: str, values: Sequence[str], *, family: bool = False) -> Tokens:
        """A token for each distinct text of a class, written as the text is."""
        if word == "name":
            return people.tokens(self.key, values, family=family)
        if word in _PLACES:
            return _PLACES[word](self.key, values)
        if word in ("phone", "email"):
            return self._contacts(values)
        return self._allotted(word, values)

    def _contacts(self, values: Sequence[str]) -> Tokens:
        """Mail and telephone numbers may stand in one column."""
        mails = [value for value in values if formats.email(value.strip())]
        made = self._poured("email", mails, str.casefold, contact.email, _whole)
        rest = sorted({*values} - made.keys())
        read = {value: phones.read(value) for value in rest}
        known = {number for number in read.values() if number is not None}
        found = phones.tokens(self.key, sorted(known, key=str), known, self.register)
        odd = [value for value, number in read.items() if number is None]
        made.update(self._poured("odd", odd, bare, _shape, poured))
        for value, number in read.items():
            if number is not None:
                made[value] = _dialled(value, number.national, found[number])
        return made

    def _allotted(self, word: str, values: Sequence[str]) -> Tokens:
        parts: dict[str, list[str]] = {}
        for value in values:
            parts.setdefault(_part(word, value), []).append(value)
        made: Tokens = {}
        for part, mine in sorted(parts.items()):
            same, make, write = _KINDS[part]
            made.update(self._poured(part, mine, same, make, write))
        return made

    def _poured(
        self,
        kind: str,
        values: Sequence[str],
        same: Callable[[str], str],
        make: Make,
        write: Callable[[str, str], str],
    ) -> Tokens:
        """``same`` is what all ways of writing one value have in common."""
        plain = {value: same(value.strip()) for value in values}
        originals = {*plain.values()} - {""}  # signs alone are nobody's
        if kind in _SHORT:
            made = self._short(kind, sorted(originals), make)
        else:
            made = allotted(self.key, kind, sorted(originals), make, originals)
        made[""] = ""
        return {value: write(made[one], value) for value, one in plain.items()}

    def _short(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        """Too few signs for each to have its own; but none has its own value."""
        numbers = self.key.numbers(kind, values)
        made = {}
        for value, number in zip(values, numbers, strict=True):
            token = make(number, value) or value
            made[value] = token if token != value else make(number + 1, value) or value
        return made


def _whole(token: str, text: str) -> str:
    return token.upper() if text.isupper() else token


def _as_is(token: str, text: str) -> str:
    del text
    return token


def _shape(number: int, value: str) -> str:
    return shaped(number, value)


def _lettered(number: int, value: str) -> str:
    """The letters in front say a state or a series, and stay."""
    head = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return shaped(number, value, kept=head if len(value) >= head + 5 else 0)


def _dialled(text: str, national: str, token: str) -> str:
    """The token's digits in the places of the number's own; what stands before them stays."""
    whole = digits(text)
    before = whole[: whole.rfind(national)] if national in whole else ""
    behind = whole[len(before) + len(national) :] if national in whole else ""
    return poured(before + token + behind, text)


def _part(word: str, value: str) -> str:
    """Which of several numbers of a class a value is."""
    plain = bare(value)
    if word in _PARTS:
        return _PARTS[word](value.strip(), plain)
    return _short_or(_ONE_PART.get(word, "personal"), plain)


def _ssn_part(value: str, plain: str) -> str:
    if len(plain) == 9 and plain.isdigit():
        return "ein" if value[2:3] == "-" else "ssn"
    return _short_or("personal", plain)


def _account_part(value: str, plain: str) -> str:
    if formats.account(value.strip()):
        return "iban"
    return "routing" if formats.routing(plain) else _short_or("account", plain)


def _card_part(value: str, plain: str) -> str:
    del value
    checked = plain.isdigit() and len(plain) >= 12 and luhn.is_valid(plain)
    return "card" if checked else _short_or("personal", plain)


def _vin_part(value: str, plain: str) -> str:
    del value
    return "vin" if formats.vin(plain) else "serial"


def _device_part(value: str, plain: str) -> str:
    del value
    return "imei" if len(plain) == 15 and plain.isdigit() and luhn.is_valid(plain) else "device"


def _short_or(part: str, plain: str) -> str:
    return "last four" if len(plain) <= _FEW else part


_PARTS: Mapping[str, Callable[[str, str], str]] = {
    "ssn_tax_id": _ssn_part,
    "bank_account": _account_part,
    "card_number": _card_part,
    "vin": _vin_part,
    "device_id": _device_part,
}
_ONE_PART = {
    "licence_plate": "plate",
    "licence_number": "licence",
    "passport": "licence",
    "user_name": "user",
}
_FEW = 5  # signs
_SHORT = {"last four", "serial", "odd"}  # may meet, as they do in life
_KINDS: Mapping[str, tuple[Callable[[str], str], Make, Callable[[str, str], str]]] = {
    "ssn": (bare, numbers.ssn, poured),
    "ein": (bare, numbers.ein, poured),
    "iban": (bare, numbers.international, poured),
    "routing": (bare, numbers.routing, poured),
    "account": (bare, numbers.account, poured),
    "card": (bare, numbers.card, poured),
    "last four": (bare, _shape, poured),
    "vin": (bare, vehicles.vin, poured),
    "serial": (bare, vehicles.serial, poured),
    "plate": (bare, vehicles.plate, poured),
    "licence": (bare, _lettered, poured),
    "imei": (bare, numbers.imei, poured),
    "device": (str.upper, contact.device, _whole),
    "user": (str.casefold, contact.user, _as_is),
    "personal": (str.strip, _shape, _as_is),
}
_PLACES: Mapping[str, Callable[[Key, Sequence[str]], Tokens]] = {
    "street_address": places.streets,
    "postal_code": places.codes,
    "geolocation": places.positions,
}
