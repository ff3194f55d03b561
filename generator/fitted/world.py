"""The world of a fitted profile: every column is drawn from its leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.cells import Tree
from generator.leaves.choice import Choices
from generator.leaves.codec import Codec
from generator.leaves.decode import decode, made_anew
from generator.leaves.quantiles import Curves
from generator.profile import Plan, Profile, Shard, TableCount
from generator.recipe import Recipe
from generator.schema import Kind, Schema, Table
from generator.streams import Stream
from generator.summary import Forms
from generator.tables import Loader

SHARD_ROWS = 65_536
BLOCK_ROWS = 32_768  # few enough for the processor's cache, enough for NumPy
BLOCK_BYTES = 128 << 20  # of a block's values at most: rows of long texts come in smaller blocks
FAR_BELOW = np.float32(-1e6)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Predictor:
    """An earlier column as features.  ``coordinates`` (labels + 1, components) float32 places the
    labels of a "labels" column, missing last; for numbers ``centre`` and ``spread`` scale them."""

    column: str
    coordinates: NDArray[np.float32] | None = None
    centre: float = 0.0
    spread: float = 1.0

    @property
    def width(self) -> int:
        return 1 if self.coordinates is None else self.coordinates.shape[1]


@dataclass(frozen=True)
class ColumnLeaves:
    """How one column is drawn: the cell its predictors fall in, then that cell's leaf.

    ``map_of``/``map_to`` replace both where another column determines this one exactly: the code
    of that column (missing last) gives the code of this one, -1 for missing.  ``absent`` draws
    whether the value is missing (code 1).
    """

    codec: Codec
    predictors: tuple[Predictor, ...] = ()
    tree: Tree | None = None
    leaves: Choices | Curves | None = None
    absent_tree: Tree | None = None
    absent: Choices | None = None
    map_of: str = ""
    map_to: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class TableLeaves:
    """All columns of a table in drawing order, and the extract's row count."""

    rows: int
    columns: Mapping[str, ColumnLeaves]


class Known(Protocol):
    """An earlier column: ``missing`` bool (n,), and ``numbers`` float64 (n,) of a number or
    ``places`` int64 (n,) of labels, where what is missing or rare has the place after the last."""

    @property
    def missing(self) -> NDArray[np.bool_]: ...
    @property
    def numbers(self) -> Floats: ...
    @property
    def places(self) -> NDArray[np.int64]: ...


@dataclass(frozen=True)
class _Drawn:
    missing: NDArray[np.bool_]
    numbers: Floats
    places: NDArray[np.int64]


def written_forms(profile: Profile) -> Forms:
    """How a fitted profile writes the text columns that say numbers or moments, by (table,
    column); none of a profile of another kind."""
    if not isinstance(profile.world, FittedWorld):
        return {}
    return {
        (table, name): leaves.codec.written
        for table, drawn in profile.world.tables.items()
        for name, leaves in drawn.columns.items()
        if leaves.codec.written is not None
        and profile.schema[table].column(name).kind in (Kind.TEXT, Kind.ENUM)
    }


class FittedWorld:
    """Implements ``profile.World``: every column is drawn from its leaves."""

    def __init__(self, schema: Schema, tables: Mapping[str, TableLeaves]) -> None:
        self.schema = schema
        self.tables = tables

    def settle(self, recipe: Recipe) -> tuple[tuple[TableCount, ...], dict[str, Any], list[str]]:
        wanted = set(recipe.tables or self.schema.names) | set(recipe.rows)
        counts = tuple(
            TableCount(
                name,
                recipe.rows.get(name, self.tables[name].rows),
                name in recipe.rows,
                "" if name in recipe.rows else "as many as the extract had",
            )
            for name in self.schema.load_order()
            if name in wanted
        )
        notes = []
        if recipe.start or recipe.stop:
            notes.append(
                "A fitted profile keeps the dates of its extract; the date span is not applied."
            )
        return counts, {}, notes

    def shards(self, plan: Plan) -> tuple[Shard, ...]:
        shards: list[Shard] = []
        for count in plan.counts:
            for first in range(0, count.rows, SHARD_ROWS):
                last = min(first + SHARD_ROWS, count.rows)
                number = len(shards)
                shards.append(Shard(number, count.table, first, last, last - first, group=number))
        return tuple(shards)

    def open(self, plan: Plan) -> FittedDrawing:
        return FittedDrawing(self, plan)


