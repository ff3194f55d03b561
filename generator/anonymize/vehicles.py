"""Vehicles: numbers and plates that no car has, of the same make, year and plant."""

from __future__ import annotations

from generator.anonymize.layout import shaped

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip("ABCDEFGH", range(1, 9), strict=True))
_VALUES |= dict(zip("JKLMN", range(1, 6), strict=True)) | {"P": 7, "R": 9}
_VALUES |= dict(zip("STUVWXYZ", range(2, 10), strict=True))
_VALUES |= {str(digit): digit for digit in range(10)}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LEFT_OUT = "IOQ"  # letters that plates leave out, as they are read as digits


def check_digit(vin: str) -> str:
    """49 CFR 565.15: the weighted sum of all signs, modulo 11."""
    rest = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vin(number: int, value: str) -> str:
    """Maker, model, year and plant (signs 1-8, 10, 11) are kept.  The serial has a letter where
    cars of those who build many have a digit (the 13th sign)."""
    number, last = divmod(number, 10**4)
    number, second = divmod(number, len(_LETTERS))
    first = (_LETTERS + "0123456789")[number % (len(_LETTERS) + 10)]
    whole = f"{value[:8]}0{value[9:11]}{first}{_LETTERS[second]}{last:04}"
    return f"{whole[:8]}{check_digit(whole)}{whole[9:]}"


def serial(number: int, value: str) -> str:
    """The last signs of a vehicle number, as far as they are known."""
    return shaped(number, value)


def plate(number: int, value: str) -> str:
    """Letters are such as plates leave out, while there are numbers enough that way."""
    letters = sum(sign.isalpha() for sign in value)
    count = sum(sign.isdigit() for sign in value)
    if 3**letters * 10**count < 10**5 or not letters:
        return shaped(number, value)
    made = []
    for sign in value:
        number, rest = divmod(number, 3 if sign.isalpha() else 10)
        made.append(_LEFT_OUT[rest] if sign.isalpha() else str(rest))
    return "".join(made)
