"""The rows of a CSV file one by one, to say where one is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO

from generator.errors import ExtractError
from generator.read.limits import Budget

_ASKED = 20_000  # rows between two questions whether to stop


def records(
    text: IO[bytes], delimiter: str, budget: Budget, *, strict: bool = False
) -> Iterator[tuple[str, int]]:
    """Where each row stands, in words, and its number of fields (0: a blank line).  The header is
    row 1, as in a spreadsheet; the line of an editor is told where it is another.

    A row that cannot be cut into fields has -1 of them and is the last.
    """
    lines = io.TextIOWrapper(text, "utf-8", newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    row, line = 1, 1
    while True:
        if row % _ASKED == 0:
            budget.ask()
        where = f"row {row:,}" + (f" (line {line:,})" if line != row else "")
        try:
            fields = next(reader, None)
        except csv.Error:
            yield where, -1
            return
        if fields is None:
            lines.detach()  # the file is not ours to close
            return
        yield where, len(fields)
        row, line = row + 1, reader.line_num + 1


def check_quotes(name: str, text: IO[bytes], delimiter: str, budget: Budget) -> None:
    """An odd number of quotes is right where one stands within a field: 5" pipe."""
    for where, fields in records(text, delimiter, budget, strict=True):
        if fields < 0:
            raise ExtractError(
                f"“{name}”, {where}: a quote that is never closed, or stands where none may; check "
                "the quotes of that row."
            )
