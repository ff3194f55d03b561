"""Numbers of people and their accounts, in ranges that nobody is given, with their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from stdnum import iban

from generator.anonymize.layout import shaped
from generator.anonymize.signs import Signs, Words, constant, digits, groups, texts_of

# Of areas 900 to 999: the tax service gives groups 50-65, 70-88, 90-92 and 94-99.
_GROUPS = np.array((*range(1, 50), *range(66, 70), 89, 93), np.uint64)
_EIN_HEADS = np.array((0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89), np.uint64)
_ROUTING_HEADS = np.arange(81, 100, dtype=np.uint64)  # no Federal Reserve district
_CARD_HEAD = "9999"  # national use in a country whose number ISO 3166 gives to none
_ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)


def ssn(words: Words, values: Sequence[str]) -> list[str]:
    """Social security numbers of areas 900 to 999 in groups of nobody."""
    del values
    area = 900 + words[:, 0] % np.uint64(100)
    group = _GROUPS[(words[:, 0] // np.uint64(100) % np.uint64(len(_GROUPS))).astype(np.int64)]
    serial = 1 + words[:, 1] % np.uint64(9_999)
    return texts_of(np.hstack([digits(area, 3), digits(group, 2), digits(serial, 4)]))


def ein(words: Words, values: Sequence[str]) -> list[str]:
    """Tax numbers of employers with heads that are not given."""
    del values
    head = _EIN_HEADS[(words[:, 0] % np.uint64(len(_EIN_HEADS))).astype(np.int64)]
    return texts_of(np.hstack([digits(head, 2), digits(words[:, 1], 7)]))


def card(words: Words, values: Sequence[str]) -> list[str]:
    return _by_length(words, values, _cards)


def _cards(words: Words, size: int) -> Signs:
    free = size - len(_CARD_HEAD) - 1
    body = np.hstack([constant(_CARD_HEAD, len(words)), digits(words[:, 0], min(free, 15))])
    return _luhn(body)


def imei(words: Words, values: Sequence[str]) -> list[str]:
    """Of the reporting body 00, which is for tests."""
    del values
    return texts_of(_luhn(np.hstack([constant("00", len(words)), digits(words[:, 0], 12)])))


def _luhn(body: Signs) -> Signs:
    """The digits with their check digit (ISO/IEC 7812-1, annex B)."""
    plain = body[:, ::-1].astype(np.int64) - ord("0")
    double = plain[:, ::2] * 2
    total = (double - 9 * (double > 9)).sum(axis=1) + plain[:, 1::2].sum(axis=1)
    return np.hstack([body, (-total % 10 + ord("0"))[:, None].astype(np.uint32)])


_PLAIN = bytes(max(code - ord("0"), 0) % 10 for code in range(256))
_DOUBLED = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[plain] for plain in _PLAIN)


def checked(plain: str) -> bool:
    """Whether ASCII digits end with their check digit, as ``_luhn`` gives it; a library that takes
    any alphabet is an eighth as fast."""
    signs = plain.encode()[::-1]
    return (sum(signs[::2].translate(_PLAIN)) + sum(signs[1::2].translate(_DOUBLED))) % 10 == 0


def routing(words: Words, values: Sequence[str]) -> list[str]:
    del values
    head = _ROUTING_HEADS[(words[:, 0] % np.uint64(len(_ROUTING_HEADS))).astype(np.int64)]
    body = np.hstack([digits(head, 2), digits(words[:, 1], 6)])
    total = (body.astype(np.int64) - ord("0")) @ np.array(_ROUTING_WEIGHTS)
    return texts_of(np.hstack([body, (-total % 10 + ord("0"))[:, None].astype(np.uint32)]))


def international(words: Words, values: Sequence[str]) -> list[str]:
    """The same country; the account of a bank that is called 9… or Z…; valid check digits."""
    numbers = [(high << 64) + low for high, low in words.tolist()]
    return [_account_abroad(number, value) for number, value in zip(numbers, values, strict=True)]


def _account_abroad(number: int, value: str) -> str:
    country, body = value[:2], value[4:]
    bank = re.match(r"[A-Z]+|\d{3}", body)
    head = re.sub(r"\d", "9", re.sub(r"[A-Z]", "Z", bank.group())) if bank else ""
    made = head + shaped(number, body[len(head) :])
    whole = country + iban.calc_check_digits(f"{country}00{made}") + made
    return whole if iban.is_valid(whole) or not iban.is_valid(value) else ""


def _by_length(
    words: Words, values: Sequence[str], make: Callable[[Words, int], Signs]
) -> list[str]:
    made = [""] * len(values)
    for size, rows in groups([len(value) for value in values]):
        at: NDArray[np.int64] = np.array(rows)
        for row, token in zip(rows, texts_of(make(words[at], int(size))), strict=True):
            made[row] = token
    return made
