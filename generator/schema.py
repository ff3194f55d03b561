"""Tables, columns and links; no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa

from generator.errors import ProfileError, shown
from generator.names import column_fault, first_clash, table_fault

MOST_TABLES, MOST_COLUMNS = 1000, 5000  # of a document; of one table


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
    """One column.  ``personal`` is the platform's class of personal data, or None; a ``planned``
    day or moment may lie in the future (due dates, expirations).  ``form`` says for people how the
    text of an extract's column says numbers or days; ``doubt`` shows shapes of texts that were not
    understood (“Aa 9/a, a”): letters and digits of nobody."""

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
    planned: bool = False
    form: str = ""
    doubt: str = ""

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
    """All tables of a profile, parents before children where links allow it.

    Raises ProfileError for a name no table or column may have: every schema is checked when it is
    made, whatever it was read from, so that whoever writes a table's file need not doubt its name.
    """

    tables: tuple[Table, ...]
    meaning: str = ""
    _by_name: Mapping[str, Table] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_names(self.tables)
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

    @property
    def not_understood(self) -> tuple[str, ...]:
        """The columns (“table.column”) whose texts have no form that is known, each made anew from
        the shape of most."""
        return tuple(f"{table.name}.{c.name}" for table in self for c in table.columns if c.doubt)

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
            entries = document["tables"]
            if not isinstance(entries, list | tuple) or len(entries) > MOST_TABLES:
                raise ValueError(f"its tables must be a list of at most {MOST_TABLES:,}")
            tables = tuple(_table_from(entry) for entry in entries)
            schema = cls(tables=tables, meaning=_of(document.get("meaning", ""), str, "meaning"))
            for table in schema:
                _check_links(schema, table)
            return schema
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise ProfileError(
                f"The schema of this document cannot be read ({shown(str(problem), most=150)}); "
                "export it again."
            ) from problem


def _check_names(tables: tuple[Table, ...]) -> None:
    for table in tables:
        if fault := table_fault(table.name):
            raise ProfileError(
                f"A table cannot be named “{shown(table.name)}”: {fault}; rename it."
            )
        for at, name in enumerate(table.column_names, 1):
            if fault := column_fault(name):
                raise ProfileError(
                    f"Column {at} of the table {table.name} {fault}; rename the column."
                )
        if len(set(table.column_names)) < len(table.columns):
            raise ProfileError(
                f"Two columns of the table {table.name} have the same name; rename one of them."
            )
    if clash := first_clash(table.name for table in tables):
        raise ProfileError(
            f"The tables “{clash[0]}” and “{clash[1]}” would be one file where capitals do not "
            "count; rename one of them."
        )


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
    columns = entry["columns"]
    if not isinstance(columns, list | tuple) or not 0 < len(columns) <= MOST_COLUMNS:
        raise ValueError(f"columns must be a list of 1 to {MOST_COLUMNS:,}")
    return Table(
        name=_of(entry["name"], str, "name"),
        domain=_of(entry.get("domain", ""), str, "domain"),
        meaning=_of(entry.get("meaning", ""), str, "meaning"),
        key=_of(entry.get("key"), str | None, "key"),
        columns=tuple(_column_from(column) for column in columns),
        links=tuple(_link_from(link) for link in entry.get("links", ())),
    )


_COLUMN_FIELDS: Mapping[str, Any] = {
    "name": str,
    "nullable": bool,
    "precision": int | None,
    "scale": int | None,
    "length": int | None,
    "enum": str | None,
    "unique": bool,
    "personal": str | None,
    "meaning": str,
    "planned": bool,
    "form": str,
    "doubt": str,
}
_MOST_DIGITS = 38  # of a decimal, as Arrow and databases keep it


def _column_from(entry: Mapping[str, Any]) -> Column:
    values = entry.get("values", ())
    column = Column(**{**entry, "kind": Kind(entry["kind"]), "values": tuple(values)})
    for name, kind in _COLUMN_FIELDS.items():
        _of(getattr(column, name), kind, name)
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise ValueError("values must be a list of texts")
    for name, least in (("precision", 1), ("scale", 0)):
        digits = getattr(column, name)
        if digits is not None and not least <= digits <= _MOST_DIGITS:
            raise ValueError(f"{name} must be {least} to {_MOST_DIGITS}")
    if column.length is not None and column.length < 1:
        raise ValueError("length must be 1 or more")
    return column


def _link_from(entry: Mapping[str, Any]) -> Link:
    link = Link(**entry)
    for name in ("column", "parent", "parent_column"):
        _of(getattr(link, name), str, name)
    _of(link.unique, bool, "unique")
    if link.kind not in ("parent", "lookup"):
        raise ValueError("the kind of a link must be parent or lookup")
    return link


def _of(value: Any, kind: Any, name: str) -> Any:
    """The value, where it is of its kind.  True is no number."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} has the wrong kind of value")
    return value


def _check_links(schema: Schema, table: Table) -> None:
    """Keys and links within the document; a parent may be left out of a bundle."""
    if table.key is not None and table.key not in table.column_names:
        raise ValueError(f"{table.name} has no column that its key names")
    for link in table.links:
        if link.column not in table.column_names:
            raise ValueError(f"{table.name} has no column that its link names")
        if link.parent in schema and link.parent_column not in schema[link.parent].column_names:
            raise ValueError(f"{link.parent} has no column that a link of {table.name} names")
