"""What links say of personal columns, and whether what was said can be done."""

from __future__ import annotations

from dataclasses import replace

from generator.errors import RequestError, shown
from generator.personal import Finding, Findings
from generator.schema import Link, Schema, Table


def linked_findings(findings: Findings, schema: Schema) -> Findings:
    """A column that links to a personal one, or is linked to by one, holds the same values."""
    found = {(one.table, one.column): one for one in findings}
    links = [(table, link) for table in schema for link in table.links]
    for _ in range(len(schema.tables)):  # a link to a link to a link
        before = len(found)
        for table, link in links:
            _link(found, table, link)
        if len(found) == before:
            break
    return replace(findings, columns=tuple(found.values()))


def _link(found: dict[tuple[str, str], Finding], table: Table, link: Link) -> None:
    ends = ((table.name, link.column), (link.parent, link.parent_column))
    for one, other in (ends, ends[::-1]):
        if one in found and other not in found:
            found[other] = replace(
                found[one], table=other[0], column=other[1], because="a link joins it to one"
            )


def check(findings: Findings, schema: Schema, unit: str) -> None:
    """Raises RequestError where a finding or the unit names a column that is not there."""
    known = {(table.name, column) for table in schema for column in table.column_names}
    for one in findings:
        if (one.table, one.column) not in known:
            raise RequestError(
                f"There is no column {shown(one.table)}.{shown(one.column)} that a finding names; "
                "find again, or take the finding out.",
                field="findings",
            )
    if unit and tuple(unit.split(".", 1)) not in known:
        raise RequestError(
            f"There is no column “{shown(unit)}”; name the unit as TABLE.COLUMN.", field="unit"
        )
