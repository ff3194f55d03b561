"""Numbers of cards and accounts that pass their checks and belong to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Digits = NDArray[np.uint8]

UNASSIGNED = 98
"""First two digits of a routing number that no district, thrift or processor has."""


def luhn_digit(body: Digits) -> Digits:
    """Check digits of card numbers without one: ``body`` (n, k) digits, result (n,).

    ISO/IEC 7812-1 annex B: every second digit from the right is doubled, digits are summed.
    """
    weights = np.where(np.arange(body.shape[1])[::-1] % 2 == 0, 2, 1)
    product = body.astype(np.int64) * weights
    total = (product // 10 + product % 10).sum(axis=1)
    check: Digits = ((10 - total % 10) % 10).astype(np.uint8)
    return check


def aba_digit(body: Digits) -> Digits:
    """Check digits of routing numbers: ``body`` (n, 8) digits, weights 3 7 1."""
    total = (body.astype(np.int64) * np.array([3, 7, 1, 3, 7, 1, 3, 7])).sum(axis=1)
    check: Digits = ((10 - total % 10) % 10).astype(np.uint8)
    return check


def luhn_valid(numbers: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each text is a number whose last digit is its Luhn digit."""
    return _checked(numbers, luhn_digit, lengths=range(2, 20))


def aba_valid(numbers: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each text is a nine-digit number whose last digit is its ABA digit."""
    return _checked(numbers, aba_digit, lengths=(9,))


def _checked(
    numbers: NDArray[np.object_], digit: Callable[[Digits], Digits], *, lengths: Iterable[int]
) -> NDArray[np.bool_]:
    valid = np.zeros(len(numbers), dtype=bool)
    if not len(numbers):
        return valid
    texts = numbers.astype(str)
    size = np.where(np.char.isdecimal(texts) & _ascii(texts), np.char.str_len(texts), 0)
    for length in lengths:
        rows = np.flatnonzero(size == length)
        signs = texts[rows].astype(f"S{length}").view(np.uint8).reshape(-1, length)
        digits = signs - np.uint8(ord("0"))
        valid[rows] = digit(digits[:, :-1]) == digits[:, -1]
    return valid


def _ascii(texts: NDArray[np.str_]) -> NDArray[np.bool_]:
    codes = texts.view(np.uint32).reshape(len(texts), -1)
    return np.asarray((codes < 128).all(axis=1))


def card_numbers(
    prefix: list[str], code: NDArray[np.int64], u: NDArray[np.float64]
) -> NDArray[Any]:
    """Card numbers, 'S16': the test prefix ``prefix[code]``, random digits, the check digit.

    A prefix that begins with 3 makes a number of 15 digits, as the network does, others 16.
    """
    body = digits_of(u, 15)
    heads = np.array([[int(sign) for sign in text] for text in prefix], dtype=np.uint8)
    body[:, : heads.shape[1]] = heads[code]
    short = heads[code, 0] == 3
    check = np.where(short, luhn_digit(body[:, :14]), luhn_digit(body))
    signs = np.concatenate([body, check[:, None]], axis=1) + np.uint8(ord("0"))
    signs[short, 14] = check[short] + ord("0")
    signs[short, 15] = 0
    return np.ascontiguousarray(signs.astype(np.uint8)).view("S16").reshape(-1)


def routing_number(u: NDArray[np.float64]) -> NDArray[Any]:
    """Routing numbers, 'S9', that pass the ABA check and begin with ``UNASSIGNED``."""
    body = digits_of(u, 8)
    body[:, 0], body[:, 1] = divmod(UNASSIGNED, 10)
    signs = np.concatenate([body, aba_digit(body)[:, None]], axis=1) + np.uint8(ord("0"))
    return np.ascontiguousarray(signs.astype(np.uint8)).view("S9").reshape(-1)


def digits_of(u: NDArray[np.float64], count: int) -> Digits:
    """``count`` (at most 15) decimal digits of each uniform number, shape (n, count)."""
    rest = (u * 10.0**count).astype(np.int64)
    digits = np.empty((len(u), count), dtype=np.uint8)
    for place in range(count - 1, -1, -1):
        rest, digits[:, place] = np.divmod(rest, 10)
    return digits
