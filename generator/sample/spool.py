"""Where the parts of a run lie until they are put together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from generator.profile import Plan
from generator.schema import Table
from generator.write import FORMATS, FileFormat, NestedFormat, TextFormat
from generator.write.format import Part

_ROWS = "rows"


class Spool:
    """A folder of the run: a part for each format, table and shard, and the rows of the tables
    that some format is filled from when all are drawn."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self._planned = {count.table: count.rows for count in plan.counts}
        self._formats = [FORMATS[name] for name in plan.recipe.formats]
        folder.mkdir()
        for name in self._planned:
            if self.keeps_rows(name):
                (folder / _ROWS / name).mkdir(parents=True)
            for way in self._formats:
                if isinstance(way, TextFormat) or self.in_parts(way, name):
                    (folder / way.name / name).mkdir(parents=True)

    def in_parts(self, way: object, table: str) -> bool:
        """Whether a table is a folder of files in this format."""
        longest = way.longest if isinstance(way, FileFormat) else None
        return longest is not None and self._planned[table] > longest

    def keeps_rows(self, table: str) -> bool:
        """Whether some format is filled from all rows of the table."""
        return any(
            isinstance(way, NestedFormat)
            or (isinstance(way, FileFormat) and not self.in_parts(way, table))
            for way in self._formats
        )

    def part(self, format: str, table: str, shard: int) -> Path:  # noqa: A002 - the word
        return self.folder / format / table / f"{shard:06d}"

    def rows(self, table: str, shard: int) -> Path:
        return self.folder / _ROWS / table / f"{shard:06d}"

    def changes(self, day: str, table: str, what: str) -> Path:
        """The folder of what happened to a table until a day."""
        return self.folder / "changes" / day / f"{table}.{what}"

    def slices(self, table: Table) -> Iterator[pa.Table]:
        """The kept rows of a table in their order."""
        for path in sorted((self.folder / _ROWS / table.name).iterdir()):
            with pa.memory_map(str(path)) as file, ipc.open_stream(file) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])

    def parts(self, table: str) -> list[Part]:
        """The kept rows of a table, shard by shard, to be read as often as they are wanted."""
        return [partial(_columns, path) for path in sorted((self.folder / _ROWS / table).iterdir())]

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def _columns(path: Path, names: Sequence[str]) -> pa.Table:
    """Columns of the rows in ``path``; the others are not unpacked."""
    with pa.memory_map(str(path)) as file:
        stored = ipc.open_stream(file).schema
    fields = [stored.get_field_index(name) for name in names]
    options = ipc.IpcReadOptions(included_fields=sorted(fields))
    with pa.memory_map(str(path)) as file, ipc.open_stream(file, options=options) as stream:
        return stream.read_all().select(list(names))