class FittedDrawing:
    """Implements ``profile.Drawing``: every row comes from its own stream rows alone."""

    def __init__(self, world: FittedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def changes(self, shard: Shard) -> Iterator[tuple[date, str, str, pa.Table]]:
        """None: the plan refuses increments of what keeps its extract's dates."""
        del shard
        return iter(())

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        for rows in self._rows(shard.stage, shard.first, shard.last):
            yield shard.stage, rows

    def starts(self, shard: Shard) -> Mapping[str, int]:
        return {shard.stage: shard.first}

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """None: rows of other tables would have to be drawn again for every shard.  Links are
        followed by what all shards say about their keys."""
        del shard
        return {}

    def _rows(self, name: str, start: int, stop: int) -> Iterator[pa.Table]:
        table, leaves = self._world.schema[name], self._world.tables[name]
        step = _block_rows(leaves)
        for first in range(start, stop, step):
            last = min(first + step, stop)
            yield _draw_rows(table, leaves, self._plan.recipe.seed, first, last)


def _block_rows(leaves: TableLeaves) -> int:
    width = sum(column.codec.bytes for column in leaves.columns.values())
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // max(width, 1)))


def _draw_rows(table: Table, leaves: TableLeaves, seed: int, first: int, last: int) -> pa.Table:
    """Rows ``first`` to ``last`` (exclusive) of one table, from their own stream rows alone."""
    known: dict[str, Known] = {}
    arrays: dict[str, pa.Array] = {}
    for name, column in leaves.columns.items():
        arrays[name] = _draw_column(table, name, column, known, seed, first, last)
    return pa.table([arrays[name] for name in table.column_names], names=list(table.column_names))


def _draw_column(
    table: Table,
    name: str,
    leaves: ColumnLeaves,
    known: dict[str, Known],
    seed: int,
    first: int,
    last: int,
) -> pa.Array:
    declared, codec, n = table.column(name), leaves.codec, last - first
    if codec.form == "missing":
        return pa.nulls(n, declared.arrow_type())
    features = features_of(leaves.predictors, known, n)
    absent = np.zeros(n, dtype=np.int32)
    if leaves.absent is not None and leaves.absent_tree is not None:
        bits = Stream(seed, table.name, f"{name}\x1fmissing").bits(first, last)
        absent = leaves.absent.draw(leaves.absent_tree.apply(features), bits)
    if codec.form == "pattern":
        stream = Stream(seed, table.name, name)
        return made_anew(declared, codec, first, last, stream, absent)
    if leaves.map_to is not None:
        values: NDArray[Any] = leaves.map_to[known[leaves.map_of].places]
        absent = (values < 0).astype(np.int32)
        values = np.maximum(values, 0)
    else:
        bits = Stream(seed, table.name, name).bits(first, last)
        assert leaves.tree is not None
        assert leaves.leaves is not None
        values = leaves.leaves.draw(leaves.tree.apply(features), bits)
    if codec.scale is not None:
        values = codec.scale.values(values.astype(np.float64))
    known[name] = _drawn(codec, values, absent > 0)
    return decode(declared, codec, values, absent)


def _drawn(codec: Codec, values: NDArray[Any], missing: NDArray[np.bool_]) -> _Drawn:
    if codec.form == "number":
        return _Drawn(missing, values, np.zeros(0, dtype=np.int64))
    places = np.where(missing, len(codec.labels), values).astype(np.int64)
    return _Drawn(missing, np.zeros(0), places)


def features_of(
    predictors: tuple[Predictor, ...], known: Mapping[str, Known], n: int
) -> NDArray[np.float32]:
    """The features (n, width of all predictors) a tree is applied to; a missing number lies far
    below all others."""
    out = np.empty((n, sum(p.width for p in predictors)), dtype=np.float32, order="F")
    at = 0
    for predictor in predictors:
        have = known[predictor.column]
        if predictor.coordinates is None:
            out[:, at] = (have.numbers - predictor.centre) / predictor.spread
            out[have.missing, at] = FAR_BELOW
        else:
            for component in np.ascontiguousarray(predictor.coordinates.T):
                np.take(component, have.places, out=out[:, at])
                at += 1
            continue
        at += 1
    return out
