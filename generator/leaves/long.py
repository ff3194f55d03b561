"""Whole numbers of more than 53 bits, kept to the last digit.

What is learnt of a column are floats, which have 53 bits: of 900720207322315945 the last digits
would be lost.  So the numbers of such a column are learnt as steps from an origin, which floats
hold exactly, and told again in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXACT = 1 << 53  # up to which every whole number is a float
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_WORD = 1 << 64
_NARROWEST = 20  # bits of an origin that are nobody's
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Long:
    """Numbers are ``origin`` plus steps of ``unit``; where they lie too far apart for that to be
    all of them, ``filled`` ones have a rest below the unit, which follows from the step."""

    origin: int
    unit: int
    filled: bool = False

    def ok(self) -> bool:
        """True when there are numbers that can be told."""
        if type(self.origin) is not int or type(self.unit) is not int:
            return False
        whole = abs(self.origin) <= _WORD and 0 < self.unit < _WORD
        return whole and isinstance(self.filled, bool) and self._first <= self._last

    @property
    def _first(self) -> int:
        return max(-_EXACT, -((self.origin - _LEAST) // self.unit))

    @property
    def _last(self) -> int:
        rest = self.unit - 1 if self.filled else 0
        return min(_EXACT, (_MOST - rest - self.origin) // self.unit)

    def steps(self, values: NDArray[np.int64]) -> NDArray[np.float64]:
        """What is learnt of numbers (n,), none before the origin."""
        apart = values.view(np.uint64) - np.uint64(self.origin % _WORD)  # modulo 2**64, as meant
        return (apart // np.uint64(self.unit)).astype(np.float64)

    def told(self, steps: NDArray[np.float64]) -> NDArray[np.int64]:
        """The numbers that stand at steps (n,)."""
        whole = np.rint(np.clip(steps, float(self._first), float(self._last))).astype(np.int64)
        words = np.clip(whole, self._first, self._last).view(np.uint64)
        numbers = words * np.uint64(self.unit) + np.uint64(self.origin % _WORD)
        if self.filled:
            numbers += ((words * _ODD) >> np.uint64(1)) % np.uint64(self.unit)
        return numbers.view(np.int64)


def long_of(values: NDArray[np.int64]) -> Long | None:
    """How whole numbers (n,), n > 0, are kept exactly; None where floats hold them.

    The origin is a round number of steps before the least, not anybody's number.
    """
    least, most = int(values.min()), int(values.max())
    if max(-least, most) <= _EXACT:
        return None
    apart = values.view(np.uint64) - np.uint64(least % _WORD)
    unit = int(np.gcd.reduce(apart)) or 1
    filled = (most - least) // unit >= _EXACT >> 1
    if filled:
        unit = ((most - least) >> 51) + 1
    bits = max(((most - least) // unit).bit_length(), _NARROWEST)
    origin = ((least // unit) >> bits << bits) * unit + (0 if filled else least % unit)
    return Long(origin, unit, filled)
