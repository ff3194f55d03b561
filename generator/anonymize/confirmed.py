"""What a confirmed schema says is personal, as findings."""

from __future__ import annotations

from generator.personal import CLASSES, Finding, Findings
from generator.schema import Column, Schema


def confirmed(schema: Schema) -> Findings:
    """Every column that is personal: no value of theirs stays, whatever its kind."""
    found = (
        Finding(table.name, column.name, _word(column), 1.0, "it was confirmed")
        for table in schema
        for column in table.columns
        if column.personal
    )
    return Findings(tuple(found))


def _word(column: Column) -> str:
    return column.personal if column.personal in CLASSES else "personal"
