"""The bytes of a text file, looked through before anything is made of them."""

from __future__ import annotations

import codecs
import io
import re
from typing import NoReturn, Protocol

import numpy as np

from generator.errors import ExtractError
from generator.read.limits import MIB, Budget

LONGEST_LINE = 16 * MIB
_CHUNK = MIB
_ZEROS = 0.7  # of every second byte, from which a text without a mark has 16 bits a letter
_MISNAMED = re.compile(
    rb"\s*(?:(?P<html><(?:!doctype|html|table|\?xml))|(?P<pdf>%PDF-)|(?P<zip>PK\x03\x04))", re.I
)
_TITLES = {"html": "a page (HTML or XML), no table", "pdf": "a PDF", "zip": "a ZIP or Excel file"}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def all_bytes(name: str, file: Readable, budget: Budget, *, packed: int | None = None) -> bytes:
    """The whole of an open file; of a ``packed`` one only while it expands as data does."""
    content = io.BytesIO()
    while chunk := file.read(_CHUNK):
        budget.take(name, len(chunk))
        content.write(chunk)
        if packed is not None:
            budget.expanded(name, content.tell(), packed)
    return content.getvalue()


def plain_text(name: str, raw: bytes, budget: Budget) -> bytes:
    """UTF-8 text without its mark, in lines that end; raises ExtractError with the row."""
    raw = _as_utf8(name, raw, budget).removeprefix(codecs.BOM_UTF8)
    if found := _MISNAMED.match(raw):
        what = next(title for group, title in _TITLES.items() if found[group])
        raise ExtractError(f"“{name}” is {what}; export it again as CSV, or rename it.")
    if not raw or raw.isspace():
        raise ExtractError(f"“{name}” is empty; bring a file with a header and rows.")
    if (at := raw.find(b"\0")) >= 0:
        raise ExtractError(
            f"“{name}”, row {_line_at(raw, at):,}: a NUL byte; this is not text. Export it as "
            "UTF-8 CSV."
        )
    _check_letters(name, raw, budget)
    _check_lines(name, raw, budget)
    return raw


def _as_utf8(name: str, raw: bytes, budget: Budget) -> bytes:
    """Text of 16 bits a letter, as Excel's “Unicode text” is, as UTF-8; all else as it is."""
    head = raw[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif max(even, odd) > _ZEROS * len(head) / 2 and not min(even, odd):
        encoding = "utf-16-be" if even else "utf-16-le"
    else:
        return raw
    budget.ask()
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as problem:
        raise ExtractError(
            f"“{name}” (byte {problem.start:,}) is not UTF-16 as it begins; save the file as UTF-8 "
            "and try again."
        ) from None
    budget.hold(name, 2 * len(raw), of=len(raw), what="as UTF-8")
    return text.encode()


def _check_letters(name: str, raw: bytes, budget: Budget) -> None:
    """Chunk by chunk: the text of a whole file takes up to four times its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(raw), _CHUNK):
        budget.ask()
        begun = len(decoder.getstate()[0])  # bytes of a letter that the last chunk cut in two
        try:
            decoder.decode(raw[at : at + _CHUNK], final=at + _CHUNK >= len(raw))
        except UnicodeDecodeError as problem:
            place = at - begun + problem.start
            raise ExtractError(
                f"“{name}”, row {_line_at(raw, place):,} (byte {place:,}) is not UTF-8; save the "
                "file as UTF-8 and try again."
            ) from None


def _check_lines(name: str, raw: bytes, budget: Budget) -> None:
    """Readers take a line whole, and some a few times over."""
    start = 0  # of the line that is open
    for at in range(0, len(raw), LONGEST_LINE):
        budget.ask()
        piece = np.frombuffer(raw, np.uint8, min(LONGEST_LINE, len(raw) - at), at)
        ends = np.flatnonzero((piece == 10) | (piece == 13)) + at + 1
        starts = np.concatenate([[start], ends])
        lengths = np.diff(starts)
        if len(lengths) and lengths.max() > LONGEST_LINE:
            _too_long(name, raw, int(starts[lengths.argmax()]))
        start = int(starts[-1])
        if at + len(piece) - start > LONGEST_LINE:
            _too_long(name, raw, start)


def _too_long(name: str, raw: bytes, start: int) -> NoReturn:
    raise ExtractError(
        f"“{name}”, row {_line_at(raw, start):,}: a line of more than {LONGEST_LINE // MIB} MiB; "
        "check its quotes and line ends."
    )


def _line_at(raw: bytes, at: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", raw[:at])) + 1


class Watched(io.RawIOBase):
    """The bytes as a file for Arrow's readers, which asks whether to stop at every block."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self._raw = raw
        self._at = 0
        self._budget = budget

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self._budget.ask()
        end = len(self._raw) if size < 0 else self._at + size
        block = self._raw[self._at : end]
        self._at += len(block)
        return block
