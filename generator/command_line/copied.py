"""A copy of an extract as files: each table in the format it was brought in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import RequestError, shown


def write_copy(out: Path, tables: Mapping[str, pa.Table], notes: Mapping[str, str]) -> None:
    """Write the folder beside its place, then rename it: it appears whole or not at all."""
    beside = out.with_name(f".{out.name}.partial")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, table in tables.items():
            _write(beside, name, table)
        for name, text in notes.items():
            (beside / name).write_text(text, encoding="utf-8")
        beside.rename(out)
    except OSError as problem:
        shutil.rmtree(beside, ignore_errors=True)
        raise RequestError(
            f"“{shown(str(out))}” cannot be written ({problem.strerror}).", field="out"
        ) from problem


def _write(folder: Path, name: str, table: pa.Table) -> None:
    from pyarrow import csv, parquet

    brought = (table.schema.metadata or {}).get(b"file", b"").decode().lower()
    plain = table.replace_schema_metadata(None)
    if brought.endswith(".parquet"):
        parquet.write_table(plain, folder / f"{name}.parquet")
    elif brought.endswith((".jsonl", ".ndjson")):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for row in plain.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    else:
        options = csv.WriteOptions(quoting_style="needed")
        csv.write_csv(_blank(plain), folder / f"{name}.csv", options)


def _blank(table: pa.Table) -> pa.Table:
    """Empty cells as empty cells, not as quotes around nothing."""
    columns = [
        pc.if_else(pc.equal(values, ""), pa.scalar(None, values.type), values)
        if pa.types.is_string(values.type)
        else values
        for values in table.columns
    ]
    return pa.table(columns, names=table.column_names)
