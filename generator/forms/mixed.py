"""Several forms in one column: dates typed by several hands, prices in two currencies.

A number is a step of the finest form and, below it, which form is meant; so the shares of the forms
are learnt as the last digits of numbers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.forms.form import LARGEST, Form

MOST = 8


@dataclass(frozen=True)
class Mixed(Form):
    """``forms`` in the order in which they are tried: alike in what they count."""

    forms: tuple[Form, ...]

    family = "mixed"

    def ok(self) -> bool:
        if not 1 < len(self.forms) <= MOST or any(isinstance(f, Mixed) for f in self.forms):
            return False
        return all(form.ok() for form in self.forms) and alike(self.forms)

    def read(self, text: str) -> int | None:
        for at, form in enumerate(self.forms):
            number = form.read(text)
            if number is not None:
                step = number * self._steps(form)
                return step * len(self.forms) + at if abs(step) < LARGEST // MOST else None
        return None

    def write(self, number: int) -> str:
        step, at = divmod(number, len(self.forms))
        return self.forms[at].write(step // self._steps(self.forms[at]))

    def _steps(self, form: Form) -> int:
        """Steps of the finest form that make one of this one."""
        if self.seconds:
            return round(form.seconds / (self.seconds * len(self.forms)))
        return int(10 ** (max(one.places for one in self.forms) - form.places))

    @property
    def title(self) -> str:
        return " or ".join(form.title for form in self.forms)

    @property
    def seconds(self) -> float:
        return min(form.seconds for form in self.forms) / len(self.forms)

    @property
    def moment(self) -> bool:
        return self.forms[0].moment

    @property
    def places(self) -> int:
        return max(form.places for form in self.forms)

    def document(self) -> dict[str, Any]:
        return {"family": self.family, "forms": [form.document() for form in self.forms]}


def alike(forms: tuple[Form, ...]) -> bool:
    """Whether they count the same: all days and moments, all lengths of time, or all numbers."""
    kinds = {(form.moment, form.seconds > 0) for form in forms}
    if len(kinds) != 1:
        return False
    finest = min(form.seconds for form in forms)
    whole = (form.seconds / finest for form in forms if finest)
    return all(abs(ratio - round(ratio)) < 1e-9 for ratio in whole)
