"""What a confirmed schema says is personal, as findings."""

from __future__ import annotations

from generator.personal import CLASSES, Finding, Findings
from generator.schema import Column, Kind, Schema

_TEXTS = (Kind.TEXT, Kind.ENUM)
_DAYS = (*_TEXTS, Kind.DATE, Kind.TIMESTAMP)
_NUMBERS = ("phone", "card_number", "bank_account", "ssn_tax_id")  # that may be kept as numbers


def confirmed(schema: Schema) -> Findings:
    """The personal columns whose values can be tokens of their kind.  Amounts, answers and days
    that somebody marked cannot: of these a fit keeps digits and decades alone."""
    found = (
        Finding(table.name, column.name, _word(column), 1.0, "it was confirmed")
        for table in schema
        for column in table.columns
        if column.personal and _takes_tokens(column)
    )
    return Findings(tuple(found))


def _word(column: Column) -> str:
    return column.personal if column.personal in CLASSES else "personal"


def _takes_tokens(column: Column) -> bool:
    if column.personal == "dob":
        return column.kind in _DAYS  # written in a form of its own too
    if column.kind in _TEXTS:
        return not column.form
    return column.kind is Kind.INTEGER and column.personal in _NUMBERS
