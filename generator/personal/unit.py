"""Which column may tell whose a row is: what is suggested to somebody who decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.personal.finding import Findings
from generator.schema import Schema, Table

PEOPLE = ("ssn_tax_id", "email", "phone", "name", "licence_number", "passport", "user_name", "dob")
ALONE = ("ssn_tax_id", "passport", "licence_number", "user_name", "email", "bank_account", "phone")
_PERSON = re.compile(
    r"(customer|client|kunde|person|party|patient|member|user|account|konto|employee|staff|holder"
    r"|subscriber|household|student|citizen|policy)_?(s|n|en)?(id|key|no|nr|num|number|code)?$"
)


@dataclass(frozen=True)
class Unit:
    """``column`` (TABLE.COLUMN) may tell whose a row is, and why; ``of_people`` where something
    says that it tells people apart."""

    column: str
    why: str
    of_people: bool = True


def likely_units(schema: Schema, findings: Findings) -> tuple[Unit, ...]:
    """The columns that may tell whose a row is, the likeliest first: keys of tables of people,
    links and columns named after people, numbers that are one person's; then keys of other tables
    that all hangs on."""
    found: dict[str, Unit] = {}
    for one in _units(schema, findings):
        found.setdefault(one.column, one)
    return tuple(found.values())


def _units(schema: Schema, findings: Findings) -> Iterator[Unit]:
    for table in schema:
        words = {one.word for one in findings if one.table == table.name and one.personal}
        key = table.key
        if key and len(words & set(PEOPLE)) >= 2:
            yield Unit(f"{table.name}.{key}", f"the key of {table.name}, whose rows are people")
    for table in schema:
        for link in table.links:
            if len(link.columns) == 1 and link.parent in schema and named(link.parent):
                key = f"{link.parent}.{link.parent_column}"
                yield Unit(key, f"the key of {link.parent}, whom rows of {table.name} lead to")
    for table in schema:
        yield from (
            Unit(f"{table.name}.{name}", "its name is of people") for name in _called(table)
        )
    for word in ALONE:
        for one in findings:
            if one.word == word and one.personal and not _once(schema, one.table, one.column):
                yield Unit(f"{one.table}.{one.column}", "its values are a person's own")
    yield from _roots(schema)


def _roots(schema: Schema) -> Iterator[Unit]:
    """Keys of tables that others lead to and that lead nowhere themselves."""
    for table in schema:
        theirs = [o.name for o in schema for one in o.links if one.parent == table.name]
        if table.key and theirs and not table.links:
            why = f"the key of {table.name}, which rows of {theirs[0]} lead to"
            yield Unit(f"{table.name}.{table.key}", why, of_people=False)


def named(name: str) -> bool:
    """Whether a name is one of people: customer_id, accounts."""
    return bool(_PERSON.search(name.lower().replace("-", "_").replace(" ", "_")))


def _called(table: Table) -> Iterator[str]:
    keys = set(table.key_columns)
    for column in table.columns:
        if column.name not in keys and not column.unique and named(column.name):
            yield column.name


def _once(schema: Schema, table: str, column: str) -> bool:
    """Whether every row has a value of its own: then it says no more than the row does."""
    return schema[table].column(column).unique
