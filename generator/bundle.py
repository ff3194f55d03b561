"""A finished bundle's folder, read back through its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet
from pyarrow import json as arrow_json

from generator.document import load
from generator.errors import BundleError, ProfileError, shown
from generator.schema import Kind, Schema, Table
from generator.tables import Loader, Tables

_READABLE = ("parquet", "csv", "csv.gz", "jsonl")


@dataclass(frozen=True)
class Bundle:
    """The manifest, the schema of its tables, and the file each table is read from; the name of
    its profile, and the last day that is known."""

    folder: Path
    manifest: dict[str, Any]
    schema: Schema
    files: dict[str, dict[str, Any]]
    profile: str
    as_of: date | None

    def tables(self) -> Tables:
        """Columns as the schema declares them; files are read when first asked for."""
        rows = {name: entry["rows"] for name, entry in self.files.items()}
        return Tables(self.schema, {name: self._loader(name) for name in self.files}, rows)

    def _loader(self, name: str) -> Loader:
        entry, table = self.files[name], self.schema[name]
        path = self.folder / entry["path"]

        def columns_of(columns: Sequence[str]) -> pa.Table:
            try:
                found = _LOADERS[entry["format"]](path, table, list(columns))
            except (pa.ArrowException, OSError, ValueError, LookupError) as problem:
                raise BundleError(
                    f"The file {shown(path.name)} cannot be read as the table {shown(name)} of the "
                    "manifest; make the bundle again."
                ) from problem
            if found.num_rows != entry["rows"]:
                raise BundleError(
                    f"The file {shown(path.name)} has {found.num_rows:,} rows, the manifest says "
                    f"{entry['rows']:,}; make the bundle again."
                )
            return found

        return columns_of


def open_bundle(folder: Path) -> Bundle:
    """Open ``folder`` and see that its files are the ones the manifest names, byte for byte.

    Raises BundleError when it is no bundle, a file is missing or was changed, or no file can be
    read table by table.
    """
    manifest = _manifest(folder)
    try:
        schema = Schema.from_dict(manifest["schema"])
        entries = [_entry(entry, schema) for entry in manifest["files"]]
        for entry in entries:
            _verify(folder, entry)
        profile, as_of = _text(manifest["profile"]["name"]), _day(manifest["plan"]["as_of"])
    except (LookupError, TypeError, ValueError, ProfileError) as problem:
        raise BundleError(
            f"{_named(folder)}/manifest.json is not a bundle's manifest; make the bundle again."
        ) from problem
    except OSError as problem:
        raise BundleError(
            f"A file of {_named(folder)} cannot be read ({problem.strerror}); copy it again."
        ) from problem
    files: dict[str, dict[str, Any]] = {}
    for name in _READABLE:
        for entry in entries:
            if entry["format"] == name and entry["table"] is not None:
                files.setdefault(entry["table"], entry)
    if missing := [table.name for table in schema if table.name not in files]:
        raise BundleError(
            f"{_named(folder)} holds no CSV, Parquet or JSON Lines file of {', '.join(missing)}; "
            "make it in one of these formats to have it checked."
        )
    return Bundle(folder, manifest, schema, files, profile, as_of)


def _named(folder: Path) -> str:
    """The folder's name as messages say it, also when it is given as ``.``."""
    return shown(folder.name or folder.absolute().name or str(folder))


def _entry(entry: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """A file's entry, held against the kinds of its fields.  Raises LookupError or TypeError."""
    for field in ("path", "sha256", "format"):
        _text(entry[field])
    if entry["table"] is not None and _text(entry["table"]) not in schema:
        raise LookupError(entry["table"])
    if type(entry["rows"]) is not int or entry["rows"] < 0:
        raise TypeError("rows")
    return entry


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        document = load(folder / "manifest.json")
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(
            f"{_named(folder)} is not a bundle: it has no manifest.json; name a folder that "
            "`sample --out` made."
        ) from None
    except OSError as problem:
        raise BundleError(
            f"{_named(folder)}/manifest.json cannot be read ({problem.strerror})."
        ) from problem
    except ValueError as problem:
        raise BundleError(
            f"{_named(folder)}/manifest.json cannot be read ({problem}); make the bundle again."
        ) from problem
    if not isinstance(document, dict):
        raise BundleError(f"{_named(folder)}/manifest.json is not a bundle's manifest.")
    return document


def _verify(folder: Path, entry: dict[str, Any]) -> None:
    name = entry["path"]
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents:
        raise BundleError(
            f"The manifest names “{shown(name)}”, which lies outside the bundle's folder."
        )
    if not path.is_file():
        raise BundleError(f"The file {shown(name)} is missing from {_named(folder)}; copy it back.")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    if digest.hexdigest() != entry["sha256"]:
        raise BundleError(
            f"The file {shown(name)} is not the one that was made (its SHA-256 differs from the "
            "manifest's); copy it again."
        )


def _from_parquet(path: Path, table: Table, columns: list[str]) -> pa.Table:
    return parquet.read_table(path, columns=columns).cast(_wanted(table, columns))


def _from_csv(path: Path, table: Table, columns: list[str]) -> pa.Table:
    kinds = {name: _csv_type(table, name) for name in columns}
    options = csv.ConvertOptions(
        include_columns=columns,
        column_types=kinds,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        timestamp_parsers=[csv.ISO8601],
    )
    parse = csv.ParseOptions(newlines_in_values=True)
    found = csv.read_csv(path, parse_options=parse, convert_options=options)
    return found.cast(_wanted(table, columns))


def _csv_type(table: Table, name: str) -> pa.DataType:
    return table.column(name).arrow_type()


def _from_jsonl(path: Path, table: Table, columns: list[str]) -> pa.Table:
    fields = [
        pa.field(c.name, pa.string() if c.kind in _TEXT_IN_JSON else c.arrow_type())
        for c in table.columns
    ]
    if path.stat().st_size == 0:
        return _wanted(table, columns).empty_table()
    options = arrow_json.ParseOptions(explicit_schema=pa.schema(fields))
    found = arrow_json.read_json(path, parse_options=options).select(columns)
    arrays = [_typed(table, name, found.column(name)) for name in columns]
    return pa.table(arrays, names=columns).cast(_wanted(table, columns))


_TEXT_IN_JSON = (Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP)


def _typed(table: Table, name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(table.column(name).arrow_type()) if values.type == pa.string() else values


def _wanted(table: Table, columns: list[str]) -> pa.Schema:
    schema = table.arrow_schema()
    return pa.schema([schema.field(name) for name in columns])


_LOADERS = {
    "parquet": _from_parquet,
    "csv": _from_csv,
    "csv.gz": _from_csv,
    "jsonl": _from_jsonl,
}
