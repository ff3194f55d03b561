"""What dumps for different databases have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Link, Table
from generator.write.names import Taken
from generator.write.text import bytes_of

Escapes = Sequence[tuple[str, str]]  # what a character becomes, in the order they are replaced


@dataclass(frozen=True)
class Dialect:
    """How one database writes a name and a text, and what it calls the kinds of columns; ``{}``
    stands for the digits of a decimal."""

    quote: Callable[[str], str]
    literal: Callable[[str], str]
    types: Mapping[Kind, str]

    def type_of(self, column: Column, *, text: str) -> str:
        """The type of a column; ``text`` is that of a text."""
        digits = f"{column.precision or 18},{column.scale or 0}"
        return self.types[column.kind].format(digits) if column.kind in self.types else text

    def check(self, table: Table, column: Column, relations: Taken) -> str:
        """That the column holds its values only; nothing where it may hold others."""
        if not column.values or column.kind is not Kind.ENUM:
            return ""
        allowed = ", ".join(self.literal(value) for value in column.values)
        name = self.quote(relations.one(f"{table.name}_{column.name}_check"))
        return f"CONSTRAINT {name} CHECK ({self.quote(column.name)} IN ({allowed}))"

    def foreign_key(self, table: Table, link: Link, relations: Taken) -> str:
        """That the link leads to a row."""
        name = self.quote(relations.one(f"{table.name}_{'_'.join(link.columns)}_fkey"))
        return (
            f"CONSTRAINT {name} FOREIGN KEY ({self.list(link.columns)}) "
            f"REFERENCES {self.quote(link.parent)} ({self.list(link.parent_columns)})"
        )

    def list(self, columns: Sequence[str]) -> str:
        return ", ".join(map(self.quote, columns))

    def index(self, table: Table, link: Link, relations: Taken) -> str:
        """The name of a link's index."""
        return self.quote(relations.one(f"{table.name}_{'_'.join(link.columns)}_idx"))

    def unique(self, table: Table, column: Column, relations: Taken) -> str:
        """The name under which a column has every value once; nothing where that is the key, or
        where values may come again."""
        if not column.unique or column.name == table.key:
            return ""
        return self.quote(relations.one(f"{table.name}_{column.name}_key"))


def said_of(column: Column) -> str:
    """What the column is, for its comment."""
    personal = f" [personal: {column.personal}]" if column.personal else ""
    return f"{column.meaning}{personal}".strip()


def safe(text: pa.Array, escapes: Escapes) -> pa.Array:
    """Texts as they may stand in a dump; what holds nothing to escape stays as it is."""
    whole = bytes_of(text).to_pybytes()
    for raw, instead in escapes:
        if raw.encode() in whole:
            text = pc.replace_substring(text, raw, instead)
    return text
