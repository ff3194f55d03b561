"""What a format of an extract's files is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, TypeAlias

import pyarrow as pa

from generator.read.limits import Budget

Reader: TypeAlias = Callable[[str, IO[bytes], int, Budget], "pa.Table | Mapping[str, pa.Table]"]
"""Given a file's name, the open file, its packed size and the budget: the table in it, or several
by what each is called within the file (“” for one that is called as the file)."""


@dataclass(frozen=True)
class Format:
    """How its files end, what people call it, and what reads them.

    A reader raises ExtractError naming the file, and row and column where there are any; never a
    value.  It asks the budget before it unpacks or decodes, and every second or so whether to
    stop.  ``long`` reads a file of more than ``long_size`` bytes that holds one table in pieces
    and keeps every n-th row.
    """

    ending: str
    title: str
    read: Reader
    long: Reader | None = None
    long_size: int = 0
