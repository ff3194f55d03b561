"""Parquet: zstd, row groups of 131,072 rows whatever the shards were."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from generator.schema import Table
from generator.write.contract import Slices, storage

GROUP_ROWS = 131_072


def write_parquet(table: Table, slices: Slices, folder: Path) -> tuple[str, int]:
    name = f"{table.name}.parquet"
    schema = table.arrow_schema()
    rows = held_rows = 0
    held: list[pa.Table] = []
    with (
        storage(f"writing {name}"),
        parquet.ParquetWriter(folder / name, schema, compression="zstd", version="2.6") as file,
    ):
        for part in slices:
            held.append(part.cast(schema))
            held_rows += part.num_rows
            while held_rows >= GROUP_ROWS:
                whole = pa.concat_tables(held)
                file.write_table(whole.slice(0, GROUP_ROWS), row_group_size=GROUP_ROWS)
                held = [whole.slice(GROUP_ROWS)]
                held_rows -= GROUP_ROWS
            rows += part.num_rows
        if held_rows or not rows:
            file.write_table(
                pa.concat_tables(held) if held else schema.empty_table(), row_group_size=GROUP_ROWS
            )
    return name, rows
