"""API-shaped JSON: the platform's aggregates as its OpenAPI files have them, an object a line.

``api/<aggregate>.jsonl`` nests rows of several tables in one object.  A row is in one aggregate;
where the bundle lacks the tables of that, the row stands as it is in ``tables/<table>.jsonl``, as
JSON Lines have it.

Memory is bounded by what is written at once: some thousand rows of an aggregate with all that lies
beneath them, and one part of a table (its rows of one shard) beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from generator.schema import Table
from generator.write import jsonl
from generator.write.api.frame import Frame
from generator.write.api.homes import Home, away, fits, homes
from generator.write.api.shape import Aggregate, aggregates
from generator.write.api.store import Store
from generator.write.api.text import Lines
from generator.write.format import Carried, Fill, NestedFile, NestedFormat, Parts, text_size
from generator.write.text import bytes_of

_FOLDER, _TABLES = "api", "tables"
_ROWS = 32_768  # of a table of its own, at once


def nested(tables: Mapping[str, Table]) -> list[NestedFile]:
    """Aggregates whose table is there, then what is left of each table."""
    fit = [one for one in aggregates() if fits(one, tables)]
    known = homes(fit, tables)
    whole = [
        NestedFile(f"{_FOLDER}/{one.name}.jsonl", one.table, _aggregate(one, tables)) for one in fit
    ]
    left = [
        NestedFile(
            f"{_TABLES}/{name}.jsonl",
            name,
            _left(tables, name, known.get(name, [])),
            always=name not in known,
        )
        for name in tables
    ]
    return [*whole, *left]


def _aggregate(one: Aggregate, tables: Mapping[str, Table]) -> Fill:
    def fill(parts: Parts, path: Path, told: Callable[[str, int], None]) -> Carried:
        store, lines, rows = Store(tables, parts), Lines(), 0
        with path.open("wb") as file:
            for part in store.slices(one.table, one.rows):
                frame = Frame(store, one.table, part, one.joined)
                if (mask := frame.passing(one.where)) is not None:
                    frame = frame.only(mask)
                if not len(frame):
                    continue
                rows += len(frame)
                before = Counter(lines.carried)
                file.write(bytes_of(lines.of(frame, one.shape)))
                _count_joined(lines, frame, one)
                lines.carried[one.table] += len(frame)
                for table, more in (lines.carried - before).items():
                    told(table, more)
        return Carried(rows, dict(sorted(lines.carried.items())))

    return fill


def _count_joined(lines: Lines, frame: Frame, one: Aggregate) -> None:
    for name, each in one.joined.items():
        if (there := frame.follow(name)) is not None:
            lines.carried[each.table] += len(there) - there.keys.null_count


def _left(tables: Mapping[str, Table], name: str, known: Sequence[Home]) -> Fill:
    def fill(parts: Parts, path: Path, told: Callable[[str, int], None]) -> Carried:
        store, rows = Store(tables, parts), 0
        with path.open("wb") as file:
            for part in _rows_left(store, name, known):
                rows += part.num_rows
                file.writelines(jsonl.part(tables[name], part))
                told(name, part.num_rows)
        return Carried(rows, {name: rows})

    return fill


def _rows_left(store: Store, name: str, known: Sequence[Home]) -> Iterator[pa.Table]:
    whole = any(home.over is None and not home.where for home in known)
    if whole:
        return  # every row is an aggregate of its own
    for part in store.slices(name, _ROWS):
        rows = away(store, known, part)
        if rows.num_rows:
            yield rows


FORMAT = NestedFormat(
    name="api-json",
    title="API-shaped JSON",
    hint="nested as the platform's API",
    ending=".jsonl",
    media="application/x-ndjson",
    size=lambda column: 1.9 * (text_size(column) + len(column.name) + 4),
    seconds=1.0,
    folder=_TABLES,
    nested=nested,
)
