"""A finished bundle's folder, read back through its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from generator.document import load
from generator.errors import BundleError, ProfileError, shown
from generator.schema import Schema, Table
from generator.tables import Loader, Tables
from generator.write import FORMATS, Format, Wanted


@dataclass(frozen=True)
class Bundle:
    """The manifest, the schema of its tables, and the files each table is read from, in the order
    of its rows; the name of the profile whose rules it keeps, the last day that is known, and the
    targets that were asked for."""

    folder: Path
    manifest: dict[str, Any]
    schema: Schema
    files: dict[str, list[dict[str, Any]]]
    profile: str
    as_of: date | None
    asked: dict[str, float]

    def tables(self) -> Tables:
        """Columns as the schema declares them; files are read when first asked for."""
        rows = {
            name: sum(entry["rows"] for entry in entries) for name, entries in self.files.items()
        }
        return Tables(self.schema, {name: self._loader(name) for name in self.files}, rows)

    def find(self, table: str, wanted: Wanted, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The wanted rows of a table, some at a time; no more is read than the format must."""
        declared = self.schema[table]
        for entry in self.files[table]:
            path, look = self.folder / entry["path"], FORMATS[entry["format"]].find
            try:
                if look is None:
                    raise LookupError(entry["format"])
                yield from look(path, declared, columns, wanted)
            except (pa.ArrowException, OSError, ValueError, LookupError) as problem:
                raise BundleError(
                    f"The file {shown(path.name)} cannot be read as the table {shown(table)} of "
                    "the manifest; make the bundle again."
                ) from problem

    def _loader(self, name: str) -> Loader:
        def columns_of(columns: Sequence[str]) -> pa.Table:
            return pa.concat_tables(
                [self._rows(self.schema[name], entry, columns) for entry in self.files[name]]
            )

        return columns_of

    def _rows(self, table: Table, entry: dict[str, Any], columns: Sequence[str]) -> pa.Table:
        """Columns of one file, which has the rows the manifest says."""
        path = self.folder / entry["path"]
        try:
            rows = _read(FORMATS[entry["format"]], path, table, columns)
        except (pa.ArrowException, OSError, ValueError, LookupError) as problem:
            raise BundleError(
                f"The file {shown(path.name)} cannot be read as the table {shown(table.name)} of "
                "the manifest; make the bundle again."
            ) from problem
        if rows.num_rows != entry["rows"]:
            raise BundleError(
                f"The file {shown(path.name)} has {rows.num_rows:,} rows, the manifest says "
                f"{entry['rows']:,}; make the bundle again."
            )
        return rows


def open_bundle(folder: Path) -> Bundle:
    """Open ``folder`` and see that its files are the ones the manifest names, byte for byte.

    Raises BundleError when it is no bundle, a file is missing or was changed, or no file can be
    read table by table.
    """
    return _opened(folder, verified=True)


def look_into(folder: Path) -> Bundle:
    """Open ``folder`` to look for a few rows: its files are not read through, so one that was
    changed is not found out.  Raises BundleError as ``open_bundle`` does."""
    return _opened(folder, verified=False)


def _opened(folder: Path, *, verified: bool) -> Bundle:
    manifest = _manifest(folder)
    try:
        schema = Schema.from_dict(manifest["schema"])
        entries = [_entry(entry, schema) for entry in manifest["files"]]
        for entry in entries:
            _inside(folder, entry)
            if verified:
                _verify(folder, entry)
        named = manifest["profile"]
        profile = _text(named["base" if "base" in named else "name"])
        as_of = _day(manifest["plan"]["as_of"])
        asked = {_text(name): float(v) for name, v in manifest["recipe"].get("set", {}).items()}
    except ProfileError as problem:  # of its schema
        raise BundleError(f"{_named(folder)}/manifest.json: {problem.sentence}") from problem
    except (LookupError, TypeError, ValueError) as problem:
        raise BundleError(
            f"{_named(folder)}/manifest.json is not a bundle's manifest; make the bundle again."
        ) from problem
    except OSError as problem:
        raise BundleError(
            f"A file of {_named(folder)} cannot be read ({problem.strerror}); copy it again."
        ) from problem
    files = _readable(entries) if verified else _searchable(entries, schema)
    if missing := [table.name for table in schema if table.name not in files]:
        ways = [way for way in FORMATS.values() if (way.read if verified else way.find)]
        raise BundleError(
            f"{_named(folder)} holds no file of {', '.join(missing)} as "
            f"{' or '.join(way.title for way in ways)}; make it in one of these formats to have "
            f"it {'checked' if verified else 'searched'}."
        )
    return Bundle(folder, manifest, schema, files, profile, as_of, asked)


def _readable(entries: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The files of each table in the format that is read soonest."""
    ways = [way for way in FORMATS.values() if way.read]
    files: dict[str, list[dict[str, Any]]] = {}
    for way in sorted(ways, key=lambda way: way.seconds):
        mine: dict[str, list[dict[str, Any]]] = {}
        for entry in entries:
            if entry["format"] == way.name and entry["table"] is not None:
                mine.setdefault(entry["table"], []).append(entry)
        files = mine | files
    return files


def _searchable(
    entries: Sequence[dict[str, Any]], schema: Schema
) -> dict[str, list[dict[str, Any]]]:
    """The files of each table in the format that is read soonest."""
    ways = [way for way in FORMATS.values() if way.find]
    files: dict[str, list[dict[str, Any]]] = {}
    for way in sorted(ways, key=lambda way: way.seconds):
        mine: dict[str, list[dict[str, Any]]] = {}
        for entry in entries:
            if entry["format"] == way.name:
                for table in schema.names if way.whole else filter(None, [entry["table"]]):
                    mine.setdefault(table, []).append(entry)
        files = mine | files
    return files


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


def _inside(folder: Path, entry: dict[str, Any]) -> None:
    if folder.resolve() not in (folder / entry["path"]).resolve().parents:
        raise BundleError(
            f"The manifest names “{shown(entry['path'])}”, which lies outside the bundle's folder."
        )


def _verify(folder: Path, entry: dict[str, Any]) -> None:
    name = entry["path"]
    path = (folder / name).resolve()
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


def _read(
    format: Format,  # noqa: A002 - the word
    path: Path,
    table: Table,
    columns: Sequence[str],
) -> pa.Table:
    if format.read is None:
        raise LookupError(format.name)
    schema = table.arrow_schema()
    wanted = pa.schema([schema.field(name) for name in columns])
    return format.read(path, table, columns).cast(wanted)
