"""One file of any format, written at once from all rows of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from generator.schema import Table
from generator.write.disk import disk_errors
from generator.write.format import FileFormat, Format, NestedFormat, Part, Slices, TextFormat


def write_file(format: Format, tables: Sequence[tuple[Table, Slices]], folder: Path) -> Path:  # noqa: A002 - the word
    """Write the tables of one file, parents first; returns its path.  Of nested rows the files are
    several; then it is the path of what is left of the first table."""
    path = folder / format.file_of(tables[0][0].name)
    with disk_errors(f"writing {path.name}"):
        if isinstance(format, NestedFormat):
            _nest(format, tables, folder)
        elif isinstance(format, FileFormat):
            format.fill(tables, path)
        elif isinstance(format, TextFormat):
            _put_together(format, tables, path)
    return path


def _put_together(
    format: TextFormat,  # noqa: A002 - the word
    tables: Sequence[tuple[Table, Slices]],
    path: Path,
) -> None:
    frame = format.frame([table for table, _ in tables])
    with path.open("wb") as file:
        file.write(frame.before)
        for table, slices in tables:
            file.write(frame.heads.get(table.name, b""))
            for rows in slices:
                file.writelines(format.part(table, rows))
            file.write(frame.feet.get(table.name, b""))
        file.write(frame.after)


def _nest(
    format: NestedFormat,  # noqa: A002 - the word
    tables: Sequence[tuple[Table, Slices]],
    folder: Path,
) -> None:
    parts: dict[str, list[Part]] = {
        table.name: [partial(_columns, rows) for rows in slices] for table, slices in tables
    }
    for file in format.nested({table.name: table for table, _ in tables}):
        path = folder / file.path
        path.parent.mkdir(exist_ok=True)
        file.fill(parts.__getitem__, path, _silent)


def _columns(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    return rows.select(list(names))


def _silent(_table: str, _rows: int) -> None:
    return None
