"""Draw the shards of a plan, write every format, check, compare, and put the folder in place.

Shards go into a spool of Arrow files first; every file of the bundle is then written from the
spool in the order of the shards.  So the bytes do not depend on how many processes drew them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pyarrow import ipc

from generator.errors import Cancelled, RequestError, RunError, shown
from generator.fanout import fan_out
from generator.profile import Drawing, Plan, Profile, Shard
from generator.schema import Table
from generator.tables import Loader, Tables
from generator.write import FORMATS, disk_errors
from generator.write.one import write_file

ENGINE_VERSION = "0.1.0"
SLICE_ROWS = 65_536
_SPOOL = ".spool"


class Check(Protocol):
    """Something said about the rows of a run, kept as a JSON document of the bundle.  It looks at
    one shard at a time; what it finds adds up."""

    @property
    def stem(self) -> str:
        """The document's name without its ending: "validation", "comparison"."""
        ...

    def of_shard(self, tables: Tables, shard: Shard) -> Any:
        """What the shard's own rows add: small, and fit to be sent between processes.  The rows
        they may point at stand before them as context."""
        ...

    def add(self, total: Any, part: Any) -> Any:
        """Both together; called in the order of the shards, ``total`` first a shard's own part."""
        ...

    def document(self, total: Any) -> dict[str, Any]:
        """What the bundle keeps, in JSON types."""
        ...


@dataclass(frozen=True)
class Progress:
    """``stage`` is draw, write, or the name of a check; ``done`` of ``total`` rows of ``table``
    in it; ``rows_done`` of ``rows_total`` is the work of all stages together."""

    stage: str
    table: str
    done: int
    total: int
    rows_done: int
    rows_total: int


