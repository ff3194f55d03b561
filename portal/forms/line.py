"""A line of text that somebody gives a thing: its name, a note about it."""

from __future__ import annotations

import re
from typing import Any

from django import forms

NAME_LIMIT = 100


class LineField(forms.CharField):
    """One line without control characters; PostgreSQL takes no text with a NUL in it."""

    def to_python(self, value: Any) -> str:
        line = re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(value or ""))
        return super().to_python(line) or ""


class NameField(LineField):
    """A name that fits in its column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=NAME_LIMIT, **options)
        self.error_messages["max_length"] = (
            f"The name may have {NAME_LIMIT} characters at most; shorten it."
        )
