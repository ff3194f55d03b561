"""Files that are filled from rows when all are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from generator.sample.parts import Written, written
from generator.sample.run import Run, Step
from generator.sample.spool import Spool
from generator.schema import Table
from generator.write import FORMATS, FileFormat, disk_errors

_FEW = 200_000  # rows that are written sooner than a process is begun


def fill(run: Run, spool: Spool, folder: Path) -> list[Written]:
    """Every such file is a task of its own."""
    tasks = list(_tasks(run, spool))
    rows = [sum(run.totals[table.name] for table in tables) for _, tables in tasks]
    order = sorted(range(len(tasks)), key=lambda at: -rows[at])

    def work(number: int, say: Callable[[Step], None]) -> Written:
        way, tables = tasks[order[number]]
        name = way.file_of(tables[0].name)
        with disk_errors(f"writing {name}"):
            slices = [(table, _telling(spool.slices(table), table, say)) for table in tables]
            way.fill(slices, folder / name)
            table = None if way.whole else tables[0].name
            return written(folder, name, table=table, format=way.name, rows=rows[order[number]])

    files: list[Written] = []
    workers = run.workers if sum(rows) > _FEW else 1
    run.fan_out(work, range(len(tasks)), files.append, workers=workers)
    return files


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
