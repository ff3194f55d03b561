"""Files that are filled from rows when all are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from generator.sample.parts import Written, written
from generator.sample.run import Run, Step
from generator.sample.spool import Spool
from generator.schema import Table
from generator.write import FORMATS, FileFormat, NestedFormat, disk_errors
from generator.write.format import NestedFile

Task = Callable[[Callable[[Step], None]], list[Written]]
"""Leaves a file, or none where it would be empty, and says what it has done so far."""


def fills(run: Run, spool: Spool, folder: Path, rows: Mapping[str, int]) -> list[Task]:
    """Every such file is a task of its own; the longest come first."""

    def task(way: FileFormat, tables: list[Table], rows: int) -> Task:
        def work(say: Callable[[Step], None]) -> list[Written]:
            name = way.file_of(tables[0].name)
            with disk_errors(f"writing {name}"):
                slices = [(table, _telling(spool.slices(table), table, say)) for table in tables]
                way.fill(slices, folder / name)
                table = None if way.whole else tables[0].name
                return [written(folder, name, table=table, format=way.name, rows=rows)]

        return work

    files = [
        (way, tables, sum(rows[table.name] for table in tables))
        for way, tables in _tasks(run, spool)
    ]
    tasks = [(rows, task(way, tables, rows)) for way, tables, rows in files]
    tasks += _nested(run, spool, folder, rows)
    return [one for _, one in sorted(tasks, key=lambda one: -one[0])]


def leave_no_empty_folder(run: Run, folder: Path) -> None:
    """Formats of nested rows have a folder for rows without a place, which often is empty."""
    for way in (FORMATS[name] for name in run.plan.recipe.formats):
        if isinstance(way, NestedFormat):
            left = folder / way.folder
            if left.is_dir() and not any(left.iterdir()):
                left.rmdir()


def _nested(
    run: Run, spool: Spool, folder: Path, rows: Mapping[str, int]
) -> Iterator[tuple[int, Task]]:
    """Files of nested rows, each with the rows of the table it is made of."""

    def task(way: NestedFormat, file: NestedFile) -> Task:
        def work(say: Callable[[Step], None]) -> list[Written]:
            path = folder / file.path
            with disk_errors(f"writing {file.path}"):
                path.parent.mkdir(exist_ok=True)
                carried = file.fill(
                    spool.parts, path, lambda table, number: say(Step("write", table, number))
                )
                if not carried.lines and not file.always:
                    path.unlink()
                    return []
                return [
                    written(
                        folder,
                        file.path,
                        table=None,
                        format=way.name,
                        rows=carried.lines,
                        holds=carried.rows,
                    )
                ]

        return work

    for way in (FORMATS[name] for name in run.plan.recipe.formats):
        if isinstance(way, NestedFormat):
            for file in way.nested({table.name: table for table in run.tables}):
                yield rows[file.table], task(way, file)


def _tasks(run: Run, spool: Spool) -> Iterator[tuple[FileFormat, list[Table]]]:
    for name in run.plan.recipe.formats:
        way = FORMATS[name]
        if isinstance(way, FileFormat) and way.whole:
            yield way, run.tables
        elif isinstance(way, FileFormat):
            for table in run.tables:
                if not spool.in_parts(way, table.name):
                    yield way, [table]


def _telling(
    slices: Iterator[pa.Table], table: Table, say: Callable[[Step], None]
) -> Iterator[pa.Table]:
    for part in slices:
        yield part
        say(Step("write", table.name, part.num_rows))
