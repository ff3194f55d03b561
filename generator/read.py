"""Read an extract: CSV, CSV.gz, Parquet or JSON Lines files, a folder or a ZIP of them.

Files are read as data and bounded before and while they are unpacked.  A problem is one
sentence with file, row and column; never a value.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json
from pyarrow import parquet

from generator.errors import ExtractError
from generator.names import first_clash, table_name

_SUFFIXES = (".csv", ".csv.gz", ".parquet", ".jsonl")
_PACKED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst")
_DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_MIB = 1 << 20
_LONGEST_NAME = 500
_MOST_BLANK = 10_000  # blank lines whose places are kept


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
    as they stand in the file; ``infer`` and ``typed`` give them kinds.  The metadata of a
    table's schema says for messages which ``file`` it is and where its ``rows`` stand there.

    Raises ExtractError naming the file, and row and column where there are any.
    """
    limits = limits or Limits()
    tables: dict[str, pa.Table] = {}
    budget = _Budget(limits)
    for name, open_, size in _files(path, limits):
        table = _table_name(name)
        if first_clash([*tables, table]) or table in tables:
            raise ExtractError(
                f"Two files are named “{table}”, capitals not counting; give each table one file."
            )
        try:
            read_ = _bounded(name, _read_one(name, open_, size, budget), limits)
            tables[table] = _labelled(read_, name if path.name == name else f"{path.name}/{name}")
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as problem:
            raise ExtractError(
                f"“{name}” cannot be read: it is damaged, or may not be opened; bring it again."
            ) from problem
    if not tables:
        raise ExtractError(
            f"“{path.name}” holds no table; bring CSV, CSV.gz, Parquet or JSON Lines files."
        )
    return tables


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
        entries = [entry for entry in entries if entry.is_file() and not _hidden(entry.name)]
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


def _hidden(name: str) -> bool:
    """What macOS and editors leave beside the files of people."""
    parts = re.split(r"[\\/]", name)
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _check_number(name: str, number: int, limits: Limits) -> None:
    if number > limits.files:
        raise ExtractError(f"“{name}” holds {number:,} files; at most {limits.files} are allowed.")


def _members(path: Path, limits: Limits) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(path) as packed:
            members = [m for m in packed.infolist() if not m.is_dir() and not _hidden(m.filename)]
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
    return table_name(name[: -len(suffix)])


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
    delimiter, header = _header(name, raw, limits)
    if raw.count(b'"') % 2:
        _check_quotes(name, raw, delimiter)
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(raw),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=16 * _MIB),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(header) > 1,  # in one column a line may be a missing value
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as problem:
        raise ExtractError(_broken(name, raw, delimiter, str(problem))) from None
    if not table.num_rows:
        raise ExtractError(_no_rows(name))
    return _numbered(table, first=2, blank=_blank_rows(raw, delimiter) if len(header) > 1 else [])


def _no_rows(name: str) -> str:
    return f"“{name}” has a header and no rows; bring a file with data."


def _records(raw: bytes, delimiter: str, *, strict: bool = False) -> Iterator[tuple[str, int]]:
    """Where each row stands, in words, and its number of fields (0: a blank line).  The header is
    row 1, as in a spreadsheet; the line of an editor is told where it is another.

    A row that cannot be cut into fields has -1 of them and is the last.
    """
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline=""), delimiter=delimiter, strict=strict
    )
    row, line = 1, 1
    while True:
        where = f"row {row:,}" + (f" (line {line:,})" if line != row else "")
        try:
            fields = next(reader, None)
        except csv.Error:
            yield where, -1
            return
        if fields is None:
            return
        yield where, len(fields)
        row, line = row + 1, reader.line_num + 1


def _check_quotes(name: str, raw: bytes, delimiter: str) -> None:
    """An odd number of quotes is right where one stands within a field: 5" pipe."""
    for where, fields in _records(raw, delimiter, strict=True):
        if fields < 0:
            raise ExtractError(
                f"“{name}”, {where}: a quote that is never closed, or stands where none may; check "
                "the quotes of that row."
            )


def _blank_rows(raw: bytes, delimiter: str) -> list[int]:
    """Rows (the header is 1) that are blank lines.  Only a file that may have any is cut again."""
    if not re.search(rb"\n\r?\n|\r\r", raw):
        return []
    found = _records(raw, delimiter)
    return [row for row, (_, fields) in enumerate(found, 1) if not fields][:_MOST_BLANK]


