"""Mail, user names and devices: domains and addresses that are kept for examples."""

from __future__ import annotations

import ipaddress
import re

from generator.anonymize.layout import bare, shaped

_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"
_DOMAINS = ("example.com", "example.net", "example.org")  # RFC 2606
_MAC = re.compile(r"[0-9A-F]{2}([:-][0-9A-F]{2}){5}", re.IGNORECASE)


def word(number: int, count: int) -> str:
    made = []
    for _ in range(count):
        number, rest = divmod(number, len(_SIGNS))
        made.append(_SIGNS[rest])
    return "".join(made)


def email(number: int, value: str) -> str:
    """Two words and a dot, in a domain that is kept for examples."""
    del value
    local = word(number, 12)
    return f"{local[:5]}.{local[5:]}@{_DOMAINS[(number >> 64) % len(_DOMAINS)]}"


def user(number: int, value: str) -> str:
    del value
    return f"user-{word(number, 10)}"


def device(number: int, value: str) -> str:
    """Of the ranges kept for private or future use; other serial numbers keep their letters."""
    if _MAC.fullmatch(value):
        plain = f"02{number % 16**10:010X}"
        return value[2].join(plain[at : at + 2] for at in range(0, 12, 2))
    if value.count(".") == 3:
        return str(ipaddress.IPv4Address(240 << 24 | number % (15 << 24)))
    if ":" in value:
        return str(ipaddress.IPv6Address(0x20010DB8 << 96 | number % 2**96))
    head = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    return shaped(number, value, kept=head if len(bare(value)) > head + 4 else 0)
