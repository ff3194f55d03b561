"""What an extract holds of people, and its tables with tokens instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from generator.anonymize import HOME, Key, Range, Register, ranges
from generator.anonymize import anonymize as tokenise
from generator.anonymize import confirmed as confirmed_personal
from generator.infer import plain
from generator.personal import Findings, find
from generator.schema import Schema
from generator.stop import stoppable


def find_personal(tables: Mapping[str, pa.Table], schema: Schema) -> Findings:
    """What the tables of an extract, as read, seem to hold of people; nothing of it is a value."""
    return find({table.name: plain(tables[table.name]) for table in schema}, schema)


def ranges_for(
    tables: Mapping[str, pa.Table], schema: Schema, findings: Findings
) -> tuple[Range, ...]:
    """How many tokens will be asked of each range, before anything is made."""
    return tuple(ranges({t.name: plain(tables[t.name]) for t in schema}, findings))


def anonymize(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    findings: Findings,
    key: Key,
    *,
    register: Register | None = None,
    unit: str = "",
    region: str = HOME,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables of an extract, as read, with a token for every personal value; see
    ``generator.anonymize``."""
    with stoppable(cancelled, "The tokens were cancelled; nothing was kept."):
        made = tokenise(
            {table.name: plain(tables[table.name]) for table in schema},
            schema,
            findings,
            key,
            register=register,
            unit=unit,
            region=region,
            progress=progress,
        )
    return {name: _as_brought(table, tables[name]) for name, table in made.items()}


def tokenised(
    tables: Mapping[str, pa.Table],
    schema: Schema,
    key: Key,
    *,
    register: Register | None = None,
    unit: str = "",
    region: str = HOME,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, pa.Table]:
    """The tables, as read, with tokens in the columns that a confirmed schema says are personal: so
    that nothing learns from a value of a person, whatever becomes of the columns."""
    mine = {table.name: tables[table.name].select(table.column_names) for table in schema}
    personal = confirmed_personal(schema)
    return anonymize(
        mine,
        schema,
        personal,
        key,
        register=register,
        unit=unit,
        region=region,
        cancelled=cancelled,
    )


def _as_brought(made: pa.Table, brought: pa.Table) -> pa.Table:
    """The table with the types and notes it came with; texts stay texts where they had another."""
    columns = [
        one.cast(kind) if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) else one
        for one, kind in zip(made.columns, brought.schema.types, strict=True)
    ]
    whole = pa.table(columns, names=made.column_names)
    return whole.replace_schema_metadata(brought.schema.metadata)
