"""What makes the tokens of each class of personal data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.anonymize import (
    contact,
    dialled,
    numbers,
    people,
    phones,
    places,
    shapes,
    short,
    vehicles,
)
from generator.anonymize.allot import Make, allotted
from generator.anonymize.key import Key, Register
from generator.anonymize.parts import parts_of
from generator.anonymize.signs import bares, poured_all
from generator.personal import formats

Tokens = dict[str, str]


@dataclass(frozen=True)
class Maker:
    """The key, the register of small ranges, and the region of telephone numbers without a code
    of their country."""

    key: Key
    register: Register
    region: str = dialled.HOME

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
        mails = [value for value in values if "@" in value and formats.email(value.strip())]
        made = self._poured("email", mails, _small, contact.email, _whole)
        rest = [value for value in values if value not in made] if made else values
        read = dialled.read_all(rest, self.region)
        odd = [value for value, number in zip(rest, read, strict=True) if not number]
        made.update(self._poured("odd", odd, bares, shapes.shape, poured_all))
        if len(odd) < len(rest):
            pairs = zip(rest, read, strict=True)
            made.update(self._called(*zip(*(pair for pair in pairs if pair[1]), strict=True)))
        return made

    def _called(self, values: Sequence[str], numbers: Sequence[str]) -> Tokens:
        known = [*dict.fromkeys(numbers)]
        found = phones.tokens(self.key, known, self.register)
        nationals = [found[number] for number in numbers]
        written = dialled.written_all(nationals, numbers, bares(values))
        return dict(zip(values, poured_all(written, values), strict=True))

    def _allotted(self, word: str, values: Sequence[str]) -> Tokens:
        parts: dict[str, list[str]] = {}
        for value, part in zip(values, parts_of(word, values), strict=True):
            parts.setdefault(part, []).append(value)
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
        originals = dict.fromkeys(plain)
        originals.pop("", None)  # signs alone are nobody's
        allot = self._short if kind in _SHORT else self._long
        made = allot(kind, [*originals], make) if originals else {}
        made[""] = ""
        written = write([made[one] for one in plain], values)
        return dict(zip(values, written, strict=True))

    def _long(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        return allotted(self.key, kind, values, make, {*values})

    def _short(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        """Few signs: each has its own, but perhaps one that another value is."""
        few = [value for value in values if short.fits(value)]
        made = short.ringed(self.key, kind, few)
        rest = [value for value in values if value not in made]
        return {**made, **(self._again(kind, rest, make) if rest else {})}

    def _again(self, kind: str, values: Sequence[str], make: Make) -> Tokens:
        """More signs; none has its own value."""
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
