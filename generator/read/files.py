"""The files of an extract: one, a folder of them, or a ZIP."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from generator.errors import ExtractError, printable
from generator.read.limits import MIB, Limits

_LONGEST_NAME = 255  # what file systems take
_PACKED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst")


@dataclass(frozen=True)
class File:
    """A file's name as messages say it, what opens it, and its packed size in bytes."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int


def files_of(path: Path, endings: tuple[str, ...], limits: Limits) -> Iterator[File]:
    """The files with one of the ``endings``, in the order of their names (a ZIP's in its own)."""
    named = printable(path.name)
    if path.is_dir():
        yield from _folder(path, endings, limits)
    elif not path.is_file():
        raise ExtractError(f"There is no file or folder “{named}”; name one that exists.")
    elif path.name.lower().endswith(".zip"):
        yield from _members(path, endings, limits)
    elif path.name.lower().endswith(endings):
        yield _file(path)
    else:
        raise ExtractError(
            f"“{named}” is not a kind of file that can be read; bring CSV, CSV.gz, TSV, "
            "Parquet, JSON Lines, Excel (.xlsx), or a ZIP of them."
        )


def _folder(path: Path, endings: tuple[str, ...], limits: Limits) -> Iterator[File]:
    entries = sorted(entry for entry in path.iterdir() if entry.name.lower().endswith(endings))
    entries = [entry for entry in entries if entry.is_file() and not _hidden(entry.name)]
    _check_number(printable(path.name), len(entries), limits)
    for entry in entries:
        yield _file(entry)


def _file(path: Path) -> File:
    return File(printable(path.name), lambda: path.open("rb"), path.stat().st_size)


def _hidden(name: str) -> bool:
    """What macOS and editors leave beside the files of people."""
    parts = re.split(r"[\\/]", name)
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _check_number(name: str, number: int, limits: Limits) -> None:
    if number > limits.files:
        raise ExtractError(f"“{name}” holds {number:,} files; at most {limits.files} are allowed.")


def _members(path: Path, endings: tuple[str, ...], limits: Limits) -> Iterator[File]:
    named = printable(path.name)
    try:
        with zipfile.ZipFile(path) as packed:
            members = [m for m in packed.infolist() if not m.is_dir() and not _hidden(m.filename)]
            _check_number(named, len(members), limits)
            for member in members:
                _check_member(named, member, limits)
            for member in members:
                name = member.filename.rsplit("/", 1)[-1]
                if name.lower().endswith(endings):
                    opened = partial(packed.open, member)
                    yield File(printable(name), opened, member.compress_size)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise ExtractError(
            f"“{named}” is not a ZIP file that can be read; pack it again, without a password."
        ) from problem


def _check_member(packed: str, member: zipfile.ZipInfo, limits: Limits) -> None:
    name = member.filename
    parts = re.split(r"[\\/]", name)
    if name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0].endswith(":")):
        raise ExtractError(f"“{packed}” holds a file whose name leads out of it; pack it again.")
    if len(parts[-1]) > _LONGEST_NAME:
        raise ExtractError(
            f"“{packed}” holds a file whose name has {len(parts[-1]):,} characters; give it one of "
            f"at most {_LONGEST_NAME}."
        )
    if name.lower().endswith(_PACKED) and not name.lower().endswith(".csv.gz"):
        raise ExtractError(f"“{packed}” holds another packed file; put the tables in directly.")
    if member.flag_bits & 1:
        raise ExtractError(f"“{packed}” is protected by a password; pack it without one.")
    if member.file_size > limits.bytes:
        raise ExtractError(
            f"A file in “{packed}” claims {member.file_size // MIB:,} MiB; an extract may have "
            f"{limits.bytes // MIB:,} MiB. Bring a smaller one."
        )
    if member.file_size > limits.free and member.file_size > limits.ratio * member.compress_size:
        raise ExtractError(
            f"A file in “{packed}” would expand more than {limits.ratio}-fold, which data does not "
            "do; it is refused as an archive bomb."
        )
