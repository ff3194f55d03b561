"""Read an extract: CSV, CSV.gz, Parquet or JSON Lines files, a folder or a ZIP of them.

Files are read as data and bounded before and while they are unpacked.  A problem is one
sentence with file, row and column; never a value.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json
from pyarrow import parquet

from generator.errors import ExtractError

_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".jsonl")
_PACKED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst")
_DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What an extract may come to.  ``ratio`` bounds how far a packed file may expand."""

    bytes: int = 2048 * _MIB
    rows: int = 20_000_000
    columns: int = 1000
    files: int = 100
    ratio: int = 200
    cell: int = _MIB


def read(path: Path, *, limits: Limits | None = None) -> dict[str, pa.Table]:
    """Tables by name (the file's name without its ending).  Columns of text files are strings
    as they stand in the file; ``infer`` and ``typed`` give them kinds.

    Raises ExtractError naming the file, and row and column where there are any.
    """
    limits = limits or Limits()
    found: dict[str, pa.Table] = {}
    budget = _Budget(limits)
    for name, open_, size in _files(path, limits):
        table = _table_name(name)
        if table in found:
            raise ExtractError(f"Two files are named “{table}”; give each table one file.")
        try:
            found[table] = _bounded(name, _read_one(name, open_, size, budget), limits)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as problem:
            raise ExtractError(
                f"“{name}” cannot be read: it is damaged, or may not be opened; bring it again."
            ) from problem
    if not found:
        raise ExtractError(
            f"“{path.name}” holds no table; bring CSV, CSV.gz, Parquet or JSON Lines files."
        )
    return found


class _Budget:
    """Bytes that may still be unpacked, over all files of the extract."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.bytes

    def take(self, name: str, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ExtractError(
                f"“{name}” unpacks to more than the {self.limits.bytes // _MIB:,} MiB an extract "
                "may have; bring a smaller one."
            )


Opened = tuple[str, Callable[[], IO[bytes]], int]
"""A file's name, what opens it, and its packed size in bytes."""


def _files(path: Path, limits: Limits) -> Iterator[Opened]:
    if path.is_dir():
        entries = sorted(entry for entry in path.iterdir() if _is_table(entry.name))
        entries = [entry for entry in entries if entry.is_file()]
        _check_number(path.name, len(entries), limits)
        for entry in entries:
            yield entry.name, _opener(entry), entry.stat().st_size
    elif not path.is_file():
        raise ExtractError(f"There is no file or folder “{path.name}”; name one that exists.")
    elif path.name.lower().endswith(".zip"):
        yield from _members(path, limits)
    elif _is_table(path.name):
        yield path.name, _opener(path), path.stat().st_size
    else:
        raise ExtractError(
            f"“{path.name}” is not a kind of file that can be read; bring CSV, CSV.gz, Parquet, "
            "JSON Lines, or a ZIP of them."
        )


def _is_table(name: str) -> bool:
    return name.lower().endswith(_SUFFIXES)


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _check_number(name: str, number: int, limits: Limits) -> None:
    if number > limits.files:
        raise ExtractError(f"“{name}” holds {number:,} files; at most {limits.files} are allowed.")


def _members(path: Path, limits: Limits) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(path) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            _check_number(path.name, len(members), limits)
            for member in members:
                _check_member(path.name, member, limits)
            for member in members:
                name = member.filename.rsplit("/", 1)[-1]
                if _is_table(name):
                    yield name, lambda m=member: packed.open(m), member.compress_size  # type: ignore[misc]  # bound now
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise ExtractError(
            f"“{path.name}” is not a ZIP file that can be read; pack it again, without a password."
        ) from problem


def _check_member(packed: str, member: zipfile.ZipInfo, limits: Limits) -> None:
    name = member.filename
    parts = re.split(r"[\\/]", name)
    if name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0].endswith(":")):
        raise ExtractError(f"“{packed}” holds a file whose name leads out of it; pack it again.")
    if name.lower().endswith(_PACKED) and not name.lower().endswith(".csv.gz"):
        raise ExtractError(f"“{packed}” holds another packed file; put the tables in directly.")
    if member.flag_bits & 1:
        raise ExtractError(f"“{packed}” is protected by a password; pack it without one.")
    if member.file_size > limits.bytes:
        raise ExtractError(
            f"A file in “{packed}” claims {member.file_size // _MIB:,} MiB; an extract may have "
            f"{limits.bytes // _MIB:,} MiB. Bring a smaller one."
        )
    if member.file_size > 10 * _MIB and member.file_size > limits.ratio * member.compress_size:
        raise ExtractError(
            f"A file in “{packed}” would expand more than {limits.ratio}-fold, which data does not "
            "do; it is refused as an archive bomb."
        )


