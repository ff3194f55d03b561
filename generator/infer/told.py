"""What a database says of its tables: keys, links, what is unique; laid over what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from generator.infer.keys import chosen, may_be_unique
from generator.names import alike, table_name
from generator.schema import Link, Schema, Table


@dataclass(frozen=True)
class Reference:
    """Columns that hold the key of a row of ``parent``; no ``keys``: its primary one."""

    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...] = ()


@dataclass
class Told:
    """What is said of one table; ``unique`` are columns that are so alone, ``meanings`` what is
    said of columns."""

    key: tuple[str, ...] = ()
    unique: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    meanings: dict[str, str] = field(default_factory=dict)


def told_by(document: Mapping[str, Any]) -> Told:
    """What ``read_database`` noted of a table."""
    return Told(
        key=tuple(document["key"]),
        unique=list(document["unique"]),
        references=[
            Reference(tuple(one["columns"]), one["parent"], tuple(one["keys"]))
            for one in document["references"]
        ],
        meanings=dict(document["meanings"]),
    )


def as_told(schema: Schema, told: Mapping[str, Told]) -> Schema:
    """The schema with what is said of the tables it has; tables and columns it lacks are passed
    over, for an extract may be a part of a database.  Where no link is said at all, those that
    were inferred stay, and so does the key of a table of which none is said."""
    known = {alike(table_name(name)): one for name, one in told.items()}
    linked = any(one.references for one in told.values())
    for table in schema:
        said = known.get(alike(table.name))
        if said is not None:
            schema = schema.changed(_described(table, said))
        if linked:
            schema = schema.changed(replace(schema[table.name], links=()))
    for table in schema:
        said = known.get(alike(table.name))
        for reference in said.references if said is not None else ():
            link = _link(schema, table, reference, known)
            mine = schema[table.name]
            if link is not None and mine.link(link.path) is None:
                schema = schema.changed(replace(mine, links=(*mine.links, link)))
    return schema


def _described(table: Table, said: Told) -> Table:
    own = _own(table)
    meanings = {own[alike(c)]: text for c, text in said.meanings.items() if alike(c) in own}
    unique = {own[alike(name)] for name in said.unique if alike(name) in own}
    columns = tuple(
        replace(
            column,
            meaning=meanings.get(column.name, column.meaning),
            unique=column.unique or (column.name in unique and may_be_unique(column)),
        )
        for column in table.columns
    )
    table = replace(table, columns=columns)
    key = [own[alike(name)] for name in said.key if alike(name) in own]
    if not key or len(key) < len(said.key):
        return table
    if len(key) == 1:
        return chosen(table, key[0], "The database says so.")
    return replace(table, key=None, together=tuple(key), reason="The database says so.")


def _link(schema: Schema, table: Table, said: Reference, told: Mapping[str, Told]) -> Link | None:
    """The link, where the extract has both its ends."""
    parent = next(
        (one for one in schema if alike(one.name) == alike(table_name(said.parent))), None
    )
    if parent is None:
        return None
    own, there = _own(table), _own(parent)
    primary = told[alike(parent.name)].key if alike(parent.name) in told else ()
    columns = [own.get(alike(name), "") for name in said.columns]
    keys = [there.get(alike(name), "") for name in said.keys or primary]
    if not columns or len(columns) != len(keys) or not all(columns) or not all(keys):
        return None
    kind = "lookup" if parent.name == table.name else "parent"
    further = tuple(zip(columns[1:], keys[1:], strict=True))
    reason = "The database says so."
    return Link(columns[0], parent.name, keys[0], kind, further=further, reason=reason)


def _own(table: Table) -> dict[str, str]:
    """The table's names of columns by how databases compare them."""
    return {alike(name): name for name in table.column_names}
