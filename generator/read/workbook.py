"""What an Excel workbook would take, looked at before it is opened: it is a ZIP of XML files.

A small one may stand for very much: parts that unpack to gigabytes, a cell in the last corner of a
sheet (everything between is made, too), a long text said once and meant a million times.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from generator.errors import ExtractError
from generator.read.limits import MIB, Budget

_PARTS = 2_000  # files within a workbook
_CELL_BYTES = 60  # of a cell while a sheet is read
_SPARSE = 50  # cells a sheet may span for each that it has, from …
_FREE_CELLS = 1_000_000  # … so many on
_OLE = b"\xd0\xcf\x11\xe0"  # how files of old Office, and protected ones, begin
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_TEXTS = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=\"([A-Za-z]{1,3})(\d{1,7})\"")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,7})\"")
_SAID = re.compile(rb"<(?:\w+:)?c\b[^>]*?\bt=\"s\"[^>]*>\s*<(?:\w+:)?v>(\d+)<")
_TEXT = re.compile(rb"<(?:\w+:)?si>(.*?)</(?:\w+:)?si>|<(?:\w+:)?si/>", re.DOTALL)


def check_workbook(name: str, raw: bytes, budget: Budget) -> None:
    """Raises ExtractError for a workbook that would take too much, or is none."""
    if raw.startswith(_OLE):
        raise ExtractError(
            f"“{name}” is protected by a password, or of an Excel before 2007; save it without one "
            "as .xlsx."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.infolist()
            if len(members) > _PARTS:
                raise ExtractError(
                    f"“{name}” holds {len(members):,} parts; at most {_PARTS:,} are allowed."
                )
            texts = np.zeros(0, np.int64)
            for member in sorted(members, key=lambda one: not _TEXTS.fullmatch(one.filename)):
                part = _unpacked(name, packed, member, len(raw), budget)
                if _TEXTS.fullmatch(member.filename):
                    texts = np.array([*map(len, _TEXT.findall(part))], np.int64)
                elif _SHEET.fullmatch(member.filename):
                    _check_sheet(name, part, texts, len(raw), budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise ExtractError(
            f"“{name}” is not an Excel workbook that can be read; save it again as .xlsx."
        ) from problem


def _unpacked(
    name: str, packed: zipfile.ZipFile, member: zipfile.ZipInfo, size: int, budget: Budget
) -> bytes:
    """A part, while it expands as data does.  What claims to be shorter than it is is found out
    by its sum of check."""
    content = io.BytesIO()
    with packed.open(member) as file:
        while chunk := file.read(MIB):
            budget.take(name, len(chunk))
            content.write(chunk)
            budget.expanded(name, content.tell(), max(member.compress_size, size // 10))
    return content.getvalue()


def _check_sheet(
    name: str,
    part: bytes,
    texts: np.ndarray[tuple[int], np.dtype[np.int64]],
    size: int,
    budget: Budget,
) -> None:
    """What lies between the first and the last cell is made when a sheet is read."""
    budget.ask()
    cells = sum(1 for _ in _ANY_CELL.finditer(part))
    columns = rows = 0
    for letters, row in _places(part):
        columns, rows = max(columns, letters), max(rows, row)
    rows = max(rows, *(int(row[1]) for row in _ROW.finditer(part)), 0)
    span = rows * max(columns, 1)
    if span > _FREE_CELLS and span > _SPARSE * max(cells, 1):
        raise ExtractError(
            f"“{name}” has a sheet of {rows:,} rows and {columns:,} columns with {cells:,} cells; "
            "delete what stands far outside the table."
        )
    what = f"a sheet of {rows:,} rows and {columns:,} columns"
    said = np.array([int(at[1]) for at in _SAID.finditer(part)], np.int64)
    known = said[said < len(texts)]
    budget.hold(name, max(span, cells) * _CELL_BYTES + int(texts[known].sum()), of=size, what=what)


def _places(part: bytes) -> Iterator[tuple[int, int]]:
    """Column and row of each cell that says where it stands."""
    for cell in _CELL.finditer(part):
        number = 0
        for letter in cell[1].upper():
            number = 26 * number + letter - 64
        yield number, int(cell[2])
