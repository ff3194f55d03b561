"""Fields whose text the engine reads: it knows what is allowed, and says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms


class TextField(forms.CharField):
    """Text the engine reads: it knows what is allowed and says so."""

    def __init__(self, **attrs: str) -> None:
        attrs = {"autocomplete": "off", **attrs}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs))


class CountField(TextField):
    """Rows of a table; what follows from it is said beneath it."""

    def __init__(self, table: str) -> None:
        super().__init__(inputmode="numeric", **{"class": "num", "aria-label": f"rows of {table}"})
        self.widget.attrs["aria-describedby"] = f"told-{table}"


class FormatField(forms.MultipleChoiceField):
    """Formats to tick; the engine says which it knows."""

    def valid_value(self, value: str) -> bool:
        return True


class DaysField(forms.Field):
    """Days one after another, between commas or spaces, as the engine takes them: a list."""

    def __init__(self, **attrs: str) -> None:
        super().__init__(required=False, widget=forms.TextInput({"autocomplete": "off", **attrs}))

    def to_python(self, value: Any) -> list[str]:
        return [day for day in re.split(r"[,;\s]+", str(value or "")) if day]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def as_days(days: Sequence[str]) -> str:
    """Days as somebody would type them; the inverse of the field."""
    return ", ".join(days)
