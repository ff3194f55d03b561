"""CSV packed with gzip."""

from __future__ import annotations

import gzip
import zlib
from typing import IO

import pyarrow as pa

from generator.errors import ExtractError
from generator.read.content import all_bytes
from generator.read.csv import table_of
from generator.read.format import Format
from generator.read.limits import Budget
from generator.read.long_csv import LONG_PACKED, read_long_csv


def read_csv_gz(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    """Unpacking stops as soon as the file expands further than data does."""
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            raw = all_bytes(name, unpacked, budget, packed=size)
    except (OSError, EOFError, zlib.error) as problem:
        raise ExtractError(f"“{name}” is not a whole gzip file; pack it again.") from problem
    return table_of(name, raw, budget)


CSV_GZ = Format(".csv.gz", "CSV.gz", read_csv_gz, read_long_csv, LONG_PACKED)
