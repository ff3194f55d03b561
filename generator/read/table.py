"""What every format holds its tables against, and what is noted of where their rows stand."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExtractError
from generator.extent import standing_for
from generator.names import column_fault
from generator.read.limits import Budget, Limits

_LEARNED = (
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_boolean),
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null),
    *(pa.types.is_date, pa.types.is_time, pa.types.is_timestamp, pa.types.is_duration),
    lambda kind: isinstance(kind, pa.UuidType),
)
MOST_BLANK = 10_000  # blank lines whose places are kept


def check_columns(name: str, columns: list[str], limits: Limits) -> None:
    """Names a person can read, and that a database and a profile can hold; not too many."""
    if len(columns) > limits.columns:
        raise ExtractError(
            f"“{name}” has {len(columns):,} columns; at most {limits.columns:,} are allowed."
        )
    first: dict[str, int] = {}
    for at, column in enumerate(columns, 1):
        if not column.strip():
            raise ExtractError(f"“{name}”: column {at} has no name in the header; give it one.")
        if fault := column_fault(column):
            raise ExtractError(
                f"“{name}”: the name of column {at} {fault.rstrip('.')}; rename it."
                if "allowed" not in fault
                else f"“{name}”: the name of column {at} {fault}."
            )
        if column in first:
            raise ExtractError(
                f"“{name}”: columns {first[column]} and {at} have the same name; rename one of "
                "them."
            )
        first[column] = at


def check_kinds(name: str, schema: pa.Schema, budget: Budget) -> list[str]:
    """The columns that nothing can be learnt of, as they may be in a file where they are left out
    or marked."""
    nested = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if any(known(kind) for known in _LEARNED):
            continue
        out = any(one == field.name or one.endswith(f".{field.name}") for one in budget.left_out)
        if not (out or budget.marked):
            raise ExtractError(
                f"“{name}”, column {field.name}: nested or binary values cannot be learned; leave "
                "the column out (--leave-out) or flatten it."
            )
        nested.append(field.name)
    return nested


def without(table: pa.Table, nested: list[str], order: list[str]) -> pa.Table:
    """The table with nothing in the columns that nothing can be learnt of, and their names in its
    schema's metadata as ``nested`` (JSON)."""
    if not nested:
        return table
    nothing = pa.nulls(table.num_rows)
    arrays = [nothing if name in nested else table.column(name) for name in order]
    marked = pa.table(arrays, names=order)
    told = {**(table.schema.metadata or {}), "nested": json.dumps(nested)}
    return marked.replace_schema_metadata(told)


def check_rows(name: str, rows: int, limits: Limits) -> None:
    if not rows:
        raise ExtractError(f"“{name}” has no rows; bring a file with data.")
    if rows > limits.rows:
        raise ExtractError(
            f"“{name}” has {rows:,} rows; an extract may have {limits.rows:,} a table. Bring a "
            "sample."
        )


def check_cells(name: str, table: pa.Table, limits: Limits) -> None:
    for field in table.schema:
        if pa.types.is_string(field.type):
            longest = pc.max(pc.binary_length(table.column(field.name))).as_py() or 0
            if longest > limits.cell:
                too_long(name, field.name, longest, limits)


def too_long(name: str, column: str, size: int, limits: Limits) -> None:
    raise ExtractError(
        f"“{name}”, column {column} holds a value of {size:,} bytes; at most {limits.cell:,} are "
        "allowed."
    )


def numbered(
    table: pa.Table, *, first: int, blank: list[int], every: int = 1, of: int = 0
) -> pa.Table:
    """The table, and in its schema's metadata as ``rows`` (JSON) which row of the file its first
    is, which rows before and between are blank lines, and that it has ``every`` n-th row; as
    ``of`` how many rows the file has, where it has more."""
    table = table.replace_schema_metadata({"rows": json.dumps([first, blank, every])})
    return standing_for(of, table) if every > 1 else table


def labelled(table: pa.Table, file: str) -> pa.Table:
    """The table, and in its schema's metadata the ``file`` it was read from."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), "file": file})
