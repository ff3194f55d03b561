"""Shards of a small world of several dealers, as the checks of a run see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

import generator
from generator.domains import world
from generator.profile import Plan, Shard
from generator.tables import Loader, Tables
from tests.world import planned

Change = Callable[[str, pa.Table], pa.Table]


def finely_cut(monkeypatch, rows: dict[str, int]) -> Plan:
    """A plan with a few thousand rows a shard, the telemetry of its dealers in pieces."""
    monkeypatch.setattr(world, "SHARD_ROWS", 2_000)
    monkeypatch.setattr(world, "PIECE_ROWS", 10_000)
    return planned(rows)


def shards_of(plan: Plan, change: Change | None = None) -> Iterator[tuple[Shard, Tables]]:
    """Every shard with the rows it may point at; ``change`` is made to all of them."""
    profile = generator.automotive()
    drawing = profile.world.open(plan)
    for shard in plan.shards:
        parts: dict[str, list[pa.Table]] = {}
        for name, part in drawing.draw(shard):
            parts.setdefault(name, []).append(part)
        own = {name: _joined(slices) for name, slices in parts.items()}
        around = {
            name: loader(profile.schema[name].column_names)
            for name, loader in drawing.context(shard).items()
        }
        yield shard, tables_from(own, around, change or (lambda _, rows: rows))


def _joined(slices: list[pa.Table]) -> pa.Table:
    """Rows beside the counted ones may be kept as plain text where those are coded, and back."""
    plain = slices[0].schema
    for slice_ in slices[1:]:
        for at, field in enumerate(slice_.schema):
            if not field.type.equals(plain.field(at).type):
                plain = plain.set(at, pa.field(field.name, pa.string()))
    return pa.concat_tables([slice_.cast(plain) for slice_ in slices])


def tables_from(own: dict[str, pa.Table], around: dict[str, pa.Table], change: Change) -> Tables:
    own = {name: change(name, rows) for name, rows in own.items()}
    around = {name: change(name, rows) for name, rows in around.items()}
    return Tables(
        generator.automotive().schema,
        loaders(own),
        {name: rows.num_rows for name, rows in own.items()},
        context=loaders(around),
    )


def loaders(rows: dict[str, pa.Table]) -> dict[str, Loader]:
    return {name: table.select for name, table in rows.items()}


def whole_of(shards: Sequence[Tables]) -> Tables:
    """All own rows of the shards as whole tables."""
    parts: dict[str, list[pa.Table]] = {}
    schema = generator.automotive().schema
    for tables in shards:
        for name in schema.names:
            if name in tables and tables.owned(name):
                columns = schema[name].column_names
                arrays = [tables.own_arrow(name, column) for column in columns]
                kinds = [pa.field(f.name, f.type) for f in schema[name].arrow_schema()]
                rows = pa.table(arrays, names=columns).cast(pa.schema(kinds))
                parts.setdefault(name, []).append(rows)
    return tables_from(
        {name: pa.concat_tables(slices) for name, slices in parts.items()},
        {},
        lambda _, rows: rows,
    )
