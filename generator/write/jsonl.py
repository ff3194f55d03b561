"""JSON Lines: one object a row; a missing value is an absent property, as the platform wants.

Decimals are strings ("never float in export"), integers and floats numbers, times RFC 3339.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from generator.schema import Kind, Table
from generator.write.contract import Slices, storage
from generator.write.text import as_text


def write_jsonl(table: Table, slices: Slices, folder: Path) -> tuple[str, int]:
    name = f"{table.name}.jsonl"
    rows = 0
    with (
        storage(f"writing {name}"),
        (folder / name).open("w", encoding="utf-8", newline="\n") as file,
    ):
        for part in slices:
            file.writelines(_lines(table, part))
            rows += part.num_rows
    return name, rows


def _lines(table: Table, part: pa.Table) -> list[str]:
    columns = []
    for column in table.columns:
        values = as_text(column, part.column(column.name))
        if column.kind in (Kind.DECIMAL, Kind.DATE):
            values = values.cast(pa.string())
        columns.append(values.to_pylist())
    names = table.column_names
    return [
        json.dumps(
            {n: v for n, v in zip(names, row, strict=True) if v is not None},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        + "\n"
        for row in zip(*columns, strict=True)
    ]
