"""Vehicle identification numbers after ISO 3779 and 49 CFR 565.

WMI (3) · VDS (5) · check digit · model year · plant · six of serial.  Serials begin with a letter
and five digits, a range no maker of light vehicles uses, so no real car is addressed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_VALUES = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
        strict=True,
    )
)
_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # 2010 … 2039, and again
_PLANTS = "ABCDEFGHJKLMNPRSTUVW"
_SERIAL = 100_000

_TABLE = np.full(128, -1)
for _letter, _value in _VALUES.items():
    _TABLE[ord(_letter)] = _value


def vds_of(
    model: NDArray[np.int64],
    trim: NDArray[np.int64],
    engine: NDArray[np.int64],
    powertrain: NDArray[np.int64],
    year: NDArray[np.int64],
) -> NDArray[Any]:
    """Positions 4–8 of a catalogue row: two for the model, one each for trim, powertrain and
    engine; position 7 is a digit for light vehicles of model years 1980 to 2009, a letter for those
    of 2010 to 2039.  Bytes (n,)."""
    out = np.empty((len(model), 5), dtype=np.uint8)
    letters = np.frombuffer(_LETTERS.encode(), dtype=np.uint8)
    digits = np.frombuffer(b"123456789", dtype=np.uint8)
    signs = np.concatenate([digits, letters])
    out[:, 0] = letters[model // len(_LETTERS)]
    out[:, 1] = letters[model % len(_LETTERS)]
    out[:, 2] = signs[trim]
    out[:, 3] = np.where((year - 1980) % 60 < 30, digits[powertrain], letters[powertrain])
    out[:, 4] = signs[engine]
    return out.reshape(-1).view("S5")


def vin_of(
    wmi: NDArray[Any], vds: NDArray[Any], year: NDArray[np.int64], number: NDArray[np.int64]
) -> NDArray[Any]:
    """VINs (n,) as 17 bytes: ``wmi`` S3, ``vds`` S5, model years, row numbers of the vehicles.

    Unique for different row numbers below 46 million.
    """
    out = np.empty((len(number), 17), dtype=np.uint8)
    out[:, :3] = wmi.astype("S3").view(np.uint8).reshape(-1, 3)
    out[:, 3:8] = vds.astype("S5").view(np.uint8).reshape(-1, 5)
    out[:, 8] = ord("0")
    out[:, 9] = np.frombuffer(_YEARS.encode(), np.uint8)[(year - 2010) % len(_YEARS)]
    block, serial = np.divmod(number, _SERIAL)
    letters = np.frombuffer(_LETTERS.encode(), np.uint8)
    plants = np.frombuffer(_PLANTS.encode(), np.uint8)
    out[:, 10] = plants[block // len(_LETTERS) % len(_PLANTS)]
    out[:, 11] = letters[block % len(_LETTERS)]
    for place in range(16, 11, -1):
        serial, digit = np.divmod(serial, 10)
        out[:, place] = digit + ord("0")
    out[:, 8] = check_digits(out)
    return out.reshape(-1).view("S17")


def check_digits(characters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The check digit (49 CFR 565.15) of VINs given as characters, shape (n, 17)."""
    rest = (_TABLE[characters] * _WEIGHTS).sum(axis=1) % 11
    return np.where(rest == 10, ord("X"), rest + ord("0")).astype(np.uint8)


def is_valid(vins: NDArray[np.object_]) -> NDArray[np.bool_]:
    """True where a VIN is there and has 17 allowed characters and the right check digit."""
    right = np.array([bool(vin) and len(vin) == 17 and vin.isascii() for vin in vins], dtype=bool)
    if not right.any():
        return right
    raw = np.array([vin.encode() for vin in vins[right]], dtype="S17")
    characters = raw.view(np.uint8).reshape(-1, 17)
    allowed = (_TABLE[np.minimum(characters, 127)] >= 0).all(axis=1)
    right[right] = allowed & (check_digits(characters) == characters[:, 8])
    return right


def year_letter(year: NDArray[np.int64]) -> NDArray[Any]:
    """Position 10 for model years, bytes (n,)."""
    return np.frombuffer(_YEARS.encode(), "S1")[(year - 2010) % len(_YEARS)]
