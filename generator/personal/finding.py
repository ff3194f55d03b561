"""What was found of a column: which class of personal data it seems to hold, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.errors import RequestError

CLASSES = {
    "name": "names of people",
    "email": "mail addresses",
    "phone": "telephone numbers",
    "street_address": "street addresses",
    "dob": "dates of birth",
    "ssn_tax_id": "social security, tax or identity numbers",
    "licence_number": "licence numbers",
    "passport": "passport numbers",
    "licence_plate": "licence plates",
    "vin": "vehicle identification numbers",
    "bank_account": "bank accounts and routing numbers",
    "card_number": "card numbers",
    "device_id": "device identifiers",
    "user_name": "user names",
    "geolocation": "geo-positions",
    "free_text": "free text that may name somebody",
    "city": "cities",
    "postal_code": "postal codes",
    "gender": "genders",
    "personal": "personal data of another kind",
}
TOGETHER = frozenset({"city", "postal_code", "gender"})  # single a person out only with others
POSSIBLE = 0.5  # from here on a column is personal until somebody says otherwise


def in_words(word: str) -> str:
    """A class of personal data as people call it: “dates of birth”."""
    return CLASSES.get(word, word.replace("_", " "))


@dataclass(frozen=True)
class Finding:
    """``word`` is one of ``CLASSES``; ``confidence`` 0 to 1; ``examples`` are masked (“Xxx 99”):
    signs of nobody.  A class of ``TOGETHER`` is no identifier of its own."""

    table: str
    column: str
    word: str
    confidence: float
    because: str
    examples: tuple[str, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether the column is to be treated as personal until somebody says otherwise."""
        return self.word not in TOGETHER and self.confidence >= POSSIBLE


@dataclass(frozen=True)
class Together:
    """How many ``rows`` of a table's rows are the only ones with their values in ``columns``."""

    table: str
    columns: tuple[str, ...]
    rows: int
    of: int


@dataclass(frozen=True)
class Findings:
    """All that was found in an extract."""

    columns: tuple[Finding, ...] = ()
    together: tuple[Together, ...] = field(default=())

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.columns)

    def of(self, table: str, column: str) -> Finding | None:
        named = (one for one in self.columns if (one.table, one.column) == (table, column))
        return next(named, None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the inverse of ``Findings.from_dict``."""
        return {
            "columns": [{**vars(one), "examples": list(one.examples)} for one in self.columns],
            "together": [{**vars(one), "columns": list(one.columns)} for one in self.together],
        }

    @classmethod
    def from_dict(cls, document: Any) -> Findings:
        """Read what ``to_dict`` wrote, or a person changed.  Raises RequestError otherwise."""
        try:
            columns = tuple(
                Finding(**{**one, "examples": tuple(one.get("examples", ()))})
                for one in document["columns"]
            )
            together = tuple(
                Together(**{**one, "columns": tuple(one["columns"])})
                for one in document.get("together", ())
            )
        except (KeyError, TypeError, AttributeError) as problem:
            raise RequestError(
                "The findings cannot be read; a finding has table, column, word, confidence and "
                "because.",
                field="findings",
            ) from problem
        for one in columns:
            if one.word not in CLASSES:
                raise RequestError(
                    f"The finding of {one.table}.{one.column} has a class that is not known; "
                    f"choose from {', '.join(CLASSES)}.",
                    field="findings",
                )
        return cls(columns, together)
