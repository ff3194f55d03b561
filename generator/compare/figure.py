"""A reference of a profile with its expressions read, measured shard by shard."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.compare.ways import KINDS, Measured, Seen, Span
from generator.errors import RequestError
from generator.expressions import Expression
from generator.profile import Reference
from generator.schema import Schema
from generator.tables import Tables, path_of

LAST = date(9999, 12, 31)  # stands for a last day that is not known
Truth = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Figure:
    """A reference with its expressions read.  Raises RequestError for a kind there is none of."""

    def __init__(self, reference: Reference, as_of: date | None = None) -> None:
        if reference.kind not in KINDS:
            raise RequestError(
                f"Reference {reference.id} is of kind “{reference.kind}”; it must be one of "
                f"{', '.join(KINDS)}."
            )
        day = (as_of or LAST).isoformat()
        column, other, where = (
            text.replace("{as_of}", day)
            for text in (reference.column, reference.other, reference.where)
        )
        self.reference = reference
        self.below, self.among = _table_and_rows(other) if reference.kind == "rate" else ("", None)
        self.column = Expression(column or "True")
        self.other = Expression(other) if other and not self.below else None
        self.where = Expression(where) if where else None

    def is_there(self, schema: Schema, names: Container[str]) -> bool:
        """Whether every table that the reference's paths lead to is in the data."""
        expressions = (self.column, self.other, self.where)
        paths = [path for one in expressions if one is not None for path in one.paths]
        table = self.reference.table
        if self.below:
            further = self.among.paths if self.among is not None else ()
            below = [(self.below, path) for path in further]
            if self.below not in names or not _all_there(schema, names, below):
                return False
        return table in names and _all_there(schema, names, [(table, path) for path in paths])

    def seen(self, tables: Tables) -> Seen | None:
        """What the own rows of a shard say; None if there are none."""
        if not any(tables.owned(table) for table in (self.reference.table, self.below) if table):
            return None
        seen: Seen = KINDS[self.reference.kind].seen(self, tables)
        return seen

    def measured(self, seen: Seen | None, *, span: Span) -> Measured | None:
        """What all shards together say; None where no row speaks about the figure."""
        if seen is None:
            return None
        return KINDS[self.reference.kind].measured(self.reference, seen, span)

    def rows(self, tables: Tables) -> Truth | None:
        """The own rows the reference is about; None for all."""
        if self.where is None:
            return None
        return np.asarray(self._own(self.where, tables), dtype=bool)

    def numbers(self, expression: Expression, tables: Tables) -> Floats:
        values = self._own(expression, tables)
        if values.dtype.kind not in "fb":
            raise RequestError(
                f"Reference {self.reference.id}: “{expression.text}” is not a number."
            )
        return self.chosen(values.astype(np.float64), tables)

    def truth(self, tables: Tables) -> Truth:
        values = self._own(self.column, tables)
        if values.dtype != bool:
            raise RequestError(
                f"Reference {self.reference.id}: “{self.column.text}” is not a statement."
            )
        return self.chosen(values, tables)

    def values(self, tables: Tables) -> NDArray[Any]:
        return self.chosen(self._own(self.column, tables), tables)

    def chosen(self, values: NDArray[Any], tables: Tables) -> NDArray[Any]:
        rows = self.rows(tables)
        return values if rows is None else values[rows]

    def _own(self, expression: Expression, tables: Tables) -> NDArray[Any]:
        table = self.reference.table
        return np.asarray(expression.evaluate(tables, table))[tables.own(table)]


def _table_and_rows(text: str) -> tuple[str, Expression | None]:
    """The table of “deal: sale_price > 0”, and which of its rows are meant."""
    table, _, where = text.partition(":")
    return table.strip(), Expression(where) if where.strip() else None


def _all_there(schema: Schema, names: Container[str], paths: Iterable[tuple[str, str]]) -> bool:
    return all(
        name in names for table, path in paths for name in _along(schema, names, table, path)
    )


def _along(schema: Schema, names: Container[str], table: str, path: str) -> Iterable[str]:
    for column in path_of(schema, table, path)[:-1]:
        link = schema[table].link(column)
        if link is None:
            raise RequestError(f"A reference follows {table}.{column}, which is not a link.")
        yield link.parent
        if link.parent not in names:
            return
        table = link.parent
