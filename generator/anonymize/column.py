"""A column that gets tokens: its values, each once, and the table with their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from generator.forms import MISSING
from generator.personal import Finding
from generator.personal.people import is_name, share
from generator.personal.words import folded, names, script_of

_SAMPLE = 500
_NOTHING = frozenset({"", *MISSING})


@dataclass(frozen=True)
class Column:
    """Its place and its class; ``family`` where single words are last names."""

    table: str
    name: str
    word: str
    family: bool = False


def column_of(tables: Mapping[str, pa.Table], one: Finding) -> Column:
    column = Column(one.table, one.column, one.word)
    if one.word != "name":
        return column
    sample = [value for value in distinct(tables, column)[:_SAMPLE] if is_name(value)]
    first = share(sample, lambda value: folded(value) in names(script_of(value)).first)
    return replace(column, family=first < 0.5)


def distinct(tables: Mapping[str, pa.Table], one: Column) -> list[str]:
    """The column's values as text, each once; none that are missing or say that they are."""
    texts = pc.unique(tables[one.table].column(one.name).cast(pa.string())).to_pylist()
    return [value for value in texts if value is not None and value.strip() not in _NOTHING]


def with_tokens(table: pa.Table, name: str, tokens: Mapping[str, str]) -> pa.Table:
    """The table with the column's values replaced, in its type and its place."""
    coded = table.column(name).cast(pa.string()).combine_chunks().dictionary_encode()
    known = [None if one is None else tokens.get(one, one) for one in coded.dictionary.to_pylist()]
    return with_values(table, name, pa.array(known, pa.string()).take(coded.indices))


def with_values(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    at = table.column_names.index(name)
    field = table.schema.field(at)
    made = values.cast(field.type)
    whole = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    return table.set_column(at, field, whole)
