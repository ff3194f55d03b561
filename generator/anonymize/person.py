"""Whose a row is, as far as days are moved for a person."""

from __future__ import annotations

import pyarrow as pa

from generator.personal import Findings
from generator.schema import Table

_TELLING = ("ssn_tax_id", "email", "phone", "licence_number", "name")


def person_of(
    table: Table, rows: pa.Table, findings: Findings, unit: str
) -> tuple[pa.ChunkedArray | None, bool]:
    """The column that says whose each row is, and whether all days of the table are that person's.

    Without a unit: the first column of those that tell a person, else the table's key, else the
    date of birth itself.
    """
    name, _, column = unit.partition(".")
    if unit and table.name == name:
        return rows.column(column), True
    for link in table.links if unit else ():
        if (link.parent, link.parent_column) == (name, column):
            return rows.column(link.column), True
    mine = {one.word: one.column for one in reversed(findings.columns) if one.table == table.name}
    known = (mine.get(word) for word in (*_TELLING,))
    told = next((one for one in known if one is not None), table.key or mine.get("dob"))
    return (None if told is None else rows.column(told)), False
