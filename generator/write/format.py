"""What a format is: all that anybody knows of one stands in its own file.

A ``TextFormat`` is bytes that can be put together: every shard's rows become a part where they
are drawn, and parts are copied one after the other between the bytes of a frame.  A ``FileFormat``
is written by a library that wants the rows themselves.  A ``NestedFormat`` makes files of rows of
several tables, which it looks up when all are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from generator.schema import Column, Kind, Table
from generator.write.wanted import Wanted

Slices: TypeAlias = Iterable[pa.Table]
"""Rows of one table in their order."""

Reader: TypeAlias = "Callable[[Path, Table, Sequence[str]], pa.Table]"
"""Columns of a file that was written, as their table declares them.  Raises what Arrow raises,
OSError, ValueError or LookupError for a file that is not one."""

Finder: TypeAlias = "Callable[[Path, Table, Sequence[str], Wanted], Iterator[pa.Table]]"
"""The wanted rows of a table, columns as it declares them, some at a time: memory does not depend
on the rows of the file.  Raises what a reader raises."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """``name`` is what recipes and --format say, ``title`` and ``hint`` what a form says.

    A file is called after its table with ``ending`` behind; with a ``stem`` one file of that name
    holds all tables.  ``size`` is about the bytes of one value of a column, ``seconds`` about the
    processor's seconds for a million values.  ``packed`` files do not become smaller in a ZIP.
    """

    name: str
    title: str
    hint: str
    ending: str
    media: str
    size: Callable[[Column], float]
    seconds: float
    stem: str = ""
    packed: bool = False
    read: Reader | None = None
    find: Finder | None = None

    @property
    def whole(self) -> bool:
        """Whether one file holds all tables."""
        return bool(self.stem)

    def file_of(self, table: str) -> str:
        """The name of the file that holds a table."""
        return f"{self.stem or table}{self.ending}"


@dataclass(frozen=True)
class Frame:
    """What stands around the rows of a file: before everything, before and behind each table's
    rows, behind everything."""

    before: bytes = b""
    heads: Mapping[str, bytes] = field(default_factory=dict)
    feet: Mapping[str, bytes] = field(default_factory=dict)
    after: bytes = b""


@dataclass(frozen=True, kw_only=True)
class TextFormat(Format):
    """``part`` gives the bytes of some rows; parts of consecutive rows stand one after the other.
    ``frame`` is asked for all tables of one file."""

    part: Callable[[Table, pa.Table], Iterator[pa.Buffer | bytes]]
    frame: Callable[[Sequence[Table]], Frame]


@dataclass(frozen=True, kw_only=True)
class FileFormat(Format):
    """``fill`` writes a new file from all rows of its tables, parents first.  A table of more
    than ``longest`` planned rows becomes a folder of such files, each with some of the rows."""

    fill: Callable[[Sequence[tuple[Table, Slices]], Path], None]
    longest: int | None = None


Part: TypeAlias = "Callable[[Sequence[str]], pa.Table]"
"""Columns of one part of a table's rows, read anew each time."""

Parts: TypeAlias = "Callable[[str], Sequence[Part]]"
"""The parts of a table in the order of its rows, one a shard."""


@dataclass(frozen=True)
class Carried:
    """The lines of a file, and the rows of each table that are in it."""

    lines: int
    rows: Mapping[str, int]


Fill: TypeAlias = "Callable[[Parts, Path, Callable[[str, int], None]], Carried]"
"""Writes a file, and says of which table how many rows are through."""


@dataclass(frozen=True)
class NestedFile:
    """One file at ``path``, most of whose lines are rows of ``table``.  Without ``always`` it is
    left out where it has no line."""

    path: str
    table: str
    fill: Fill
    always: bool = True


@dataclass(frozen=True, kw_only=True)
class NestedFormat(Format):
    """``nested`` says which files it makes of some tables; a row of a table is in one of them.
    What is no aggregate's stands in ``folder``, a file a table; without any there is no folder."""

    nested: Callable[[Mapping[str, Table]], Sequence[NestedFile]]
    folder: str

    def file_of(self, table: str) -> str:
        return f"{self.folder}/{super().file_of(table)}"


# Bytes of one value as text, measured on the platform's own tables.
_TEXT_BYTES = {
    Kind.INTEGER: 5.0,
    Kind.DECIMAL: 8.0,
    Kind.FLOAT: 12.0,
    Kind.BOOLEAN: 6.0,
    Kind.DATE: 11.0,
    Kind.TIMESTAMP: 25.0,
    Kind.TEXT: 15.0,
    Kind.ENUM: 12.0,
}


def text_size(column: Column) -> float:
    """About the bytes of one value of ``column`` as text."""
    return _TEXT_BYTES[column.kind]
