"""Where the table of a CSV file begins and what cuts its rows, judged on many of them.

Reports come with lines before their table (a title, the day they were made), and a first row that
holds a comma says nothing about a file that is cut by semicolons.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from generator.errors import ExtractError
from generator.read.limits import MIB, Budget

DELIMITERS = ",;\t|^~"
_MOST_HEADER = 2 * MIB  # a thousand names of five hundred letters
_ROWS = 200  # that are looked at
_MOST_BEFORE = 50  # lines before a table
_SAME = 0.8  # of the rows must be cut into equally many fields for lines before them to be none


@dataclass(frozen=True)
class Head:
    """The ``delimiter``, the ``names`` of the first row of the table, the byte where that row
    begins, and how many lines stand before it."""

    delimiter: str
    names: list[str]
    start: int = 0
    before: int = 0


def head_of(name: str, raw: bytes, marks: str, budget: Budget) -> Head:
    """Raises ExtractError where there is no header that can be read."""
    begun = re.search(rb"[^\r\n]", raw)
    start = begun.start() if begun else 0
    head = raw[start : start + _MOST_HEADER]
    if len(raw) - start > len(head) and not re.search(rb"[\r\n]", head):
        raise ExtractError(
            f"“{name}”: its first line, which should name the columns, has more than "
            f"{_MOST_HEADER // MIB} MiB; an extract may have {budget.limits.columns:,} columns."
        )
    cut = {mark: _rows(head, mark) for mark in marks}
    delimiter = max(marks, key=lambda mark: (_even(cut[mark]), -marks.index(mark)))
    rows = cut[delimiter]
    if not rows:
        raise ExtractError(
            f"“{name}” has no header that can be read; begin it with the names of its columns."
        )
    before = _before(rows)
    lines = rows[before][0]
    return Head(delimiter, rows[before][1], start + _after(head, lines), lines)


Rows = list[tuple[int, list[str]]]
"""Rows that are not blank, each with the lines before it."""


def _rows(head: bytes, delimiter: str) -> Rows:
    """The first rows; none where they cannot be cut into fields."""
    text = io.TextIOWrapper(io.BytesIO(head), "utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    rows: Rows = []
    line = 0
    try:
        for row in reader:
            if row:
                rows.append((line, row))
            line = reader.line_num
            if len(rows) == _ROWS:
                break
    except csv.Error:  # a field of more than 131,072 characters
        return rows
    return rows


def _usual(rows: Rows) -> tuple[int, int]:
    """How many fields most rows have, and how many rows those are."""
    if not rows:
        return 0, 0
    counts = Counter(len(row) for _, row in rows)
    return max(counts.items(), key=lambda item: (item[1], item[0]))


def _even(rows: Rows) -> tuple[bool, bool, int, int]:
    """How well a delimiter cuts: nearly all rows alike, the first of the table as the others, into
    how many fields; the fields of the first row where rows differ."""
    fields, alike = _usual(rows)
    even = fields > 1 and alike >= _SAME * len(rows)
    first = next((len(row) for _, row in rows if len(row) > 1), 0)
    return even, even and first == fields, fields if even else 0, first


def _before(rows: Rows) -> int:
    """Rows that stand before the table: of one field, where nearly all others have more; or of
    several, where a blank line or row parts them from a row in which every field is filled."""
    fields, alike = _usual(rows)
    if fields < 2 or alike < max(3, _SAME * (len(rows) - _MOST_BEFORE)):
        return 0
    first = next(at for at, (_, row) in enumerate(rows) if sum(map(bool, row)) > 1)
    whole = len(rows[first][1]) == fields
    if whole and all(rows[first][1]):
        return first if first <= _MOST_BEFORE else 0
    return _parted(rows, fields) or (first if whole and first <= _MOST_BEFORE else 0)


def _parted(rows: Rows, fields: int) -> int:
    """The first whole row behind a blank one; 0 where there is none near the beginning."""
    for at in range(1, min(len(rows), _MOST_BEFORE + 1)):
        (line, before), (here, row) = rows[at - 1], rows[at]
        blank = here - line > 1 or not any(before)
        if blank and len(row) == fields and all(row):
            return at
    return 0


def _after(head: bytes, lines: int) -> int:
    """The byte after so many lines."""
    if not lines:
        return 0
    for at, end in enumerate(re.finditer(rb"\r\n|\r|\n", head), 1):
        if at == lines:
            return end.end()
    return 0
