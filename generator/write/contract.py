"""What every format does: take the slices of one or all tables in order, leave files."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from generator.errors import StorageError
from generator.schema import Table

Slices = Iterable[pa.Table]


@dataclass(frozen=True)
class Written:
    """One finished file, its path relative to the bundle's folder."""

    path: str
    table: str | None
    format: str
    rows: int
    bytes: int
    sha256: str


class TableWriter(Protocol):
    """A format with one file a table; files of different tables can be written side by side."""

    def __call__(self, table: Table, slices: Slices, folder: Path) -> tuple[str, int]:
        """Write one table; return the file's name and its rows."""
        ...


class WholeWriter(Protocol):
    """A format with one file for all tables, which come parents first."""

    def __call__(self, tables: Sequence[tuple[Table, Slices]], folder: Path) -> tuple[str, int]:
        """Write all tables; return the file's name and the rows of all."""
        ...


def written(folder: Path, name: str, *, table: str | None, format: str, rows: int) -> Written:  # noqa: A002 - the field's word
    """Describe a file that is complete: size and SHA-256 of its bytes."""
    path = folder / name
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Written(name, table, format, rows, path.stat().st_size, digest.hexdigest())


@contextmanager
def storage(what: str) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"The disk is full while {what}; free some space or ask for fewer rows, then "
                "try again. Nothing half-written was kept."
            ) from problem
        raise StorageError(
            f"The storage refused while {what} ({problem.strerror}); nothing half-written was kept."
        ) from problem