def sample(
    profile: Profile,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    checks: Sequence[Check] = (),
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Make the bundle in the folder ``out``, which appears whole or not at all.

    Every check leaves a document of its name.  Returns the manifest.
    Raises RequestError if ``out`` exists or cannot be a name, Cancelled when ``cancelled()`` says
    so, StorageError when the disk refuses, RunError when a process dies.
    """
    _check_free(out)
    run = _Run(profile, plan, workers, progress or _silent, cancelled or _never)
    with _partial(out) as folder:
        spool = folder / _SPOOL
        spool.mkdir()
        _draw(run, spool)
        files = _write(run, spool, folder)
        files += _check(run, spool, folder, checks)
        manifest = _describe(run, folder, files)
        shutil.rmtree(spool)
        run.stop_if_asked()
        with disk_errors("moving the bundle into place"):
            folder.rename(out)
    return manifest


@dataclass(frozen=True)
class Written:
    """One finished file, its path relative to the bundle's folder."""

    path: str
    table: str | None
    format: str
    rows: int
    bytes: int
    sha256: str


def written(folder: Path, name: str, *, table: str | None, format: str, rows: int) -> Written:  # noqa: A002 - the field's word
    """Describe a file that is complete: size and SHA-256 of its bytes."""
    path = folder / name
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Written(name, table, format, rows, path.stat().st_size, digest.hexdigest())


def _check_free(out: Path) -> None:
    """Whether a folder may be made there; what else may prevent it is told when it is made."""
    named = f"The folder “{shown(out.name or str(out))}”"
    try:
        out.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    except (OSError, ValueError) as problem:  # too long a name, a loop of links, a NUL
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise RequestError(
            f"{named} cannot be made ({reason}); choose another --out.", field="out"
        ) from problem
    raise RequestError(f"{named} exists already; choose another --out.", field="out")


class _Run:
    """One call of ``sample``: what it works on, and its progress so far."""

    def __init__(
        self,
        profile: Profile,
        plan: Plan,
        workers: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.profile = profile
        self.plan = plan
        self.workers = workers
        self.cancelled = cancelled
        self._report = report
        self.totals = {count.table: count.rows for count in plan.counts}
        self._done: dict[tuple[str, str], int] = {}
        self._rows_done = 0
        self._rows_total = plan.rows * (2 + len(plan.recipe.formats))

    def note(self, stage: str, table: str, rows: int) -> None:
        key = (stage, table)
        self._done[key] = self._done.get(key, 0) + rows
        self._rows_done += rows
        self._report(
            Progress(
                stage,
                table,
                self._done[key],
                self.totals.get(table, 0),
                min(self._rows_done, self._rows_total),
                self._rows_total,
            )
        )

    def fan_out(
        self,
        work: Callable[[int, Callable[[Any], None]], None],
        tasks: int,
        hear: Callable[[Any], None],
    ) -> None:
        fan_out(work, tasks, hear, workers=self.workers, cancelled=self.cancelled)

    def stop_if_asked(self) -> None:
        if self.cancelled():
            raise Cancelled("The run was cancelled; nothing was kept.")


def _draw(run: _Run, spool: Path) -> None:
    for name in run.totals:
        (spool / name).mkdir()

    opened: list[Drawing] = []  # one in each process, which the fork leaves empty

    def work(number: int, say: Callable[[Any], None]) -> None:
        if not opened:
            opened.append(run.profile.world.open(run.plan))
        _draw_shard(run, opened[0], spool, run.plan.shards[number], say)

    run.fan_out(work, len(run.plan.shards), lambda message: run.note("draw", *message))
    run.stop_if_asked()
    for name, rows in run.totals.items():
        drawn = sum(_rows_of(path) for path in (spool / name).iterdir())
        if drawn != rows:
            raise RunError(
                f"The table {name} came out with {drawn:,} rows, planned were {rows:,}; this is a "
                "fault of the engine. Please report the recipe."
            )


def _draw_shard(
    run: _Run, drawing: Drawing, spool: Path, shard: Shard, say: Callable[[Any], None]
) -> None:
    """Write the shard's rows as Arrow streams, one file a table; the rows are in their names."""
    sinks: dict[str, ipc.RecordBatchStreamWriter] = {}
    schemas: dict[str, pa.Schema] = {}
    rows: dict[str, int] = {}
    options = ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=False)
    with disk_errors("drawing rows"):
        for name, part in drawing.draw(shard):
            if name not in run.totals or not part.num_rows:
                continue
            if name not in sinks:
                path = spool / name / f"{shard.number:06d}"
                schemas[name], rows[name] = part.schema, 0
                sinks[name] = ipc.new_stream(str(path), part.schema, options=options)
            sinks[name].write_table(part.cast(schemas[name]))
            rows[name] += part.num_rows
            say((name, part.num_rows))
        for name, sink in sinks.items():
            sink.close()
            path = spool / name / f"{shard.number:06d}"
            path.rename(path.with_name(f"{path.name}.{rows[name]}"))


def _rows_of(path: Path) -> int:
    return int(path.name.split(".")[1])


def slices_of(
    folder: Path, table: Table, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The spooled slices of one table in row order, in the table's own column order."""
    names = list(columns or table.column_names)
    fields = None if columns is None else [table.column_names.index(name) for name in names]
    options = ipc.IpcReadOptions(included_fields=fields) if fields else ipc.IpcReadOptions()
    for path in sorted(folder.iterdir()):
        with pa.memory_map(str(path)) as file, ipc.open_stream(file, options=options) as stream:
            for batch in stream:
                if batch.num_rows:
                    yield pa.Table.from_batches([batch]).select(names)


def _write(run: _Run, spool: Path, folder: Path) -> list[Written]:
    """Every (format, table) and every whole format is a task of its own."""
    order = [name for name in run.profile.schema.load_order() if name in run.totals]
    tasks: list[tuple[str, str]] = []
    for name in run.plan.recipe.formats:
        tasks += [(name, "")] if FORMATS[name].whole else [(name, table) for table in order]
    tasks.sort(key=lambda task: -run.totals.get(task[1], run.plan.rows))

    def work(number: int, say: Callable[[Any], None]) -> None:
        name, table = tasks[number]
        parts = [
            (
                run.profile.schema[t],
                _telling(slices_of(spool / t, run.profile.schema[t]), t, say),
            )
            for t in ([table] if table else order)
        ]
        path = write_file(FORMATS[name], parts, folder).name
        rows = run.totals[table] if table else run.plan.rows
        say(written(folder, path, table=table or None, format=name, rows=rows))

    found: list[Written] = []

    def hear(message: Any) -> None:
        if isinstance(message, Written):
            found.append(message)
        else:
            run.note("write", *message)

    run.fan_out(work, len(tasks), hear)
    run.stop_if_asked()
    place = {name: at for at, name in enumerate(order)}
    return sorted(found, key=lambda file: (place.get(file.table or "", -1), file.path))


def _telling(
    slices: Iterator[pa.Table], table: str, say: Callable[[Any], None]
) -> Iterator[pa.Table]:
    for part in slices:
        yield part
        say((table, part.num_rows))


def _check(run: _Run, spool: Path, folder: Path, checks: Sequence[Check]) -> list[Written]:
    tables = Tables(run.profile.schema, _loaders(run, spool), run.totals)
    whole = Shard(0, "whole", 0, 0, run.plan.rows)
    files = []
    for check in checks:
        run.stop_if_asked()
        run.note(check.stem, "", 0)
        name = f"{check.stem}.json"
        _json(folder / name, check.document(check.of_shard(tables, whole)))
        files.append(written(folder, name, table=None, format="json", rows=0))
        run.note(check.stem, "", run.plan.rows // len(checks))
    run.note("finish", "", run.plan.rows - run.plan.rows // max(len(checks), 1) * len(checks))
    return files


def _loaders(run: _Run, spool: Path) -> dict[str, Loader]:
    def loader(table: Table) -> Loader:
        schema = table.arrow_schema()

        def load(columns: Sequence[str]) -> pa.Table:
            wanted = pa.schema([schema.field(name) for name in columns])
            parts = [part.cast(wanted) for part in slices_of(spool / table.name, table, columns)]
            return pa.concat_tables(parts) if parts else wanted.empty_table()

        return load

    return {name: loader(run.profile.schema[name]) for name in run.totals}


def _describe(run: _Run, folder: Path, files: list[Written]) -> dict[str, Any]:
    """Write datapackage.json, README.md and last the manifest, which names all the others."""
    present = [run.profile.schema[name] for name in run.profile.schema.names if name in run.totals]
    _json(folder / "datapackage.json", _datapackage(run.profile, present, files))
    with disk_errors("writing README.md"):
        (folder / "README.md").write_text(_readme(run, files), encoding="utf-8")
    for name in ("datapackage.json", "README.md"):
        files.append(
            written(folder, name, table=None, format=name.rsplit(".", 1)[1].lower(), rows=0)
        )
    manifest = {
        "engine_version": ENGINE_VERSION,
        "profile": {
            "name": run.profile.name,
            "version": run.profile.version,
            "kind": run.profile.kind,
            "hash": run.profile.hash,
            **({"base": run.profile.base} if run.profile.base != run.profile.name else {}),
        },
        "recipe": run.plan.recipe.to_dict(),
        "plan": {
            "counts": [asdict(count) for count in run.plan.counts],
            "notes": list(run.plan.notes),
            "as_of": run.plan.world.get("as_of"),
        },
        "schema": {
            "meaning": run.profile.schema.meaning,
            "tables": [
                entry
                for entry in run.profile.schema.to_dict()["tables"]
                if entry["name"] in run.totals
            ],
        },
        "files": [asdict(file) for file in files],
    }
    _json(folder / "manifest.json", manifest)
    return manifest


def _datapackage(
    profile: Profile, tables: Sequence[Table], files: Sequence[Written]
) -> dict[str, Any]:
    """The Frictionless description of the files with one table each."""
    types = {
        "decimal": "number",
        "float": "number",
        "timestamp": "datetime",
        "text": "string",
        "enum": "string",
    }
    schemas = {
        table.name: {
            "fields": [
                {
                    "name": column.name,
                    "type": types.get(column.kind.value, column.kind.value),
                    **({"description": column.meaning} if column.meaning else {}),
                    "constraints": {
                        "required": not column.nullable,
                        **({"enum": list(column.values)} if column.values else {}),
                    },
                }
                for column in table.columns
            ],
            **({"primaryKey": table.key} if table.key else {}),
            "foreignKeys": [
                {
                    "fields": link.column,
                    "reference": {"resource": link.parent, "fields": link.parent_column},
                }
                for link in table.links
            ],
        }
        for table in tables
    }
    return {
        "name": f"{profile.name}-bundle".lower().replace(" ", "-"),
        "title": f"Synthetic data from the profile {profile.name} {profile.version}",
        "resources": [
            {
                "name": f"{file.table}-{file.format}".replace(".", "-").lower(),
                "path": file.path,
                "bytes": file.bytes,
                "hash": f"sha256:{file.sha256}",
                "schema": schemas[file.table],
            }
            for file in files
            if file.table
        ],
    }


def _readme(run: _Run, files: Sequence[Written]) -> str:
    lines = [
        "# Synthetic data",
        "",
        f"Made by Proving Ground {ENGINE_VERSION} from the profile {run.profile.name} "
        f"{run.profile.version}, seed {run.plan.recipe.seed}. No row is about anybody. The same "
        "recipe, profile and version give the same bytes; `recipe` in manifest.json is the recipe.",
        "",
        "| File | Table | Rows | Bytes | SHA-256 |",
        "|---|---|---:|---:|---|",
        *(
            f"| {file.path} | {file.table or ''} | {file.rows or ''} | {file.bytes} "
            f"| {file.sha256} |"
            for file in files
        ),
        "",
    ]
    return "\n".join(lines)


def _json(path: Path, document: Any) -> None:
    with disk_errors(f"writing {path.name}"):
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _partial(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` for the work; whatever an earlier attempt left there goes first."""
    name = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:12]
    folder = out.parent / f".partial-{name}"
    with disk_errors(f"preparing the folder “{out.name}”"):
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _silent(_: Progress) -> None:
    return None


def _never() -> bool:
    return False