def _table_name(name: str) -> str:
    suffix = max((end for end in _SUFFIXES if name.lower().endswith(end)), key=len)
    stem = name[: -len(suffix)]
    table = re.sub(r"\W+", "_", stem.strip()).strip("_")[:60]
    return table or "table"


def _read_one(name: str, open_: Callable[[], IO[bytes]], size: int, budget: _Budget) -> pa.Table:
    ending = name.lower()
    with open_() as file:
        if ending.endswith(".csv.gz"):
            return _read_csv(name, _unpacked(name, file, size, budget), budget.limits)
        raw = _all_bytes(name, file, budget)
    if ending.endswith(".parquet"):
        return _read_parquet(name, raw, budget.limits)
    if ending.endswith(".jsonl"):
        return _read_jsonl(name, raw)
    return _read_csv(name, raw, budget.limits)


def _all_bytes(name: str, file: IO[bytes], budget: _Budget) -> bytes:
    parts = []
    while chunk := file.read(_CHUNK):
        budget.take(name, len(chunk))
        parts.append(chunk)
    return b"".join(parts)


def _unpacked(name: str, file: IO[bytes], size: int, budget: _Budget) -> bytes:
    """A gzip file's content; stops as soon as it expands further than data does."""
    parts, total = [], 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while chunk := packed.read(_CHUNK):
                total += len(chunk)
                budget.take(name, len(chunk))
                if total > 10 * _MIB and total > budget.limits.ratio * max(size, 1):
                    raise ExtractError(
                        f"“{name}” expands more than {budget.limits.ratio}-fold, which data does "
                        "not do; it is refused as an archive bomb."
                    )
                parts.append(chunk)
    except (OSError, EOFError, zlib.error) as problem:
        raise ExtractError(f"“{name}” is not a whole gzip file; pack it again.") from problem
    return b"".join(parts)


def _read_csv(name: str, raw: bytes, limits: Limits) -> pa.Table:
    raw = raw.removeprefix(codecs.BOM_UTF8)
    _check_text(name, raw)
    if raw.count(b'"') % 2:
        raise ExtractError(f"“{name}” has a quote that is never closed; check its quotes.")
    delimiter, header = _header(name, raw, limits)
    broken: list[tuple[int | None, int, int]] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        broken.append((row.number, row.expected_columns, row.actual_columns))
        return "error"

    kinds = dict.fromkeys(header, pa.string())
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(raw),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=16 * _MIB),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                invalid_row_handler=note,
                ignore_empty_lines=len(header) > 1,  # in one column a line may be a missing value
            ),
            convert_options=arrow_csv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
        )
    except pa.ArrowInvalid as problem:
        raise ExtractError(_broken(name, broken, str(problem))) from None
    if not table.num_rows:
        raise ExtractError(f"“{name}” has a header and no rows; bring a file with data.")
    return table


def _broken(name: str, broken: list[tuple[int | None, int, int]], said: str) -> str:
    if broken:
        row, expected, actual = broken[0]
        where = f"row {row:,}" if row else "a row"
        return (
            f"“{name}”, {where}: {actual} fields where the header has {expected}; check the "
            "quotes and delimiters of that row."
        )
    if "straddling" in said or "too large" in said:
        return f"“{name}” has a quote that is never closed, or a row of many MiB; check its quotes."
    return f"“{name}” cannot be read as CSV; check its quotes and delimiters."


def _check_text(name: str, raw: bytes) -> None:
    if not raw.strip():
        raise ExtractError(f"“{name}” is empty; bring a file with a header and rows.")
    if (at := raw.find(b"\0")) >= 0:
        raise ExtractError(
            f"“{name}”, row {_row_at(raw, at):,}: a NUL byte; this is not text. Export it as UTF-8 "
            "CSV."
        )
    try:
        codecs.utf_8_decode(raw, "strict", True)
    except UnicodeDecodeError as problem:
        raise ExtractError(
            f"“{name}”, row {_row_at(raw, problem.start):,} (byte {problem.start:,}) is not UTF-8; "
            "save the file as UTF-8 and try again."
        ) from None


