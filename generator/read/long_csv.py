"""CSV that is too long to be held: read a block at a time, every n-th row kept."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from typing import IO, cast

import pyarrow as pa

from generator.errors import ExtractError
from generator.read.content import LONGEST_LINE
from generator.read.head import DELIMITERS, head_of
from generator.read.limits import MIB, Budget
from generator.read.names import check_names
from generator.read.records import check_quotes
from generator.read.table import check_columns, numbered
from generator.read.thin import Thin

LONG = 192 * MIB  # of text
LONG_PACKED = 32 * MIB  # of gzip
_BLOCK = 8 * MIB
_COUNTS = re.compile(r"Expected (\d+) columns, got (\d+)")
_ROW = re.compile(r"Row #(\d+)")


def read_long_csv(name: str, file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    """As ``read_csv``, of a file of any length; the metadata says how many rows it has."""
    packed = name.lower().endswith(".gz")
    try:
        if packed:
            with gzip.open(file) as unpacked:
                return _thinned(name, cast(IO[bytes], unpacked), file, size, budget)
        return _thinned(name, file, file, size, budget)
    except (OSError, EOFError, zlib.error) as problem:
        if not packed:
            raise
        raise ExtractError(f"“{name}” is not a whole gzip file; pack it again.") from problem


def _thinned(name: str, text: IO[bytes], file: IO[bytes], size: int, budget: Budget) -> pa.Table:
    from pyarrow import csv as arrow_csv

    content = _Checked(name, text, file, size, budget)
    beginning = content.begin()
    head = head_of(name, beginning, DELIMITERS, budget)
    content.skip(head.start)
    named = budget.header is not False
    header = head.names if named else [f"column_{at}" for at in range(1, len(head.names) + 1)]
    check_columns(name, header, budget.limits)
    thin = Thin()
    try:
        reader = arrow_csv.open_csv(
            content,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK, column_names=None if named else header
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=head.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(header) > 1,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            thin.take(batch)
            if thin.seen > budget.limits.rows:
                raise ExtractError(
                    f"“{name}” has more than {budget.limits.rows:,} rows, which an extract may "
                    "have a table. Bring a sample."
                )
    except pa.ArrowInvalid as problem:
        raise ExtractError(_broken(name, str(problem), head.before)) from None
    if content.quotes % 2:
        text.seek(0)
        check_quotes(name, text, head.delimiter, budget)
    if not thin.seen:
        raise ExtractError(f"“{name}” has a header and no rows; bring a file with data.")
    table = thin.table()
    if budget.header is None:
        check_names(name, table)
    first = head.before + 1 + named
    return numbered(table, first=first, blank=[], every=thin.every, of=thin.seen)


def _broken(name: str, said: str, before: int) -> str:
    """Arrow's message holds the row itself, which is not to be seen."""
    row, counts = _ROW.search(said), _COUNTS.search(said)
    where = f", row {int(row[1]) + before:,}" if row else ""
    if counts:
        return (
            f"“{name}”{where}: {counts[2]} fields where the header has {counts[1]}; check the "
            "quotes and delimiters of that row."
        )
    if "straddling" in said or "too large" in said:
        return f"“{name}” has a quote that is never closed, or a row of many MiB; check its quotes."
    return f"“{name}”{where} cannot be read as CSV; check its quotes and delimiters."


class _Checked(io.RawIOBase):
    """The text as a file for Arrow's reader: UTF-8 without NULs, within the budget, told of."""

    def __init__(
        self, name: str, text: IO[bytes], file: IO[bytes], size: int, budget: Budget
    ) -> None:
        self._name = name
        self._text = text
        self._file = file
        self._size = size
        self._budget = budget
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.quotes = 0
        self._read = 0
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def begin(self) -> bytes:
        """What the file begins with, which is looked at before the rest is read."""
        pieces: list[bytes] = []
        while sum(map(len, pieces)) < LONGEST_LINE and (piece := self._next(MIB)):
            pieces.append(piece)
        self._ahead = b"".join(pieces).removeprefix(codecs.BOM_UTF8)
        if not self._ahead or self._ahead.isspace():
            raise ExtractError(f"“{self._name}” is empty; bring a file with a header and rows.")
        return self._ahead

    def skip(self, size: int) -> None:
        self._ahead = self._ahead[size:]

    def read(self, size: int = -1) -> bytes:
        size = _BLOCK if size < 0 else size
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        return self._next(size)

    def _next(self, size: int) -> bytes:
        block = self._text.read(size)
        self._budget.take_long(self._name, len(block))
        self._read += len(block)
        self.quotes += block.count(b'"')
        if self._file is not self._text:
            self._budget.expanded(self._name, self._read, self._size)
        self._budget.tell(min(self._file.tell() / max(self._size, 1), 1.0))
        if (at := block.find(b"\0")) >= 0:
            raise ExtractError(
                f"“{self._name}”, byte {self._read - len(block) + at:,}: a NUL byte; this is not "
                "text. Export it as UTF-8 CSV."
            )
        try:
            self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as problem:
            at = self._read - len(block) + problem.start
            raise ExtractError(
                f"“{self._name}”, near byte {at:,}, is not UTF-8; save the file as UTF-8 and try "
                "again."
            ) from None
        return block
