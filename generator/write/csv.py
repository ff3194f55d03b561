"""CSV after RFC 4180: UTF-8, a header, empty = missing, "" = empty text, lines end in LF."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from generator.schema import Column, Kind, Table
from generator.write.contract import Slices, storage
from generator.write.text import as_text, joined_lines

_SPECIAL = '",\r\n'
_NEEDS_QUOTES = f"[{_SPECIAL}]"

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
    for part in slices:
        cells = [_cells(column, part.column(column.name)) for column in table.columns]
        for lines in joined_lines(cells, ","):
            file.write(lines)
        rows += part.num_rows
    return rows


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), chr(34) * 2)}"' if set(name) & set(_SPECIAL) else name


def _cells(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as it stands in the file.  Only what needs quotes has them; "" is empty text."""
    text = as_text(column, values).cast(pa.string())
    if column.kind in (Kind.TEXT, Kind.ENUM):
        special = pc.or_(pc.match_substring_regex(text, _NEEDS_QUOTES), pc.equal(text, ""))
        if pc.any(special).as_py():
            doubled = pc.replace_substring(text, '"', '""')
            text = pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), text)
    return pc.fill_null(text, "")
