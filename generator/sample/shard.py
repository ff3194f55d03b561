"""All that is done where a shard is drawn: draw it, write its parts, check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from generator.profile import Drawing, Shard
from generator.sample.changes import Change, keep_changes
from generator.sample.run import Run, Step
from generator.sample.spool import Spool
from generator.sample.stage import Staged, staged
from generator.schema import Table
from generator.staging import Listed, purposes
from generator.tables import Loader, Tables
from generator.write import FORMATS, FileFormat, TextFormat, disk_errors

Say = Callable[[Step], None]
Rows = dict[str, pa.Table]


@dataclass(frozen=True)
class Drawn:
    """What the parent hears of a shard.  Its parts lie in the spool under their names."""

    number: int
    rows: Mapping[str, int]
    starts: Mapping[str, int]
    checked: tuple[Any, ...]
    staged: Staged = field(default_factory=Staged)
    changed: Mapping[Change, int] = field(default_factory=dict)


def make_shard(run: Run, spool: Spool, drawing: Drawing, shard: Shard, say: Say) -> Drawn:
    rows, done = staged(run, drawing, shard, _draw(run, drawing, shard, say))
    for table in run.tables:
        if table.name in rows:
            _write(run, spool, shard, table, rows[table.name], say)
    checked = tuple(_check(run, drawing, shard, rows, done.listed, say)) if run.checks else ()
    return Drawn(
        shard.number,
        {name: part.num_rows for name, part in rows.items()},
        drawing.starts(shard),
        checked,
        done,
        keep_changes(run, spool, drawing, shard),
    )


def _draw(run: Run, drawing: Drawing, shard: Shard, say: Say) -> Rows:
    """The shard's own rows of the plan's tables, in the order of their columns."""
    slices: dict[str, list[pa.Table]] = {}
    for name, part in drawing.draw(shard):
        if name in run.totals and part.num_rows:
            columns = list(run.profile.schema[name].column_names)
            known = slices.setdefault(name, [])
            like = known[0].schema if known else part.select(columns).schema
            known.append(part.select(columns).cast(like))
            say(Step("draw", name, part.num_rows))
    return {name: pa.concat_tables(parts) for name, parts in slices.items()}


def _write(run: Run, spool: Spool, shard: Shard, table: Table, rows: pa.Table, say: Say) -> None:
    for name in run.plan.recipe.formats:
        way = FORMATS[name]
        if isinstance(way, TextFormat):
            with (
                disk_errors(f"writing {way.file_of(table.name)}"),
                spool.part(name, table.name, shard.number).open("wb") as file,
            ):
                file.writelines(way.part(table, rows))
        elif isinstance(way, FileFormat) and spool.in_parts(way, table.name):
            with disk_errors(f"writing {way.file_of(table.name)}"):
                way.fill([(table, [rows])], spool.part(name, table.name, shard.number))
        else:
            continue  # from the spooled rows, when all are drawn
        say(Step("write", table.name, rows.num_rows))
    if spool.keeps_rows(table.name):
        with disk_errors("drawing rows"):
            _keep(rows, spool.rows(table.name, shard.number))


def _keep(rows: pa.Table, path: Path) -> None:
    options = ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=False)
    with ipc.new_stream(str(path), rows.schema, options=options) as sink:
        sink.write_table(rows)


def _check(
    run: Run,
    drawing: Drawing,
    shard: Shard,
    rows: Rows,
    listed: Sequence[Listed],
    say: Say,
) -> Iterator[Any]:
    tables = Tables(
        run.profile.schema,
        {name: _loader(part) for name, part in rows.items()},
        {name: part.num_rows for name, part in rows.items()},
        context=drawing.context(shard),
        starts=drawing.starts(shard),
        purposes=purposes(listed),
    )
    own = sum(part.num_rows for part in rows.values())
    for check in run.checks:
        yield check.of_shard(tables, shard)
        say(Step(check.stem, "", own))


def _loader(rows: pa.Table) -> Loader:
    return partial(_columns, rows)


def _columns(rows: pa.Table, names: Any) -> pa.Table:
    return rows.select(list(names))
