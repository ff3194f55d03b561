"""What makes the tokens of each class of personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.anonymize import contact, numbers, people, phones, places, shapes, vehicles
from generator.anonymize.allot import Make, allotted
from generator.anonymize.key import Key, Register
from generator.anonymize.layout import digits
from generator.anonymize.signs import bares, poured_all
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
        made = self._poured("email", mails, _small, contact.email, _whole)
        rest = sorted({*values} - made.keys()) if len(mails) < len(values) else []
        read = {value: phones.read(value) for value in rest}
        known = {number for number in read.values() if number is not None}
        found = phones.tokens(self.key, sorted(known, key=str), known, self.register)
        odd = [value for value, number in read.items() if number is None]
        made.update(self._poured("odd", odd, bares, shapes.shape, poured_all))
        called = [(value, number) for value, number in read.items() if number is not None]
        values = [value for value, _ in called]
        dialled = [
            _dialled(plain, number.national, found[number])
            for plain, (_, number) in zip(bares(values) if values else (), called, strict=True)
        ]
        made.update(zip(values, poured_all(dialled, values) if values else (), strict=True))
        return made

    def _allotted(self, word: str, values: Sequence[str]) -> Tokens:
        parts: dict[str, list[str]] = {}
        for value, plain in zip(values, bares(values), strict=True):
            parts.setdefault(_part(word, value, plain), []).append(value)
        made: Tokens = {}
        for part, mine in sorted(parts.items()):
            same, make, write = _KINDS[part]
            made.update(self._poured(part, mine, same, make, write))
        return made

    def _poured(
        self,
        kind: str,
        values: Sequence[str],
        same: Callable[[Sequence[str]], list[str]],
        make: Make,
        write: Callable[[Sequence[str], Sequence[str]], list[str]],
    ) -> Tokens:
        """``same`` is what all ways of writing one value have in common."""
        if not values:
            return {}
        plain = same([value.strip() for value in values])
        originals = {*plain} - {""}  # signs alone are nobody's
        allot = self._short if kind in _SHORT else self._long
        made = allot(kind, list(originals), make) if originals else {}
        made[""] = ""
        written = write([made[one] for one in plain], values)
        return dict(zip(values, written, strict=True))

    def _long(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        return allotted(self.key, kind, values, make, {*values})

    def _short(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        """Too few signs for each to have its own; but none has its own value."""
        words = self.key.words(kind, values)
        first, second = make(words, values), make(words[:, ::-1], values)
        return {
            value: (one if one != value else other) or value
            for value, one, other in zip(values, first, second, strict=True)
        }


def _small(texts: Sequence[str]) -> list[str]:
    return [text.casefold() for text in texts]


def _stripped(texts: Sequence[str]) -> list[str]:
    return list(texts)


def _capitals(texts: Sequence[str]) -> list[str]:
    return [text.upper() for text in texts]


def _whole(tokens: Sequence[str], texts: Sequence[str]) -> list[str]:
    """In capitals where the text is, small where it is."""
    return [
        token.upper() if text.isupper() else token.lower() if text.islower() else token
        for token, text in zip(tokens, texts, strict=True)
    ]


def _as_is(tokens: Sequence[str], texts: Sequence[str]) -> list[str]:
    del texts
    return list(tokens)


def _dialled(plain: str, national: str, token: str) -> str:
    """The token in the place of the number's own digits; what stands before and behind stays."""
    if plain == national:
        return token
    before, own, behind = digits(plain).rpartition(national)
    return before + token + behind if own else token


def _part(word: str, value: str, plain: str) -> str:
    """Which of several numbers of a class a value is."""
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
    card = len(plain) >= 12 and _digits_alone(plain) and numbers.checked(plain)
    return "card" if card else _short_or("personal", plain)


def _vin_part(value: str, plain: str) -> str:
    del value
    return "vin" if formats.vin(plain) else "serial"


def _device_part(value: str, plain: str) -> str:
    del value
    imei = len(plain) == 15 and _digits_alone(plain) and numbers.checked(plain)
    return "imei" if imei else "device"


def _digits_alone(plain: str) -> bool:
    return plain.isdigit() and plain.isascii()


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
_Same = Callable[[Sequence[str]], list[str]]
_Write = Callable[[Sequence[str], Sequence[str]], list[str]]
_KINDS: Mapping[str, tuple[_Same, Make, _Write]] = {
    "ssn": (bares, numbers.ssn, poured_all),
    "ein": (bares, numbers.ein, poured_all),
    "iban": (bares, numbers.international, poured_all),
    "routing": (bares, numbers.routing, poured_all),
    "account": (bares, shapes.shape, poured_all),
    "card": (bares, numbers.card, poured_all),
    "last four": (bares, shapes.shape, poured_all),
    "vin": (bares, vehicles.vin, poured_all),
    "serial": (bares, shapes.shape, poured_all),
    "plate": (bares, shapes.plate, poured_all),
    "licence": (bares, shapes.lettered, poured_all),
    "imei": (bares, numbers.imei, poured_all),
    "device": (_capitals, contact.device, _whole),
    "user": (_small, contact.user, _as_is),
    "personal": (_stripped, shapes.shape, _as_is),
}
_PLACES: Mapping[str, Callable[[Key, Sequence[str]], Tokens]] = {
    "street_address": places.streets,
    "postal_code": places.codes,
    "geolocation": places.positions,
}
