"""Mail, user names and devices: domains and addresses that are kept for examples."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

import numpy as np

from generator.anonymize.shapes import lettered
from generator.anonymize.signs import Words, constant, picked, texts_of

_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"
_DOMAINS = ("@example.com", "@example.net", "@example.org")  # RFC 2606
_MAC = re.compile(r"[0-9A-F]{2}([:-][0-9A-F]{2}){5}", re.IGNORECASE)


def email(words: Words, values: Sequence[str]) -> list[str]:
    """Two words and a dot, in a domain that is kept for examples."""
    del values
    local = picked(words[:, 0], _SIGNS, 12)
    ends = np.array([[*map(ord, domain)] for domain in _DOMAINS], np.uint32)
    domain = ends[(words[:, 1] % np.uint64(len(_DOMAINS))).astype(np.int64)]
    dot = constant(".", len(words))
    return texts_of(np.hstack([local[:, :5], dot, local[:, 5:], domain]))


def user(words: Words, values: Sequence[str]) -> list[str]:
    del values
    return texts_of(np.hstack([constant("user-", len(words)), picked(words[:, 0], _SIGNS, 10)]))


def device(words: Words, values: Sequence[str]) -> list[str]:
    """Of the ranges kept for private or future use; other serial numbers keep their letters."""
    made = lettered(words, values)
    for at, value in enumerate(values):
        if ":" in value or value.count(".") == 3 or _MAC.fullmatch(value):
            made[at] = _address(int(words[at, 0]) << 32 | int(words[at, 1]) >> 32, value)
    return made


def _address(number: int, value: str) -> str:
    if _MAC.fullmatch(value):
        plain = f"02{number % 16**10:010X}"
        return value[2].join(plain[at : at + 2] for at in range(0, 12, 2))
    if value.count(".") == 3:
        return str(ipaddress.IPv4Address(240 << 24 | number % (15 << 24)))
    return str(ipaddress.IPv6Address(0x20010DB8 << 96 | number % 2**96))
