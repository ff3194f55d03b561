"""A table: its columns, its key, and the links that lead from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa

from generator.schema.column import Column

JOIN = "\x1f"
"""Between the names of columns that are a key or a link together; no name holds it."""


@dataclass(frozen=True)
class Link:
    """``column`` holds the key of a row of ``parent``.

    A composite link says ``further`` pairs of columns, each one of its own and one of the parent's;
    it is set where all of them are filled.  ``kind`` is "parent" (the row is born there) or
    "lookup" (it only points there).  ``reason`` says for people why it was inferred.
    """

    column: str
    parent: str
    parent_column: str
    kind: str = "lookup"
    unique: bool = False
    further: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, *(own for own, _ in self.further))

    @property
    def parent_columns(self) -> tuple[str, ...]:
        return (self.parent_column, *(there for _, there in self.further))

    @property
    def path(self) -> str:
        """What ``Tables`` follows and ``Table.link`` finds: the column, or all of them joined."""
        return JOIN.join(self.columns)

    @property
    def parent_path(self) -> str:
        """What the path holds in the parent."""
        return JOIN.join(self.parent_columns)

    @property
    def said(self) -> str:
        """The columns in words: “account_id”, “dealer, day”."""
        return ", ".join(self.columns)


@dataclass(frozen=True)
class Table:
    """One table: columns in their order, a key, links.

    ``together`` are the columns that are the key together where no ``key`` is one alone;
    ``reason`` says for people why that was inferred."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    links: tuple[Link, ...] = ()
    domain: str = ""
    meaning: str = ""
    together: tuple[str, ...] = ()
    reason: str = ""

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The key's columns: one, several, or none."""
        return self.together if self.key is None else (self.key,)

    @property
    def key_path(self) -> str | None:
        """What ``Tables`` reads the key by: the column, or all of them joined."""
        return JOIN.join(self.key_columns) or None

    def arrow_schema(self) -> pa.Schema:
        return pa.schema(
            [pa.field(c.name, c.arrow_type(), nullable=c.nullable) for c in self.columns]
        )

    def loose(self) -> Table:
        """Itself with columns that may all miss values."""
        return replace(self, columns=tuple(replace(c, nullable=True) for c in self.columns))

    def link(self, path: str) -> Link | None:
        """The link of a column, or of several joined."""
        return next((link for link in self.links if link.path == path), None)
