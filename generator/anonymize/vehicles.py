"""Vehicles: numbers that no car has, of the same make, model, year and plant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.anonymize.signs import Words, digits, matrix, picked, texts_of

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip("ABCDEFGH", range(1, 9), strict=True))
_VALUES |= dict(zip("JKLMN", range(1, 6), strict=True)) | {"P": 7, "R": 9}
_VALUES |= dict(zip("STUVWXYZ", range(2, 10), strict=True))
_VALUES |= {str(digit): digit for digit in range(10)}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK = 8  # its place
_SERIAL = 11  # where it begins
_TABLE = np.zeros(128, np.int64)
_TABLE[[ord(sign) for sign in _VALUES]] = list(_VALUES.values())


def check_digit(vin: str) -> str:
    """49 CFR 565.15: the weighted sum of all signs, modulo 11."""
    rest = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin(words: Words, values: Sequence[str]) -> list[str]:
    """Maker, model, year and plant (signs 1-8, 10, 11) are kept.  The serial has a letter where
    cars of those who build many have a digit (the 13th sign)."""
    signs = matrix(values).copy()
    signs[:, _SERIAL : _SERIAL + 1] = picked(words[:, 0], _LETTERS + "0123456789", 1)
    signs[:, _SERIAL + 1 : _SERIAL + 2] = picked(words[:, 0] >> np.uint64(32), _LETTERS, 1)
    signs[:, _SERIAL + 2 :] = digits(words[:, 1], 4)
    rest = (_TABLE[signs] * np.array(_WEIGHTS)).sum(axis=1) % 11
    signs[:, _CHECK] = np.where(rest == 10, ord("X"), rest + ord("0"))
    return texts_of(signs)
