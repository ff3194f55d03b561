"""Names a database can hold: tables and columns of a bundle before they become SQL.

A name stays as it is where it can.  Else NUL is taken out, a name the database keeps for itself
gets “table_” before it or “_” after it, a long one is cut, and what is then taken already gets
“_2”, “_3” … in the order of the schema.  Keys and links follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from generator.schema import Link, Table


@dataclass(frozen=True)
class Rules:
    """What one database accepts: bytes of a name at most, whether capitals tell two names apart,
    how names of tables may not begin, names columns may not have, and what is taken out of a name.
    Where rows name their table, it is called ``alone``, whatever the other tables are called."""

    bytes: int
    capitals: bool
    prefix: str
    columns: frozenset[str] = frozenset()
    never: str = "\0"
    alone: bool = False

    def alike(self, name: str) -> str:
        return name if self.capitals else name.lower()


SQLITE = Rules(bytes=1000, capitals=False, prefix="sqlite_")
POSTGRES = Rules(
    bytes=63,
    capitals=True,
    prefix="pg_",
    columns=frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}),
)
MYSQL = Rules(
    bytes=64,
    capitals=False,
    prefix="#",
    columns=frozenset({"db_row_id", "db_trx_id", "db_roll_ptr", "fts_doc_id"}),
    never="[\0\U00010000-\U0010ffff]|\\s+$",  # it holds 16 bits a letter, and no blank at the end
    alone=True,
)


class Taken:
    """Names given out so far in one place where names must differ."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._alike: set[str] = set()

    def all(self, wanted: Sequence[str], allowed: Sequence[str]) -> dict[str, str]:
        """A name for each of ``wanted``, where ``allowed`` is what it may be called at first;
        names that can stay as they are have the first choice."""
        given = {}
        for name, first in zip(wanted, allowed, strict=True):
            if name == first == _cut(name, self._rules.bytes) and not self.has(name):
                given[name] = self.one(name)
        for name, first in zip(wanted, allowed, strict=True):
            if name not in given:
                given[name] = self.one(first)
        return {name: given[name] for name in wanted}

    def has(self, name: str) -> bool:
        return self._rules.alike(name) in self._alike

    def one(self, wanted: str) -> str:
        """``wanted``, or what comes nearest to it."""
        name, number = _cut(wanted, self._rules.bytes), 1
        while self.has(name):
            number += 1
            end = f"_{number}"
            name = _cut(wanted, self._rules.bytes - len(end)) + end
        self._alike.add(self._rules.alike(name))
        return name


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore")


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def named(tables: Sequence[Table], rules: Rules) -> tuple[list[Table], Taken]:
    """The tables under names the database accepts, and the names of relations that are taken
    (indexes share them)."""
    relations = Taken(rules)
    names = [table.name for table in tables]
    given = relations.all(names, [table_name(name, rules) for name in names])
    columns = {table.name: column_names(table, rules) for table in tables}
    return [_renamed(table, given, columns) for table in tables], relations


def table_name(name: str, rules: Rules) -> str:
    plain = _plain(name, rules) or "table"
    allowed = f"table_{plain}" if plain.lower().startswith(rules.prefix) else plain
    if not rules.alone or allowed == name == _cut(name, rules.bytes):
        return allowed
    end = f"_{blake2b(name.encode(), digest_size=4).hexdigest()}"
    return _cut(allowed, rules.bytes - len(end)) + end


def _plain(name: str, rules: Rules) -> str:
    return re.sub(rules.never, "", name)


def column_names(table: Table, rules: Rules) -> dict[str, str]:
    allowed = [_plain(name, rules) or "column" for name in table.column_names]
    allowed = [f"{name}_" if rules.alike(name) in rules.columns else name for name in allowed]
    return Taken(rules).all(table.column_names, allowed)


def _renamed(table: Table, tables: dict[str, str], columns: dict[str, dict[str, str]]) -> Table:
    own = columns[table.name]

    def followed(link: Link) -> Link:
        there = columns.get(link.parent, {})
        return replace(
            link,
            column=own[link.column],
            parent=tables.get(link.parent, link.parent),
            parent_column=there.get(link.parent_column, link.parent_column),
            further=tuple((own[one], there.get(other, other)) for one, other in link.further),
        )

    return replace(
        table,
        name=tables[table.name],
        columns=tuple(replace(column, name=own[column.name]) for column in table.columns),
        key=table.key and own[table.key],
        together=tuple(own[name] for name in table.together),
        links=tuple(followed(link) for link in table.links),
    )