def _row_at(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _header(name: str, raw: bytes, limits: Limits) -> tuple[str, list[str]]:
    """The delimiter that cuts the first line into most fields, and the names it gives."""
    line = raw[: raw.find(b"\n") if b"\n" in raw else len(raw)].decode("utf-8").rstrip("\r")
    delimiter = max(
        _DELIMITERS, key=lambda mark: (len(_fields(line, mark)), -_DELIMITERS.index(mark))
    )
    names = _fields(line, delimiter)
    if len(names) > limits.columns:
        raise ExtractError(
            f"“{name}” has {len(names):,} columns; at most {limits.columns:,} are allowed."
        )
    for at, column in enumerate(names, 1):
        if not column.strip():
            raise ExtractError(f"“{name}”: column {at} has no name in the header; give it one.")
        if column in names[: at - 1]:
            first = names.index(column) + 1
            raise ExtractError(
                f"“{name}”: columns {first} and {at} have the same name; rename one of them."
            )
    return delimiter, names


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _read_parquet(name: str, raw: bytes, limits: Limits) -> pa.Table:
    try:
        file = parquet.ParquetFile(io.BytesIO(raw))
        claimed = sum(
            file.metadata.row_group(g).total_byte_size for g in range(file.num_row_groups)
        )
        if claimed > limits.bytes:
            raise ExtractError(
                f"“{name}” claims {claimed // _MIB:,} MiB; an extract may have "
                f"{limits.bytes // _MIB:,} MiB. Bring a smaller one."
            )
        if file.metadata.num_rows * file.metadata.num_columns > limits.bytes // 4:
            raise ExtractError(
                f"“{name}” claims {file.metadata.num_rows:,} rows of {file.metadata.num_columns:,} "
                "columns, more than an extract may have. Bring a smaller one."
            )
        if file.metadata.num_rows > limits.rows:
            _too_many_rows(name, file.metadata.num_rows, limits)
        table = file.read()
    except (pa.ArrowException, OSError) as problem:
        raise ExtractError(f"“{name}” is not a Parquet file that can be read.") from problem
    _check_names(name, table)
    return table


def _read_jsonl(name: str, raw: bytes) -> pa.Table:
    _check_text(name, raw)
    try:
        table = arrow_json.read_json(io.BytesIO(raw))
    except pa.ArrowInvalid as problem:
        row = re.search(r"row (\d+)", str(problem))
        where = f", row {int(row.group(1)) + 1:,}" if row else ""
        raise ExtractError(
            f"“{name}”{where} is not a JSON object like the others; write one object a line."
        ) from None
    _check_names(name, table)
    return table


def _check_names(name: str, table: pa.Table) -> None:
    for at, column in enumerate(table.column_names):
        if column in table.column_names[:at]:
            raise ExtractError(f"“{name}” has two columns of the same name; rename one of them.")
    for field in table.schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise ExtractError(
                f"“{name}”, column {field.name}: nested or binary values cannot be learned; leave "
                "the column out or flatten it."
            )


def _too_many_rows(name: str, rows: int, limits: Limits) -> None:
    raise ExtractError(
        f"“{name}” has {rows:,} rows; an extract may have {limits.rows:,} a table. Bring a sample."
    )


def _bounded(name: str, table: pa.Table, limits: Limits) -> pa.Table:
    if table.num_columns > limits.columns:
        raise ExtractError(
            f"“{name}” has {table.num_columns:,} columns; at most {limits.columns:,} are allowed."
        )
    if table.num_rows > limits.rows:
        _too_many_rows(name, table.num_rows, limits)
    if not table.num_rows:
        raise ExtractError(f"“{name}” has no rows; bring a file with data.")
    for field in table.schema:
        if pa.types.is_string(field.type):
            longest = (
                pa.compute.max(pa.compute.binary_length(table.column(field.name))).as_py() or 0
            )
            if longest > limits.cell:
                raise ExtractError(
                    f"“{name}”, column {field.name} holds a value of {longest:,} bytes; at most "
                    f"{limits.cell:,} are allowed."
                )
    return table
