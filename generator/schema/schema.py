"""Tables, columns and links; no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.errors import ProfileError, shown
from generator.names import column_fault, first_clash, table_fault
from generator.schema.document import check_links, table_dict, table_from, text_of
from generator.schema.table import Table

MOST_TABLES = 1000  # of a document


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

    def changed(self, table: Table) -> Schema:
        """The schema with another table of a name that it has."""
        tables = (table if one.name == table.name else one for one in self.tables)
        return Schema(tuple(tables), self.meaning)

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
            and (strict or not any(table.column(name).nullable for name in link.columns))
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the inverse of ``Schema.from_dict``."""
        return {"meaning": self.meaning, "tables": [table_dict(table) for table in self.tables]}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Schema:
        """Read what ``to_dict`` wrote.  Raises ProfileError on anything else."""
        try:
            entries = document["tables"]
            if not isinstance(entries, list | tuple) or len(entries) > MOST_TABLES:
                raise ValueError(f"its tables must be a list of at most {MOST_TABLES:,}")
            tables = tuple(table_from(entry) for entry in entries)
            schema = cls(tables=tables, meaning=text_of(document.get("meaning", ""), "meaning"))
            for table in schema:
                check_links(schema._by_name, table)
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
