"""Whole numbers of more than 64 bits, told to the last digit: steps from an origin, and below them
digits that follow from the step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.forms.form import Form

_PLAIN = re.compile(r"-?[1-9]\d*|0")
_LEAST_DIGITS = 19
_MOST_DIGITS = 400
_STEPS = 1 << 51
_ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Whole(Form):
    """Numbers are ``origin`` plus steps of ``unit``; a text is of the form where it is a whole
    number between the first and the last that are."""

    origin: int
    unit: int
    filled: bool = False

    family = "whole"

    def ok(self) -> bool:
        whole = (
            type(self.origin) is int and type(self.unit) is int and isinstance(self.filled, bool)
        )
        within = whole and self.unit > 0 and max(abs(self.origin), self.unit) < 10**_MOST_DIGITS
        return bool(within)

    def read(self, text: str) -> int | None:
        if len(text) > _MOST_DIGITS or not _PLAIN.fullmatch(text):
            return None
        step, rest = divmod(int(text) - self.origin, self.unit)
        return step if 0 <= step <= 2 * _STEPS and (self.filled or not rest) else None

    def write(self, number: int) -> str:
        step = min(max(number, 0), 2 * _STEPS)
        rest = (pow(_ODD, step % 97 + 2) * (step + 1)) % self.unit if self.filled else 0
        return str(self.origin + step * self.unit + rest)

    @property
    def title(self) -> str:
        return "whole number"

    @property
    def keyed(self) -> bool:
        return True


def candidates(texts: Sequence[str]) -> Iterator[Whole]:
    """The one form of all of the texts, where they are whole numbers and some are long."""
    plain = [text for text in texts if len(text) <= _MOST_DIGITS and _PLAIN.fullmatch(text)]
    if len(plain) < 0.9 * len(texts) or max(map(len, plain), default=0) < _LEAST_DIGITS:
        return
    numbers = [int(text) for text in plain]
    least, most = min(numbers), max(numbers)
    room = most - least
    unit = max(room // _STEPS, 1)
    digits = 10 ** max(len(str(room)) - 1, 3)  # the origin is a round number, not anybody's
    yield Whole(least // digits * digits, unit, unit > 1)
