"""The world of a fitted profile, and the one file such a profile is kept in."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.cells import Tree, tree_ok
from generator.errors import ProfileError, StorageError
from generator.leaves.codec import Codec, decode, made_anew
from generator.leaves.scale import Endings, Scale
from generator.leaves.tables import CodeLeaves, KnotLeaves
from generator.leaves.writing import Writing
from generator.profile import Plan, Profile, Shard, TableCount
from generator.recipe import Recipe
from generator.schema import Schema, Table
from generator.streams import Stream
from generator.summary import Summary
from generator.tables import Loader

SHARD_ROWS = 65_536
BLOCK_ROWS = 32_768  # few enough for the processor's cache, enough for NumPy
FORMAT = 1
FAR_BELOW = np.float32(-1e6)
_DOCUMENT = "profile.json"
_LIMIT = 256 << 20
_ENTRIES = 100_000
_DAY = (1980, 1, 1, 0, 0, 0)

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
    leaves: CodeLeaves | KnotLeaves | None = None
    absent_tree: Tree | None = None
    absent: CodeLeaves | None = None
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
        found: list[Shard] = []
        for count in plan.counts:
            for first in range(0, count.rows, SHARD_ROWS):
                last = min(first + SHARD_ROWS, count.rows)
                number = len(found)
                found.append(Shard(number, count.table, first, last, last - first, group=number))
        return tuple(found)

    def open(self, plan: Plan) -> FittedDrawing:
        return FittedDrawing(self, plan)


class FittedDrawing:
    """Implements ``profile.Drawing``: every row comes from its own stream rows alone."""

    def __init__(self, world: FittedWorld, plan: Plan) -> None:
        self._world = world
        self._plan = plan

    def draw(self, shard: Shard) -> Iterator[tuple[str, pa.Table]]:
        for rows in self._rows(shard.stage, shard.first, shard.last):
            yield shard.stage, rows

    def context(self, shard: Shard) -> Mapping[str, Loader]:
        """The tables the shard's table links to, whole."""
        drawn = {count.table for count in self._plan.counts}
        parents = {link.parent for link in self._world.schema[shard.stage].links}
        return {
            name: partial(self._columns, name) for name in parents & drawn if name != shard.stage
        }

    def _columns(self, name: str, columns: Sequence[str]) -> pa.Table:
        blocks = self._rows(name, 0, self._plan.count(name))
        parts = [rows.select(list(columns)) for rows in blocks]
        empty = self._world.schema[name].arrow_schema().empty_table().select(list(columns))
        return pa.concat_tables(parts) if parts else empty

    def _rows(self, name: str, start: int, stop: int) -> Iterator[pa.Table]:
        table, leaves = self._world.schema[name], self._world.tables[name]
        for first in range(start, stop, BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, stop)
            yield _draw_rows(table, leaves, self._plan.recipe.seed, first, last)


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
    missing = np.zeros(n, dtype=bool)
    if leaves.absent is not None and leaves.absent_tree is not None:
        bits = Stream(seed, table.name, f"{name}\x1fmissing").bits(first, last)
        missing = leaves.absent.draw(leaves.absent_tree.apply(features), bits) == 1
    if codec.form == "pattern":
        made = made_anew(declared, codec, first, last, Stream(seed, table.name, name))
        return _masked(made, missing)
    if leaves.map_to is not None:
        values: NDArray[Any] = leaves.map_to[known[leaves.map_of].places]
        missing = values < 0
        values = np.maximum(values, 0)
    else:
        bits = Stream(seed, table.name, name).bits(first, last)
        assert leaves.tree is not None
        assert leaves.leaves is not None
        values = leaves.leaves.draw(leaves.tree.apply(features), bits)
    if codec.scale is not None:
        values = codec.scale.values(values.astype(np.float64))
    known[name] = _drawn(codec, values, missing)
    return decode(declared, codec, values, missing)


def _masked(array: pa.Array, missing: NDArray[np.bool_]) -> pa.Array:
    if not missing.any():
        return array
    return pa.compute.if_else(pa.array(missing), pa.scalar(None, array.type), array)


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


def save_profile(profile: Profile, path: Path) -> None:
    """Write a fitted profile into one file, whole or not at all; equal profiles, equal bytes.

    Raises ProfileError for a built-in profile, StorageError when the disk refuses.
    """
    document, arrays = _pack(profile)
    content = _zip(document | {"hash": profile.hash}, arrays)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise StorageError(
            f"The profile “{path.name}” cannot be written ({problem.strerror}); free some space or "
            "choose another folder."
        ) from problem


def hash_of(profile: Profile) -> str:
    """SHA-256 over the statistics of a fitted profile (not over its certificate)."""
    document, arrays = _pack(replace(profile, certificate=None))
    return hashlib.sha256(_zip(document, arrays)).hexdigest()


