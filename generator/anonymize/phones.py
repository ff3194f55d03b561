"""Telephone numbers that a country keeps for fiction, and what follows where those run out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import phonenumbers

from generator.anonymize.key import Key, Register
from generator.anonymize.layout import shaped

_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
_AREA = 100  # numbers 555-0100 to 555-0199 of an area code
_EXPANSION = tuple(f"{first}9{last}" for first in range(2, 10) for last in range(10) if last != 1)
FICTION: Mapping[int, tuple[tuple[str, int], ...]] = {  # heads of a country, and digits behind
    44: (("7700900", 3), ("1632960", 3), ("2079460", 3), ("8081570", 3), ("3069990", 3)),
    33: (("19900", 4), ("26191", 4), ("35301", 4), ("46571", 4), ("53649", 4), ("63998", 4)),
    49: (
        *(("3023125", 3), ("6990009", 3), ("4066969", 3), ("2214710", 3), ("8999998", 3)),
        *(("17139200", 2), ("1749091", 2)),
    ),
    61: (("255501", 4), ("355501", 4), ("755501", 4), ("855501", 4), ("491570", 3)),
    46: (("46504", 2), ("31390600", 2), ("84650040", 1), ("701740605", 1)),
    353: (("20910", 4), ("20911", 4), ("20912", 4)),
}


class Number(NamedTuple):
    """A telephone number: country code, national digits."""

    country: int
    national: str

    def __str__(self) -> str:
        return f"{self.country}.{self.national}"


def read(text: str, region: str = "US") -> Number | None:
    """The number that a text is, as phonenumbers reads it; None where it is none."""
    american = _AMERICAN.fullmatch(text) if region == "US" else None
    if american is not None:  # most are, and parsing each by all rules is dear
        return Number(1, "".join(american.groups()))
    try:
        found = phonenumbers.parse(text, None if text.lstrip().startswith("+") else region)
    except phonenumbers.NumberParseException:
        return None
    zeros = "0" * (found.number_of_leading_zeros or 0) if found.italian_leading_zero else ""
    return Number(int(found.country_code or 0), f"{zeros}{found.national_number}")


@cache
def american_areas() -> tuple[str, ...]:
    """Area codes of the North American plan that are in use."""
    codes = (f"{first}{rest:02}" for first in range(2, 10) for rest in range(100))
    plain = phonenumbers.PhoneNumber
    return tuple(
        code
        for code in codes
        if phonenumbers.is_valid_number(
            plain(country_code=1, national_number=int(f"{code}5550100"))
        )
    )


@cache
def slots(country: int) -> tuple[str, ...]:
    """All national numbers that the country keeps for fiction, in order."""
    if country == 1:
        return tuple(f"{area}55501{at:02}" for area in american_areas() for at in range(_AREA))
    return tuple(
        f"{head}{at:0{count}}"
        for head, count in FICTION.get(country, ())
        for at in range(10**count)
    )


def tokens(
    key: Key, numbers: Sequence[Number], originals: Collection[Number], register: Register
) -> dict[Number, str]:
    """National digits of a token for each number: of its own area while that has any free, then of
    any.  The register keeps which slot a number was given, and learns it."""
    found: dict[Number, str] = {}
    for country in sorted({number.country for number in numbers}):
        mine = [number for number in numbers if number.country == country]
        found.update(_of_country(key, mine, {*originals}, register.of(f"phone {country}")))
    return found


def _of_country(
    key: Key, mine: Sequence[Number], originals: set[Number], given: dict[str, int]
) -> Iterator[tuple[Number, str]]:
    country = mine[0].country
    kept, taken = slots(country), {*given.values()}
    beyond = {number.national for number in originals if number.country == country}
    taken |= {at for at, slot in enumerate(kept) if slot in beyond}
    anywhere = _shuffled(key, len(kept))
    digests = dict(zip(mine, key.numbers("phone", [str(number) for number in mine]), strict=True))
    for number in sorted(mine, key=digests.__getitem__):
        digest = digests[number]
        mark = f"{digest:032x}"
        at = given.get(mark)
        if at is None:
            at = next((at for at in _own(number, digest) if at not in taken), None)
            if at is None:
                at = next((at for at in anywhere if at not in taken), None)
            if at is not None:
                given[mark] = at
                taken.add(at)
        if at is not None and at < len(kept):
            yield number, kept[at]
        else:
            yield number, _beyond(key, number, digest, beyond)


def _own(number: Number, digest: int) -> Iterator[int]:
    """Slots of the number's own area, in the order that they are tried."""
    start = _starts().get(number.national[:3]) if number.country == 1 else None
    if start is not None:
        yield from (start + (digest + step) % _AREA for step in range(_AREA))


@cache
def _starts() -> Mapping[str, int]:
    return {area: at * _AREA for at, area in enumerate(american_areas())}


def _shuffled(key: Key, count: int) -> Iterator[int]:
    """All slots in an order that rests on the key, worked out when the first is asked for."""
    order = key.numbers("phone slot", [str(at) for at in range(count)])
    yield from sorted(range(count), key=order.__getitem__)


def _beyond(key: Key, number: Number, digest: int, used: set[str]) -> str:
    """Where the numbers for fiction have run out: area codes that the American plan keeps for its
    expansion and has given to nobody; elsewhere other digits."""
    again = 0
    while True:
        token = _expanded(digest) if number.country == 1 else shaped(digest, number.national)
        if token not in used:
            used.add(token)
            return token
        again += 1
        (digest,) = key.numbers("phone", [f"{number} {again}"])


def _expanded(digest: int) -> str:
    digest, line = divmod(digest, 10**4)
    digest, exchange = divmod(digest, 800)
    return f"{_EXPANSION[digest % len(_EXPANSION)]}{200 + exchange}{line:04}"
