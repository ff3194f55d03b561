"""Numbers of people and their accounts, in ranges that nobody is given, with their check digits."""

from __future__ import annotations

import re

from stdnum import iban, luhn

from generator.anonymize.layout import shaped

# Of areas 900 to 999: the tax service gives groups 50-65, 70-88, 90-92 and 94-99.
_GROUPS = (*range(1, 50), *range(66, 70), 89, 93)
_EIN_HEADS = (
    "00",
    "07",
    "08",
    "09",
    "17",
    "18",
    "19",
    "28",
    "29",
    "49",
    "69",
    "70",
    "78",
    "79",
    "89",
)
_ROUTING_HEADS = tuple(range(81, 100))  # no Federal Reserve district
_CARD_HEAD = "9999"  # national use in a country whose number ISO 3166 gives to none


def ssn(number: int, value: str) -> str:
    """Social security numbers of areas 900 to 999; tax numbers of heads that are not given."""
    del value
    number, serial = divmod(number, 9_999)
    number, group = divmod(number, len(_GROUPS))
    return f"{900 + number % 100}{_GROUPS[group]:02}{serial + 1:04}"


def ein(number: int, value: str) -> str:
    del value
    number, serial = divmod(number, 10**7)
    return f"{_EIN_HEADS[number % len(_EIN_HEADS)]}{serial:07}"


def card(number: int, value: str) -> str:
    body = _CARD_HEAD + _digits(number, len(value) - len(_CARD_HEAD) - 1)
    return body + luhn.calc_check_digit(body)


def imei(number: int, value: str) -> str:
    """Of the reporting body 00, which is for tests."""
    del value
    body = "00" + _digits(number, 12)
    return body + luhn.calc_check_digit(body)


def routing(number: int, value: str) -> str:
    del value
    number, head = divmod(number, len(_ROUTING_HEADS))
    body = f"{_ROUTING_HEADS[head]}{_digits(number, 6)}"
    total = sum(
        int(sign) * weight for sign, weight in zip(body, (3, 7, 1, 3, 7, 1, 3, 7), strict=True)
    )
    return body + str(-total % 10)


def account(number: int, value: str) -> str:
    return shaped(number, value)


def international(number: int, value: str) -> str | None:
    """The same country; the account of a bank that is called 9… or Z…; valid check digits."""
    country, body = value[:2], value[4:]
    bank = re.match(r"[A-Z]+|\d{3}", body)
    head = re.sub(r"\d", "9", re.sub(r"[A-Z]", "Z", bank.group())) if bank else ""
    made = head + shaped(number, body[len(head) :])
    whole = country + iban.calc_check_digits(f"{country}00{made}") + made
    return whole if iban.is_valid(whole) or not iban.is_valid(value) else None


def _digits(number: int, count: int) -> str:
    return f"{number % 10**count:0{count}}" if count > 0 else ""
