"""What a person says of columns before a fit: that they are of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from generator.errors import RequestError, shown
from generator.schema import Column, Kind, Schema


def with_kinds(schema: Schema, kinds: Mapping[str, str]) -> Schema:
    """The schema with other kinds for the columns named (“price”, “deals.price”).

    Raises RequestError where there is no such column, or no such kind.
    """
    for named, kind in kinds.items():
        if kind not in tuple(Kind):
            raise RequestError(
                f"“{shown(kind)}” is no kind of a column; choose from {', '.join(Kind)}.",
                field="kind",
            )
        for table, name in _found(schema, named):
            columns = tuple(
                _of_kind(column, Kind(kind)) if column.name == name else column
                for column in schema[table].columns
            )
            schema = schema.changed(replace(schema[table], columns=columns))
    return schema


def _of_kind(column: Column, kind: Kind) -> Column:
    """A text of no known form stays one, unless somebody says what it is."""
    doubt = column.doubt if kind is Kind.TEXT else ""
    changed = replace(column, kind=kind, form="", doubt=doubt, nullable=True)
    widened = kind is Kind.DECIMAL and column.kind is not kind
    return replace(changed, precision=18, scale=6) if widened else changed


def _found(schema: Schema, named: str) -> list[tuple[str, str]]:
    """Every column of the name; a name may hold dots itself."""
    known = [(table.name, name) for table in schema for name in table.column_names]
    found = [one for one in known if named in (one[1], ".".join(one))]
    if not found:
        near = get_close_matches(shown(named), [".".join(one) for one in known], n=1, cutoff=0.3)
        hint = f"did you mean {near[0]}?" if near else "name a column as TABLE.COLUMN."
        raise RequestError(f"There is no column “{shown(named)}”; {hint}", field="kind")
    return found
