"""Tables, columns and links; no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa

from generator.errors import ProfileError


class Kind(StrEnum):
    """What a column holds, and how its values are kept in memory.

    ==========  =======================================================
    INTEGER     int64
    DECIMAL     int64, scaled by 10**scale (12.34 at scale 2 is 1234)
    FLOAT       float64
    BOOLEAN     bool
    DATE        datetime64[D]
    TIMESTAMP   datetime64[ms], UTC
    TEXT        str objects, fixed-width bytes, or ``frame.Coded``
    ENUM        as TEXT, values from a closed list (``Column.values``)
    ==========  =======================================================
    """

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"
    ENUM = "enum"


@dataclass(frozen=True)
class Column:
    """One column.  ``personal`` is the platform's class of personal data, or None."""

    name: str
    kind: Kind
    nullable: bool = False
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    values: tuple[str, ...] = ()
    enum: str | None = None
    unique: bool = False
    personal: str | None = None
    meaning: str = ""

    def arrow_type(self) -> pa.DataType:
        """The column's type in files and between processes."""
        match self.kind:
            case Kind.INTEGER:
                return pa.int64()
            case Kind.DECIMAL:
                return pa.decimal128(max(self.precision or 18, 1), self.scale or 0)
            case Kind.FLOAT:
                return pa.float64()
            case Kind.BOOLEAN:
                return pa.bool_()
            case Kind.DATE:
                return pa.date32()
            case Kind.TIMESTAMP:
                return pa.timestamp("ms", tz="UTC")
            case _:
                return pa.string()


@dataclass(frozen=True)
class Link:
    """``column`` holds the key of a row of ``parent``.

    ``kind`` is "parent" (the row is born there) or "lookup" (it only points there).
    """

    column: str
    parent: str
    parent_column: str
    kind: str = "lookup"
    unique: bool = False


@dataclass(frozen=True)
class Table:
    """One table: columns in their order, a key, links."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    links: tuple[Link, ...] = ()
    domain: str = ""
    meaning: str = ""

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def arrow_schema(self) -> pa.Schema:
        return pa.schema(
            [pa.field(c.name, c.arrow_type(), nullable=c.nullable) for c in self.columns]
        )

    def link(self, column: str) -> Link | None:
        return next((link for link in self.links if link.column == column), None)


@dataclass(frozen=True)
class Schema:
    """All tables of a profile, parents before children where links allow it."""

    tables: tuple[Table, ...]
    meaning: str = ""
    _by_name: Mapping[str, Table] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {table.name: table for table in self.tables})

    def __getitem__(self, name: str) -> Table:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(table.name for table in self.tables)

    @property
    def domains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(table.domain for table in self.tables))

    def load_order(self) -> tuple[str, ...]:
        """Names with every parent before its children; links to itself and
        nullable links that close a circle do not count."""
        done: list[str] = []
        open_ = list(self.names)
        for strict in (True, False):
            moved = True
            while open_ and moved:
                moved = False
                for name in list(open_):
                    if self._needs(name, strict=strict) <= set(done):
                        done.append(name)
                        open_.remove(name)
                        moved = True
        return tuple(done + open_)

    def _needs(self, name: str, *, strict: bool) -> set[str]:
        table = self[name]
        return {
            link.parent
            for link in table.links
            if link.parent != name
            and link.parent in self
            and (strict or not table.column(link.column).nullable)
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the inverse of ``Schema.from_dict``."""
        return {"meaning": self.meaning, "tables": [_table_dict(table) for table in self.tables]}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Schema:
        """Read what ``to_dict`` wrote.  Raises ProfileError on anything else."""
        try:
            tables = tuple(_table_from(entry) for entry in document["tables"])
            return cls(tables=tables, meaning=str(document.get("meaning", "")))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ProfileError(
                f"The schema of this document cannot be read ({problem}); export it again."
            ) from problem


def _table_dict(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "domain": table.domain,
        "meaning": table.meaning,
        "key": table.key,
        "columns": [
            {k: v for k, v in _column_items(column) if v not in (None, "", (), False)}
            for column in table.columns
        ],
        "links": [dict(vars(link)) for link in table.links],
    }


def _column_items(column: Column) -> Iterator[tuple[str, Any]]:
    for name, value in vars(column).items():
        if name == "kind":
            yield name, str(value)
        elif name == "values":
            yield name, list(value) or None
        else:
            yield name, value


def _table_from(entry: Mapping[str, Any]) -> Table:
    return Table(
        name=entry["name"],
        domain=entry.get("domain", ""),
        meaning=entry.get("meaning", ""),
        key=entry.get("key"),
        columns=tuple(
            Column(
                **{
                    **column,
                    "kind": Kind(column["kind"]),
                    "values": tuple(column.get("values", ())),
                }
            )
            for column in entry["columns"]
        ),
        links=tuple(Link(**link) for link in entry.get("links", ())),
    )
