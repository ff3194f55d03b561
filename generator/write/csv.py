"""CSV after RFC 4180: UTF-8, a header, empty = missing, "" = empty text, CRLF-free lines."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import csv

from generator.schema import Kind, Table
from generator.write.contract import Slices, storage
from generator.write.text import as_text

_LEVEL = 3  # 1 is a third larger, 6 takes three times as long


def write_csv(table: Table, slices: Slices, folder: Path) -> tuple[str, int]:
    name = f"{table.name}.csv"
    with storage(f"writing {name}"), (folder / name).open("wb") as file:
        return name, _write(table, slices, file)


def write_csv_gz(table: Table, slices: Slices, folder: Path) -> tuple[str, int]:
    """As CSV, packed; no name and no time in the header, so equal rows give equal bytes."""
    name = f"{table.name}.csv.gz"
    with (
        storage(f"writing {name}"),
        (folder / name).open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file,
    ):
        return name, _write(table, slices, file)


def _write(table: Table, slices: Slices, file: IO[bytes] | gzip.GzipFile) -> int:
    rows = 0
    file.write((",".join(_quoted(name) for name in table.column_names) + "\n").encode())
    # text that needs no quotes is left bare; numbers and dates never need any
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    for part in slices:
        csv.write_csv(_texts(table, part), file, options)
        rows += part.num_rows
    return rows


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(',"\r\n') else name


def _texts(table: Table, part: pa.Table) -> pa.Table:
    arrays = []
    for column in table.columns:
        values = as_text(column, part.column(column.name))
        if column.kind is Kind.DECIMAL:
            values = values.cast(pa.string())
        arrays.append(values)
    return pa.table(arrays, names=list(table.column_names))
