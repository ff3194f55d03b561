"""What a form is: how the text of a column says an exact number, and how a number is said again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

LARGEST = 1 << 62  # of a number a text says


class Form:
    """A way of writing.  A subclass is a frozen dataclass whose fields are plain JSON values; it
    stands in a file of its own, which also finds it in a sample of texts.

    ``read`` and ``write`` are each other's inverse on whatever ``read`` takes: a text that would
    come back in other letters is not of the form.
    """

    family: ClassVar[str]

    def ok(self) -> bool:
        """True for a form that can be written, whoever made it."""
        raise NotImplementedError

    def read(self, text: str) -> int | None:
        """The number of steps a text says; None where it is not written this way."""
        raise NotImplementedError

    def write(self, number: int) -> str:
        """The text of any number of steps; one beyond what can be said is the nearest."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """The form for people: “DD/MM/YYYY hh:mm”."""
        raise NotImplementedError

    @property
    def seconds(self) -> float:
        """Of one step; 0 for what is no time."""
        return 0.0

    @property
    def moment(self) -> bool:
        """Whether numbers count from 1970: days and moments, no times of day or durations."""
        return False

    @property
    def places(self) -> int:
        """Decimal places of one step of a number."""
        return 0

    @property
    def digits_only(self) -> bool:
        """Whether every text of it is a whole number of at most 18 digits."""
        return False

    @property
    def keyed(self) -> bool:
        """Whether rows may be numbered this way."""
        return False

    def likely(self, texts: list[str]) -> bool:
        """Whether so many texts of the form are more than chance."""
        del texts
        return True

    def document(self) -> dict[str, Any]:
        """The form in plain JSON types; ``form_from`` takes it back."""
        named = {part.name: getattr(self, part.name) for part in fields(self)}  # type: ignore[arg-type]
        return {"family": self.family, **named}