def _pack(profile: Profile) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if not isinstance(profile.world, FittedWorld):
        raise ProfileError(f"The profile {profile.name} is built in; only fitted ones have a file.")
    arrays: dict[str, NDArray[Any]] = {}
    tables = {
        name: {
            "rows": leaves.rows,
            "columns": [
                _pack_column(column, leaves.columns[column], f"{at}.{place}", arrays)
                for place, column in enumerate(leaves.columns)
            ],
        }
        for at, (name, leaves) in enumerate(profile.world.tables.items())
    }
    document = {
        "format": FORMAT,
        "name": profile.name,
        "version": profile.version,
        "title": profile.title,
        "schema": profile.schema.to_dict(),
        "summary": profile.summary.to_dict() if profile.summary is not None else None,
        "certificate": profile.certificate,
        "tables": tables,
    }
    return document, arrays


def _pack_column(
    name: str, leaves: ColumnLeaves, stem: str, arrays: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    codec = leaves.codec
    entry: dict[str, Any] = {
        "column": name,
        "form": codec.form,
        "labels": list(codec.labels),
        "pattern": list(codec.pattern),
        "writing": None if codec.writing is None else vars(codec.writing),
        "scale": None if codec.scale is None else _pack_scale(codec.scale, stem, arrays),
        "map_of": leaves.map_of,
        "predictors": [],
    }
    for at, predictor in enumerate(leaves.predictors):
        entry["predictors"].append(
            {"column": predictor.column, "centre": predictor.centre, "spread": predictor.spread}
        )
        if predictor.coordinates is not None:
            arrays[f"{stem}.p{at}"] = predictor.coordinates
    for part, tree in (("tree", leaves.tree), ("absent_tree", leaves.absent_tree)):
        if tree is not None:
            for field, values in _fields(tree):
                arrays[f"{stem}.{part}.{field}"] = values
    for part, found in (("leaves", leaves.leaves), ("absent", leaves.absent)):
        if found is not None:
            for field, values in _fields(found):
                arrays[f"{stem}.{part}.{field}"] = values
    if leaves.map_to is not None:
        arrays[f"{stem}.map_to"] = leaves.map_to
    return entry


def _fields(part: Tree | CodeLeaves | KnotLeaves) -> Iterator[tuple[str, NDArray[Any]]]:
    for name in part.__dataclass_fields__:
        yield name, getattr(part, name)


def _pack_scale(scale: Scale, stem: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    ends = scale.endings
    for field, values in _fields(scale.knots):
        arrays[f"{stem}.scale.{field}"] = values
    if ends is None:
        return {"grid": scale.grid, "endings": None}
    for field, values in _fields(ends.leaf):
        arrays[f"{stem}.endings.{field}"] = values
    return {"grid": scale.grid, "endings": {"unit": ends.unit, "modulus": ends.modulus}}


def _zip(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Deterministic: sorted names, fixed times, one compression level."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        _add(packed, _DOCUMENT, text.encode())
        for name in sorted(arrays):
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            _add(packed, f"{name}.npy", part.getvalue())
    return buffer.getvalue()


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    packed.writestr(entry, content, compresslevel=6)


def load_profile(path: Path) -> Profile:
    """Read the file ``save_profile`` wrote.  Raises ProfileError for anything else."""
    try:
        document, arrays = _unzip(path)
        if document["format"] != FORMAT:
            raise ProfileError(
                f"“{path.name}” has the format {document['format']}, this version reads {FORMAT}; "
                "use the version it was written with, or fit it again."
            )
        return _unpack(document, arrays)
    except FileNotFoundError:
        raise ProfileError(f"There is no profile file “{path.name}”.") from None
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        ArithmeticError,
        MemoryError,
        RuntimeError,  # a password; nesting without end
    ) as problem:
        raise ProfileError(
            f"“{path.name}” is not a profile, or it is damaged; copy it again or fit it anew."
        ) from problem


def _unzip(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    arrays = {}
    with zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _LIMIT:
            raise ProfileError(f"“{path.name}” is larger than a profile can be.")
        document = json.loads(packed.read(_DOCUMENT))
        for entry in entries:
            if entry.filename.endswith(".npy"):
                arrays[entry.filename[:-4]] = _array(packed.read(entry))
    return document, arrays


def _array(content: bytes) -> NDArray[Any]:
    """A plain array; its claimed shape is held against its bytes before anything is allocated."""
    part = io.BytesIO(content)
    if np.lib.format.read_magic(part) != (1, 0):
        raise ValueError("version of an array")
    shape, _, kind = np.lib.format.read_array_header_1_0(part)
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(content) - part.tell():
        raise ValueError("size of an array")
    part.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(part, allow_pickle=False)
    return array


def _unpack(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Profile:
    schema = Schema.from_dict(document["schema"])
    tables = {}
    for at, (name, entry) in enumerate(document["tables"].items()):
        columns = {
            found["column"]: _unpack_column(found, f"{at}.{place}", arrays)
            for place, found in enumerate(entry["columns"])
        }
        _check_columns(schema[name], columns)
        if not 0 <= int(entry["rows"]) < 1 << 40:
            raise ValueError(f"rows of {name}")
        tables[name] = TableLeaves(int(entry["rows"]), columns)
    summary, certificate = document["summary"], document["certificate"]
    if not isinstance(certificate, dict | None):
        raise ValueError("certificate")
    return Profile(
        name=str(document["name"]),
        version=str(document["version"]),
        title=str(document["title"]),
        kind="fitted",
        schema=schema,
        world=FittedWorld(schema, tables),
        summary=Summary.from_dict(summary) if summary else None,
        certificate=certificate,
        hash=str(document["hash"]),
    )


def _check_columns(table: Table, columns: Mapping[str, ColumnLeaves]) -> None:
    """Raises ValueError unless every column can be drawn from columns before it."""
    if set(columns) != set(table.column_names):
        raise ValueError(f"columns of {table.name}")
    earlier: dict[str, Codec] = {}
    for name, leaves in columns.items():
        if not leaves.codec.ok(table.column(name)) or not _drawable(leaves, earlier):
            raise ValueError(f"column {name}")
        if leaves.codec.form in ("labels", "number"):
            earlier[name] = leaves.codec


def _drawable(leaves: ColumnLeaves, earlier: Mapping[str, Codec]) -> bool:
    codec, labels = leaves.codec, len(leaves.codec.labels)
    if not all(_known_before(predictor, earlier) for predictor in leaves.predictors):
        return False
    absent, tree = leaves.absent, leaves.absent_tree
    if (absent is None) != (tree is None):
        return False
    if absent is not None and tree is not None and not absent.ok(tree.cells, 2):
        return False
    if codec.form in ("missing", "pattern"):
        return True
    if leaves.map_to is not None:
        of = earlier.get(leaves.map_of)
        whole = leaves.map_to.dtype == np.int32 and codec.form == "labels"
        fits = of is not None and leaves.map_to.shape == (len(of.labels) + 1,)
        return whole and fits and bool(((leaves.map_to >= -1) & (leaves.map_to < labels)).all())
    if leaves.tree is None:
        return False
    if codec.form == "labels":
        return isinstance(leaves.leaves, CodeLeaves) and leaves.leaves.ok(leaves.tree.cells, labels)
    return isinstance(leaves.leaves, KnotLeaves) and leaves.leaves.ok(leaves.tree.cells)


def _known_before(predictor: Predictor, earlier: Mapping[str, Codec]) -> bool:
    of, placed = earlier.get(predictor.column), predictor.coordinates
    if of is None or not np.isfinite([predictor.centre, predictor.spread]).all():
        return False
    if placed is None:
        return of.form == "number" and predictor.spread != 0
    rows = placed.ndim == 2 and len(placed) == len(of.labels) + 1
    return rows and placed.dtype == np.float32 and bool(np.isfinite(placed).all())


def _unpack_column(
    entry: Mapping[str, Any], stem: str, arrays: Mapping[str, NDArray[Any]]
) -> ColumnLeaves:
    codec = Codec(
        entry["form"],
        tuple(entry["labels"]),
        None if entry["scale"] is None else _unpack_scale(entry["scale"], stem, arrays),
        tuple(entry["pattern"]),
        None if entry["writing"] is None else Writing(**entry["writing"]),
    )
    predictors = tuple(
        Predictor(p["column"], arrays.get(f"{stem}.p{at}"), float(p["centre"]), float(p["spread"]))
        for at, p in enumerate(entry["predictors"])
    )
    width = sum(p.width for p in predictors)
    leaves: CodeLeaves | KnotLeaves | None = None
    if f"{stem}.leaves.code" in arrays:
        leaves = _part(CodeLeaves, f"{stem}.leaves", arrays)
    elif f"{stem}.leaves.at" in arrays:
        leaves = _part(KnotLeaves, f"{stem}.leaves", arrays)
    absent = f"{stem}.absent.code" in arrays
    return ColumnLeaves(
        codec,
        predictors,
        _tree(f"{stem}.tree", arrays, width),
        leaves,
        _tree(f"{stem}.absent_tree", arrays, width),
        _part(CodeLeaves, f"{stem}.absent", arrays) if absent else None,
        str(entry["map_of"]),
        arrays.get(f"{stem}.map_to"),
    )


def _unpack_scale(entry: Mapping[str, Any], stem: str, arrays: Mapping[str, NDArray[Any]]) -> Scale:
    ends = entry["endings"]
    return Scale(
        _part(KnotLeaves, f"{stem}.scale", arrays),
        float(entry["grid"]),
        None
        if ends is None
        else Endings(
            float(ends["unit"]),
            int(ends["modulus"]),
            _part(CodeLeaves, f"{stem}.endings", arrays),
        ),
    )


def _part(kind: Any, stem: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    return kind(**{name: arrays[f"{stem}.{name}"] for name in kind.__dataclass_fields__})


def _tree(stem: str, arrays: Mapping[str, NDArray[Any]], width: int) -> Tree | None:
    if f"{stem}.feature" not in arrays:
        return None
    tree: Tree = _part(Tree, stem, arrays)
    if not tree_ok(tree, width):
        raise ValueError(stem)
    return tree
