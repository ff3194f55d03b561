"""The rows that came, changed or went after the snapshot, by date; a file a table and change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from generator.sample.changes import Change
from generator.sample.parts import Written, written
from generator.sample.run import Run, Step
from generator.sample.spool import Spool
from generator.schema import Table
from generator.write import FORMATS, FileFormat, TextFormat, disk_errors

FOLDER = "increments"


def change_tasks(
    run: Run, spool: Spool, folder: Path, changed: Mapping[Change, int]
) -> list[Callable[[Callable[[Step], None]], list[Written]]]:
    """Each leaves one file."""
    if changed:
        with disk_errors(f"writing {FOLDER}"):
            for day in {day for day, _, _ in changed}:
                (folder / FOLDER / day).mkdir(parents=True)
    return [
        _task(run, spool, folder, change, format_, rows)
        for change, rows in sorted(changed.items())
        for format_ in run.plan.recipe.formats
    ]


def _task(
    run: Run, spool: Spool, folder: Path, change: Change, name: str, rows: int
) -> Callable[[Callable[[Step], None]], list[Written]]:
    def work(say: Callable[[Step], None]) -> list[Written]:
        del say
        _, table, _ = change
        way, path = FORMATS[name], path_of(change, FORMATS[name].ending)
        slices = [ipc.open_stream(part.read_bytes()).read_all() for part in _parts(spool, change)]
        with disk_errors(f"writing {path}"):
            if isinstance(way, TextFormat):
                _write(way, run.profile.schema[table], slices, folder / path)
            elif isinstance(way, FileFormat):
                way.fill([(run.profile.schema[table], slices)], folder / path)
        return [written(folder, path, table=None, format=name, rows=rows)]

    return work


def _parts(spool: Spool, change: Change) -> list[Path]:
    return sorted(spool.changes(*change).iterdir())


def _write(way: TextFormat, table: Table, slices: list[pa.Table], path: Path) -> None:
    frame = way.frame([table])
    with path.open("wb") as file:
        file.write(frame.before + frame.heads.get(table.name, b""))
        for rows in slices:
            file.writelines(way.part(table, rows))
        file.write(frame.feet.get(table.name, b"") + frame.after)


def path_of(change: Change, ending: str) -> str:
    day, table, what = change
    return f"{FOLDER}/{day}/{table}.{what}{ending}"


def increments_document(run: Run, changed: Mapping[Change, int]) -> dict[str, Any]:
    """What the manifest says of increments: nothing where there are none."""
    if not run.plan.recipe.increments:
        return {}
    return {
        "increments": [
            {
                "as_of": day.isoformat(),
                "files": [
                    {
                        "path": path_of(change, FORMATS[name].ending),
                        "table": change[1],
                        "change": change[2],
                        "rows": rows,
                    }
                    for change, rows in sorted(changed.items())
                    for name in run.plan.recipe.formats
                    if change[0] == day.isoformat()
                ],
            }
            for day in run.plan.recipe.increments
        ]
    }
