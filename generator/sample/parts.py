"""Parts put together to the files of the bundle, in the order of the shards."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from generator.errors import RunError
from generator.sample.run import Run
from generator.sample.shard import Drawn
from generator.sample.spool import Spool
from generator.schema import Table
from generator.staging import Listed
from generator.write import FORMATS, Frame, TextFormat, disk_errors

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Written:
    """One finished file, its path relative to the bundle's folder; ``holds`` are the rows of each
    table that are nested in its own."""

    path: str
    table: str | None
    format: str
    rows: int
    bytes: int
    sha256: str
    holds: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """What the manifest says of it."""
        said = asdict(self)
        return said if self.holds else {k: v for k, v in said.items() if k != "holds"}


def written(
    folder: Path,
    name: str,
    *,
    table: str | None,
    format: str,  # noqa: A002 - the field's word
    rows: int,
    holds: Mapping[str, int] | None = None,
) -> Written:
    """Describe a file that is complete: size and SHA-256 of its bytes."""
    path = folder / name
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return Written(name, table, format, rows, path.stat().st_size, digest.hexdigest(), holds or {})


class Parts:
    """Takes shard by shard: copies what one file of a table is made of, gives a file that stays
    as it is its name, and adds up what the checks found."""

    def __init__(self, run: Run, spool: Spool, folder: Path) -> None:
        self._run = run
        self._spool = spool
        self._folder = folder
        self.rows = dict.fromkeys(run.totals, 0)
        self.checked: list[Any] = [None] * len(run.checks)
        self.listed: list[Listed] = []
        self.eligible: dict[str, int] = {}
        self.changed: Counter[tuple[str, str, str]] = Counter()
        self._files: list[Written] = []
        self._shards: dict[str, list[int]] = {name: [] for name in run.totals}
        self._joins = [
            _Join(way, table, folder)
            for way in map(FORMATS.__getitem__, run.plan.recipe.formats)
            if isinstance(way, TextFormat) and not way.whole
            for table in run.tables
        ]

    def take(self, drawn: Drawn) -> None:
        self._see_the_order(drawn)
        for name in drawn.rows:
            self._shards[name].append(drawn.number)
        for join in self._joins:
            if join.table.name in drawn.rows:
                join.add(self._spool.part(join.way.name, join.table.name, drawn.number))
        for name in self._run.plan.recipe.formats:
            self._place(name, drawn)
        for name, rows in drawn.rows.items():
            self.rows[name] += rows
        self.listed += drawn.staged.listed
        for name, rows in drawn.staged.eligible.items():
            self.eligible[name] = self.eligible.get(name, 0) + rows
        self.changed.update(drawn.changed)
        for at, check in enumerate(self._run.checks):
            self.checked[at] = check.add(self.checked[at], drawn.checked[at])

    def _see_the_order(self, drawn: Drawn) -> None:
        for name in drawn.rows:
            if name in self._run.exact and drawn.starts.get(name) != self.rows[name]:
                raise RunError(
                    f"Rows of {name} came from row {drawn.starts.get(name)} on where "
                    f"{self.rows[name]:,} were drawn; this is a fault of the engine. Please "
                    "report the recipe."
                )

    def _place(self, format: str, drawn: Drawn) -> None:  # noqa: A002 - the word
        """Files that stay as they are, numbered within their table's folder."""
        way = FORMATS[format]
        for name, rows in drawn.rows.items():
            if not self._spool.in_parts(way, name):
                continue
            number = len(self._shards[name]) - 1
            path = f"{way.file_of(name)}/part-{number:05d}{way.ending}"
            with disk_errors(f"writing {path}"):
                (self._folder / path).parent.mkdir(exist_ok=True)
                part = self._spool.part(format, name, drawn.number)
                part.replace(self._folder / path)
            file = written(self._folder, path, table=name, format=format, rows=rows)
            self._files.append(file)

    def finish(self) -> list[Written]:
        """Check that all rows came, and close the files."""
        for name, rows in self.rows.items():
            planned = self._run.exact.get(name, rows)
            if rows != planned:
                raise RunError(
                    f"The table {name} came out with {rows:,} rows, planned were "
                    f"{planned:,}; this is a fault of the engine. Please report the "
                    "recipe."
                )
        files = [*self._files, *(join.close(self.rows[join.table.name]) for join in self._joins)]
        for name in self._run.plan.recipe.formats:
            way = FORMATS[name]
            if isinstance(way, TextFormat) and way.whole:
                files.append(self._whole(way))
        return files

    def _whole(self, way: TextFormat) -> Written:
        """One file for all tables: its parts have waited until the tables before were complete."""
        frame = way.frame(self._run.tables)
        file = _Copy(self._folder, way.file_of(""))
        file.write(frame.before)
        for table in self._run.tables:
            file.write(frame.heads.get(table.name, b""))
            for shard in self._shards[table.name]:
                self._run.stop_if_asked()
                file.move(self._spool.part(way.name, table.name, shard))
            file.write(frame.feet.get(table.name, b""))
        file.write(frame.after)
        return file.close(table=None, format=way.name, rows=sum(self.rows.values()))


class _Join:
    """The file of one table in a format of text."""

    def __init__(self, way: TextFormat, table: Table, folder: Path) -> None:
        self.way, self.table = way, table
        self._frame: Frame = way.frame([table])
        self._file = _Copy(folder, way.file_of(table.name))
        self._file.write(self._frame.before + self._frame.heads.get(table.name, b""))

    def add(self, part: Path) -> None:
        self._file.move(part)

    def close(self, rows: int) -> Written:
        self._file.write(self._frame.feet.get(self.table.name, b"") + self._frame.after)
        return self._file.close(table=self.table.name, format=self.way.name, rows=rows)


class _Copy:
    """A file that parts are copied to; it is hashed on the way and open only meanwhile."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._name = name
        self._digest = hashlib.sha256()
        self._bytes = 0
        with disk_errors(f"writing {name}"):
            self._path.touch(exist_ok=False)

    def write(self, content: bytes) -> None:
        if content:
            with disk_errors(f"writing {self._name}"), self._path.open("ab") as file:
                self._take(file, content)

    def move(self, part: Path) -> None:
        with disk_errors(f"writing {self._name}"):
            with self._path.open("ab", buffering=0) as file:
                for chunk in _chunks(part):
                    self._take(file, chunk)
            part.unlink()

    def _take(self, file: BinaryIO | Any, content: bytes | memoryview) -> None:
        self._digest.update(content)
        self._bytes += len(content)
        while content:  # a raw file may take less than all
            content = memoryview(content)[file.write(content) :]

    def close(self, *, table: str | None, format: str, rows: int) -> Written:  # noqa: A002 - the field's word
        return Written(self._name, table, format, rows, self._bytes, self._digest.hexdigest())


def _chunks(path: Path) -> Iterator[memoryview]:
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            yield view[:size]
