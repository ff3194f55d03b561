"""Tables with their columns as what they say: text that says numbers or days (“$1,200.00”, “7 %”,
“3-Mar-24”) as numbers and days, so that it is scored as such and not as labels or free text.

Both sides are read by the form of the first, the real one; a cell that is of no form is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator.forms import MISSING, Form, Mixed, form_of
from generator.schema import Column, Kind, Schema, Table
from generator.stop import asking
from generator.summary.columns import is_key
from generator.tables import Tables

LOOKED_AT = 100_000  # rows whose distinct texts a form is found in
DAY = 86_400  # seconds
_LONG = 8 * DAY  # seconds beyond which a step is a month or a quarter
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999  # milliseconds of the years 1 to 9999

Forms = Mapping[tuple[str, str], Form]


def forms_of(tables: Tables) -> dict[tuple[str, str], Form]:
    """The forms of the text columns whose declaration speaks of one, by (table, column)."""
    found = {}
    for table in tables.schema:
        if table.name not in tables:
            continue
        for column in asking(table.columns, every=1):
            if _may_say(table, column):
                reading = form_of(_texts(tables.arrow(table.name, column.name)))
                if reading is not None:
                    found[table.name, column.name] = reading.form
    return found


def as_said(tables: Tables, forms: Forms) -> Tables:
    """The same tables, the columns of ``forms`` as numbers, days or moments.  Each is translated
    when it is first read."""
    if not forms:
        return tables
    names = [table.name for table in tables.schema if table.name in tables]
    return Tables(
        said_schema(tables.schema, forms),
        {name: partial(_load, tables, name, forms) for name in names},
        {name: tables.rows(name) for name in names},
    )


def said_schema(schema: Schema, forms: Forms) -> Schema:
    """The schema of ``as_said``."""
    tables = tuple(
        replace(
            table,
            columns=tuple(
                _declared(column, forms.get((table.name, column.name))) for column in table.columns
            ),
        )
        for table in schema
    )
    return replace(schema, tables=tables)


def said(texts: pa.ChunkedArray, form: Form) -> pa.ChunkedArray:
    """What texts say: seconds, units or moments, null where they are not of the form."""
    if not pa.types.is_dictionary(texts.type):
        texts = texts.cast(pa.string()).dictionary_encode()
    column = _declared(_TEXT, form)
    known: dict[str | None, int | None] = {None: None}
    chunks = []
    for chunk in texts.chunks:
        labels = chunk.dictionary.to_pylist()
        for text in asking(set(labels) - known.keys()):
            known[text] = form.read(text)
        values = _values([known[text] for text in labels], column, form)
        chunks.append(values.take(chunk.indices))
    return pa.chunked_array(chunks, type=column.arrow_type())


def _values(numbers: Sequence[int | None], column: Column, form: Form) -> pa.Array:
    absent = np.array([number is None for number in numbers], dtype=bool)
    of_one = len(form.forms) if isinstance(form, Mixed) else 1  # numbers say which form, too
    steps = np.array([float((number or 0) // of_one) for number in numbers], dtype=np.float64)
    seconds = form.seconds * of_one
    if not form.moment:
        return pa.array(steps * (seconds or 10.0**-form.places), mask=absent)
    middle = 0.5 if seconds > _LONG else 0.0  # months and quarters are told by their middle
    moments = np.clip((steps + middle) * seconds * 1000, _FIRST, _LAST).astype(np.int64)
    if column.kind is Kind.DATE:
        return pa.array((moments // (1000 * DAY)).astype(np.int32), mask=absent).cast(pa.date32())
    return pa.array(moments, mask=absent).cast(column.arrow_type())


_TEXT = Column("", Kind.TEXT, nullable=True)


def _declared(column: Column, form: Form | None) -> Column:
    if form is None:
        return column
    kind = Kind.FLOAT
    if form.moment:
        of_one = len(form.forms) if isinstance(form, Mixed) else 1
        kind = Kind.DATE if form.seconds * of_one >= DAY else Kind.TIMESTAMP
    return replace(column, kind=kind, nullable=True, values=(), enum=None)


def _may_say(table: Table, column: Column) -> bool:
    named = column.form and not column.personal and not is_key(table, column)
    return bool(named and column.kind in (Kind.TEXT, Kind.ENUM))


def _texts(values: pa.ChunkedArray) -> list[str]:
    distinct = pc.unique(values.slice(0, LOOKED_AT).cast(pa.string())).to_pylist()
    return [text for text in distinct if text is not None and text not in MISSING]


def _load(tables: Tables, table: str, forms: Forms, columns: Sequence[str]) -> pa.Table:
    arrays = [
        said(tables.arrow(table, name), forms[table, name])
        if (table, name) in forms
        else tables.arrow(table, name)
        for name in columns
    ]
    return pa.table(arrays, names=list(columns))