def _broken(name: str, raw: bytes, delimiter: str, said: str) -> str:
    if not re.search(rb"[\r\n]", raw):
        return _no_rows(name)
    expected = 0
    for where, fields in _records(raw, delimiter):
        expected = expected or fields
        if fields not in (0, -1, expected):
            return (
                f"“{name}”, {where}: {fields} fields where the header has {expected}; check the "
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
            f"“{name}”, row {_line_at(raw, at):,}: a NUL byte; this is not text. Export it as "
            "UTF-8 CSV."
        )
    try:
        codecs.utf_8_decode(raw, "strict", True)
    except UnicodeDecodeError as problem:
        raise ExtractError(
            f"“{name}”, row {_line_at(raw, problem.start):,} (byte {problem.start:,}) is not "
            "UTF-8; save the file as UTF-8 and try again."
        ) from None


def _line_at(raw: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", raw[:at])) + 1


def _header(name: str, raw: bytes, limits: Limits) -> tuple[str, list[str]]:
    """The delimiter that cuts the first row into most fields, and the names it gives."""
    delimiter = max(
        _DELIMITERS, key=lambda mark: (len(_first_row(raw, mark)), -_DELIMITERS.index(mark))
    )
    names = _first_row(raw, delimiter)
    if not names:
        raise ExtractError(
            f"“{name}” has no header that can be read; begin it with the names of its columns."
        )
    if len(names) > limits.columns:
        raise ExtractError(
            f"“{name}” has {len(names):,} columns; at most {limits.columns:,} are allowed."
        )
    _check_names(name, names)
    return delimiter, names


def _first_row(raw: bytes, delimiter: str) -> list[str]:
    """Names of the first row that is not blank, none where it cannot be cut into fields."""
    text = io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline="")
    try:
        return next((row for row in csv.reader(text, delimiter=delimiter) if row), [])
    except csv.Error:  # a name of more than 131,072 characters
        return []


def _check_names(name: str, columns: list[str]) -> None:
    """Names a person can read, and that a database and a profile can hold."""
    for at, column in enumerate(columns, 1):
        if not column.strip():
            raise ExtractError(f"“{name}”: column {at} has no name in the header; give it one.")
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in column):
            raise ExtractError(
                f"“{name}”: the name of column {at} holds a line end or another control character; "
                "rename it."
            )
        if len(column) > _LONGEST_NAME:
            raise ExtractError(
                f"“{name}”: the name of column {at} has {len(column):,} characters; at most "
                f"{_LONGEST_NAME} are allowed."
            )
        if column in columns[: at - 1]:
            first = columns.index(column) + 1
            raise ExtractError(
                f"“{name}”: columns {first} and {at} have the same name; rename one of them."
            )


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
    _check_table(name, table)
    return _numbered(table, first=1, blank=[])


def _read_jsonl(name: str, raw: bytes) -> pa.Table:
    raw = raw.removeprefix(codecs.BOM_UTF8)
    _check_text(name, raw)
    try:
        table = arrow_json.read_json(io.BytesIO(raw))
    except pa.ArrowInvalid:
        raise ExtractError(_no_object(name, raw)) from None
    _check_table(name, table)
    lines = enumerate(raw.splitlines(), 1) if re.search(rb"\n\s*\n", raw) else ()
    blank = [at for at, line in lines if not line.strip()]
    return _numbered(table, first=1, blank=blank[:_MOST_BLANK])


_JSON_WORDS = {bool: "true or false", int: "a number", float: "a number", str: "text"}


def _no_object(name: str, raw: bytes) -> str:
    """The first line that is no JSON object like those before it, and why."""
    kinds: dict[str, str] = {}
    for at, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        where = f"“{name}”, line {at:,}"
        try:
            pairs = json.loads(line, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            return f"{where} is no JSON; write one whole object a line."
        if not isinstance(pairs, _Pairs):
            return f"{where} is no JSON object; write one object a line, in braces."
        if len({column for column, _ in pairs}) < len(pairs):
            return f"{where} names a column twice; name each once."
        for column, value in pairs:
            word = _JSON_WORDS.get(type(value), "nested values")
            if value is not None and kinds.setdefault(column, word) != word:
                return (
                    f"{where}, column {column}: {word} where lines before have {kinds[column]}; "
                    "write one kind of value a column."
                )
    return f"“{name}” cannot be read as JSON Lines; write one object a line."


class _Pairs(list[tuple[str, Any]]):
    """The properties of a JSON object, doubled ones too."""


def _check_table(name: str, table: pa.Table) -> None:
    _check_names(name, table.column_names)
    for field in table.schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise ExtractError(
                f"“{name}”, column {field.name}: nested or binary values cannot be learned; leave "
                "the column out or flatten it."
            )


def _numbered(table: pa.Table, *, first: int, blank: list[int]) -> pa.Table:
    """The table, and in its schema's metadata as ``rows`` (JSON) which row of the file its first
    is, and which rows before and between are blank lines."""
    return table.replace_schema_metadata({"rows": json.dumps([first, blank])})


def _labelled(table: pa.Table, file: str) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), "file": file})


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
