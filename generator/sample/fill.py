"""Files that are filled from rows when all are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from generator.sample.parts import Written, written
from generator.sample.run import Run, Step
from generator.sample.spool import Spool
from generator.schema import Table
from generator.write import FORMATS, FileFormat, disk_errors

Task = Callable[[Callable[[Step], None]], Written]
"""Leaves one file and says what it has done so far."""


def fills(run: Run, spool: Spool, folder: Path, rows: Mapping[str, int]) -> list[Task]:
    """Every such file is a task of its own; the longest come first."""

    def task(way: FileFormat, tables: list[Table], rows: int) -> Task:
        def work(say: Callable[[Step], None]) -> Written:
            name = way.file_of(tables[0].name)
            with disk_errors(f"writing {name}"):
                slices = [(table, _telling(spool.slices(table), table, say)) for table in tables]
                way.fill(slices, folder / name)
                table = None if way.whole else tables[0].name
                return written(folder, name, table=table, format=way.name, rows=rows)

        return work

    files = [
        (way, tables, sum(rows[table.name] for table in tables))
        for way, tables in _tasks(run, spool)
    ]
    return [task(*one) for one in sorted(files, key=lambda one: -one[2])]


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
